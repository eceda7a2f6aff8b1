import { QueryError } from '../../base/errors.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import { listOf, writeArrayText } from '../../data/types/array-text.ts'
import { regNames } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { isTemporarySchema } from '../../plan/catalog/schemas.ts'
import { parseExpression } from '../../sql/parse.ts'
import type { CatalogCall } from './catalog-call.ts'
import { constraintDefinition, indexDefinition, staticIndexDefinition } from './definitions.ts'
import { functionArguments, functionDefinition, functionResult } from './function-texts.ts'
import type { SessionNames } from './object-names.ts'
import { postgresViews } from './postgres-views.ts'
import { privilegeCalls } from './privilege-calls.ts'
import { literalText, prettyExpression } from './shown-expression.ts'
import { fieldOf, oidField, staticRow, staticRowsWith, type StaticCatalog } from './static-rows.ts'
import { typeOfOid } from './type-names.ts'

const numberAt = (args: readonly Scalar[], at: number): number => Number(args[at] ?? 0)
const nothing: CatalogCall = () => null

/** Whether the schema of an object in a catalog is on the path; NULL where there is no such object. */
function visibleIn(catalog: StaticCatalog, column: string): CatalogCall {
  return (names, args) => {
    const row = staticRow(catalog, numberAt(args, 0))
    return row === undefined ? null : names.isSchemaOnPath(oidField(row, column))
  }
}

function viewDefinition(names: SessionNames, oid: number): Scalar {
  const relation = names.snapshot.relation(oid)
  if (relation?.entry.kind === 'view') return `${relation.entry.query.replace(/;\s*$/, '')};`
  const row = staticRow('pg_class', oid)
  if (row === undefined) return null
  const schema = names.snapshot.schemaName(oidField(row, 'relnamespace')) ?? ''
  return postgresViews()[`${schema}.${fieldOf(row, 'relname')}`] ?? null
}

const viewOfName: CatalogCall = (names, [name]) =>
  viewDefinition(names, names.find('regclass', String(name)))

const viewOfOid: CatalogCall = (names, args) => viewDefinition(names, numberAt(args, 0))

const constraintText: CatalogCall = (names, args) => {
  const found = names.snapshot.constraint(numberAt(args, 0))
  if (found !== undefined) return constraintDefinition(names, ...found, args[1] === true)
  return null
}

const indexText: CatalogCall = (names, args) => {
  const oid = numberAt(args, 0)
  const column = numberAt(args, 1)
  const found = names.snapshot.index(oid)
  if (found === undefined) return staticIndexDefinition(oid, column) ?? null
  return indexDefinition(names, ...found, { column, isPretty: args[2] === true })
}

/** Relations go by their names as the session sees them. */
function withRelations(names: SessionNames, text: string): string {
  return text.replaceAll(/'((?:[^']|'')+)'::regclass/g, (written, quoted: string) => {
    const oid = names.lookupRelation(quoted.replaceAll("''", "'"))
    const relation = oid === undefined ? undefined : names.relation(oid)
    return relation === undefined
      ? written
      : `${literalText(names.shownRelation(relation))}::regclass`
  })
}

const expressionText: CatalogCall = (names, [source, , isPretty]) => {
  const text = withRelations(names, String(source))
  return isPretty === true ? prettyExpression(parseExpression(text), text) : text
}

function describedBy(oid: number, catalog: string | undefined, part: number): Scalar {
  const row = staticRowsWith('pg_description', 'objoid', String(oid)).find(
    (one) =>
      one['objsubid'] === String(part) && (catalog === undefined || one['classoid'] === catalog),
  )
  return row === undefined ? null : fieldOf(row, 'description')
}

const PG_CLASS = '1259'

const described: CatalogCall = (_, [oid, catalog = null]) => {
  if (catalog === null) return describedBy(Number(oid), undefined, 0)
  const [row] = staticRowsWith('pg_class', 'relname', String(catalog))
  return row === undefined ? null : describedBy(Number(oid), fieldOf(row, 'oid'), 0)
}

/** What the chunks of a table take, in memory or files. */
function bytesOf(chunks: readonly TableChunk[]): bigint {
  let bytes = 0
  for (const chunk of chunks) {
    if ('kept' in chunk) {
      for (const { header } of chunk.kept.columns) bytes += header.textBytes + 8 * chunk.rows
    } else bytes += chunk.columns.length * 8 * chunk.rows
  }
  return BigInt(bytes)
}

