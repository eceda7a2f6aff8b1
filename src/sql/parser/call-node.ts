import type { Span } from '../../base/span.ts'
import type { AstExpression, AstFunction, QualifiedName } from '../ast/expression.ts'

/** A call with arguments and nothing else. */
export function plainCall(
  name: QualifiedName,
  args: readonly AstExpression[],
  span: Span,
): AstFunction {
  return {
    kind: 'function',
    name,
    args,
    star: false,
    distinct: false,
    orderBy: [],
    filter: undefined,
    withinGroup: undefined,
    over: undefined,
    nulls: undefined,
    span,
  }
}
