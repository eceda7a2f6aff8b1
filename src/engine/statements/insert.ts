import type { Span } from '../../base/span.ts'
import type { Steps } from '../../base/steps.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { InsertStatement } from '../../sql/ast/statement.ts'
import {
  insertReturningSteps,
  insertTargets,
  rowsInTableOrder,
  type InsertReturning,
} from '../../plan/binder/changes/insert.ts'
import { conflictSteps } from '../../plan/binder/changes/on-conflict.ts'
import { assignedPositions } from '../../plan/binder/changes/stored-value.ts'
import type { BindContext } from '../../plan/binder/context.ts'
import type { BoundSelect } from '../results/query.ts'
import { columnsOf } from '../results/query.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { AppendedRows, sameTableIn } from '../tables/appended-rows.ts'
import { settleConflicts, type ConflictClause } from '../tables/conflicts.ts'
import {
  storeQuery,
  tableOfRows,
  withChunks,
  type MemoryTable,
  type StoredRows,
} from '../tables/memory-tables.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { chunksLeft, ReplacedRows } from '../tables/replaced-rows.ts'
import { checkRows } from '../tables/row-rules.ts'
import { changeRows } from '../tables/change-rows.ts'
import type { RowChange } from '../tables/references.ts'
import { refuseChangeIfReadOnly, targetTable } from '../tables/target-table.ts'
import { returned } from './change.ts'
import type { StatementEntry, StatementShape } from './entry.ts'

/** INSERT INTO t [(columns)] VALUES ... | SELECT ... | DEFAULT VALUES [RETURNING ...]: all rows or none. */
export const insertEntry: StatementEntry<InsertStatement> = {
  tag: () => 'INSERT',
  looks: () => true,
  writes: 'checked',
  describe,
  run: insert,
}

async function describe(
  ctx: StatementContext,
  statement: InsertStatement,
): Promise<StatementShape> {
  const { returning, parameterTypes } = await bind(ctx, statement)
  return { columns: returning && columnsOf(returning.returning), parameterTypes }
}

interface BoundInsert {
  readonly table: MemoryTable
  /** Undefined for DEFAULT VALUES. */
  readonly query: BoundSelect | undefined
  readonly conflict: ConflictClause | undefined
  readonly returning: InsertReturning | undefined
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

async function bind(ctx: StatementContext, statement: InsertStatement): Promise<BoundInsert> {
  const table = targetTable(ctx, statement.table, 'insert into')
  const query =
    statement.query && (await ctx.queries.bind(statement.query, insertTargets(table, statement)))
  let parameterTypes = query?.parameterTypes
  const bindPart = async <T extends { readonly parameterTypes: readonly DataType[] }>(
    node: object,
    steps: (context: BindContext) => Steps<T>,
  ): Promise<T> => {
    const bound = await ctx.queries.bindWith(node, steps, parameterTypes)
    ;({ parameterTypes } = bound)
    return bound
  }
  const { onConflict, returning: list } = statement
  const tables = {
    entry: table,
    numbered: withRowNumbers(table),
    proposed: withRowNumbers(tableOfRows(table, [])),
  }
  const bound =
    onConflict &&
    (await bindPart(onConflict, (context) => conflictSteps(statement, tables, context)))
  const returning =
    list && (await bindPart(list, (context) => insertReturningSteps(statement, table, context)))
  const update = onConflict?.update
  const assigned = update === undefined ? new Set<number>() : assignedPositions(table, update)
  const conflict = bound && { bound, tables, assigned }
  return { table, query, conflict, returning, parameterTypes: parameterTypes ?? [] }
}

async function insert(ctx: StatementContext, statement: InsertStatement): Promise<QueryResult> {
  const { table, query, conflict, returning } = await bind(ctx, statement)
  const input = rowsInTableOrder(ctx.queries.binder(), table, statement, query?.relation)
  refuseChangeIfReadOnly(ctx, table, 'INSERT')
  const stored = await storeQuery(ctx, input, table.columns)
  const { span } = statement.table
  const there = asChangedInWith(ctx, table)
  const { rows, change } =
    conflict === undefined
      ? await appended(ctx, there, stored, span)
      : await settled(ctx, there, stored, { conflict, span })
  const given =
    returning && (await returned(ctx, 'INSERT 0', returning.returning, { chunks: rows }))
  const count = rows.reduce((sum, chunk) => sum + chunk.rows, 0)
  if (count > 0) await changeRows(ctx, change)
  return given?.() ?? QueryResult.ofCount('INSERT 0', count)
}

/**
 * A table with what statements before this one in WITH made of it: keys are looked for among the rows that are left,
 * so that rows may be taken from a table and put back by one statement.
 */
function asChangedInWith(ctx: StatementContext, table: MemoryTable): MemoryTable {
  if (ctx.rowsOfChanges.size === 0) return table
  return sameTableIn(ctx.leases.add(ctx.transaction.hold()).value, table) ?? table
}

/** What an INSERT does. */
export interface Insertion {
  /** The rows that it inserted or updated, as they are now. */
  readonly rows: readonly TableChunk[]
  readonly change: RowChange
}

/** Rows that are checked and put behind those of their table. Errors: those of constraints. */
export async function appended(
  ctx: StatementContext,
  table: MemoryTable,
  output: StoredRows,
  span: Span,
): Promise<Insertion> {
  await checkRows(ctx.queries, { output, table, span })
  const { chunks } = output
  return { rows: chunks, change: new AppendedRows(ctx.engine, table, chunks) }
}

/** The same where keys that are there already do no harm. */
async function settled(
  ctx: StatementContext,
  table: MemoryTable,
  output: StoredRows,
  { conflict, span }: { readonly conflict: ConflictClause; readonly span: Span },
): Promise<Insertion> {
  await checkRows(ctx.queries, { output, table, span }, { rules: [], against: table })
  const settled = await settleConflicts(ctx, table, output, conflict)
  const { inserted, updated, replaced, isInPlace } = settled
  const renewed = { table, chunks: settled.renewed, first: 1 } as const
  const rows = [...(updated?.chunks ?? []), ...inserted.chunks]
  const added = isInPlace ? inserted.chunks : rows
  if (isInPlace && updated !== undefined) {
    await checkRows(ctx.queries, { output: updated, table, span }, { rules: [], against: table })
  }
  const against = withChunks(table, chunksLeft(table.source.chunks, { replaced }))
  const keys = { rules: table.rules?.keys ?? [], against }
  await checkRows(ctx.queries, { output: { chunks: added }, table, span }, keys)
  const assigned = new Set(table.columns.keys())
  const inPlace = isInPlace ? conflict.assigned : new Set<number>()
  const replacement = { replaced, added, assigned, inPlace, mindsKeys: true, renewed }
  return { rows, change: new ReplacedRows(ctx.engine, table, replacement) }
}
