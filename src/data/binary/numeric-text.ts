import { QueryError } from '../../base/errors.ts'
import { insufficientData } from './insufficient-data.ts'

const HEADER_BYTES = 8
const GROUP_BYTES = 2
const GROUP_DIGITS = 4
const GROUP = 10_000
const SCALE_MAX = 0x3fff

const POSITIVE = 0x0000
const NEGATIVE = 0x4000
const specials: ReadonlyMap<number, string> = new Map([
  [0xc000, 'NaN'],
  [0xd000, 'Infinity'],
  [0xf000, '-Infinity'],
])

/**
 * The text of a numeric in binary format (numeric_recv in PostgreSQL's numeric.c): count, weight, sign
 * and scale, then groups of four decimal digits. Digits beyond the scale are cut off. `size`: how many
 * of the bytes it takes. What is wrong is said in the order in which PostgreSQL reads.
 */
export function numericText(bytes: Buffer): { readonly text: string; readonly size: number } {
  const count = wordAt(bytes, 0)
  const weight = (wordAt(bytes, 2) << 16) >> 16
  const sign = wordAt(bytes, 4)
  const special = specials.get(sign)
  if (special === undefined && sign !== POSITIVE && sign !== NEGATIVE) throw invalid('sign')
  const scale = wordAt(bytes, 6)
  if (scale > SCALE_MAX) throw invalid('scale')
  const size = HEADER_BYTES + GROUP_BYTES * count
  const groups: number[] = []
  for (let at = HEADER_BYTES; at < size; at += GROUP_BYTES) {
    const group = wordAt(bytes, at)
    if (group >= GROUP) throw invalid('digit')
    groups.push(group)
  }
  if (special !== undefined) return { text: special, size }
  const digits = groups.map((group) => String(group).padStart(GROUP_DIGITS, '0')).join('')
  const point = (weight + 1) * GROUP_DIGITS
  const whole = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0')
  const behind = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)
  const fraction = behind.slice(0, scale).padEnd(scale, '0')
  const magnitude = `${whole === '' ? '0' : whole}${scale === 0 ? '' : `.${fraction}`}`
  return { text: `${sign === NEGATIVE ? '-' : ''}${magnitude}`, size }
}

function wordAt(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) throw insufficientData()
  return bytes.readUInt16BE(at)
}

function invalid(what: string): QueryError {
  const message = `invalid ${what} in external "numeric" value`
  return new QueryError('INVALID_BINARY_REPRESENTATION', message)
}
