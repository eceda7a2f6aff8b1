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
  run: select,
}

async function select(ctx: StatementContext, statement: SelectStatement): Promise<QueryResult> {
  const { columns, staged } = await ctx.queries.planSelect(statement)
  let rest: ChunkStream | undefined
  // A query that was typed in hope may have to run once more, which nobody may notice.
  const mayFollow = ctx.options.streams === true && !ctx.digits.wasCut
  const { signal } = ctx.options
  const follow = (made: ChunkStream): void => {
    const { heldBytes } = made
    rest = { heldBytes, next: (later = signal) => made.next(later), close: () => made.close() }
  }
  const output = ctx.leases.handOver(await ctx.queries.give(staged, mayFollow ? follow : undefined))
  return QueryResult.ofChunks(columns, ctx.engine.heap, output, rest)
}
