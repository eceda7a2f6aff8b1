import { QueryError } from '../../base/errors.ts'
import { float8, int4, numeric, type DataType } from '../../data/types/data-type.ts'
import {
  absolute,
  rescale,
  specialQuotient,
  sqrtNumeric,
} from '../../data/types/numeric-arithmetic.ts'
import { isSpecial, NUMERIC_NAN } from '../../data/types/numeric-specials.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import { keep } from '../emit.ts'
import type { FillForm, ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { exactResult, numericArgument } from '../operators/exact.ts'
import { floatOverflow, floatUnderflow } from '../operators/float.ts'
import { knownPairForm, pairForm } from '../kernel-forms.ts'
import { floatSqrt } from '../operators/float-inline.ts'
import { randomWord } from '../random-words.ts'
import { integerResult } from '../operators/integer.ts'
import { floatKernel } from '../../wasm/kernels/loader.ts'
import type { FloatKernelName } from '../../wasm/kernels/signatures.ts'
import { floatBucketForm, commonForm, decimalLogarithmForm, mathForm } from './inline.ts'
import { expNumeric, lnNumeric, logNumeric, powerNumeric } from './transcendental.ts'

export type Compute = (value: number) => number

/** Each batch begins with two words of the system. */
const fillRandom: FillForm = ({ kernels }, at, rows) =>
  kernels.call('randomFloats', at, rows, randomWord(), randomWord() | 1n)

/** A function of a float: `checked` gives its kernel the errors that it has. */
export function floatFunction(
  name: string,
  doc: string,
  example: string,
  kernel: FloatKernelName,
  checked?: (compute: Compute) => Compute,
): ScalarFunction {
  const plain: Compute = floatKernel(kernel)
  const compute = checked?.(plain) ?? plain
  return scalar({
    name,
    args: ['float8'],
    returns: float8,
    raises: checked !== undefined,
    doc,
    example,
    evaluate: ([value]) => compute(Number(value)),
    inline: mathForm(kernel),
  })
}

function exactFunction(
  name: string,
  doc: string,
  example: string,
  compute: (value: NumericValue) => NumericValue,
  inline?: InlineForm,
): ScalarFunction {
  return scalar({
    name,
    args: ['numeric'],
    returns: numeric,
    raises: true,
    doc,
    example,
    evaluate: (args, types) => exactResult(compute(numericArgument(args, types, 0)), numeric),
    ...(inline !== undefined && { inline, inlineFor: areNumeric, isDear: true }),
  })
}

const areNumeric = (types: readonly DataType[]): boolean =>
  types.every(({ kind }) => kind === 'numeric')

function checkedLogarithm(compute: Compute): Compute {
  return (value) => {
    if (value === 0) throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of zero')
    if (value < 0) {
      throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of a negative number')
    }
    return compute(value)
  }
}

function checkedExponential(compute: Compute): Compute {
  return (value) => {
    const result = compute(value)
    if (result === Infinity && value !== Infinity) throw floatOverflow()
    if (result === 0 && value !== -Infinity) throw floatUnderflow()
    return result
  }
}

const finitePower = floatKernel('floatPower')

function power(base: number, exponent: number): number {
  if (Number.isNaN(base)) return exponent === 0 ? 1 : Number.NaN
  if (Number.isNaN(exponent)) return base === 1 ? 1 : Number.NaN
  if (base === 0 && exponent < 0) {
    throw new QueryError('INVALID_POWER', 'zero raised to a negative power is undefined')
  }
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    const message = 'a negative number raised to a non-integer power yields a complex result'
    throw new QueryError('INVALID_POWER', message)
  }
  // JavaScript has NaN for 1 and -1 to an infinite power, C has 1.
  if (Math.abs(base) === 1 && !Number.isFinite(exponent)) return 1
  if (!Number.isFinite(base) || !Number.isFinite(exponent)) return base ** exponent
  const result = finitePower(base, exponent)
  if (!Number.isFinite(result)) throw floatOverflow()
  if (result === 0 && base !== 0) throw floatUnderflow()
  return result
}

