import { notSupported } from '../../base/errors.ts'
import {
  arrayOf,
  bool,
  int4,
  int8,
  oid,
  regNames,
  regOf,
  text,
  type DataType,
} from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ArgumentKind, ScalarFunction } from '../function.ts'

/** A call that is left when a query runs: whoever binds it puts one over the catalog in its place. */
function ofNoCatalog(name: string): never {
  throw notSupported(`${name} without a catalog`)
}

interface Signature {
  readonly args: readonly ArgumentKind[]
  readonly returns: DataType
  readonly doc: string
}

/** A function of which only the catalog knows the value. A NULL among the arguments gives NULL. */
function ofCatalog(name: string, { args, returns, doc }: Signature): ScalarFunction {
  const example = `${name}(${args.map(() => 'NULL').join(', ')}) -- NULL`
  return scalar({
    name,
    args,
    returns,
    volatility: 'stable',
    raises: true,
    doc,
    example: args.length === 0 ? `pg_typeof(${name}()) IS NULL -- f` : example,
    evaluate: () => ofNoCatalog(name),
  })
}

/** The overloads of a name that have the same meaning. */
function overloads(
  name: string,
  returns: DataType,
  doc: string,
  ...lists: readonly (readonly ArgumentKind[])[]
): readonly ScalarFunction[] {
  return lists.map((args) => ofCatalog(name, { args, returns, doc }))
}

const visibility = [
  'table',
  'type',
  'function',
  'operator',
  'opclass',
  'opfamily',
  'collation',
  'conversion',
  'statistics_obj',
  'ts_config',
  'ts_dict',
  'ts_parser',
  'ts_template',
].flatMap((kind) =>
  overloads(
    `pg_${kind}_is_visible`,
    bool,
    'Whether a name without its schema leads to the object of this OID.',
    ['oid'],
  ),
)

/** Kinds of objects that has_..._privilege asks about. */
const privileged = [
  'table',
  'any_column',
  'database',
  'foreign_data_wrapper',
  'function',
  'language',
  'schema',
  'sequence',
  'server',
  'tablespace',
  'type',
]

const privileges = privileged.flatMap((kind) =>
  overloads(
    `has_${kind}_privilege`,
    bool,
    'Whether a user may do something with an object. All belongs to the one user of a session, who may do all.',
    ['text', 'text'],
    ['oid', 'text'],
    ['text', 'text', 'text'],
    ['text', 'oid', 'text'],
    ['oid', 'text', 'text'],
    ['oid', 'oid', 'text'],
  ),
)

const columnPrivileges = overloads(
  'has_column_privilege',
  bool,
  'Whether a user may do something with a column of a relation.',
  ['text', 'text', 'text'],
  ['text', 'int2', 'text'],
  ['oid', 'text', 'text'],
  ['oid', 'int2', 'text'],
  ['text', 'text', 'text', 'text'],
  ['text', 'text', 'int2', 'text'],
  ['text', 'oid', 'text', 'text'],
  ['text', 'oid', 'int2', 'text'],
  ['oid', 'text', 'text', 'text'],
  ['oid', 'text', 'int2', 'text'],
  ['oid', 'oid', 'text', 'text'],
  ['oid', 'oid', 'int2', 'text'],
)

const roles = overloads(
  'pg_has_role',
  bool,
  'Whether a user is a member of a role, which the one user of a session is of all.',
  ['text', 'text'],
  ['oid', 'text'],
  ['text', 'text', 'text'],
  ['text', 'oid', 'text'],
  ['oid', 'text', 'text'],
  ['oid', 'oid', 'text'],
)

const definitions = [
  ...overloads(
    'pg_get_expr',
    text,
    'An expression of the catalog as SQL has it; with true without needless parentheses.',
    ['text', 'oid'],
    ['text', 'oid', 'bool'],
  ),
  ...overloads(
    'pg_get_constraintdef',
    text,
    'The definition of a constraint.',
    ['oid'],
    ['oid', 'bool'],
  ),
  ...overloads(
    'pg_get_indexdef',
    text,
    'The statement that makes an index, or the definition of one of its columns.',
    ['oid'],
    ['oid', 'int4', 'bool'],
  ),
  ...overloads(
    'pg_get_viewdef',
    text,
    'The query of a view.',
    ['oid'],
    ['oid', 'bool'],
    ['oid', 'int4'],
    ['text'],
    ['text', 'bool'],
  ),
  ...['pg_get_ruledef', 'pg_get_triggerdef'].flatMap((name) =>
    overloads(name, text, 'NULL: there are no rules and triggers.', ['oid'], ['oid', 'bool']),
  ),
  ...[
    'pg_get_partkeydef',
    'pg_get_partition_constraintdef',
    'pg_get_statisticsobjdef',
    'pg_get_statisticsobjdef_columns',
  ].flatMap((name) => overloads(name, text, 'NULL: there are no objects of the kind.', ['oid'])),
  ...['pg_get_function_arguments', 'pg_get_function_identity_arguments'].flatMap((name) =>
    overloads(name, text, 'The arguments of a function, as its declaration has them.', ['oid']),
  ),
  ...overloads('pg_get_function_result', text, 'The type of what a function gives.', ['oid']),
  ...overloads('pg_get_functiondef', text, 'The statement that makes a function.', ['oid']),
  ...overloads('pg_get_function_sqlbody', text, 'NULL: no function has one.', ['oid']),
  ...overloads('pg_get_function_arg_default', text, 'NULL: no argument has a default.', [
    'oid',
    'int4',
  ]),
]

