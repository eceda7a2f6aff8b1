/** Bits of a float, and the power of two of the last bit of the smallest. */
const formats = {
  single: { bits: 24, least: -149, most: 104 },
  double: { bits: 53, least: -1074, most: 971 },
} as const

/** No float has an exponent beyond, whatever digits stand before it. */
const EXPONENT_MAX = 100_000_000

/** The float that is nearest to C's `0x1.8p3`, Infinity where none is; undefined for what is not written so. */
export function readHexadecimal(word: string, format: keyof typeof formats): number | undefined {
  const match = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i.exec(word)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  const { bits, least, most } = formats[format]
  let digits = BigInt(`0x0${whole}${fraction}`)
  const given = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(power)))
  let exponent = given - 4 * fraction.length
  const excess = Math.max(digits.toString(2).length - bits, least - exponent)
  if (excess > 0) {
    digits = shiftedHalfEven(digits, excess)
    exponent += excess
  }
  const size = valueOf(digits, exponent, bits, most)
  return sign === '-' ? -size : size
}

function shiftedHalfEven(digits: bigint, count: number): bigint {
  if (count > digits.toString(2).length + 1) return 0n
  const shift = BigInt(count)
  const floor = digits >> shift
  const rest = digits - (floor << shift)
  const half = 1n << (shift - 1n)
  return rest > half || (rest === half && (floor & 1n) === 1n) ? floor + 1n : floor
}

/** Digits that a float has, times a power of two; few of them may stand before a large one. */
function valueOf(digits: bigint, exponent: number, bits: number, most: number): number {
  if (digits === 0n || exponent <= most) return digits === 0n ? 0 : Number(digits) * 2 ** exponent
  const shift = exponent - most
  const room = bits - digits.toString(2).length
  return shift > room ? Infinity : Number(digits << BigInt(shift)) * 2 ** most
}