function squareRoot(value: number): number {
  if (value < 0) {
    throw new QueryError('INVALID_POWER', 'cannot take square root of a negative number')
  }
  return Math.sqrt(value)
}

function floatRoot(name: string, example: string): ScalarFunction {
  return scalar({
    name,
    args: ['float8'],
    returns: float8,
    raises: true,
    doc: 'Square root.',
    example,
    evaluate: ([value]) => squareRoot(Number(value)),
    inline: floatSqrt,
  })
}

const roots: readonly ScalarFunction[] = [
  floatRoot('sqrt', "sqrt(float8 '2') -- 1.4142135623730951"),
  exactFunction(
    'sqrt',
    'Square root.',
    'sqrt(2.0) -- 1.414213562373095',
    sqrtNumeric,
    pairForm('numericRoot', { long: 'root' }),
  ),
  floatFunction('cbrt', 'Cube root.', 'cbrt(8.0) -- 2', 'floatCbrt'),
]

const rootOperators: readonly ScalarFunction[] = [
  floatRoot('|/', "|/ float8 '25' -- 5"),
  floatFunction('||/', 'Cube root.', "||/ float8 '8' -- 2", 'floatCbrt'),
]

const logarithms: readonly ScalarFunction[] = [
  floatFunction(
    'exp',
    'e to a power.',
    "exp(float8 '1') -- 2.718281828459045",
    'floatExp',
    checkedExponential,
  ),
  exactFunction(
    'exp',
    'e to a power.',
    'exp(1.0) -- 2.7182818284590452',
    expNumeric,
    knownPairForm('numericExp'),
  ),
  floatFunction(
    'ln',
    'Natural logarithm.',
    "ln(float8 '2') -- 0.6931471805599453",
    'floatLn',
    checkedLogarithm,
  ),
  exactFunction(
    'ln',
    'Natural logarithm.',
    'ln(2.0) -- 0.6931471805599453',
    lnNumeric,
    pairForm('numericLn'),
  ),
  ...['log', 'log10'].flatMap((name) => [
    floatFunction(
      name,
      'Logarithm to base 10.',
      `${name}(float8 '100') -- 2`,
      'floatLog10',
      checkedLogarithm,
    ),
    exactFunction(
      name,
      'Logarithm to base 10.',
      `${name}(100.0) -- 2.0000000000000000`,
      (value) => logNumeric({ unscaled: 10n, scale: 0 }, value),
      decimalLogarithmForm,
    ),
  ]),
  scalar({
    name: 'log',
    args: ['numeric', 'numeric'],
    returns: numeric,
    raises: true,
    doc: 'Logarithm of the second to the base of the first.',
    example: 'log(2.0, 64.0) -- 6.0000000000000000',
    evaluate: (args, types) =>
      exactResult(
        logNumeric(numericArgument(args, types, 0), numericArgument(args, types, 1)),
        numeric,
      ),
    inline: pairForm('numericLog'),
    inlineFor: areNumeric,
    isDear: true,
  }),
]

const powers = ['power', 'pow', '^'].flatMap((name) => [
  scalar({
    name,
    args: ['float8', 'float8'],
    returns: float8,
    raises: true,
    doc: 'The first raised to the second.',
    example: name === '^' ? "float8 '2' ^ float8 '3' -- 8" : `${name}(float8 '9', 3) -- 729`,
    evaluate: ([base, exponent]) => power(Number(base), Number(exponent)),
    inline: mathForm('floatPower'),
  }),
  scalar({
    name,
    args: ['numeric', 'numeric'],
    returns: numeric,
    raises: true,
    doc: 'The first raised to the second.',
    example:
      name === '^' ? '2.0 ^ 3 -- 8.0000000000000000' : `${name}(9.0, 3) -- 729.0000000000000000`,
    evaluate: (args, types) =>
      exactResult(
        powerNumeric(numericArgument(args, types, 0), numericArgument(args, types, 1)),
        numeric,
      ),
    inline: pairForm('numericPower', { long: 'power' }),
    inlineFor: areNumeric,
    isDear: true,
  }),
])

