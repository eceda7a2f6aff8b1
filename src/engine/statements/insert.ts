import type { InsertStatement } from '../../sql/ast/statement.ts'
import {
  insertReturningSteps,
  insertTargets,
  rowsInTableOrder,
  type InsertReturning,
} from '../../plan/binder/changes/insert.ts'
import type { BoundSelect } from '../results/query.ts'
import { columnsOf } from '../results/query.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { AppendedRows } from '../tables/appended-rows.ts'
import { storeQuery, type MemoryTable } from '../tables/memory-tables.ts'
import { checkRows } from '../tables/row-rules.ts'
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
  const { query, returning } = await bind(ctx, statement)
  const { parameterTypes } = returning ?? query ?? { parameterTypes: [] }
  return { columns: returning && columnsOf(returning.returning), parameterTypes }
}

interface BoundInsert {
  readonly table: MemoryTable
  /** Undefined for DEFAULT VALUES. */
  readonly query: BoundSelect | undefined
  readonly returning: InsertReturning | undefined
}

async function bind(ctx: StatementContext, statement: InsertStatement): Promise<BoundInsert> {
  const table = targetTable(ctx, statement.table, 'insert into')
  const query =
    statement.query && (await ctx.queries.bind(statement.query, insertTargets(table, statement)))
  const returning =
    statement.returning &&
    (await ctx.queries.bindWith(
      statement.returning,
      (context) => insertReturningSteps(statement, table, context),
      query?.parameterTypes,
    ))
  return { table, query, returning }
}

async function insert(ctx: StatementContext, statement: InsertStatement): Promise<QueryResult> {
  const { table, query, returning } = await bind(ctx, statement)
  const input = rowsInTableOrder(ctx.queries.binder(), table, statement, query?.relation)
  refuseChangeIfReadOnly(ctx, table, 'INSERT')
  const stored = await storeQuery(ctx, input, table.columns)
  const { rows, chunks } = stored
  await checkRows(ctx.queries, { output: stored, table, span: statement.table.span })
  const given = returning && (await returned(ctx, 'INSERT 0', returning.returning, stored))
  if (rows > 0) {
    await ctx.transaction.changeChecked(ctx.queries, new AppendedRows(ctx.engine, table, chunks))
  }
  return given?.() ?? QueryResult.ofCount('INSERT 0', rows)
}
