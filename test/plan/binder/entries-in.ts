import type { ScalarFunction } from '../../../src/functions/function.ts'
import type { BindContext } from '../../../src/plan/binder/context.ts'
import type { Expression } from '../../../src/plan/logical/expression.ts'
import { expressionChildrenOf } from '../../../src/plan/logical/walk.ts'
import { bindText } from './binding.ts'

/** The entries of the catalogue that the first output of a query calls. */
export function entriesIn(
  sql: string,
  changes: Partial<BindContext> = {},
): readonly ScalarFunction[] {
  const { relation } = bindText(sql, changes)
  if (relation.kind !== 'project') throw new Error(`no projection in ${sql}`)
  const [output] = relation.exprs
  if (output === undefined) throw new Error(`no output in ${sql}`)
  const found: ScalarFunction[] = []
  const visit = (expr: Expression): void => {
    if (expr.kind === 'call') found.push(expr.fn)
    for (const child of expressionChildrenOf(expr)) visit(child)
  }
  visit(output.expr)
  return found
}
