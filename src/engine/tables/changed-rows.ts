import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { rowNumberField, type BoundChange } from '../../plan/binder/changes/change.ts'
import { comesField } from '../../plan/binder/changes/merge.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import {
  and,
  columnReference,
  filter,
  literal,
  project,
  renamed,
  scan,
} from '../../plan/logical/build.ts'
import { compared } from '../../plan/logical/predicates.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { StatementContext } from '../context/statement-context.ts'
import {
  storeInOrder,
  storeQuery,
  tableOfRows,
  type MemoryTable,
  type StoredRows,
} from './memory-tables.ts'
import {
  chunkGroups,
  numberedGroup,
  overGroup,
  wholeGroup,
  type ChunkGroup,
} from './numbered-rows.ts'
import { markSteps, type Marks } from './row-marks.ts'
import { rowsWithBits } from './rows-left.ts'

/** Rows of a table that a statement matched. */
export interface MatchedRows {
  /** Each once: its number, and what else the statement's relation gives. */
  readonly stored: StoredRows
  /** By chunk of the table where some matched: a bit a row, 1 for those that did not. */
  readonly left: ReadonlyMap<TableChunk, Uint8Array>
}

/** Finds the rows that a bound statement changes. Held by the statement. Errors: those of its query. */
export async function matchedRows(
  ctx: StatementContext,
  table: MemoryTable,
  { relation }: Pick<BoundChange, 'relation'>,
  numbered: TableEntry,
): Promise<MatchedRows> {
  const groups = chunkGroups(table.source.chunks)
  const { stored, marks } = await foundRows(ctx, table, relation, { numbered, groups })
  const { repeated, left } = marks
  if (repeated === undefined) return { stored: storedOf(stored), left }
  const { chunks } = stored.source
  return { stored: await rowsWithBits(ctx, { table: stored, chunks, bits: repeated }), left }
}

/** As {@link matchedRows}, of MERGE, which looks at all of the table at once. Errors: CARDINALITY_VIOLATION. */
export async function mergedRows(
  ctx: StatementContext,
  table: MemoryTable,
  relation: Relation,
  numbered: TableEntry,
): Promise<MatchedRows> {
  const groups = [wholeGroup(table.source.chunks)]
  const { stored, marks } = await foundRows(ctx, table, relation, { numbered, groups })
  if (marks.repeated === undefined) return { stored: storedOf(stored), left: marks.left }
  const message = 'MERGE command cannot affect row a second time'
  const hint = 'Ensure that not more than one source row matches any one target row.'
  throw new QueryError('CARDINALITY_VIOLATION', message, { hint })
}

function storedOf({ source: { chunks }, statistics }: MemoryTable): StoredRows {
  return { chunks, rows: statistics.rows, statistics }
}

/** The rows that a query over the target gives, and which of the target's they are. */
async function foundRows(
  ctx: StatementContext,
  table: MemoryTable,
  relation: Relation,
  { numbered, groups }: { readonly numbered: TableEntry; readonly groups: readonly ChunkGroup[] },
): Promise<{ readonly stored: MemoryTable; readonly marks: Marks }> {
  const columns = relation.columns.map(({ name, type }) => ({ name, type, nullable: true }))
  const chunks: TableChunk[] = []
  for (const group of groups) {
    const rows = await ctx.queries.inTurns(numberedGroup(ctx, group))
    try {
      const over = overGroup(relation, numbered, rows)
      chunks.push(...(await storeQuery(ctx, over, columns)).chunks)
    } finally {
      rows.release()
    }
  }
  const marks = await ctx.queries.inTurns(markSteps(ctx, table.source.chunks, chunks))
  return { stored: tableOfRows({ ...numbered, columns }, chunks), marks }
}

/** The columns of matched rows that are the table's, as they are to be. Held by the statement. */
export async function newRows(
  ctx: StatementContext,
  { stored }: Pick<MatchedRows, 'stored'>,
  table: MemoryTable,
): Promise<StoredRows> {
  const own = ownColumns(table, stored)
  if (own.isAll) {
    for (const [at, chunk] of own.chunks.entries()) {
      const of = present(stored.chunks[at], 'a stored chunk')
      ctx.engine.catalog.share(
        chunk,
        table.columns.map((_, column) => ({ of, column: column + 1 })),
      )
    }
    const { rows, statistics } = stored
    const columns = statistics.columns.slice(1)
    return { rows, chunks: own.chunks, statistics: { ...statistics, columns } }
  }
  const columns = [rowNumberField, ...unchecked(table)]
  const from = tableOfRows({ ...table, columns }, stored.chunks)
  const positions = table.columns.map((_, at) => at + 1)
  return storeInOrder(ctx, scan(ctx.columnIds, from, positions), table.columns)
}

/** Of stored rows whose first column numbers them the columns that are the table's. */
export function ownColumns(
  { columns }: Pick<MemoryTable, 'columns'>,
  { chunks }: Pick<StoredRows, 'chunks'>,
): { readonly chunks: readonly TableChunk[]; readonly isAll: boolean } {
  const pick = <T>(all: readonly T[]): readonly T[] => all.slice(1, columns.length + 1)
  let isAll = true
  const own = chunks.map((chunk): TableChunk => {
    const { rows } = chunk
    const statistics = chunk.statistics && pick(chunk.statistics)
    const given = isKept(chunk) ? chunk.kept.columns.length : chunk.columns.length
    isAll &&= given === columns.length + 1
    return isKept(chunk)
      ? { rows, statistics, kept: { ...chunk.kept, columns: pick(chunk.kept.columns) } }
      : { rows, statistics, columns: pick(chunk.columns) }
  })
  return { chunks: own, isAll }
}

/**
 * Of the rows that MERGE found those that come, as they are to be: all, or those only that are of no row of the table.
 * Held by the statement.
 */
export function comingRows(
  ctx: StatementContext,
  { stored }: Pick<MatchedRows, 'stored'>,
  table: MemoryTable,
  which: 'all' | 'new',
): Promise<StoredRows> {
  const columns = [rowNumberField, comesField, ...unchecked(table)]
  const rows = scan(ctx.columnIds, tableOfRows({ ...table, columns }, stored.chunks))
  const [number, comes] = rows.columns.map((column) => columnReference(column))
  const isComing = compared('=', present(comes, 'whether a row comes'), literal(1, comesField.type))
  const isNew = compared('<', present(number, 'a number'), literal(0, rowNumberField.type))
  const coming = filter(rows, which === 'new' ? and([isNew, isComing]) : isComing)
  const kept = project(coming, renamed(ctx.columnIds, rows.columns.slice(2)))
  return storeInOrder(ctx, kept, table.columns)
}

/** The columns of a table as rows have them that no constraint was checked for: any may be NULL. */
function unchecked({ columns }: MemoryTable): Schema {
  return columns.map((field) => ({ ...field, nullable: true }))
}
