import { float8 } from '../data/types/data-type.ts'
import { exactDigits } from '../data/types/digit-budget.ts'
import { literal } from '../plan/logical/build.ts'
import type { Expression } from '../plan/logical/expression.ts'
import { typedCall } from '../plan/logical/typing.ts'

/** A call of the function catalogue, typed as SQL types it. */
export function callOf(name: string, ...args: readonly Expression[]): Expression {
  return typedCall({ digits: exactDigits, parameters: [] }, name, args)
}

export function number(value: number): Expression {
  return literal(value, float8)
}