export function inputOutOfRange(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'input is out of range')
}

/** Of values from -1 to 1. Throws NUMERIC_OUT_OF_RANGE. */
export function bounded(compute: Compute): Compute {
  return (value) => {
    if (Math.abs(value) > 1) throw inputOutOfRange()
    return compute(value)
  }
}

/** Of values that are not infinite. Throws NUMERIC_OUT_OF_RANGE. */
export function finite(compute: Compute): Compute {
  return (value) => {
    if (Math.abs(value) === Infinity) throw inputOutOfRange()
    return compute(value)
  }
}

function inRange(compute: Compute): Compute {
  return (value) => {
    const result = compute(value)
    if (Math.abs(result) === Infinity && Number.isFinite(value)) throw floatOverflow()
    if (result === 0 && value !== 0) throw floatUnderflow()
    return result
  }
}

const finiteAngle = floatKernel('floatAtan2')

function angle(y: number, x: number): number {
  return Number.isFinite(y) && Number.isFinite(x) ? finiteAngle(y, x) : Math.atan2(y, x)
}

const trigonometry: readonly ScalarFunction[] = [
  floatFunction('sin', 'Sine of radians.', 'sin(0) -- 0', 'floatSin', finite),
  floatFunction('cos', 'Cosine of radians.', 'cos(0) -- 1', 'floatCos', finite),
  floatFunction('tan', 'Tangent of radians.', 'tan(0) -- 0', 'floatTan', finite),
  floatFunction('cot', 'Cotangent of radians.', 'cot(1) -- 0.6420926159343306', 'floatCot', finite),
  floatFunction('asin', 'Inverse sine.', 'asin(0) -- 0', 'floatAsin', bounded),
  floatFunction('acos', 'Inverse cosine.', 'acos(1) -- 0', 'floatAcos', bounded),
  floatFunction('atan', 'Inverse tangent.', 'atan(0) -- 0', 'floatAtan'),
  floatFunction('sinh', 'Hyperbolic sine.', 'sinh(0) -- 0', 'floatSinh'),
  floatFunction('cosh', 'Hyperbolic cosine.', 'cosh(0) -- 1', 'floatCosh'),
  floatFunction('tanh', 'Hyperbolic tangent.', 'tanh(0) -- 0', 'floatTanh'),
  scalar({
    name: 'atan2',
    args: ['float8', 'float8'],
    returns: float8,
    doc: 'Inverse tangent of the first by the second, in the right quadrant.',
    example: 'atan2(0, 1) -- 0',
    evaluate: ([y, x]) => angle(Number(y), Number(x)),
    inline: mathForm('floatAtan2'),
  }),
  floatFunction('degrees', 'Radians to degrees.', 'degrees(pi()) -- 180', 'floatDegrees', inRange),
  floatFunction(
    'radians',
    'Degrees to radians.',
    'radians(180) -- 3.141592653589793',
    'floatRadians',
    inRange,
  ),
  scalar({
    name: 'pi',
    args: [],
    returns: float8,
    doc: "The circle's constant.",
    example: 'pi() -- 3.141592653589793',
    evaluate: () => Math.PI,
    inline: ({ f }) => {
      f.f64(Math.PI)
      return { lanes: [keep(f, 'f64')] }
    },
  }),
  scalar({
    name: 'random',
    args: [],
    returns: float8,
    volatility: 'volatile',
    doc: 'A random number from 0 up to 1, 1 excluded.',
    example: 'random() < 1 -- t',
    evaluate: () => Math.random(),
    fill: fillRandom,
  }),
]

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [absolute(left), absolute(right)]
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

function leastCommonMultiple(left: bigint, right: bigint): bigint {
  if (left === 0n || right === 0n) return 0n
  return absolute((left / greatestCommonDivisor(left, right)) * right)
}

