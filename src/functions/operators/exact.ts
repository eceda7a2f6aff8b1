import {
  decimal,
  DECIMAL64_PRECISION_MAX,
  numeric,
  type DataType,
  type DecimalType,
} from '../../data/types/data-type.ts'
import {
  absoluteNumeric,
  addNumeric,
  checkedNumeric,
  divideNumeric,
  multiplyNumeric,
  negateNumeric,
  remainderNumeric,
} from '../../data/types/numeric-arithmetic.ts'
import { toDecimal } from '../../data/types/parse-number.ts'
import type { NumericValue, Scalar } from '../../data/types/scalar.ts'
import { assert, present } from '../../base/assert.ts'
import { toNumeric } from '../cast-scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import {
  decimalAbsolute,
  decimalAdd,
  decimalMultiply,
  decimalNegate,
  decimalRemainder,
  decimalSubtract,
} from './decimal-inline.ts'
import { binaryBounds, unaryBounds } from '../bounds.ts'
import { exactQuotient } from './exact-inline.ts'
import {
  numericAbsolute,
  numericAdd,
  numericMultiply,
  numericNegate,
  numericRemainder,
  numericSubtract,
} from './numeric-inline.ts'

type Operation = (left: NumericValue, right: NumericValue) => NumericValue
type Inline = NonNullable<ScalarFunction['inline']>

/** The arguments of an exact function as values that carry their scale. */
export function numericArgument(
  args: readonly Scalar[],
  types: readonly DataType[],
  index: number,
): NumericValue {
  const value = args[index]
  const type = types[index]
  assert(value !== undefined && value !== null && type !== undefined, 'missing exact argument')
  return toNumeric(value, type)
}

/** A result in the form of its type. Throws NUMERIC_OUT_OF_RANGE. */
export function exactResult(value: NumericValue, result: DataType): Scalar {
  return result.kind === 'decimal' ? toDecimal(value, result) : checkedNumeric(value)
}

function compute(operation: Operation): ScalarFunction['evaluate'] {
  return (args, types, result) =>
    exactResult(operation(numericArgument(args, types, 0), numericArgument(args, types, 1)), result)
}

function decimalPair(args: readonly DataType[]): readonly [DecimalType, DecimalType] {
  const [left, right] = args
  assert(left?.kind === 'decimal' && right?.kind === 'decimal', 'decimal operator on another type')
  return [left, right]
}

// Types may have more digits than there are: resolution then cuts them or takes the form on numerics.

function sumType(args: readonly DataType[]): DataType {
  const [left, right] = decimalPair(args)
  const scale = Math.max(left.scale, right.scale)
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale) + 1
  return decimal(whole + scale, scale)
}

function productType(args: readonly DataType[]): DataType {
  const [left, right] = decimalPair(args)
  return decimal(left.precision + right.precision, left.scale + right.scale)
}

function remainderType(args: readonly DataType[]): DataType {
  const [left, right] = decimalPair(args)
  const scale = Math.max(left.scale, right.scale)
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale)
  return decimal(whole + scale, scale)
}

const staysDecimal = (_types: readonly DataType[], result: DataType): boolean =>
  result.kind === 'decimal'

const isOneInteger = (_types: readonly DataType[], result: DataType): boolean =>
  result.kind === 'decimal' && result.precision <= DECIMAL64_PRECISION_MAX

const sameType = (args: readonly DataType[]): DataType => args[0] ?? numeric

const subtract: Operation = (left, right) => addNumeric(left, negateNumeric(right))

interface Entry {
  readonly name: string
  readonly doc: string
  readonly example: string
  readonly operation: Operation
  readonly decimalType: ScalarFunction['returns']
  readonly inline?: Inline
  /** The form on numerics, and on decimals whose result is one. */
  readonly quotient?: Inline
  /** The form on decimals of which one integer holds what there is. */
  readonly remainder?: Inline
  /** The form on numerics alone. */
  readonly numerics: Inline
}

