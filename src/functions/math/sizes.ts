import { QueryError } from '../../base/errors.ts'
import { int8, text } from '../../data/types/data-type.ts'
import { formatDecimal } from '../../data/types/format-values.ts'
import { absolute, multiplyNumeric, rescale } from '../../data/types/numeric-arithmetic.ts'
import { integerBounds, parseNumeric } from '../../data/types/parse-number.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { numericArgument } from '../operators/exact.ts'

/** Units of memory: from which size on the next one is taken, whether halves are rounded, bits of a unit. */
const units = [
  { name: 'bytes', limit: 10_240n, isRounded: false, bits: 0n },
  { name: 'kB', limit: 20_479n, isRounded: true, bits: 10n },
  { name: 'MB', limit: 20_479n, isRounded: true, bits: 20n },
  { name: 'GB', limit: 20_479n, isRounded: true, bits: 30n },
  { name: 'TB', limit: 20_479n, isRounded: true, bits: 40n },
  { name: 'PB', limit: 20_479n, isRounded: true, bits: 50n },
] as const

/** By twos where halves are to be rounded: so many bits less are divided off, and the last one is rounded. */
function prettySize({ unscaled, scale }: NumericValue): string {
  let size = unscaled
  let digits = scale
  for (const [at, unit] of units.entries()) {
    const next = units[at + 1]
    const limit = unit.limit * 10n ** BigInt(digits)
    if (next === undefined || absolute(size) < limit) {
      if (unit.isRounded) {
        size = half(size)
        digits = 0
      }
      return `${formatDecimal(size, digits)} ${unit.name}`
    }
    const bits = next.bits - unit.bits - (next.isRounded ? 1n : 0n) + (unit.isRounded ? 1n : 0n)
    size = size / 10n ** BigInt(digits) / (1n << bits)
    digits = 0
  }
  return ''
}

/** Halves away from zero. */
const half = (size: bigint): bigint => (size + (size < 0n ? -1n : 1n)) / 2n

const sizePattern =
  /^[ \t\n\r\f\v]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\r\f\v]*(.*?)[ \t\n\r\f\v]*$/s

/** The bytes of a size with its unit. Errors: INVALID_PARAMETER_VALUE, NUMERIC_OUT_OF_RANGE. */
function bytesOfSize(source: string): bigint {
  const [, number, unit = ''] = sizePattern.exec(source) ?? []
  if (number === undefined) {
    throw new QueryError('INVALID_PARAMETER_VALUE', `invalid size: "${source}"`)
  }
  const known = units.find(({ name }) => name.toLowerCase() === unit.toLowerCase())
  if (unit !== '' && known === undefined) {
    throw new QueryError('INVALID_PARAMETER_VALUE', `invalid size: "${source}"`, {
      detail: `Invalid size unit: "${unit}".`,
      hint: 'Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".',
    })
  }
  const factor = { unscaled: 1n << (known?.bits ?? 0n), scale: 0 }
  const { unscaled, scale } = multiplyNumeric(parseNumeric(number), factor)
  const bytes = rescale(unscaled, scale, 0)
  const { min, max } = integerBounds.int8
  if (bytes >= min && bytes <= max) return bytes
  throw new QueryError('NUMERIC_OUT_OF_RANGE', 'bigint out of range')
}

/** Sizes of memory as people read them. */
export const sizeFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'pg_size_pretty',
    args: ['int8'],
    returns: text,
    doc: 'A number of bytes with its unit.',
    example: 'pg_size_pretty(123456789::bigint) -- 118 MB',
    evaluate: ([bytes]) => prettySize({ unscaled: BigInt(bytes as bigint), scale: 0 }),
  }),
  scalar({
    name: 'pg_size_pretty',
    args: ['numeric'],
    returns: text,
    doc: 'A number of bytes with its unit.',
    example: 'pg_size_pretty(12.5) -- 12.5 bytes',
    evaluate: (args, types) => prettySize(numericArgument(args, types, 0)),
  }),
  scalar({
    name: 'pg_size_bytes',
    args: ['text'],
    returns: int8,
    raises: true,
    doc: 'The bytes of a size with its unit.',
    example: "pg_size_bytes('1.5 kB') -- 1536",
    evaluate: ([source]) => bytesOfSize(String(source)),
  }),
]
