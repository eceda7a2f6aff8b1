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
  const output = ctx.leases.handOver(await ctx.queries.give(staged))
  return QueryResult.ofChunks(columns, ctx.engine.heap, output)
}
