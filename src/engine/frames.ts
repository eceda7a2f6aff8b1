import type { FrameAccess, FrameContext } from '../collections/dataframe/dataframe.ts'
import type { Relation } from '../plan/logical/relation.ts'
import type { SelectStatement } from '../sql/ast/select.ts'
import { parseStatements } from '../sql/parse.ts'
import type { BoundSelect } from './results/query.ts'
import type { QueryResult } from './results/result.ts'
import type { Session } from './session.ts'
import type { StatementContext } from './context/statement-context.ts'
import { viewText } from './statements/explain.ts'

/** Lets dataframes run on a session. */
export function frameAccess(session: Session): FrameAccess<QueryResult> {
  return {
    collect: (build, options) => session.runRelation((ctx) => boundFrame(ctx, build), options),
    async explain(build, view) {
      const planned = await session.planRelation((ctx) => boundFrame(ctx, build))
      return viewText(planned, view)
    },
  }
}

async function boundFrame(
  ctx: StatementContext,
  build: (frame: FrameContext) => Promise<Relation>,
): Promise<BoundSelect> {
  const relation = await build({
    ids: ctx.columnIds,
    functions: ctx.engine.functions,
    digits: ctx.digits,
    parameters: [],
    table: async (name) => withoutRenames((await ctx.queries.bind(selectAll(name))).relation),
  })
  const outputNames = relation.columns.map(({ name }) => name)
  const needed = {
    relations: [],
    files: [],
    models: [],
    types: new Map<string, number>(),
    functions: new Set<number>(),
    surroundings: true,
  }
  return { relation, outputNames, parameterTypes: [], needed }
}

/** Of a projection that gives its input as it is, the input: what SQL's FROM is. */
function withoutRenames(relation: Relation): Relation {
  if (relation.kind !== 'project') return relation
  const { input, columns } = relation
  const same =
    input.columns.length === columns.length &&
    relation.exprs.every(({ expr, name }, i) => {
      const column = input.columns[i]
      return expr.kind === 'column' && expr.id === column?.id && name === column.name
    })
  return same ? input : relation
}

/** The query of all columns of a table whose name is given exactly, quotes and case included. */
function selectAll(name: string): SelectStatement {
  const quoted = name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
  const [statement] = parseStatements(`select * from ${quoted}`)
  return statement as SelectStatement
}
