import { present } from '../../base/assert.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { ScalarFunction } from '../function.ts'
import { exactFunctions } from './exact.ts'
import { floatFunctions } from './float.ts'
import { integerFunctions } from './integer.ts'

// What plans are written with whatever was called in them, as comparisons are.

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

/** Whether two values of a kind can be added. */
export function canBeAdded(kind: TypeKind): boolean {
  return operators.has(`+ ${kind} ${kind}`)
}

/** An operator on two values of a kind. */
export function arithmeticFunction(name: ArithmeticOperator, kind: TypeKind): ScalarFunction {
  return present(operators.get(`${name} ${kind} ${kind}`), `no ${name} of ${kind}`)
}

const operators = new Map(
  [...integerFunctions, ...exactFunctions, ...floatFunctions].map((fn) => [
    `${fn.name} ${fn.args.join(' ')}`,
    fn,
  ]),
)
