import { QueryError } from '../../base/errors.ts'
import { formatDecimal, roundedExponential } from '../../data/types/format-values.ts'
import { absolute, powerOfTen, rescale } from '../../data/types/numeric-arithmetic.ts'
import { integerBounds } from '../../data/types/parse-number.ts'
import { roundHalfEven } from '../../data/types/round-half-even.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { floatKernel } from '../../wasm/kernels/loader.ts'
import type { Fixed, ShownNumber } from './to-char.ts'

/** An integer or numeric for templates of to_char. */
export function shownExact(value: NumericValue, kind: 'int4' | 'int8' | 'numeric'): ShownNumber {
  return {
    fixed(places, shift) {
      if (value.special !== undefined) return { text: value.special, places }
      const shifted = { unscaled: value.unscaled * powerOfTen(shift), scale: value.scale }
      // PostgreSQL's product of an int4 wraps around; here it is one of 64 bits as well.
      if (kind !== 'numeric') checkInteger(shifted.unscaled, 'int8')
      return { text: formatDecimal(rescale(shifted.unscaled, value.scale, places), places), places }
    },
    scientific(places) {
      if (value.special !== undefined) return undefined
      // An integer of 32 bits is a float on its way, the others are numerics.
      return kind === 'int4'
        ? padded(roundedExponential(Number(value.unscaled), places))
        : exactExponential(value, places)
    },
    whole() {
      if (value.special !== undefined) {
        const what = value.special === 'NaN' ? value.special : 'infinity'
        throw new QueryError('FEATURE_NOT_SUPPORTED', `cannot convert ${what} to integer`)
      }
      const whole = rescale(value.unscaled, value.scale, 0)
      checkInteger(whole, 'int4')
      return Number(whole)
    },
  }
}

function checkInteger(value: bigint, kind: 'int4' | 'int8'): void {
  const { min, max } = integerBounds[kind]
  if (value >= min && value <= max) return
  const name = kind === 'int4' ? 'integer' : 'bigint'
  throw new QueryError('NUMERIC_OUT_OF_RANGE', `${name} out of range`)
}

/** Exponents have two digits at least. */
function padded(exponential: string): string {
  return exponential.replace(/e([+-])(\d)$/, 'e$10$2')
}

function exactExponential({ unscaled, scale }: NumericValue, places: number): string {
  const digits = absolute(unscaled).toString()
  const exponent = unscaled === 0n ? 0 : digits.length - 1 - scale
  // Where rounding carries, PostgreSQL 15 shows two digits before the point.
  const mantissa = rescale(absolute(unscaled), scale + exponent, places)
  const sign = unscaled < 0n ? '-' : ''
  return padded(`${sign}${formatDecimal(mantissa, places)}e${exponent < 0 ? '' : '+'}${exponent}`)
}

/** Digits of a float that are shown. */
export const FLOAT_DIGITS = { float4: 6, float8: 15 } as const

const power = floatKernel('floatPower')

/** A float for templates of to_char. */
export function shownFloat(value: number, kind: keyof typeof FLOAT_DIGITS): ShownNumber {
  return {
    fixed(places, shift) {
      const shifted = shift === 0 ? value : value * power(10, shift)
      return roundedFloat(shifted, places, FLOAT_DIGITS[kind])
    },
    scientific: (places) =>
      Number.isFinite(value)
        ? `${Object.is(value, -0) ? '-' : ''}${padded(roundedExponential(value, places))}`
        : undefined,
    whole: () => roundHalfEven(value),
  }
}

/** Decimals that toFixed gives at most; of a float that is at a tie no digits are behind them. */
const DECIMALS_MAX = 100

/** A float at so many places, as printf rounds it: by its exact value, ties to the even digit. */
function roundedFloat(value: number, wanted: number, digitsMax: number): Fixed {
  const size = Math.abs(value)
  const isNegative = value < 0 || Object.is(value, -0)
  const sign = isNegative ? '-' : ''
  const isFinite = Number.isFinite(size)
  const whole = isFinite ? digitsAt(size, 0).toString() : String(size)
  const places = Math.max(0, Math.min(wanted, digitsMax - whole.length))
  if (!isFinite) return { text: sign + whole, places }
  return { text: sign + formatDecimal(digitsAt(size, places), places), places }
}

function digitsAt(size: number, places: number): bigint {
  if (size >= 2 ** 53) return BigInt(size) * powerOfTen(places)
  const [whole = '', exact = ''] = size.toFixed(DECIMALS_MAX).split('.')
  const digits = BigInt(whole + exact.slice(0, places))
  const rest = exact.slice(places)
  const isTie = /^50*$/.test(rest)
  return (isTie ? (digits & 1n) === 1n : rest >= '5') ? digits + 1n : digits
}