const relationBytes: CatalogCall = (names, args) => {
  const oid = numberAt(args, 0)
  const entry = names.snapshot.relation(oid)?.entry
  if (entry === undefined) return names.relation(oid) === undefined ? null : 0n
  if (entry.kind !== 'table') return 0n
  if (entry.source.kind === 'memory') return bytesOf(entry.source.chunks)
  return BigInt(entry.source.files.reduce((sum, file) => sum + file.bytes, 0))
}

const allBytes: CatalogCall = (names) =>
  names.snapshot.relations.reduce(
    (sum, { oid }) => sum + BigInt(String(relationBytes(names, [BigInt(oid)]))),
    0n,
  )

const currentSchemas: CatalogCall = (names, [isAll]) => {
  const shown =
    isAll === true
      ? names.schemas
      : names.schemas.filter((name) => name !== 'pg_catalog' && !isTemporarySchema(name))
  return writeArrayText(listOf([...shown]))
}

/** A name that leads nowhere is no error here. */
const leadsTo: Readonly<Record<string, CatalogCall>> = Object.fromEntries(
  regNames.map((type) => [
    `to_${type}(text)`,
    (names: SessionNames, [text]: readonly Scalar[]) => {
      try {
        return names.oidOf(type, String(text))
      } catch (error) {
        if (error instanceof QueryError && missing.has(error.code)) return null
        throw error
      }
    },
  ]),
)

const missing: ReadonlySet<string> = new Set([
  'UNDEFINED_TABLE',
  'UNDEFINED_OBJECT',
  'UNDEFINED_FUNCTION',
  'UNDEFINED_SCHEMA',
  'AMBIGUOUS_FUNCTION',
])

const EVENTS_OF_TABLES = 28

const updatable: CatalogCall = (names, args) => {
  const relation = names.snapshot.relation(numberAt(args, 0))
  return relation?.kind === 'r' ? EVENTS_OF_TABLES : 0
}

const lastValue: CatalogCall = (names, args) => {
  const entry = names.snapshot.relation(numberAt(args, 0))?.entry
  if (entry?.kind !== 'sequence') return null
  return entry.numbers.isCalled ? entry.numbers.last : null
}

const visible: Readonly<Record<string, CatalogCall>> = {
  'pg_table_is_visible(oid)': (names, args) => names.isRelationVisible(numberAt(args, 0)),
  'pg_type_is_visible(oid)': (names, args) => {
    const type = typeOfOid(names.snapshot, numberAt(args, 0))
    return type === undefined ? null : names.isTypeVisible(type.schema, type.name)
  },
  'pg_function_is_visible(oid)': visibleIn('pg_proc', 'pronamespace'),
  'pg_operator_is_visible(oid)': visibleIn('pg_operator', 'oprnamespace'),
  'pg_opclass_is_visible(oid)': visibleIn('pg_opclass', 'opcnamespace'),
  'pg_opfamily_is_visible(oid)': visibleIn('pg_opfamily', 'opfnamespace'),
  'pg_collation_is_visible(oid)': visibleIn('pg_collation', 'collnamespace'),
  'pg_conversion_is_visible(oid)': visibleIn('pg_conversion', 'connamespace'),
  'pg_statistics_obj_is_visible(oid)': nothing,
  'pg_ts_config_is_visible(oid)': visibleIn('pg_ts_config', 'cfgnamespace'),
  'pg_ts_dict_is_visible(oid)': visibleIn('pg_ts_dict', 'dictnamespace'),
  'pg_ts_parser_is_visible(oid)': visibleIn('pg_ts_parser', 'prsnamespace'),
  'pg_ts_template_is_visible(oid)': visibleIn('pg_ts_template', 'tmplnamespace'),
}

