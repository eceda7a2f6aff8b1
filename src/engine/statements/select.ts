import type { SelectStatement } from '../../sql/ast/select.ts'
import { columnsOf } from '../query.ts'
import { QueryResult } from '../result.ts'
import type { StatementContext } from './context.ts'
import type { StatementEntry, StatementShape } from './entry.ts'

/** SELECT, VALUES, TABLE and what combines them. */
export const selectEntry: StatementEntry<SelectStatement> = {
  tag: () => 'SELECT',
  looks: () => true,
  writes: 'no',
  describe: queryShape,
  run: select,
}

/** What a query gives and takes. */
async function queryShape(ctx: StatementContext, query: SelectStatement): Promise<StatementShape> {
  const bound = await ctx.queries.bind(query)
  return { columns: columnsOf(bound), parameterTypes: bound.parameterTypes }
}

async function select(ctx: StatementContext, statement: SelectStatement): Promise<QueryResult> {
  const { columns, staged } = await ctx.queries.planSelect(statement)
  const output = ctx.leases.handOver(await ctx.queries.runStaged(staged))
  return QueryResult.ofChunks(columns, ctx.engine.heap, output)
}
