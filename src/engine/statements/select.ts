import type { ChunkStream } from '../../data/vectors/chunk-stream.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { StatementEntry } from './entry.ts'

/** SELECT, VALUES, TABLE and what combines them. */
export const selectEntry: StatementEntry<SelectStatement> = {
  tag: () => 'SELECT',
  looks: () => true,
  writes: 'no',
  describe: (ctx, statement) => ctx.queries.shape(statement),
  run: (ctx, statement) => select(ctx, statement, ctx.options.streams === true),
}

/** Runs a query; with `streams` its rows may come while later ones are made. */
export async function select(
  ctx: StatementContext,
  statement: SelectStatement,
  streams: boolean,
): Promise<QueryResult> {
  const { columns, staged } = await ctx.queries.planSelect(statement)
  let rest: ChunkStream | undefined
  // A query that was typed in hope may have to run once more, which nobody may notice.
  const mayFollow = streams && !ctx.digits.wasCut && ctx.rowsOfChanges.size === 0
  const { signal } = ctx.options
  const follow = (made: ChunkStream): void => {
    const { heldBytes } = made
    rest = { heldBytes, next: (later = signal) => made.next(later), close: () => made.close() }
  }
  const output = ctx.leases.handOver(await ctx.queries.give(staged, mayFollow ? follow : undefined))
  return QueryResult.ofChunks(columns, ctx.engine.heap, output, rest)
}
