import type { DataType } from '../../data/types/data-type.ts'
import { mergeSteps } from '../../plan/binder/changes/merge.ts'
import { assignedPositions } from '../../plan/binder/changes/stored-value.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { MergeStatement } from '../../sql/ast/statement.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { comingRows, mergedRows, type MatchedRows } from '../tables/changed-rows.ts'
import { withChunks, type MemoryTable } from '../tables/memory-tables.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { mayPatch, patchSteps } from '../tables/patched-chunks.ts'
import { chunksLeft, ReplacedRows } from '../tables/replaced-rows.ts'
import { checkKeys, checkRows, hasConditions } from '../tables/row-rules.ts'
import { changeRows } from '../tables/change-rows.ts'
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
  if (rows > 0 && !(await changedInPlace(ctx, statement, table, matched))) {
    await replaceRows(ctx, table, matched, {
      added: await comingRows(ctx, matched, table, 'all'),
      assigned: assignedColumns(statement, table),
      span: statement.table.span,
      renewed: { table, chunks: matched.stored.chunks, first: 2 },
      deletes: statement.actions.some(({ action }) => action.kind === 'delete'),
    })
  }
  return QueryResult.ofCount('MERGE', rows)
}

/** Puts what updated rows become in their place, and new ones behind; false where that cannot be, and nothing was done. */
async function changedInPlace(
  ctx: StatementContext,
  statement: MergeStatement,
  table: MemoryTable,
  matched: MatchedRows,
): Promise<boolean> {
  if (statement.actions.some(({ action }) => action.kind === 'delete')) return false
  const assigned = updatedColumns(statement, table)
  if (assigned.size === 0 || !mayPatch(table, assigned)) return false
  const columns = [...assigned].map((column) => ({ column, from: column + 2 }))
  const replaced = await ctx.queries.inTurns(patchSteps(ctx, table, matched.stored, columns))
  if (replaced === undefined) return false
  const { span } = statement.table
  if (hasConditions(table)) {
    const output = await comingRows(ctx, matched, table, 'all')
    await checkRows(ctx.queries, { output, table, span }, { rules: [], against: table })
  }
  const { chunks: added } = await comingRows(ctx, matched, table, 'new')
  const against = withChunks(table, chunksLeft(table.source.chunks, { replaced }))
  const rules = table.rules?.keys ?? []
  await checkKeys(
    ctx.queries,
    { output: { chunks: added }, table },
    { rules, among: true, against },
  )
  const replacement = {
    replaced,
    added,
    assigned: assignedColumns(statement, table),
    inPlace: assigned,
  }
  await changeRows(ctx, new ReplacedRows(ctx.engine, table, replacement))
  return true
}

function updatedColumns({ actions }: MergeStatement, table: MemoryTable): ReadonlySet<number> {
  const positions = actions.flatMap(({ action }) =>
    action.kind === 'update' ? [...assignedPositions(table, action)] : [],
  )
  return new Set(positions)
}

/** Where rows are inserted, all. */
function assignedColumns(statement: MergeStatement, table: MemoryTable): ReadonlySet<number> {
  const inserts = statement.actions.some(({ action }) => action.kind === 'insert')
  return inserts ? new Set(table.columns.keys()) : updatedColumns(statement, table)
}
