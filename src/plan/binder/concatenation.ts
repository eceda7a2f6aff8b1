import { typedCall, unresolved } from '../logical/typing.ts'
import type { Span } from '../../base/span.ts'
import { isResolved } from '../../functions/resolve.ts'
import type { Expression } from '../logical/expression.ts'
import type { Binder } from './context.ts'

/** `left || right` where one is an array; undefined where none is. */
export function bindConcatenation(
  binder: Binder,
  left: Expression,
  right: Expression,
  at: { readonly span: Span; readonly operatorSpan?: Span },
): Expression | undefined {
  const [isLeft, isRight] = [left.type.kind === 'array', right.type.kind === 'array']
  if (!isLeft && !isRight) return undefined
  // A string beside an array is read as one.
  const asArray = ({ type, kind }: Expression): boolean =>
    type.kind === 'array' || (type.kind === 'unknown' && kind !== 'call')
  const name =
    asArray(left) && asArray(right) ? 'array_cat' : isLeft ? 'array_append' : 'array_prepend'
  const types = [left.type, right.type]
  const outcome = binder.functions.scalar.resolve(name, types, binder.digits)
  if (!isResolved(outcome)) {
    const failure = { reason: 'no-match', candidates: [] } as const
    throw unresolved(binder, '||', [left, right], failure, at.operatorSpan ?? at.span)
  }
  return typedCall(binder, name, [left, right], at.span)
}
