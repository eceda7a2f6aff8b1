import { rowNumberField, type BoundChange } from '../../plan/binder/changes/change.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { scan } from '../../plan/logical/build.ts'
import { rewriteAllRelations } from '../../plan/logical/walk.ts'
import type { StatementContext } from '../context/statement-context.ts'
import {
  storeInOrder,
  storeQuery,
  tableOfRows,
  type MemoryTable,
  type StoredRows,
} from './memory-tables.ts'
import { chunkGroups, numberedChunks } from './numbered-rows.ts'
import { markSteps } from './row-marks.ts'
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
  { relation }: BoundChange,
  numbered: TableEntry,
): Promise<MatchedRows> {
  const columns = relation.columns.map(({ name, type }) => ({ name, type, nullable: true }))
  const { chunks } = table.source
  const found: StoredRows[] = []
  for (const group of chunkGroups(chunks)) {
    const rows = await ctx.queries.inTurns(numberedChunks(ctx, group))
    try {
      const source = tableOfRows(numbered, rows.chunks)
      const over = rewriteAllRelations(relation, (node) =>
        node.kind === 'scan' && node.table === numbered ? { ...node, table: source } : node,
      )
      found.push(await storeQuery(ctx, over, columns))
    } finally {
      rows.release()
    }
  }
  const all = tableOfRows(
    { ...numbered, columns },
    found.flatMap((stored) => stored.chunks),
  )
  const marks = await ctx.queries.inTurns(markSteps(ctx, chunks, all.source.chunks))
  const { repeated, left } = marks
  if (repeated === undefined) {
    const { statistics } = all
    return { stored: { chunks: all.source.chunks, rows: statistics.rows, statistics }, left }
  }
  const given = { table: all, chunks: all.source.chunks, bits: repeated }
  return { stored: await rowsWithBits(ctx, given), left }
}

/** The columns of matched rows that are the table's, as they are to be. Held by the statement. */
export function newRows(
  ctx: StatementContext,
  { stored }: MatchedRows,
  table: MemoryTable,
): Promise<StoredRows> {
  const columns = [rowNumberField, ...table.columns]
  const from = tableOfRows({ ...table, columns }, stored.chunks)
  const positions = table.columns.map((_, at) => at + 1)
  return storeInOrder(ctx, scan(ctx.columnIds, from, positions), table.columns)
}
