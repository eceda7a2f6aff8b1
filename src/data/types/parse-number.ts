import { notSupported, QueryError } from '../../base/errors.ts'
import { typeName, type DataType, type DecimalType } from './data-type.ts'
import { integerOf } from './long-digits.ts'
import { readHexadecimal } from './hexadecimal-floats.ts'
import { nearestSingle } from './nearest-single.ts'
import {
  absolute,
  NUMERIC_SCALE_MAX,
  NUMERIC_WHOLE_DIGITS_MAX,
  numericOverflow,
  powerOfTen,
  rescale,
} from './numeric-arithmetic.ts'
import { readSpecial } from './numeric-specials.ts'
import type { NumericValue } from './scalar.ts'

/** Bounds of the integer types. */
export const integerBounds = {
  int2: { min: -32_768n, max: 32_767n },
  int4: { min: -2_147_483_648n, max: 2_147_483_647n },
  int8: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
} as const

/**
 * Rounds an exact value to a decimal's scale. Throws NUMERIC_OUT_OF_RANGE if it has too many digits or is infinite, and
 * FEATURE_NOT_SUPPORTED for NaN, which decimals have no room for.
 */
export function toDecimal({ unscaled, scale, special }: NumericValue, type: DecimalType): bigint {
  if (special === 'NaN') throw notSupported(`NaN of type ${typeName(type)}`)
  if (special !== undefined) throw infiniteField(type.precision, type.scale)
  const rounded = rescale(unscaled, scale, type.scale)
  if (absolute(rounded) >= powerOfTen(type.precision)) throw fieldOverflow(type)
  return rounded
}

/** The error for a value with more digits than its decimal type has. */
export function fieldOverflow(type: DecimalType): QueryError {
  const whole = type.precision - type.scale
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'numeric field overflow', {
    detail:
      `A field with precision ${type.precision}, scale ${type.scale} must round to an absolute ` +
      `value less than ${whole === 0 ? '1' : `10^${whole}`}.`,
  })
}

/** The error for an infinity where digits are declared. */
export function infiniteField(precision: number, scale: number): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'numeric field overflow', {
    detail: `A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`,
  })
}

/** `invalid input syntax for type integer: "abc"`. */
export function invalidSyntax(source: string, type: DataType): QueryError {
  const name = type.kind === 'decimal' ? 'numeric' : typeName(type)
  const message = `invalid input syntax for type ${name}: "${source}"`
  return new QueryError('INVALID_TEXT_REPRESENTATION', message)
}

/** INT_MAX / 2: no exponent of a numeric's text is larger, or further below 0. */
const EXPONENT_MAX = 1_073_741_823

/** A numeric from its text, however large within PostgreSQL's limits. Throws NUMERIC_OUT_OF_RANGE. */
export function parseNumeric(source: string): NumericValue {
  const match = /^\s*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?\s*$/.exec(source)
  if (match === null) {
    // PostgreSQL says that an exponent is too large before it looks at what stands behind.
    const begun = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)e([+-]?\d+)/i.exec(source)
    if (Math.abs(Number(begun?.[1] ?? 0)) >= EXPONENT_MAX) throw numericOverflow()
    const special = readSpecial(source)
    if (special !== undefined) return special
    throw invalidSyntax(source, { kind: 'numeric' })
  }
  const [, sign, whole = '', fraction = '', bare = '', exponent = '0'] = match
  if (Math.abs(Number(exponent)) >= EXPONENT_MAX) throw numericOverflow()
  const behind = fraction + bare
  return exactNumeric(sign === '-', whole + behind, behind.length - Number(exponent))
}

/** Digits times a power of ten. Throws NUMERIC_OUT_OF_RANGE beyond the digits that there can be. */
export function exactNumeric(negative: boolean, digits: string, scale: number): NumericValue {
  if (scale > NUMERIC_SCALE_MAX) throw numericOverflow()
  const first = digits.search(/[1-9]/)
  if (first < 0) return { unscaled: 0n, scale: Math.max(0, scale) }
  const significant = digits.slice(first)
  if (significant.length - scale > NUMERIC_WHOLE_DIGITS_MAX) throw numericOverflow()
  const magnitude = BigInt(significant) * powerOfTen(Math.max(0, -scale))
  return { unscaled: negative ? -magnitude : magnitude, scale: Math.max(0, scale) }
}

/** A whole number within the bounds of its type. */
export function parseInteger(
  source: string,
  type: DataType & { kind: keyof typeof integerBounds },
): bigint {
  const match = /^\s*([+-]?)(\d+)\s*$/.exec(source)
  if (match === null) throw invalidSyntax(source, type)
  const magnitude = integerOf(match[2] ?? '0')
  const value = match[1] === '-' ? -magnitude : magnitude
  const { min, max } = integerBounds[type.kind]
  if (value < min || value > max) {
    const message = `value "${source}" is out of range for type ${typeName(type)}`
    throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
  }
  return value
}

/** A float as PostgreSQL reads it: what vanishes is refused. */
export function parseFloatText(source: string, type: DataType): number {
  const word = source.trim()
  const special = /^([+-]?)(inf(?:inity)?|nan(?:\(\w*\))?)$/i.exec(word)
  if (special !== null) {
    if (/^nan/i.test(special[2] ?? '')) return Number.NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  const number = numberPattern.exec(word)?.[0] ?? ''
  const value = nearestFloat(number, type)
  // C reads what begins like a number, and says that it is too large before anybody asks what stands behind.
  if (number !== '' && isBeyond(number, value)) {
    const shown = type.kind === 'float4' ? word : number
    const message = `"${shown}" is out of range for type ${typeName(type)}`
    throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
  }
  if (number !== word || number === '') throw invalidSyntax(source, type)
  return value
}

const numberPattern =
  /^[+-]?(?:0x(?=\.?[\da-f])[\da-f]*\.?[\da-f]*(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/i

function nearestFloat(number: string, { kind }: DataType): number {
  const hexadecimal = readHexadecimal(number, kind === 'float4' ? 'single' : 'double')
  return hexadecimal ?? (kind === 'float4' ? nearestSingle(number) : Number(number))
}

/** Whether a number that is written became infinity, or zero. */
function isBeyond(number: string, value: number): boolean {
  if (value !== 0) return !Number.isFinite(value)
  return /[1-9a-f]/i.test(number.replace(/^[+-]?0x|[ep][+-]?\d+$/gi, ''))
}
