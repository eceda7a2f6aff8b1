import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { rowNumberField, type BoundChange } from '../../plan/binder/changes/change.ts'
import { comesField } from '../../plan/binder/changes/merge.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import {
  columnReference,
  filter,
  literal,
  project,
  renamed,
  scan,
} from '../../plan/logical/build.ts'
import { compared } from '../../plan/logical/predicates.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { rewriteAllRelations } from '../../plan/logical/walk.ts'
import type { StatementContext } from '../context/statement-context.ts'
import {
  storeInOrder,
  storeQuery,
  tableOfRows,
  type MemoryTable,
  type StoredRows,
} from './memory-tables.ts'
import { chunkGroups, numberedChunks, wholeGroup, type ChunkGroup } from './numbered-rows.ts'
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
    const rows = await ctx.queries.inTurns(numberedChunks(ctx, group))
    try {
      const source = tableOfRows(numbered, rows.chunks)
      const over = rewriteAllRelations(relation, (node) =>
        node.kind === 'scan' && node.table === numbered ? { ...node, table: source } : node,
      )
      chunks.push(...(await storeQuery(ctx, over, columns)).chunks)
    } finally {
      rows.release()
    }
  }
  const marks = await ctx.queries.inTurns(markSteps(ctx, table.source.chunks, chunks))
  return { stored: tableOfRows({ ...numbered, columns }, chunks), marks }
}

/** The columns of matched rows that are the table's, as they are to be. Held by the statement. */
export function newRows(
  ctx: StatementContext,
  { stored }: MatchedRows,
  table: MemoryTable,
): Promise<StoredRows> {
  const columns = [rowNumberField, ...unchecked(table)]
  const from = tableOfRows({ ...table, columns }, stored.chunks)
  const positions = table.columns.map((_, at) => at + 1)
  return storeInOrder(ctx, scan(ctx.columnIds, from, positions), table.columns)
}

/** Of the rows that MERGE found those that come, as they are to be. Held by the statement. */
export function comingRows(
  ctx: StatementContext,
  { stored }: MatchedRows,
  table: MemoryTable,
): Promise<StoredRows> {
  const columns = [rowNumberField, comesField, ...unchecked(table)]
  const rows = scan(ctx.columnIds, tableOfRows({ ...table, columns }, stored.chunks))
  const comes = columnReference(present(rows.columns[1], 'whether a row comes'))
  const coming = filter(rows, compared('=', comes, literal(1, comesField.type)))
  const kept = project(coming, renamed(ctx.columnIds, rows.columns.slice(2)))
  return storeInOrder(ctx, kept, table.columns)
}

/** The columns of a table as rows have them that no constraint was checked for: any may be NULL. */
function unchecked({ columns }: MemoryTable): Schema {
  return columns.map((field) => ({ ...field, nullable: true }))
}
