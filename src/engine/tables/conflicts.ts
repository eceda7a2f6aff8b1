import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { BoundConflict, ConflictTables } from '../../plan/binder/changes/on-conflict.ts'
import { scan } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { newRows, ownColumns } from './changed-rows.ts'
import { storeQuery, tableOfRows, type MemoryTable, type StoredRows } from './memory-tables.ts'
import { numberedGroup, overGroup, wholeGroup, type NumberedGroup } from './numbered-rows.ts'
import { mayPatch, patchSteps } from './patched-chunks.ts'
import { markSteps, numbersOf, ones, Places } from './row-marks.ts'
import { rowsLeft, rowsWithBits } from './rows-left.ts'

/** ON CONFLICT of a statement. */
export interface ConflictClause {
  readonly bound: BoundConflict
  readonly tables: ConflictTables
  /** Positions of the columns that DO UPDATE assigns to. */
  readonly assigned: ReadonlySet<number>
}

/** What becomes of proposed rows, some of whose keys are there already. Held by the statement. */
export interface SettledRows {
  /** Those that are new. */
  readonly inserted: StoredRows
  /** Rows of the table as DO UPDATE makes them; undefined for none. */
  readonly updated: StoredRows | undefined
  /** By chunk of the table that has rows which were updated, what comes in its place. */
  readonly replaced: ReadonlyMap<TableChunk, readonly TableChunk[]>
  /** Whether the updated rows are among those: they lie where they were. */
  readonly isInPlace: boolean
  /** The updated rows with the numbers that they had before them. */
  readonly renewed: readonly TableChunk[]
}

/**
 * Settles which of the proposed rows are inserted, by ON CONFLICT. Errors: CARDINALITY_VIOLATION where DO UPDATE would
 * meet a row that the statement made or changed, and those of its expressions.
 */
export async function settleConflicts(
  ctx: StatementContext,
  table: MemoryTable,
  stored: StoredRows,
  { bound, tables, assigned }: ConflictClause,
): Promise<SettledRows> {
  const proposals = await numberedTable(ctx, stored.chunks)
  const there = await numberedTable(ctx, table.source.chunks)
  try {
    const { numbered, proposed } = tables
    const over = (relation: Relation): Relation =>
      overGroup(overGroup(relation, numbered, there), proposed, proposals)
    const places = new Places(stored.chunks)
    const isUpdate = bound.update !== undefined
    for (const relation of bound.taken) {
      for (const [number] of await numberRows(ctx, over(relation))) places.mark(number!)
    }
    const groupsOf = await sharedKeys(ctx, bound.shared.map(over))
    if (!isUpdate) markShared(places, groupsOf)
    else if ([...groupsOf.keys()].some((number) => !places.isMarked(number))) throw metTwice()
    const inserted = await unmarked(ctx, table, stored, places)
    if (bound.update === undefined) return { inserted, ...noneUpdated }
    const met = { update: over(bound.update), before: metBefore(groupsOf), assigned }
    return { inserted, ...(await updatedRows(ctx, table, met)) }
  } finally {
    proposals.release()
    there.release()
  }
}

function numberedTable(
  ctx: StatementContext,
  chunks: readonly TableChunk[],
): Promise<NumberedGroup> {
  return ctx.queries.inTurns(numberedGroup(ctx, wholeGroup(chunks)))
}

/** Rows of numbers that a query gives. */
async function numberRows(
  ctx: StatementContext,
  relation: Relation,
): Promise<readonly (readonly number[])[]> {
  const output = await ctx.queries.run(relation)
  try {
    return output.chunks.flatMap(({ rows, columns }) => {
      const readers = columns.map((column) => numbersOf(ctx.heap, column))
      return Array.from({ length: rows }, (_, at) => readers.map((read) => read(at)))
    })
  } finally {
    output.release()
  }
}

/** By the number of a proposed row that shares keys with others, which these are: a name for each. */
type SharedKeys = ReadonlyMap<number, readonly string[]>

