import { assert } from '../base/assert.ts'
import { float8 } from '../data/types/data-type.ts'
import { resolveScalar } from '../functions/catalogue.ts'
import { isResolved } from '../functions/resolve.ts'
import type { AggregateCall, Expression } from '../plan/logical/expression.ts'
import { call, castTo, caseOf, literal, type ColumnIds } from '../plan/logical/build.ts'

/** A call of the function catalogue; the arguments must fit, as the trainers' always do. */
export function callOf(name: string, ...args: readonly Expression[]): Expression {
  const resolution = resolveScalar(
    name,
    args.map(({ type }) => type),
  )
  assert(isResolved(resolution), `no function ${name} for the arguments`)
  const { fn, argTypes, resultType } = resolution
  const cast = args.map((arg, index) => castTo(arg, argTypes[index] ?? arg.type))
  return call(fn.id, cast, resultType)
}

export function number(value: number): Expression {
  return literal(value, float8)
}

export function plus(left: Expression, right: Expression): Expression {
  return callOf('+', left, right)
}

export function minus(left: Expression, right: Expression): Expression {
  return callOf('-', left, right)
}

export function times(left: Expression, right: Expression): Expression {
  return callOf('*', left, right)
}

/** Sum of coefficient times feature, plus the intercept. */
export function linear(
  features: readonly Expression[],
  coefficients: readonly number[],
  intercept: number,
): Expression {
  return features.reduce(
    (sum, feature, index) => plus(sum, times(number(coefficients[index] ?? 0), feature)),
    number(intercept),
  )
}

/** Beyond this a probability is 0 or 1 to double precision; also keeps exp within range. */
const LOGIT_MAX = 36

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Expression): Expression {
  const exponential = callOf('exp', minus(number(0), clamp(x)))
  return callOf('/', number(1), plus(number(1), exponential))
}

/** ln(1 + exp(x)), the log loss of one side. */
export function softplus(x: Expression): Expression {
  const exponential = callOf('exp', clamp(x))
  return callOf('ln', plus(number(1), exponential))
}

export function sum(ids: ColumnIds, name: string, arg: Expression): AggregateCall {
  return { id: ids.next(), name, type: float8, fn: 'sum(float8)', args: [arg], distinct: false }
}

function clamp(x: Expression): Expression {
  const below = callOf('<', x, number(-LOGIT_MAX))
  const above = callOf('>', x, number(LOGIT_MAX))
  return caseOf(
    [
      { when: below, then: number(-LOGIT_MAX) },
      { when: above, then: number(LOGIT_MAX) },
    ],
    x,
  )
}
