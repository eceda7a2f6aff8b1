import { notSupported, QueryError } from '../../base/errors.ts'
import { int2, int4, int8 } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import type { Catalog, SequenceEntry, SequenceOwner } from '../../plan/catalog/catalog.ts'
import { indexNames } from '../../plan/catalog/indexes.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { numbersFrom, sequenceColumns } from '../../plan/catalog/sequences.ts'
import type { IdentityClause, SequenceOption } from '../../sql/ast/definition.ts'
import type { TypeName } from '../../sql/ast/expression.ts'
import type { ColumnDefinition } from '../../sql/ast/statement.ts'
import { randomTableId } from '../catalog/table-id.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { settledOptions } from './sequence-options.ts'

/** Types that number rows by a sequence of the column. */
const serialTypes: Readonly<Record<string, 'int2' | 'int4' | 'int8'>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
}

const integers = { int2, int4, int8 } as const

/** The integer type of a column that is declared serial; undefined for other types. Errors: FEATURE_NOT_SUPPORTED. */
export function serialType({ name, arrayDimensions, span }: TypeName): DataType | undefined {
  const kind = Object.hasOwn(serialTypes, name) ? serialTypes[name] : undefined
  if (kind === undefined) return undefined
  if (arrayDimensions === 0) return integers[kind]
  throw new QueryError('FEATURE_NOT_SUPPORTED', 'array of serial is not implemented', { span })
}

/** The identity clause of a column. Errors: SYNTAX_ERROR for two. */
export function identityOf(
  { name, constraints }: ColumnDefinition,
  table: string,
): IdentityClause | undefined {
  const [clause, second] = constraints.filter((item) => item.kind === 'identity')
  if (second === undefined) return clause
  const message = `multiple identity specifications for column "${name.text}" of table "${table}"`
  throw new QueryError('SYNTAX_ERROR', message, { span: second.span })
}

interface OwnedColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly type: DataType
}

/** A sequence for a column that is declared to have one. Errors: INVALID_PARAMETER_VALUE; those of options. */
export function ownedSequence(
  names: ReadonlySet<string>,
  { schema, table, column, type }: OwnedColumn,
  identity: IdentityClause | undefined,
): SequenceEntry {
  const { kind } = type
  if (kind !== 'int2' && kind !== 'int4' && kind !== 'int8') {
    const message = 'identity column type must be smallint, integer, or bigint'
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  const owned = identity?.options.find((option) => option.kind === 'owned')
  if (owned !== undefined) throw notSupported('OWNED BY of an identity column', owned.span)
  const { options, restart } = settledOptions(identity?.options ?? [], undefined, kind)
  return {
    kind: 'sequence',
    schema,
    name: freeName(names, table, column),
    columns: sequenceColumns,
    id: randomTableId(),
    options,
    numbers: numbersFrom(restart ?? options.start),
    owner: { schema, name: table, column, isIdentity: identity !== undefined },
  }
}

/** Names of relations and indexes of a schema. */
export function takenNames(catalog: Catalog, schema: string): Set<string> {
  return new Set([...(catalog.relations.get(schema)?.keys() ?? []), ...indexNames(catalog, schema)])
}

const NAME_BYTES_MAX = 63

/** `table_column_seq`, shortened as PostgreSQL does (makeObjectName), with a number where that is taken. */
function freeName(names: ReadonlySet<string>, table: string, column: string): string {
  for (let number = 0; ; number++) {
    const end = `seq${number === 0 ? '' : number}`
    let [first, second] = [table, column]
    while (Buffer.byteLength(`${first}_${second}_${end}`) > NAME_BYTES_MAX) {
      if (first.length > second.length) first = first.slice(0, -1)
      else second = second.slice(0, -1)
    }
    const name = `${first}_${second}_${end}`
    if (!names.has(name)) return name
  }
}

/** The column of OWNED BY; null for NONE, undefined where nothing is said. Errors: those of names. */
export function ownerOf(
  ctx: Pick<StatementContext, 'catalog' | 'searchPath'>,
  options: readonly SequenceOption[],
  schema: string,
): SequenceOwner | null | undefined {
  const said = options.find((option) => option.kind === 'owned')
  if (said === undefined) return undefined
  if (said.column === undefined) return null
  const { parts, span } = said.column
  const column = parts.at(-1)!
  if (parts.length < 2) {
    throw new QueryError('SYNTAX_ERROR', 'invalid OWNED BY option', {
      hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
    })
  }
  const table = findRelation(
    ctx.catalog,
    objectName({ parts: parts.slice(0, -1), span }),
    ctx.searchPath,
  )
  if (table.kind === 'sequence') {
    const message = `sequence cannot be owned by relation "${table.name}"`
    throw new QueryError('WRONG_OBJECT_TYPE', message, {
      detail: 'This operation is not supported for sequences.',
    })
  }
  if (table.schema !== schema) {
    const message = 'sequence must be in same schema as table it is linked to'
    throw new QueryError('OBJECT_NOT_IN_STATE', message)
  }
  if (!table.columns.some(({ name }) => name === column.text)) {
    const message = `column "${column.text}" of relation "${table.name}" does not exist`
    throw new QueryError('UNDEFINED_COLUMN', message)
  }
  return { schema: table.schema, name: table.name, column: column.text, isIdentity: false }
}