const descriptions = [
  ...overloads(
    'obj_description',
    text,
    'What is said of an object; the second argument is the catalog that it is in.',
    ['oid', 'text'],
    ['oid'],
  ),
  ...overloads('shobj_description', text, 'The same of databases and roles.', ['oid', 'text']),
  ...overloads('col_description', text, 'The same of a column.', ['oid', 'int4']),
]

const sizes = [
  ...['pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size'].flatMap(
    (name) => overloads(name, int8, 'The bytes that the rows of a relation take.', ['oid']),
  ),
  ...overloads('pg_relation_size', int8, 'The bytes that the rows of a relation take.', [
    'oid',
    'text',
  ]),
  ...overloads('pg_database_size', int8, 'The bytes that all rows take.', ['oid'], ['text']),
  ...overloads('pg_tablespace_size', int8, 'The bytes that all rows take.', ['oid'], ['text']),
]

const others = [
  ...overloads('pg_get_userbyid', text, 'The name of a user by its OID.', ['oid']),
  ...overloads(
    'current_schemas',
    arrayOf({ kind: 'text' }),
    'The schemas that names are looked for in; with true those that nobody has to name, too.',
    ['bool'],
  ),
  ...overloads('pg_is_in_recovery', bool, 'False: nothing is recovered while statements run.', []),
  ...overloads('pg_backend_pid', int4, 'The number of the session.', []),
  ...overloads('pg_stat_get_numscans', int8, '0: scans are not counted.', ['oid']),
  ...overloads('pg_my_temp_schema', oid, "The OID of the session's temporary schema, or 0.", []),
  ...overloads('pg_is_other_temp_schema', bool, "Whether it is another session's.", ['oid']),
  ...overloads('pg_tablespace_location', text, 'Where a tablespace is: nowhere by itself.', [
    'oid',
  ]),
  ...overloads('pg_relation_filenode', oid, 'The OID of a relation that has rows.', ['oid']),
  ...overloads('pg_relation_is_publishable', bool, 'Whether it is a table of users.', ['oid']),
  ...overloads(
    'pg_relation_is_updatable',
    int4,
    'Which changes a relation takes, as bits: 4 UPDATE, 8 INSERT, 16 DELETE.',
    ['oid', 'bool'],
  ),
  ...overloads('pg_column_is_updatable', bool, 'Whether a column can be changed.', [
    'oid',
    'int2',
    'bool',
  ]),
  ...overloads('pg_sequence_last_value', int8, 'The number that was taken last.', ['oid']),
  ...overloads('_pg_index_position', int4, 'The place of a column in an index, from 1.', [
    'oid',
    'int2',
  ]),
  ...regNames.flatMap((name) =>
    overloads(`to_${name}`, regOf(name), 'What a name leads to; NULL where it leads nowhere.', [
      'text',
    ]),
  ),
]

/** format_type alone sees a NULL: as one of the modifier. */
const formatType = scalar({
  name: 'format_type',
  args: ['oid', 'int4'],
  returns: text,
  nulls: 'called',
  volatility: 'stable',
  raises: true,
  doc: 'How SQL writes a type, with its modifier where that is not NULL.',
  example: 'format_type(NULL, NULL) -- NULL',
  evaluate: ([type = null]) => (type === null ? null : ofNoCatalog('format_type')),
})

/** What the engine puts functions over the catalog of the statement in place of. */
export const catalogFunctions: readonly ScalarFunction[] = [
  formatType,
  ...visibility,
  ...privileges,
  ...columnPrivileges,
  ...roles,
  ...definitions,
  ...descriptions,
  ...sizes,
  ...others,
]
