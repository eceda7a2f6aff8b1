import { textOfUtf8 } from '../../base/utf8.ts'
import {
  civilFromDays,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  splitMicros,
} from './calendar.ts'
import type { IntervalValue, NumericValue } from './scalar.ts'

const hexDigits = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))

/** Bytes in hex, as bytea_output has them. */
export function formatBytes(bytes: Uint8Array): string {
  const text = new Uint8Array(2 + 2 * bytes.length)
  text.set([0x5c, 0x78])
  for (let i = 0; i < bytes.length; i++) {
    text[2 + 2 * i] = hexDigits[bytes[i]! >> 4]!
    text[3 + 2 * i] = hexDigits[bytes[i]! & 15]!
  }
  return textOfUtf8(text)
}

/** An unscaled value with its decimal point, exactly `scale` digits behind it. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** The text of a numeric. */
export function formatNumeric({ unscaled, scale, special }: NumericValue): string {
  return special ?? formatDecimal(unscaled, scale)
}

/** The shortest text that reads back as the same float, in the form PostgreSQL gives it. */
export function formatFloat(value: number, single: boolean): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const { digits, exponent } = single ? shortestSingle(value) : shortestDouble(value)
  const sign = value < 0 ? '-' : ''
  const precision = single ? 6 : 15
  if (exponent < -4 || exponent >= precision) return sign + scientific(digits, exponent)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`
}

export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days)
  return `${formatYear(year)}-${pad(month)}-${pad(day)}${year <= 0 ? ' BC' : ''}`
}

/** Microseconds since midnight as `hh:mm:ss`, with the fraction's trailing zeros cut. */
export function formatTime(micros: bigint): string {
  const hours = micros / MICROS_PER_HOUR
  const minutes = (micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE
  return `${pad(hours)}:${pad(minutes)}:${formatSeconds(micros % MICROS_PER_MINUTE)}`
}

export function formatInterval({ months, days, micros }: IntervalValue): string {
  const parts: string[] = []
  let negativeBefore = false
  const push = (count: number, unit: string): void => {
    if (count === 0) return
    const plus = negativeBefore && count > 0 ? '+' : ''
    parts.push(`${plus}${count} ${unit}${count === 1 ? '' : 's'}`)
    negativeBefore = count < 0
  }
  push(Math.trunc(months / 12), 'year')
  push(months % 12, 'mon')
  push(days, 'day')
  if (micros !== 0n || parts.length === 0) {
    const sign = micros < 0n ? '-' : negativeBefore ? '+' : ''
    parts.push(sign + formatTime(micros < 0n ? -micros : micros))
  }
  return parts.join(' ')
}

/** Microseconds since 1970-01-01; `zone` is written behind the time. */
export function formatTimestamp(micros: bigint, zone: string): string {
  const { days, rest } = splitMicros(micros)
  const { year, month, day } = civilFromDays(days)
  const date = `${formatYear(year)}-${pad(month)}-${pad(day)}`
  return `${date} ${formatTime(rest)}${zone}${year <= 0 ? ' BC' : ''}`
}

function formatYear(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, '0')
}

function formatSeconds(micros: bigint): string {
  const whole = pad(micros / MICROS_PER_SECOND)
  const fraction = micros % MICROS_PER_SECOND
  if (fraction === 0n) return whole
  return `${whole}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`
}

function pad(value: number | bigint): string {
  return String(value).padStart(2, '0')
}

interface Shortest {
  /** Significant digits without trailing zeros. */
  readonly digits: string
  /** Power of ten of the first digit. */
  readonly exponent: number
}

function shortestDouble(value: number): Shortest {
  const magnitude = Math.abs(value)
  const shortest = splitExponential(magnitude.toExponential())
  if (!onBoundary(shortest, magnitude, 53)) return shortest
  for (let { length } = shortest.digits; length < 16; length++) {
    const longer = splitExponential(magnitude.toExponential(length))
    const text = scientific(longer.digits, longer.exponent)
    if (Number(text) === magnitude && !onBoundary(longer, magnitude, 53)) return longer
  }
  return splitExponential(magnitude.toExponential(16))
}

function shortestSingle(value: number): Shortest {
  const magnitude = Math.abs(value)
  // Below a power of two floats are closer than above: not the nearest number of its length may read back.
  const isUneven = Number.isInteger(Math.log2(magnitude))
  for (let digits = 0; digits < 9; digits++) {
    const nearest = roundedExponential(magnitude, digits)
    for (const candidate of isUneven ? around(nearest) : [nearest]) {
      if (Math.fround(Number(candidate)) !== magnitude) continue
      const shortest = splitExponential(candidate)
      if (!onBoundary(shortest, magnitude, 24)) return shortest
    }
  }
  return splitExponential(magnitude.toExponential(8))
}

/** A number in exponential notation and the two of as many digits beside it. */
function around(candidate: string): readonly string[] {
  const [mantissa = '', exponent = '0'] = candidate.split('e')
  const digits = mantissa.replace('.', '')
  const power = Number(exponent) - digits.length + 1
  const neighbours = [1, -1].map((step) => {
    const [first = '', shown = '0'] = (Number(digits) + step).toExponential().split('e')
    return `${first}e${Number(shown) + power}`
  })
  return [candidate, ...neighbours]
}

/**
 * Whether a decimal lies halfway between a float and its neighbour. It reads back as the float by
 * rounding to even, but PostgreSQL does not count on that. Only integers above 2^bits can.
 */
function onBoundary({ digits, exponent }: Shortest, magnitude: number, bits: number): boolean {
  if (magnitude < 2 ** bits || exponent < digits.length - 1) return false
  const exact = BigInt(magnitude)
  const candidate = BigInt(digits) * 10n ** BigInt(exponent - digits.length + 1)
  const spacing = 1n << BigInt(exact.toString(2).length - bits)
  const distance = candidate > exact ? candidate - exact : exact - candidate
  return distance * 2n === spacing
}

/** Digits of {@link roundedExponential}'s exact expansion that are looked at. */
const EXPANSION_DIGITS = 100

/** Like toExponential, with exact halves rounded to the even digit as C's printf does. */
export function roundedExponential(value: number, digits: number): string {
  const rounded = value.toExponential(digits)
  const { digits: exact } = splitExponential(Math.abs(value).toExponential(EXPANSION_DIGITS))
  if (exact.length !== digits + 2 || !exact.endsWith('5')) return rounded
  if (Number(exact[digits]) % 2 !== 0) return rounded
  const [, exponent = '+0'] = value.toExponential(EXPANSION_DIGITS).split('e')
  const cut = exact.slice(0, digits + 1)
  const point = digits === 0 ? cut : `${cut.slice(0, 1)}.${cut.slice(1)}`
  return `${value < 0 ? '-' : ''}${point}e${exponent}`
}

function splitExponential(text: string): Shortest {
  const [mantissa = '', exponent = '0'] = text.split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  return { digits: digits === '' ? '0' : digits, exponent: Number(exponent) }
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`
  const magnitude = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${magnitude}`
}
