import { QueryError } from '../../base/errors.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import { expressionKey } from '../logical/expression-key.ts'
import { bindIn } from './context.ts'
import type { Scope } from './context.ts'
import { outputNamed, positionIn, type OrderKey } from './order-by.ts'
import type { OutputItem } from './select-list.ts'

/** The expressions of DISTINCT ON, which mean what those of ORDER BY do. */
export function bindDistinctOn(
  scope: Scope,
  asts: readonly AstExpression[],
  outputs: readonly OutputItem[],
): readonly OrderKey[] {
  const clause = 'SELECT DISTINCT ON'
  return asts.map((ast): OrderKey => {
    const output = positionIn(clause, ast, outputs.length) ?? outputNamed(ast, outputs, clause)
    const expr = output === undefined ? bindIn(scope, 'ORDER BY', ast) : outputs[output]!.expr
    return { output, expr, descending: false, nullsFirst: false }
  })
}

/** What rows are distinct by comes first in their order. Errors: INVALID_COLUMN_REFERENCE. */
export function checkDistinctOn(
  on: readonly OrderKey[],
  asts: readonly AstExpression[],
  orderBy: readonly OrderKey[],
): void {
  const keys = on.map(({ expr }) => expressionKey(expr))
  const ordered = orderBy.map(({ expr }) => expressionKey(expr))
  const others = ordered.findIndex((key) => !keys.includes(key))
  if (others < 0) return
  const isFirst = (key: string): boolean => {
    const at = ordered.indexOf(key)
    return at >= 0 && at < others && !ordered.slice(others).includes(key)
  }
  const late = keys.findIndex((key) => !isFirst(key))
  if (late < 0) return
  throw new QueryError(
    'INVALID_COLUMN_REFERENCE',
    'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
    { span: asts[late]!.span },
  )
}