const entries: readonly Entry[] = [
  {
    name: '+',
    doc: 'Sum, exact.',
    example: '1.5 + 2.25 -- 3.75',
    operation: addNumeric,
    decimalType: sumType,
    inline: decimalAdd,
    numerics: numericAdd,
  },
  {
    name: '-',
    doc: 'Difference, exact.',
    example: '1.5 - 2.25 -- -0.75',
    operation: subtract,
    decimalType: sumType,
    inline: decimalSubtract,
    numerics: numericSubtract,
  },
  {
    name: '*',
    doc: 'Product, exact: its scale is the sum of the scales.',
    example: '1.5 * 0.25 -- 0.375',
    operation: multiplyNumeric,
    decimalType: productType,
    inline: decimalMultiply,
    numerics: numericMultiply,
  },
  {
    name: '/',
    doc: 'Quotient, with at least 16 significant digits.',
    example: '1.00 / 3 -- 0.33333333333333333333',
    operation: divideNumeric,
    decimalType: numeric,
    quotient: exactQuotient,
    numerics: exactQuotient,
  },
  {
    name: '%',
    doc: 'Remainder of truncating division, with the sign of the dividend.',
    example: '7.5 % 2 -- 1.5',
    operation: remainderNumeric,
    decimalType: remainderType,
    remainder: decimalRemainder,
    numerics: numericRemainder,
  },
  {
    name: 'mod',
    doc: 'Remainder of truncating division, with the sign of the dividend.',
    example: 'mod(7.5, 2) -- 1.5',
    operation: remainderNumeric,
    decimalType: remainderType,
    remainder: decimalRemainder,
    numerics: numericRemainder,
  },
]

const binary = entries.flatMap(({ name, doc, example, operation, decimalType, ...forms }) => {
  const bounds = present(binaryBounds[name], 'bounds of an operator')
  const { inline, quotient, remainder, numerics } = forms
  const shared = { name, doc, example, raises: true, bounds, evaluate: compute(operation) }
  const traps = quotient !== undefined
  return [
    scalar({
      ...shared,
      args: ['decimal', 'decimal'],
      returns: decimalType,
      ...(inline && { inline, inlineFor: staysDecimal }),
      ...(quotient && { inline: quotient, traps }),
      ...(remainder && { inline: remainder, inlineFor: isOneInteger, traps: true }),
    }),
    scalar({ ...shared, args: ['numeric', 'numeric'], returns: numeric, inline: numerics, traps }),
  ]
})

const unaryEntries = [
  ['+', 'The value itself.', '+ 1.50 -- 1.50', (value: NumericValue) => value],
  ['-', 'Negation.', '- 1.50 -- -1.50', negateNumeric],
  ['abs', 'Absolute value.', 'abs(-1.50) -- 1.50', absoluteNumeric],
  ['@', 'Absolute value.', '@ -1.50 -- 1.50', absoluteNumeric],
] as const

const itself: Inline = (_ctx, [value]) => ({ lanes: value?.lanes ?? [], range: value?.range })

const unaryInline = {
  '+': { decimal: itself, numeric: itself },
  '-': { decimal: decimalNegate, numeric: numericNegate },
  abs: { decimal: decimalAbsolute, numeric: numericAbsolute },
  '@': { decimal: decimalAbsolute, numeric: numericAbsolute },
} as const

const unary = unaryEntries.flatMap(([name, doc, example, operation]) =>
  (['decimal', 'numeric'] as const).map((kind) =>
    scalar({
      name,
      args: [kind],
      returns: sameType,
      identity: name === '+',
      bounds: present(unaryBounds[name], 'bounds of an operator'),
      doc,
      example,
      evaluate: (args, types, result) =>
        exactResult(operation(numericArgument(args, types, 0)), result),
      inline: unaryInline[name][kind],
    }),
  ),
)

/** Operators on decimals and numerics. */
export const exactFunctions: readonly ScalarFunction[] = [...binary, ...unary]
