import { insertTargets, rowsInTableOrder } from '../../plan/binder/changes/insert.ts'
import { changeSteps } from '../../plan/binder/changes/change.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { ChangeInWith } from '../../sql/ast/select.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { PlannedQuery } from '../queries/plan-query.ts'
import { withRowNumbers } from '../tables/numbered-rows.ts'
import { targetTable } from '../tables/target-table.ts'

/** The query whose rows a statement stores or takes away, and what is done with them. */
export interface PlannedChange {
  /** `Update on t` */
  readonly head: string
  readonly planned: PlannedQuery
}

/** Whether a statement is a change that can be explained. */
export function isChange(statement: Statement): statement is ChangeInWith {
  const { kind } = statement
  return kind === 'insert' || kind === 'update' || kind === 'delete'
}

const words = { insert: 'Insert', update: 'Update', delete: 'Delete' } as const
const verbs = { insert: 'insert into', update: 'update', delete: 'delete from' } as const

/** Plans a change as it would be run. Errors: those of binding it. */
export async function planChange(
  ctx: StatementContext,
  statement: ChangeInWith,
): Promise<PlannedChange> {
  const { kind } = statement
  const name = kind === 'insert' ? statement.table : statement.table.name
  const table = targetTable(ctx, name, verbs[kind])
  const relation =
    kind === 'insert'
      ? await insertedRows(ctx, statement, table)
      : (
          await ctx.queries.bindWith(statement, (context) =>
            changeSteps(statement, { entry: table, numbered: withRowNumbers(table) }, context),
          )
        ).relation
  const planned = await ctx.queries.planRelation(relation)
  return { head: `${words[kind]} on ${table.name}`, planned }
}

async function insertedRows(
  ctx: StatementContext,
  statement: Extract<ChangeInWith, { readonly kind: 'insert' }>,
  table: ReturnType<typeof targetTable>,
): Promise<Relation> {
  const { query } = statement
  const bound = query && (await ctx.queries.bind(query, insertTargets(table, statement)))
  return rowsInTableOrder(ctx.queries.binder(), table, statement, bound?.relation)
}
