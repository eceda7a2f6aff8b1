import type { DataType } from '../../data/types/data-type.ts'
import { mergeSteps } from '../../plan/binder/changes/merge.ts'
import { columnPosition } from '../../plan/binder/changes/stored-value.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { MergeStatement } from '../../sql/ast/statement.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { comingRows, mergedRows } from '../tables/changed-rows.ts'
import type { MemoryTable } from '../tables/memory-tables.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { refuseChangeIfReadOnly, targetTable } from '../tables/target-table.ts'
import { replaceRows } from './change.ts'
import type { StatementEntry } from './entry.ts'

/** MERGE INTO t USING s ON ... WHEN ...: all rows or none. */
export const mergeEntry: StatementEntry<MergeStatement> = {
  tag: () => 'MERGE',
  looks: () => true,
  writes: 'checked',
  async describe(ctx, statement) {
    return { columns: undefined, parameterTypes: (await bind(ctx, statement)).parameterTypes }
  },
  run: merge,
}

interface Bound {
  readonly table: MemoryTable
  readonly numbered: TableEntry
  readonly relation: Relation
  readonly parameterTypes: readonly DataType[]
}

async function bind(ctx: StatementContext, statement: MergeStatement): Promise<Bound> {
  const table = targetTable(ctx, statement.table.name, 'merge into')
  const numbered = withRowNumbers(table)
  const bound = await ctx.queries.bindWith(statement, (context) =>
    mergeSteps(statement, { entry: table, numbered }, context),
  )
  return { table, numbered, ...bound }
}

async function merge(ctx: StatementContext, statement: MergeStatement): Promise<QueryResult> {
  const { table, numbered, relation } = await bind(ctx, statement)
  refuseChangeIfReadOnly(ctx, table, 'MERGE')
  const matched = await mergedRows(ctx, table, relation, numbered)
  const { rows } = matched.stored
  if (rows > 0) {
    await replaceRows(ctx, table, matched, {
      added: await comingRows(ctx, matched, table),
      assigned: assignedColumns(statement, table),
      span: statement.table.span,
    })
  }
  return QueryResult.ofCount('MERGE', rows)
}

/** Where rows are inserted, all. */
function assignedColumns({ actions }: MergeStatement, table: MemoryTable): ReadonlySet<number> {
  const positions = actions.flatMap(({ action }) => {
    if (action.kind === 'insert') return [...table.columns.keys()]
    if (action.kind !== 'update') return []
    const columns = action.assignments.flatMap((one) => one.columns)
    return columns.map((column) => columnPosition(table, column))
  })
  return new Set(positions)
}
