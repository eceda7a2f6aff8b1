import { QueryError } from '../../base/errors.ts'
import { typeName, type DataType } from '../../data/types/data-type.ts'
import { absolute, divisionByZero } from '../../data/types/numeric-arithmetic.ts'
import { integerBounds } from '../../data/types/parse-number.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import {
  integerAbsolute,
  integerAdd,
  integerDivide,
  integerMultiply,
  integerNegate,
  integerRemainder,
  integerSubtract,
} from './integer-inline.ts'
import { bitwiseOperators } from './bitwise.ts'
import { absoluteBounds, binaryBounds, identityBounds, negationBounds } from '../bounds.ts'

type IntegerKind = keyof typeof integerBounds

const kinds: readonly IntegerKind[] = ['int2', 'int4', 'int8']

/** A result in its type's host form. Throws NUMERIC_OUT_OF_RANGE. */
export function integerResult(value: bigint, type: DataType): Scalar {
  const { min, max } = integerBounds[type.kind as IntegerKind]
  if (value < min || value > max) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', `${typeName(type)} out of range`)
  }
  return type.kind === 'int8' ? value : Number(value)
}

function compute(operation: (left: bigint, right: bigint) => bigint): ScalarFunction['evaluate'] {
  return ([left, right], _types, result) =>
    integerResult(operation(BigInt(left as bigint), BigInt((right ?? 0) as bigint)), result)
}

function divide(left: bigint, right: bigint): bigint {
  if (right === 0n) throw divisionByZero()
  return left / right
}

function remainder(left: bigint, right: bigint): bigint {
  if (right === 0n) throw divisionByZero()
  return left % right
}

function bounded(bounds: ScalarFunction['bounds']): Pick<ScalarFunction, 'bounds'> {
  return bounds === undefined ? {} : { bounds }
}

const binary = kinds.flatMap((kind) => {
  const entry = (
    name: string,
    doc: string,
    example: string,
    operation: (left: bigint, right: bigint) => bigint,
    inline: NonNullable<ScalarFunction['inline']>,
  ): ScalarFunction =>
    scalar({
      name,
      args: [kind, kind],
      returns: { kind },
      raises: true,
      doc,
      example,
      evaluate: compute(operation),
      inline,
      traps: name === '/' || name === '%' || name === 'mod',
      divides: name === '/' || name === '%' || name === 'mod',
      multiplies: name === '*',
      ...bounded(binaryBounds[name]),
    })
  return [
    entry('+', 'Sum.', '2 + 3 -- 5', (a, b) => a + b, integerAdd),
    entry('-', 'Difference.', '2 - 3 -- -1', (a, b) => a - b, integerSubtract),
    entry('*', 'Product.', '2 * 3 -- 6', (a, b) => a * b, integerMultiply),
    entry('/', 'Quotient, cut towards zero.', '-7 / 2 -- -3', divide, integerDivide),
    entry(
      '%',
      'Remainder, with the sign of the dividend.',
      '-7 % 2 -- -1',
      remainder,
      integerRemainder,
    ),
    entry(
      'mod',
      'Remainder, with the sign of the dividend.',
      'mod(7, 4) -- 3',
      remainder,
      integerRemainder,
    ),
  ]
})

const unary = kinds.flatMap((kind) => {
  const shape = { args: [kind], returns: { kind } } as const
  const positive = scalar({
    ...shape,
    name: '+',
    identity: true,
    bounds: identityBounds,
    doc: 'The value itself.',
    example: '+ 3 -- 3',
    evaluate: ([value = null]) => value,
    inline: (_ctx, [value]) => ({ lanes: value?.lanes ?? [], range: value?.range }),
  })
  const magnitude = {
    ...shape,
    raises: true,
    bounds: absoluteBounds,
    evaluate: compute(absolute),
    inline: integerAbsolute,
  }
  return [
    positive,
    scalar({
      ...shape,
      name: '-',
      raises: true,
      bounds: negationBounds,
      doc: 'Negation.',
      example: '- 3 -- -3',
      evaluate: compute((value) => -value),
      inline: integerNegate,
    }),
    scalar({ ...magnitude, name: 'abs', doc: 'Absolute value.', example: 'abs(-7) -- 7' }),
    scalar({ ...magnitude, name: '@', doc: 'Absolute value.', example: '@ -7 -- 7' }),
  ]
})

/** Operators on smallint, integer and bigint. */
export const integerFunctions: readonly ScalarFunction[] = [
  ...binary,
  ...unary,
  ...bitwiseOperators,
]