async function sharedKeys(ctx: StatementContext, shared: readonly Relation[]): Promise<SharedKeys> {
  const groupsOf = new Map<number, string[]>()
  for (const [key, relation] of shared.entries()) {
    for (const [number, least] of await numberRows(ctx, relation)) {
      const groups = groupsOf.get(number!) ?? []
      groups.push(`${key} ${least}`)
      groupsOf.set(number!, groups)
    }
  }
  return groupsOf
}

/** Of proposed rows that share a key the first is inserted, unless another key of it is met before. */
function markShared(places: Places, groupsOf: SharedKeys): void {
  const met = new Set<string>()
  for (const [number, groups] of [...groupsOf].toSorted(([a], [b]) => a - b)) {
    if (places.isMarked(number)) continue
    if (groups.some((group) => met.has(group))) places.mark(number)
    else for (const group of groups) met.add(group)
  }
}

/** The proposed rows behind which others have their key. */
function metBefore(groupsOf: SharedKeys): ReadonlySet<number> {
  const met = new Set<string>()
  const before = new Set<number>()
  for (const [number, groups] of [...groupsOf].toSorted(([a], [b]) => b - a)) {
    if (groups.some((group) => met.has(group))) before.add(number)
    for (const group of groups) met.add(group)
  }
  return before
}

function metTwice(): QueryError {
  const message = 'ON CONFLICT DO UPDATE command cannot affect row a second time'
  return new QueryError('CARDINALITY_VIOLATION', message, {
    hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
  })
}

/** The proposed rows without those that are marked. */
async function unmarked(
  ctx: StatementContext,
  table: MemoryTable,
  stored: StoredRows,
  { left }: Places,
): Promise<StoredRows> {
  if (left.size === 0) return stored
  const { chunks } = stored
  const bits = chunks.map((chunk) => left.get(chunk) ?? ones(chunk.rows))
  return rowsWithBits(ctx, { table, chunks, bits })
}

/** What DO UPDATE is about. */
interface MetRows extends Pick<ConflictClause, 'assigned'> {
  readonly update: Relation
  /** See {@link metBefore}. */
  readonly before: ReadonlySet<number>
}

const noneUpdated = { updated: undefined, replaced: new Map(), isInPlace: false, renewed: [] }

/**
 * What DO UPDATE makes of rows of the table. One that it changed must not be met again, by a row that WHERE leaves out either;
 * one that WHERE left out may.
 */
async function updatedRows(
  ctx: StatementContext,
  table: MemoryTable,
  { update, before, assigned }: MetRows,
): Promise<Omit<SettledRows, 'inserted'>> {
  const columns = update.columns.map(({ name, type }) => ({ name, type, nullable: true }))
  const stored = await storeQuery(ctx, update, columns)
  if (stored.rows === 0) return noneUpdated
  const marks = await ctx.queries.inTurns(markSteps(ctx, table.source.chunks, stored.chunks))
  assert(marks.repeated === undefined || before.size > 0, 'a row is met once by a key')
  if (before.size > 0) {
    const rows = tableOfRows({ ...table, columns }, stored.chunks)
    const proposed = scan(ctx.columnIds, rows, [columns.length - 1])
    const numbers = await numberRows(ctx, proposed)
    if (numbers.some(([number]) => before.has(number!))) throw metTwice()
  }
  const positions = [...assigned].map((column) => ({ column, from: column + 1 }))
  const patched = mayPatch(table, assigned)
    ? await ctx.queries.inTurns(patchSteps(ctx, table, stored, positions))
    : undefined
  if (patched !== undefined) {
    const { chunks } = ownColumns(table, stored)
    const updated = { ...stored, chunks }
    return { updated, replaced: patched, isInPlace: true, renewed: stored.chunks }
  }
  return {
    updated: await newRows(ctx, { stored }, table),
    replaced: await rowsLeft(ctx, table, marks.left),
    isInPlace: false,
    renewed: stored.chunks,
  }
}
