import { quotedName } from '../../functions/text/names.ts'
import { parseExpression } from '../../sql/parse.ts'
import type { SessionNames } from './object-names.ts'
import {
  columnsIn,
  prettyExpression,
  shownExpression,
  type ShownColumnType,
} from './shown-expression.ts'
import type {
  CatalogSnapshot,
  ColumnObject,
  ConstraintObject,
  IndexObject,
  RelationObject,
} from './snapshot.ts'
import { fieldOf, oidField, staticRow, staticRowsWith } from './static-rows.ts'
import { formatType } from './type-names.ts'

/** An expression of a table's definition as PostgreSQL shows it, and the columns that it reads. */
export interface ShownDefinition {
  readonly text: string
  readonly columns: readonly number[]
}

const known = new WeakMap<RelationObject, Map<string, ShownDefinition>>()

/** `column`: the number of the one that it is a default of. */
export function shownDefinition(
  snapshot: CatalogSnapshot,
  relation: RelationObject,
  source: string,
  column?: number,
): ShownDefinition {
  let ofRelation = known.get(relation)
  if (ofRelation === undefined) {
    ofRelation = new Map()
    known.set(relation, ofRelation)
  }
  const key = `${column ?? ''} ${source}`
  let shown = ofRelation.get(key)
  if (shown === undefined) {
    shown = shownAnew(snapshot, relation, source, column)
    ofRelation.set(key, shown)
  }
  return shown
}

function shownAnew(
  snapshot: CatalogSnapshot,
  { columns }: RelationObject,
  source: string,
  column: number | undefined,
): ShownDefinition {
  const typeOf = ({ typeOid, modifier }: ColumnObject): ShownColumnType => ({
    plain: formatType(snapshot, typeOid, null, () => true),
    full: formatType(snapshot, typeOid, modifier, () => true),
  })
  const types = new Map(columns.map((one) => [one.name, typeOf(one)]))
  const ast = parseExpression(source)
  const target = columns[(column ?? 0) - 1]
  const text = shownExpression(ast, source, types, target && typeOf(target))
  const names = columnsIn(ast)
  return { text, columns: columns.filter(({ name }) => names.has(name)).map((one) => one.number) }
}

/** Names of columns, in parentheses. */
function listed(columns: readonly ColumnObject[], numbers: readonly number[]): string {
  return `(${numbers.map((at) => quotedName(columns[at - 1]?.name ?? '')).join(', ')})`
}

/** pg_get_constraintdef. */
export function constraintDefinition(
  names: SessionNames,
  relation: RelationObject,
  constraint: ConstraintObject,
  isPretty: boolean,
): string {
  const { kind, columns, condition, foreign, index } = constraint
  const own = listed(relation.columns, columns)
  if (kind === 'p') return `PRIMARY KEY ${own}`
  if (kind === 'u')
    return `UNIQUE ${index?.nullsDistinct === false ? 'NULLS NOT DISTINCT ' : ''}${own}`
  if (foreign !== undefined) {
    const target = names.snapshot.relationNamed(foreign.target.schema, foreign.target.name)
    if (target === undefined) return ''
    const targets = listed(
      target.columns,
      foreign.targetColumns.map((at) => at + 1),
    )
    const match = foreign.match === 'full' ? ' MATCH FULL' : ''
    return `FOREIGN KEY ${own} REFERENCES ${names.shownRelation(target)}${targets}${match}`
  }
  const { text } = shownDefinition(names.snapshot, relation, condition ?? '')
  return `CHECK (${isPretty ? prettyExpression(parseExpression(text), text) : text})`
}

/** pg_get_indexdef; `column`: of one column only, from 1. */
export function indexDefinition(
  names: SessionNames,
  relation: RelationObject,
  index: IndexObject,
  { column, isPretty }: { readonly column: number; readonly isPretty: boolean },
): string {
  const nameAt = (at: number): string => quotedName(relation.columns[at - 1]?.name ?? '')
  if (column > 0) {
    const at = index.columns[column - 1]
    return at === undefined ? '' : nameAt(at)
  }
  const isShort = isPretty && names.isRelationVisible(relation.oid) === true
  const table = isShort
    ? quotedName(relation.name)
    : `${quotedName(relation.schema)}.${quotedName(relation.name)}`
  return indexText({
    name: index.name,
    table,
    columns: index.columns.map(nameAt),
    isUnique: index.isUnique,
    nullsDistinct: index.nullsDistinct,
  })
}

interface IndexText {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly isUnique: boolean
  readonly nullsDistinct: boolean
}

function indexText({ name, table, columns, isUnique, nullsDistinct }: IndexText): string {
  const unique = isUnique ? 'UNIQUE ' : ''
  const nulls = nullsDistinct ? '' : ' NULLS NOT DISTINCT'
  return `CREATE ${unique}INDEX ${quotedName(name)} ON ${table} USING btree (${columns.join(', ')})${nulls}`
}

/** The definition of an index that every database has; undefined where there is none of the OID. */
export function staticIndexDefinition(oid: number, column: number): string | undefined {
  const row = staticRow('pg_class', oid)
  const index = staticIndex(oid)
  if (row === undefined || index === undefined) return undefined
  const table = staticRow('pg_class', oidField(index, 'indrelid'))
  if (table === undefined) return undefined
  const columns = fieldOf(index, 'indkey')
    .split(' ')
    .map((at) => quotedName(staticColumn(oidField(index, 'indrelid'), at) ?? ''))
  if (column > 0) return columns[column - 1] ?? ''
  return indexText({
    name: fieldOf(row, 'relname'),
    table: `pg_catalog.${quotedName(fieldOf(table, 'relname'))}`,
    columns,
    isUnique: index['indisunique'] === 'true',
    nullsDistinct: true,
  })
}

function staticIndex(oid: number): ReturnType<typeof staticRow> {
  return staticRowsOf('pg_index', 'indexrelid', oid)[0]
}

function staticColumn(relation: number, number: string): string | undefined {
  const row = staticRowsOf('pg_attribute', 'attrelid', relation).find(
    (one) => one['attnum'] === number,
  )
  return row && fieldOf(row, 'attname')
}

function staticRowsOf(
  catalog: 'pg_index' | 'pg_attribute',
  column: string,
  oid: number,
): readonly NonNullable<ReturnType<typeof staticRow>>[] {
  return staticRowsWith(catalog, column, String(oid))
}
