import type { Span } from '../../base/span.ts'
import { int4 } from '../../data/types/data-type.ts'
import type { DigitLimit } from '../../data/types/schema.ts'
import { literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { typedCall } from '../logical/typing.ts'
import type { Binder } from './context.ts'

/** A numeric rounded to the digits of numeric(p, s), which raises where it has more of them. */
export function limitDigits(
  binder: Binder,
  value: Expression,
  { precision, scale }: DigitLimit,
  span: Span | undefined,
): Expression {
  const limits = [precision, scale].map((limit) => literal(limit, int4, span))
  return typedCall(binder, 'limit_digits', [value, ...limits], span)
}