const divisors = (
  [
    [
      'gcd',
      greatestCommonDivisor,
      'integerDivisor',
      'Greatest common divisor.',
      'gcd(1071, 462) -- 21',
    ],
    [
      'lcm',
      leastCommonMultiple,
      'integerMultiple',
      'Least common multiple.',
      'lcm(1071, 462) -- 23562',
    ],
  ] as const
).flatMap(([name, compute, kernel, doc, example]) => [
  ...(['int4', 'int8'] as const).map((kind) =>
    scalar({
      name,
      args: [kind, kind],
      returns: { kind },
      raises: true,
      doc,
      example,
      evaluate: ([left, right], _types, result) =>
        integerResult(compute(BigInt(left as bigint), BigInt(right as bigint)), result),
      inline: commonForm(kernel),
    }),
  ),
  scalar({
    name,
    args: ['numeric', 'numeric'],
    returns: numeric,
    raises: true,
    doc,
    example,
    evaluate: (args, types) => {
      const [a, b] = [numericArgument(args, types, 0), numericArgument(args, types, 1)]
      if (isSpecial(a) || isSpecial(b)) return NUMERIC_NAN
      const scale = Math.max(a.scale, b.scale)
      const unscaled = compute(
        rescale(a.unscaled, a.scale, scale),
        rescale(b.unscaled, b.scale, scale),
      )
      return exactResult({ unscaled, scale }, numeric)
    },
    inline: pairForm('numericCommon', { mode: name === 'gcd' ? 0 : 1 }),
    inlineFor: areNumeric,
  }),
])

const quotient = scalar({
  name: 'div',
  args: ['numeric', 'numeric'],
  returns: numeric,
  raises: true,
  doc: 'Whole quotient, cut towards zero.',
  example: 'div(9.0, 4) -- 2',
  evaluate: (args, types) => {
    const [a, b] = [numericArgument(args, types, 0), numericArgument(args, types, 1)]
    const special = specialQuotient(a, b)
    if (special !== undefined) return special
    const scale = Math.max(a.scale, b.scale)
    const unscaled = rescale(a.unscaled, a.scale, scale) / rescale(b.unscaled, b.scale, scale)
    return exactResult({ unscaled, scale: 0 }, numeric)
  },
  inline: pairForm('numericRest', { mode: 1, long: 'wholeQuotient' }),
})

export function bucketError(message: string): QueryError {
  return new QueryError('INVALID_WIDTH_BUCKET', message)
}

const INT4_MIN = -2_147_483_648
const INT4_MAX = 2_147_483_647

function widthBucket(value: number, low: number, high: number, count: number): number {
  if (count <= 0) throw bucketError('count must be greater than zero')
  if ([value, low, high].some(Number.isNaN)) {
    throw bucketError('operand, lower bound, and upper bound cannot be NaN')
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw bucketError('lower and upper bounds must be finite')
  }
  if (low === high) throw bucketError('lower bound cannot equal upper bound')
  const ascending = low < high
  if (ascending ? value < low : value > low) return 0
  if (ascending ? value >= high : value <= high) {
    if (count === INT4_MAX) {
      throw new QueryError('NUMERIC_OUT_OF_RANGE', 'integer out of range')
    }
    return count + 1
  }
  const bucket = Math.floor((count * (value - low)) / (high - low)) + 1
  // PostgreSQL computes on where the product is no float, and gives what C makes of that.
  return Number.isFinite(bucket) ? bucket : INT4_MIN
}

const buckets = scalar({
  name: 'width_bucket',
  args: ['float8', 'float8', 'float8', 'int4'],
  returns: int4,
  raises: true,
  doc: 'Number of the bucket, of equal ones between two bounds, that a value falls in.',
  example: 'width_bucket(5.35, 0.024, 10.06, 5) -- 3',
  evaluate: ([value, low, high, count]) =>
    widthBucket(Number(value), Number(low), Number(high), Number(count)),
  inline: floatBucketForm,
})

/** Mathematical functions. */
export const mathFunctions: readonly ScalarFunction[] = [
  ...roots,
  ...rootOperators,
  ...logarithms,
  ...powers,
  ...trigonometry,
  ...divisors,
  quotient,
  buckets,
]
