import type { Span } from '../../base/span.ts'
import type { DeleteStatement, UpdateStatement } from '../../sql/ast/statement.ts'
import {
  changeSteps,
  type BoundChange,
  type ChangeStatement,
} from '../../plan/binder/changes/change.ts'
import { overStored, type BoundReturning } from '../../plan/binder/changes/returning.ts'
import { columnPosition } from '../../plan/binder/changes/stored-value.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { columnsOf } from '../results/query.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { matchedRows, newRows, type MatchedRows } from '../tables/changed-rows.ts'
import {
  tableOfRows,
  withChunks,
  type MemoryTable,
  type StoredRows,
} from '../tables/memory-tables.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { chunksLeft, keysOver, ReplacedRows } from '../tables/replaced-rows.ts'
import { checkRows } from '../tables/row-rules.ts'
import { rowsLeft } from '../tables/rows-left.ts'
import { refuseChangeIfReadOnly, targetTable } from '../tables/target-table.ts'
import type { StatementEntry, StatementShape } from './entry.ts'

/** UPDATE t SET ... FROM ... WHERE ... RETURNING ...: all rows or none. */
export const updateEntry: StatementEntry<UpdateStatement> = {
  tag: () => 'UPDATE',
  looks: () => true,
  writes: 'checked',
  describe,
  run: change,
}

/** DELETE FROM t USING ... WHERE ... RETURNING ...: all rows or none. */
export const deleteEntry: StatementEntry<DeleteStatement> = {
  tag: () => 'DELETE',
  looks: () => true,
  writes: 'checked',
  describe,
  run: change,
}

async function describe(
  ctx: StatementContext,
  statement: ChangeStatement,
): Promise<StatementShape> {
  const { bound } = await bind(ctx, statement)
  const { returning, parameterTypes } = bound
  return { columns: returning && columnsOf(returning), parameterTypes }
}

interface Bound {
  readonly table: MemoryTable
  readonly numbered: TableEntry
  readonly bound: BoundChange
}

async function bind(ctx: StatementContext, statement: ChangeStatement): Promise<Bound> {
  const verb = statement.kind === 'update' ? 'update' : 'delete from'
  const table = targetTable(ctx, statement.table.name, verb)
  const numbered = withRowNumbers(table)
  const bound = await ctx.queries.bindWith(statement, (context) =>
    changeSteps(statement, { entry: table, numbered }, context),
  )
  return { table, numbered, bound }
}

async function change(ctx: StatementContext, statement: ChangeStatement): Promise<QueryResult> {
  const { table, numbered, bound } = await bind(ctx, statement)
  const command = statement.kind === 'update' ? 'UPDATE' : 'DELETE'
  refuseChangeIfReadOnly(ctx, table, command)
  if (isEveryRow(statement)) return deleteAll(ctx, table)
  const matched = await matchedRows(ctx, table, bound, numbered)
  const { stored } = matched
  const given = bound.returning && (await returned(ctx, command, bound.returning, stored))
  if (stored.rows > 0) await replace(ctx, statement, table, matched)
  return given?.() ?? QueryResult.ofCount(command, stored.rows)
}

function isEveryRow(statement: ChangeStatement): boolean {
  if (statement.kind === 'update') return false
  return statement.where === undefined && statement.using.length === 0 && !statement.returning
}

/** Nothing has to be looked at. */
async function deleteAll(ctx: StatementContext, table: MemoryTable): Promise<QueryResult> {
  const { source, statistics } = table
  const replaced = new Map(source.chunks.map((chunk) => [chunk, []]))
  const change = new ReplacedRows(ctx.engine, table, { replaced, added: [], assigned: new Set() })
  if (replaced.size > 0) await ctx.transaction.changeChecked(ctx.queries, change)
  return QueryResult.ofCount('DELETE', statistics.rows)
}

/** Puts what the rows become in their place, once that is checked. */
async function replace(
  ctx: StatementContext,
  statement: ChangeStatement,
  table: MemoryTable,
  matched: MatchedRows,
): Promise<void> {
  const isUpdate = statement.kind === 'update'
  const assigned = isUpdate ? statement.assignments.flatMap(({ columns }) => columns) : []
  await replaceRows(ctx, table, matched, {
    added: isUpdate ? await newRows(ctx, matched, table) : undefined,
    assigned: new Set(assigned.map((column) => columnPosition(table, column))),
    span: statement.table.span,
  })
}

/** Rows that come in the place of matched ones. */
export interface ComingRows {
  readonly added: StoredRows | undefined
  /** Positions of the columns that may have other values than before. */
  readonly assigned: ReadonlySet<number>
  /** Where the statement names the table. */
  readonly span: Span
}

/** Takes matched rows away and puts others in their place. Errors: those of constraints; SERIALIZATION_FAILURE. */
export async function replaceRows(
  ctx: StatementContext,
  table: MemoryTable,
  { left }: MatchedRows,
  { added: output, assigned, span }: ComingRows,
): Promise<void> {
  const replaced = await rowsLeft(ctx, table, left)
  if (output !== undefined) {
    const against = withChunks(table, chunksLeft(table.source.chunks, { replaced }))
    const keys = { rules: keysOver(table, assigned), against }
    await checkRows(ctx.queries, { output, table, span }, keys)
  }
  const replacement = { replaced, added: output?.chunks ?? [], assigned }
  await ctx.transaction.changeChecked(ctx.queries, new ReplacedRows(ctx.engine, table, replacement))
}

/**
 * The answer of RETURNING over the rows that a statement stored, made before anything is changed: what it raises
 * leaves the table as it was. Gives it once the change is made.
 */
export async function returned(
  ctx: StatementContext,
  command: string,
  returning: BoundReturning,
  stored: Pick<StoredRows, 'chunks'>,
): Promise<() => QueryResult> {
  const rows = tableOfRows(returning.stored, stored.chunks)
  const output = await ctx.queries.runInOrder(overStored(returning, rows))
  return () => {
    const lease = ctx.leases.handOver(output)
    return QueryResult.ofChunks(columnsOf(returning), ctx.heap, lease, undefined, command)
  }
}
