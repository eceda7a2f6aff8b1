import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { int4, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { isKept, mayHaveNulls, type TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { scalarsOf } from '../../data/vectors/column-scalars.ts'
import { isValid, scalarAt } from '../../data/vectors/to-scalars.ts'
import {
  anyRow,
  between,
  isFalse,
  isNull,
  leastOf,
  repeatedKey,
  takenKey,
} from '../../plan/binder/row-checks.ts'
import { bindCheckOf } from '../../plan/binder/table-rules.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import type { CheckRule, KeyRule } from '../../plan/catalog/table-rules.ts'
import { literal, or, scan } from '../../plan/logical/build.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { parseExpression } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import type { Span } from '../../base/span.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { vectorFromScalars } from '../../data/vectors/from-scalars.ts'
import type { RowQueries } from '../catalog/catalog-change.ts'
import { quotedName } from '../settings/search-path.ts'
import { randomTableId } from '../catalog/table-id.ts'

/** Rows that are to be added to a table, held by the engine, every column in its place. */
export interface NewRows {
  readonly output: { readonly chunks: readonly TableChunk[] }
  readonly table: TableEntry
}

export interface AddedRows extends NewRows {
  /** Where the statement names the table; errors of its expressions point there. */
  readonly span: Span
}

interface RowsInMemory extends AddedRows {
  readonly output: { readonly chunks: readonly Chunk[] }
}

/** The keys of new rows that are to be looked at, and the rows that are there beside them. */
export interface KeysToCheck {
  readonly rules: readonly KeyRule[]
  readonly against: TableEntry
}

/**
 * Checks new rows against NOT NULL, CHECK and the keys of their table, by queries over the rows and the
 * table; `keys`: other ones, where not all are to be looked at. Errors: NOT_NULL_VIOLATION, CHECK_VIOLATION,
 * UNIQUE_VIOLATION, and what a condition raises.
 */
export async function checkRows(
  ctx: RowQueries,
  added: AddedRows,
  keys: KeysToCheck = { rules: added.table.rules?.keys ?? [], against: added.table },
): Promise<void> {
  const count = rowCount(added)
  if (count === 0) return
  await checkConditions(ctx, added)
  await checkKeys(ctx, added, { ...keys, among: true })
}

/** Whether a table has rules that hold for a row by itself: NOT NULL and CHECK. */
export function hasConditions({ columns, rules }: TableEntry): boolean {
  return (rules?.checks.length ?? 0) > 0 || columns.some(({ nullable }) => !nullable)
}

/**
 * Checks keys of new rows against a table's, and with `among` also against each other. Errors:
 * UNIQUE_VIOLATION.
 */
export async function checkKeys(
  ctx: RowQueries,
  added: NewRows,
  keys: {
    readonly rules: readonly KeyRule[]
    readonly among: boolean
    readonly against: TableEntry
  },
): Promise<void> {
  const several = rowCount(added) > 1
  for (const rule of keys.rules) {
    const repeated =
      keys.among && several
        ? await firstRow(ctx, repeatedKey(ctx.binder(), newRows(ctx, added), rule))
        : undefined
    const taken = repeated ?? (await takenIn(ctx, added, rule, keys.against))
    if (taken !== undefined) throw keyViolation(added.table, rule, taken)
  }
}

/** One key that several rows of a table have, as values; undefined when the rule holds. */
export async function repeatedIn(
  ctx: RowQueries,
  table: TableEntry,
  rule: KeyRule,
): Promise<string | undefined> {
  const key = await firstRow(ctx, repeatedKey(ctx.binder(), scan(ctx.columnIds, table), rule))
  return key && keyText(table, rule.columns, key)
}

/** The new rows as a table of their own, in which any column may still be NULL. */
function tableOf({ output, table }: NewRows, chunks: readonly TableChunk[]): TableEntry {
  const columns = table.columns.map((field) => ({ ...field, nullable: true }))
  const rows = output.chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  return {
    ...table,
    columns,
    source: { kind: 'memory', id: randomTableId(), chunks },
    statistics: { rows, exact: true, columns: columns.map(() => undefined) },
  }
}

function newRows(ctx: RowQueries, added: NewRows): Relation {
  return scan(ctx.columnIds, tableOf(added, added.output.chunks))
}

function rowCount({ output }: NewRows): number {
  return output.chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
}

async function checkConditions(ctx: RowQueries, added: AddedRows): Promise<void> {
  const rows = newRows(ctx, added)
  const conditions = conditionsOver(ctx, added, rows)
  if (conditions.length === 0) return
  if ((await firstRow(ctx, anyRow(rows, conditions))) === undefined) return
  throw await brokenRule(ctx, { ...added, output: { chunks: await brokenChunks(ctx, added) } })
}

/** Chunks in memory of which the first row that breaks a rule is the first of all rows. */
async function brokenChunks(ctx: RowQueries, added: AddedRows): Promise<readonly Chunk[]> {
  const { chunks } = added.output
  if (!chunks.some(isKept)) return ctx.pinned(chunks)
  for (const chunk of chunks) {
    const only = { ...added, output: { chunks: [chunk] } }
    const rows = newRows(ctx, only)
    const found = await firstRow(ctx, anyRow(rows, conditionsOver(ctx, only, rows)))
    if (found !== undefined) return ctx.pinned([chunk])
  }
  throw new RangeError('a row that broke a rule breaks none')
}

/** Conditions over the new rows that are TRUE where a row breaks a rule. */
function conditionsOver(ctx: RowQueries, added: AddedRows, rows: Relation): readonly Expression[] {
  const { table, output } = added
  const binder = ctx.binder()
  const nulls = rows.columns.filter((_, position) => {
    if (table.columns[position]?.nullable !== false) return false
    return output.chunks.some((chunk) => mayHaveNulls(chunk, position))
  })
  const checks = (table.rules?.checks ?? []).map((check) => checkOver(ctx, added, check, rows))
  return [...nulls.map((column) => isNull(binder, column)), ...checks]
}

function checkOver(
  ctx: RowQueries,
  { table, span }: AddedRows,
  { condition }: CheckRule,
  rows: Relation,
): Expression {
  const ast = placedAt(parseExpression(condition), span)
  return isFalse(bindCheckOf(ctx.binder(), ast, table.name, rows.columns))
}

/** The error for the first row that breaks a rule, of which there is one. */
async function brokenRule(ctx: RowQueries, added: RowsInMemory): Promise<QueryError> {
  const { table } = added
  const numbered = numberedRows(ctx, added)
  const rows = scan(ctx.columnIds, numbered)
  const broken = or(conditionsOver(ctx, added, rows))
  const found = await firstRow(ctx, leastOf(ctx.binder(), rows, broken))
  const row = Number(present(found?.[0], 'a row that broke a rule breaks none'))
  const { chunk, at } = placeOf(added, row)
  const detail = `Failing row contains (${rowText(ctx, table, chunk, at)}).`
  const { schema, name } = table
  const empty = table.columns.find(({ nullable }, position) => {
    const vector = chunk.columns[position]
    return !nullable && vector !== undefined && !isValid(ctx.heap, vector, at)
  })
  if (empty !== undefined) {
    const message = `null value in column "${empty.name}" of relation "${name}" violates not-null constraint`
    const column = empty.name
    return new QueryError('NOT_NULL_VIOLATION', message, { detail, schema, table: name, column })
  }
  const constraint = await brokenCheck(ctx, added, numbered, row)
  const message = `new row for relation "${name}" violates check constraint "${constraint}"`
  return new QueryError('CHECK_VIOLATION', message, { detail, schema, table: name, constraint })
}

/** The new rows with their numbers from 0 as one more column: threads give rows in any order. */
function numberedRows(ctx: RowQueries, added: RowsInMemory): TableEntry {
  const arena = new Arena(ctx.heap)
  let first = 0
  const chunks = added.output.chunks.map((chunk): Chunk => {
    const numbers = Array.from({ length: chunk.rows }, (_, i) => first + i)
    first += chunk.rows
    const columns = [...chunk.columns, vectorFromScalars(arena, int4, numbers)]
    return { rows: chunk.rows, columns, statistics: undefined }
  })
  ctx.leases.add(new ChunkLease(chunks, () => arena.release()))
  const rows = tableOf(added, chunks)
  const columns = [...rows.columns, { name: 'row number', type: int4, nullable: false }]
  return {
    ...rows,
    columns,
    statistics: { ...rows.statistics, columns: columns.map(() => undefined) },
  }
}

function placeOf({ output }: RowsInMemory, row: number): { chunk: Chunk; at: number } {
  let at = row
  for (const chunk of output.chunks) {
    if (at < chunk.rows) return { chunk, at }
    at -= chunk.rows
  }
  throw new RangeError(`no row ${row}`)
}

/** The first check, by name, that a row breaks. */
async function brokenCheck(
  ctx: RowQueries,
  added: AddedRows,
  numbered: TableEntry,
  row: number,
): Promise<string> {
  let broken: string | undefined
  for (const check of added.table.rules?.checks ?? []) {
    const rows = scan(ctx.columnIds, numbered)
    const number = literal(row, int4)
    const only = between(ctx.binder(), rows, rows.columns.at(-1)!, {
      least: number,
      greatest: number,
    })
    const found = await firstRow(ctx, anyRow(only, [checkOver(ctx, added, check, only)]))
    if (found !== undefined) broken ??= check.name
  }
  return present(broken, 'a row that broke a rule breaks none')
}

/** A key of the new rows that the table has already. */
async function takenIn(
  ctx: RowQueries,
  added: NewRows,
  rule: KeyRule,
  table: TableEntry,
): Promise<readonly Scalar[] | undefined> {
  if (table.statistics.rows === 0) return undefined
  const binder = ctx.binder()
  const all = scan(ctx.columnIds, table)
  const near = rule.nullsDistinct ? nearby(ctx, added, rule, all) : all
  return firstRow(ctx, takenKey(binder, newRows(ctx, added), near, rule))
}

/** Up to this many new rows, the table is read only where their keys could be. */
const LOOKED_AT_ROWS_MAX = 1_024

/** Of the table's rows those whose keys lie among the new ones: most chunks are then left unread. */
function nearby(ctx: RowQueries, added: NewRows, rule: KeyRule, rows: Relation): Relation {
  if (rowCount(added) > LOOKED_AT_ROWS_MAX) return rows
  const chunks = ctx.pinned(added.output.chunks)
  return rule.columns.reduce((left, position) => {
    const column = rows.columns[position]!
    const given = chunks.flatMap(({ columns }) => scalarsOf(ctx.heap, columns[position]!))
    const numbers = given.filter((value) => typeof value === 'number' || typeof value === 'bigint')
    const empty = given.filter((value) => value === null)
    const all = numbers.length + empty.length === given.length
    if (!ordered.has(column.type.kind) || !all) return left
    const [first, ...others] = numbers
    if (first === undefined) return left
    const least = others.reduce((a, b) => (b < a ? b : a), first)
    const greatest = others.reduce((a, b) => (b > a ? b : a), first)
    return between(ctx.binder(), left, column, {
      least: literal(least, column.type),
      greatest: literal(greatest, column.type),
    })
  }, rows)
}

/** Types whose values compare as the numbers that stand for them do. */
const ordered: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'date', 'timestamp'])

