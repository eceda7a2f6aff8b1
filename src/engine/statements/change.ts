import { present } from '../../base/assert.ts'
import type { Span } from '../../base/span.ts'
import type { DeleteStatement, UpdateStatement } from '../../sql/ast/statement.ts'
import {
  changeSteps,
  type BoundChange,
  type ChangeStatement,
} from '../../plan/binder/changes/change.ts'
import { overStored, type BoundReturning } from '../../plan/binder/changes/returning.ts'
import { assignedPositions } from '../../plan/binder/changes/stored-value.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { project, renamed } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { columnsOf } from '../results/query.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { matchedRows, newRows, ownColumns, type MatchedRows } from '../tables/changed-rows.ts'
import { tableOfRows, type MemoryTable, type StoredRows } from '../tables/memory-tables.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { mayPatch, patchSteps, type AssignedColumn } from '../tables/patched-chunks.ts'
import { replacedBy, type ComingRows } from '../tables/replaced-by.ts'
import { ReplacedRows } from '../tables/replaced-rows.ts'
import { checkRows } from '../tables/row-rules.ts'
import { changeRows } from '../tables/change-rows.ts'
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
  const bound = await bind(ctx, statement)
  const command = statement.kind === 'update' ? 'UPDATE' : 'DELETE'
  refuseChangeIfReadOnly(ctx, bound.table, command)
  if (statement.kind === 'update') return update(ctx, statement, bound)
  const { table } = bound
  if (isEveryRow(statement)) return deleteAll(ctx, table)
  const matched = await matchedRows(ctx, table, bound.bound, bound.numbered)
  const { stored } = matched
  const given = await givenBack(ctx, command, bound, stored)
  if (stored.rows > 0) {
    const { span } = statement.table
    await replaceRows(ctx, table, matched, { added: undefined, assigned: new Set(), span })
  }
  return given?.() ?? QueryResult.ofCount(command, stored.rows)
}

async function givenBack(
  ctx: StatementContext,
  command: string,
  { bound: { returning } }: Bound,
  stored: StoredRows,
): Promise<(() => QueryResult) | undefined> {
  return returning && returned(ctx, command, returning, stored)
}

/**
 * Puts what rows become in their place: in columns of their own where that can be, else all of them are stored anew
 * behind the others.
 */
async function update(
  ctx: StatementContext,
  statement: UpdateStatement,
  bound: Bound,
): Promise<QueryResult> {
  const { table } = bound
  const { span } = statement.table
  const assigned = assignedPositions(table, statement)
  const isPatched = mayPatch(table, assigned)
  const inPlace = isPatched ? await patched(ctx, bound, { assigned, span }) : undefined
  if (inPlace !== undefined) return inPlace
  const matched = await matchedRows(ctx, table, bound.bound, bound.numbered)
  const { stored } = matched
  const given = await givenBack(ctx, 'UPDATE', bound, stored)
  if (stored.rows > 0) {
    const added = await newRows(ctx, matched, table)
    const renewed = { table, chunks: stored.chunks, first: 1 } as const
    await replaceRows(ctx, table, matched, { added, assigned, span, renewed })
  }
  return given?.() ?? QueryResult.ofCount('UPDATE', stored.rows)
}

/** Undefined where there is no room for it; nothing was changed then. */
async function patched(
  ctx: StatementContext,
  bound: Bound,
  { assigned, span }: { readonly assigned: ReadonlySet<number>; readonly span: Span },
): Promise<QueryResult | undefined> {
  const { table, numbered } = bound
  const { relation, columns, isWhole } = patchedRelation(ctx, bound, assigned)
  const { stored } = await matchedRows(ctx, table, { relation }, numbered)
  const replaced = await ctx.queries.inTurns(patchSteps(ctx, table, stored, columns))
  if (replaced === undefined) return undefined
  const given = await givenBack(ctx, 'UPDATE', bound, stored)
  if (isWhole) {
    const output = ownColumns(table, stored)
    await checkRows(ctx.queries, { output, table, span }, { rules: [], against: table })
  }
  if (replaced.size > 0) {
    const change = new ReplacedRows(ctx.engine, table, {
      replaced,
      added: [],
      assigned,
      inPlace: assigned,
    })
    await changeRows(ctx, change)
  }
  return given?.() ?? QueryResult.ofCount('UPDATE', stored.rows)
}

/** Which rows are changed, with all columns as they are to be or, where nobody asks for the others, the assigned ones. */
function patchedRelation(
  { columnIds }: StatementContext,
  { table, bound: { relation, returning } }: Bound,
  assigned: ReadonlySet<number>,
): {
  readonly relation: Relation
  readonly columns: readonly AssignedColumn[]
  readonly isWhole: boolean
} {
  const positions = [...assigned]
  const isChecked = positions.some((position) => table.columns[position]?.nullable === false)
  if (isChecked || returning !== undefined || (table.rules?.checks.length ?? 0) > 0) {
    const columns = positions.map((column) => ({ column, from: column + 1 }))
    return { relation, columns, isWhole: true }
  }
  const read = [0, ...positions.map((column) => column + 1)]
  const outputs = read.map((at) => present(relation.columns[at], 'a column of changed rows'))
  return {
    relation: project(relation, renamed(columnIds, outputs)),
    columns: positions.map((column, at) => ({ column, from: at + 1 })),
    isWhole: false,
  }
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
  if (replaced.size > 0) await changeRows(ctx, change)
  return QueryResult.ofCount('DELETE', statistics.rows)
}

/** Takes matched rows away and puts others in their place. Errors: those of constraints; SERIALIZATION_FAILURE. */
export async function replaceRows(
  ctx: StatementContext,
  table: MemoryTable,
  matched: MatchedRows,
  coming: ComingRows,
): Promise<void> {
  await changeRows(ctx, await replacedBy(ctx, table, matched, coming))
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
