import type { Span } from '../../base/span.ts'
import { int4, text } from '../../data/types/data-type.ts'
import type { TimeLimit } from '../../data/types/schema.ts'
import { literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { typedCall, type Typing } from '../logical/typing.ts'

/** A time or an interval as a type with a precision or fields keeps it. */
export function withinTimeLimit(
  typing: Typing,
  expr: Expression,
  limit: TimeLimit | undefined,
  span?: Span,
): Expression {
  if (limit === undefined) return expr
  const { digits, fields } = limit
  const finest = fields?.toLowerCase().split(' to ').at(-1)
  // Of seconds nothing is cut off: that is for the digits to say.
  const isCut = finest !== undefined && finest !== 'second'
  const cut = isCut
    ? typedCall(typing, 'date_trunc', [literal(finest, text, span), expr], span)
    : expr
  if (digits === undefined) return cut
  return typedCall(typing, 'round_seconds', [cut, literal(digits, int4, span)], span)
}