const definitions: Readonly<Record<string, CatalogCall>> = {
  'pg_get_expr(text,oid)': expressionText,
  'pg_get_expr(text,oid,bool)': expressionText,
  'pg_get_constraintdef(oid)': constraintText,
  'pg_get_constraintdef(oid,bool)': constraintText,
  'pg_get_indexdef(oid)': indexText,
  'pg_get_indexdef(oid,int4,bool)': indexText,
  'pg_get_viewdef(oid)': viewOfOid,
  'pg_get_viewdef(oid,bool)': viewOfOid,
  'pg_get_viewdef(oid,int4)': viewOfOid,
  'pg_get_viewdef(text)': viewOfName,
  'pg_get_viewdef(text,bool)': viewOfName,
  'pg_get_ruledef(oid)': nothing,
  'pg_get_ruledef(oid,bool)': nothing,
  'pg_get_triggerdef(oid)': nothing,
  'pg_get_triggerdef(oid,bool)': nothing,
  'pg_get_partkeydef(oid)': nothing,
  'pg_get_partition_constraintdef(oid)': nothing,
  'pg_get_statisticsobjdef(oid)': nothing,
  'pg_get_statisticsobjdef_columns(oid)': nothing,
  'pg_get_function_arguments(oid)': (names, args) => functionArguments(names, numberAt(args, 0)),
  'pg_get_function_identity_arguments(oid)': (names, args) =>
    functionArguments(names, numberAt(args, 0), true),
  'pg_get_function_result(oid)': (names, args) => functionResult(names, numberAt(args, 0)),
  'pg_get_functiondef(oid)': (names, args) => functionDefinition(names, numberAt(args, 0)),
  'pg_get_function_sqlbody(oid)': nothing,
  'pg_get_function_arg_default(oid,int4)': nothing,
}

const others: Readonly<Record<string, CatalogCall>> = {
  'format_type(oid,int4)'(names, [type = null, modifier = null]) {
    if (type === null) return null
    return names.formatType(Number(type), modifier === null ? null : Number(modifier))
  },
  'pg_get_userbyid(oid)': (names, args) =>
    names.roleName(numberAt(args, 0)) ?? `unknown (OID=${numberAt(args, 0)})`,
  'current_schemas(bool)': currentSchemas,
  'pg_is_in_recovery()': () => false,
  'pg_backend_pid()': (names) => names.session,
  'pg_stat_get_numscans(oid)': () => 0n,
  'pg_my_temp_schema()': (names) =>
    BigInt(names.snapshot.schemaOid(names.schemas.find(isTemporarySchema) ?? '')),
  'pg_is_other_temp_schema(oid)'(names, args) {
    const name = names.snapshot.schemaName(numberAt(args, 0)) ?? ''
    return isTemporarySchema(name) && !names.schemas.includes(name)
  },
  'pg_tablespace_location(oid)': () => '',
  'pg_relation_filenode(oid)'(names, args) {
    const relation = names.snapshot.relation(numberAt(args, 0))
    return relation === undefined || relation.kind === 'v' ? null : BigInt(relation.oid)
  },
  'pg_relation_is_publishable(oid)': (names, args) =>
    names.snapshot.relation(numberAt(args, 0))?.kind === 'r',
  'pg_relation_is_updatable(oid,bool)': updatable,
  'pg_column_is_updatable(oid,int2,bool)': (names, args) =>
    updatable(names, args) === EVENTS_OF_TABLES && numberAt(args, 1) > 0,
  'pg_sequence_last_value(oid)': lastValue,
  '_pg_index_position(oid,int2)'(names, args) {
    const found = names.snapshot.index(numberAt(args, 0))
    const at = found?.[1].columns.indexOf(numberAt(args, 1)) ?? -1
    return at < 0 ? null : at + 1
  },
  'obj_description(oid,text)': described,
  'obj_description(oid)': described,
  'shobj_description(oid,text)': nothing,
  'col_description(oid,int4)': (_, [oid, column]) =>
    describedBy(Number(oid), PG_CLASS, Number(column)),
  'pg_relation_size(oid)': relationBytes,
  'pg_relation_size(oid,text)': (names, args) =>
    args[1] === 'main' ? relationBytes(names, args) : 0n,
  'pg_table_size(oid)': relationBytes,
  'pg_indexes_size(oid)': (names, args) =>
    names.relation(numberAt(args, 0)) === undefined ? null : 0n,
  'pg_total_relation_size(oid)': relationBytes,
  'pg_database_size(oid)': allBytes,
  'pg_database_size(text)': allBytes,
  'pg_tablespace_size(oid)': allBytes,
  'pg_tablespace_size(text)': allBytes,
}

/** By the ids of the functions of the catalogue. */
const calls: Readonly<Record<string, CatalogCall>> = {
  ...visible,
  ...definitions,
  ...others,
  ...leadsTo,
  ...privilegeCalls,
}

/** What a function over the catalog is; undefined for all others. */
export function catalogCall(id: string): CatalogCall | undefined {
  return Object.hasOwn(calls, id) ? calls[id] : undefined
}
