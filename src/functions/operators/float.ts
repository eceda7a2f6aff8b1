import { QueryError } from '../../base/errors.ts'
import { divisionByZero } from '../../data/types/numeric-arithmetic.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import {
  floatAbsolute,
  floatAdd,
  floatDivide,
  floatMultiply,
  floatNegate,
  floatSubtract,
} from './float-inline.ts'

type FloatKind = 'float4' | 'float8'
type Operation = (left: number, right: number) => number

const kinds: readonly FloatKind[] = ['float4', 'float8']

export function floatOverflow(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: overflow')
}

export function floatUnderflow(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: underflow')
}

function additive(operation: Operation): Operation {
  return (left, right) => {
    const result = operation(left, right)
    if (Math.abs(result) === Infinity && Number.isFinite(left) && Number.isFinite(right)) {
      throw floatOverflow()
    }
    return result
  }
}

function multiply(round: (value: number) => number): Operation {
  return (left, right) => {
    const result = round(left * right)
    if (Math.abs(result) === Infinity && Number.isFinite(left) && Number.isFinite(right)) {
      throw floatOverflow()
    }
    if (result === 0 && left !== 0 && right !== 0) throw floatUnderflow()
    return result
  }
}

function divide(round: (value: number) => number): Operation {
  return (left, right) => {
    if (right === 0 && !Number.isNaN(left)) throw divisionByZero()
    const result = round(left / right)
    if (Math.abs(result) === Infinity && Number.isFinite(left)) throw floatOverflow()
    if (result === 0 && left !== 0 && Math.abs(right) !== Infinity) throw floatUnderflow()
    return result
  }
}

function compute(operation: Operation): ScalarFunction['evaluate'] {
  return ([left, right]) => operation(Number(left), Number(right))
}

const binary = kinds.flatMap((kind) => {
  const round = kind === 'float4' ? Math.fround : (value: number) => value
  const entry = (
    name: string,
    doc: string,
    example: string,
    operation: Operation,
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
    })
  const sum = additive((a, b) => round(a + b))
  const difference = additive((a, b) => round(a - b))
  return [
    entry('+', 'Sum.', "float8 '1.5' + float8 '2' -- 3.5", sum, floatAdd),
    entry('-', 'Difference.', "float8 '1.5' - float8 '2' -- -0.5", difference, floatSubtract),
    entry('*', 'Product.', "float8 '1.5' * float8 '2' -- 3", multiply(round), floatMultiply),
    entry('/', 'Quotient.', "float8 '3' / float8 '2' -- 1.5", divide(round), floatDivide),
  ]
})

const unary = kinds.flatMap((kind) => {
  const shape = { args: [kind], returns: { kind } satisfies DataType } as const
  const absolute = scalar({
    ...shape,
    name: 'abs',
    doc: 'Absolute value.',
    example: "abs(float8 '-1.5') -- 1.5",
    evaluate: ([value]) => Math.abs(Number(value)),
    inline: floatAbsolute,
  })
  return [
    scalar({
      ...shape,
      name: '+',
      identity: true,
      doc: 'The value itself.',
      example: "+ float8 '1.5' -- 1.5",
      evaluate: ([value = null]) => value,
      inline: (_ctx, [value]) => ({ lanes: value?.lanes ?? [] }),
    }),
    scalar({
      ...shape,
      name: '-',
      doc: 'Negation.',
      example: "- float8 '1.5' -- -1.5",
      evaluate: ([value]) => -Number(value),
      inline: floatNegate,
    }),
    absolute,
    ...aliases([{ ...absolute, example: "@ float8 '-1.5' -- 1.5" }], '@'),
  ]
})

/** Operators on real and double precision. */
export const floatFunctions: readonly ScalarFunction[] = [...binary, ...unary]
