import { float8, int8 } from '../../data/types/data-type.ts'
import {
  arithmeticFunction,
  type ArithmeticOperator,
} from '../../functions/operators/arithmetic.ts'
import { call, caseOf, castTo, literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { compared } from '../logical/predicates.ts'

/** A number of rows, as an int8. */
export function cardinal(rows: number): Expression {
  return literal(BigInt(rows), int8)
}

/** A number of rows and a constant number more. */
export function plus(value: Expression, rows: number): Expression {
  return rows === 0 ? value : operation('+', value, cardinal(rows))
}

/** The part that some rows are of others, as a float8. */
export function quotient(part: Expression, all: Expression): Expression {
  return operation('/', castTo(part, float8), castTo(all, float8))
}

/** An operator on two values of a type. */
export function operation(
  name: ArithmeticOperator,
  left: Expression,
  right: Expression,
): Expression {
  const fn = arithmeticFunction(name, left.type.kind)
  const { returns } = fn
  const type = typeof returns === 'function' ? returns([left.type, right.type]) : returns
  return call(fn, [left, right], type)
}

/** The bucket, from 1, of a row with a number from 0 of so many: the first buckets have one row more, until all are dealt. */
export function bucketOf(row: Expression, all: Expression, buckets: number): Expression {
  const size = operation('/', all, cardinal(buckets))
  const larger = operation('%', all, cardinal(buckets))
  const inLarger = operation('*', larger, plus(size, 1))
  const first = plus(operation('/', row, plus(size, 1)), 1)
  // Where there are fewer rows than buckets no row comes here, and nothing is divided by 0.
  const later = operation('+', operation('/', operation('-', row, inLarger), size), plus(larger, 1))
  return caseOf([{ when: compared('<', row, inLarger), then: first }], later)
}
