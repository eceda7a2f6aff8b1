import { assert } from '../base/assert.ts'
import { float8 } from '../data/types/data-type.ts'
import { resolveScalar } from '../functions/catalogue.ts'
import { isResolved } from '../functions/resolve.ts'
import type { Expression } from '../plan/logical/expression.ts'
import { call, castTo, literal } from '../plan/logical/build.ts'

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