function keyViolation(table: TableEntry, rule: KeyRule, key: readonly Scalar[]): QueryError {
  const message = `duplicate key value violates unique constraint "${rule.name}"`
  const detail = `Key ${keyText(table, rule.columns, key)} already exists.`
  const { schema, name } = table
  const constraint = rule.name
  return new QueryError('UNIQUE_VIOLATION', message, { detail, schema, table: name, constraint })
}

/** `(a, "B")=(1, x)` */
export function keyText(
  table: TableEntry,
  columns: readonly number[],
  key: readonly Scalar[],
): string {
  const names = columns.map((position) => quotedName(table.columns[position]!.name))
  const values = columns.map((position, i) => shown(key[i] ?? null, table.columns[position]!.type))
  return `(${names.join(', ')})=(${values.join(', ')})`
}

const SHOWN_CHARACTERS_MAX = 64

function rowText(ctx: RowQueries, table: TableEntry, chunk: Chunk, row: number): string {
  const values = table.columns.map(({ type }, position) => {
    const vector = chunk.columns[position]
    const text = vector === undefined ? 'null' : shown(scalarAt(ctx.heap, vector, row), type)
    return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text
  })
  return values.join(', ')
}

function shown(value: Scalar, type: DataType): string {
  return value === null ? 'null' : formatScalar(value, type)
}

/** The first row that a relation gives, as values. */
export async function firstRow(
  ctx: RowQueries,
  relation: Relation,
): Promise<readonly Scalar[] | undefined> {
  const output = await ctx.run(relation)
  try {
    const chunk = output.chunks.find(({ rows }) => rows > 0)
    return chunk?.columns.map((vector) => scalarAt(ctx.heap, vector, 0))
  } finally {
    output.release()
  }
}
