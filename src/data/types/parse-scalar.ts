import { unreachable } from '../../base/assert.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import type { DataType, DecimalType } from './data-type.ts'
import { typeName } from './data-type.ts'
import { nearestSingle } from './nearest-single.ts'
import {
  absolute,
  NUMERIC_SCALE_MAX,
  NUMERIC_WHOLE_DIGITS_MAX,
  numericOverflow,
  powerOfTen,
  rescale,
} from './numeric-arithmetic.ts'
import { parseDate, parseTime, parseTimestamp } from './parse-datetime.ts'
import { parseInterval } from './parse-interval.ts'
import type { NumericValue, Scalar } from './scalar.ts'
import { integerOf } from './long-digits.ts'

const encoder = new TextEncoder()

/**
 * Reads a value from text as PostgreSQL's input functions do (DateStyle ISO, MDY; time zone UTC).
 * Throws QueryError with PostgreSQL's wording. Never gives null.
 */
export function parseScalar(source: string, type: DataType): Scalar {
  switch (type.kind) {
    case 'bool':
      return parseBool(source)
    case 'int2':
    case 'int4':
      return Number(parseInteger(source, type))
    case 'int8':
      return parseInteger(source, type)
    case 'float4':
    case 'float8':
      return parseFloatText(source, type)
    case 'decimal': {
      const { unscaled, scale } = parseNumeric(source)
      return toDecimal(unscaled, scale, type)
    }
    case 'numeric':
      return parseNumeric(source)
    case 'date':
      return parseDate(source)
    case 'time':
      return parseTime(source)
    case 'timestamp':
    case 'timestamptz':
      return parseTimestamp(source, type)
    case 'interval':
      return parseInterval(source)
    case 'text':
    case 'unknown':
      return source
    case 'bytea':
      return parseBytes(source)
    default:
      return unreachable(type)
  }
}

/** Bounds of the integer types. */
export const integerBounds = {
  int2: { min: -32_768n, max: 32_767n },
  int4: { min: -2_147_483_648n, max: 2_147_483_647n },
  int8: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
} as const

/** Rounds an exact value to a decimal's scale. Throws NUMERIC_OUT_OF_RANGE if it has too many digits. */
export function toDecimal(unscaled: bigint, scale: number, type: DecimalType): bigint {
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

/** `invalid input syntax for type integer: "abc"`. */
export function invalidSyntax(source: string, type: DataType): QueryError {
  const name = type.kind === 'decimal' ? 'numeric' : typeName(type)
  const message = `invalid input syntax for type ${name}: "${source}"`
  return new QueryError('INVALID_TEXT_REPRESENTATION', message)
}

/** A numeric from its text, however large within PostgreSQL's limits. Throws NUMERIC_OUT_OF_RANGE. */
export function parseNumeric(source: string): NumericValue {
  const match = /^\s*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?\s*$/.exec(source)
  if (match === null) {
    if (/^\s*(?:[+-]?inf(?:inity)?|nan)\s*$/i.test(source)) {
      throw notSupported(`numeric ${source.trim()}`)
    }
    throw invalidSyntax(source, { kind: 'numeric' })
  }
  const [, sign, whole = '', fraction = '', bare = '', exponent = '0'] = match
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

function parseBool(source: string): boolean {
  const word = source.trim().toLowerCase()
  if (word !== '') {
    if ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1') {
      return true
    }
    if ('false'.startsWith(word) || 'no'.startsWith(word) || word === '0') return false
    if (word === 'off' || word === 'of') return false
  }
  throw invalidSyntax(source, { kind: 'bool' })
}

function parseInteger(source: string, type: DataType & { kind: 'int2' | 'int4' | 'int8' }): bigint {
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

function parseFloatText(source: string, type: DataType): number {
  const word = source.trim()
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(word)
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word)) throw invalidSyntax(source, type)
  const value = type.kind === 'float4' ? nearestSingle(word) : Number(word)
  const vanished = value === 0 && /[1-9]/.test(word.replace(/[eE].*$/, ''))
  if (!Number.isFinite(value) || vanished) {
    const message = `"${word}" is out of range for type ${typeName(type)}`
    throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
  }
  return value
}

const BACKSLASH = 0x5c
const BAD_BYTEA = 'invalid input syntax for type bytea'

function parseBytes(source: string): Uint8Array {
  return source.startsWith('\\x') ? parseHex(source.slice(2)) : parseEscaped(source)
}

function parseHex(digits: string): Uint8Array {
  const clean = digits.replaceAll(/\s/g, '')
  const wrong = /[^0-9a-f]/i.exec(clean)
  if (wrong !== null) {
    const message = `invalid hexadecimal digit: "${wrong[0]}"`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  if (clean.length % 2 !== 0) {
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      'invalid hexadecimal data: odd number of digits',
    )
  }
  const bytes = new Uint8Array(clean.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitOf(clean.charCodeAt(2 * i)) << 4) | digitOf(clean.charCodeAt(2 * i + 1))
  }
  return bytes
}

/** Of a hexadecimal digit. */
function digitOf(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57
}

function parseEscaped(source: string): Uint8Array {
  const bytes = encoder.encode(source)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte !== BACKSLASH) bytes[length++] = byte
    else if (bytes[at + 1] === BACKSLASH) bytes[length++] = bytes[++at]!
    else {
      const octal = /^[0-3][0-7]{2}$/.exec(String.fromCharCode(...bytes.subarray(at + 1, at + 4)))
      // Without the value, as it may be no text.
      if (octal === null) throw new QueryError('INVALID_TEXT_REPRESENTATION', BAD_BYTEA)
      bytes[length++] = Number.parseInt(octal[0], 8)
      at += 3
    }
  }
  return bytes.slice(0, length)
}
