import type { Span } from '../../base/span.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { MatchedRows } from './changed-rows.ts'
import { withChunks, type MemoryTable, type StoredRows } from './memory-tables.ts'
import type { RenewedRows } from './references.ts'
import { chunksLeft, keysOver, ReplacedRows } from './replaced-rows.ts'
import { checkRows } from './row-rules.ts'
import { rowsLeft } from './rows-left.ts'

/** Rows that come in the place of matched ones. */
export interface ComingRows {
  readonly added: StoredRows | undefined
  /** Positions of the columns that may have other values than before. */
  readonly assigned: ReadonlySet<number>
  /** Where the statement names the table. */
  readonly span: Span
  /** Which of the matched rows are there still; none where not given. */
  readonly renewed?: RenewedRows
  /** Whether others of them are not, where some are. */
  readonly deletes?: boolean
}

/** Matched rows taken away and others put in their place. Errors: those of constraints. */
export async function replacedBy(
  ctx: StatementContext,
  table: MemoryTable,
  { left }: MatchedRows,
  { added: output, span, ...coming }: ComingRows,
): Promise<ReplacedRows> {
  const replaced = await rowsLeft(ctx, table, left)
  if (output !== undefined) {
    const against = withChunks(table, chunksLeft(table.source.chunks, { replaced }))
    const keys = { rules: keysOver(table, coming.assigned), against }
    await checkRows(ctx.queries, { output, table, span }, keys)
  }
  return new ReplacedRows(ctx.engine, table, { replaced, added: output?.chunks ?? [], ...coming })
}
