import { NUMERIC_INFINITY, NUMERIC_MINUS_INFINITY, NUMERIC_NAN } from './numeric-specials.ts'
import type { NumericValue } from './scalar.ts'

/**
 * A numeric lies in 16 bytes where its unscaled value has 119 bits and its scale is at most
 * {@link INLINE_SCALE_MAX}; any other is a run of bytes of its own, and the scale byte says so
 * ({@link WIDE_TAG}). A value that fits is always inline. The bytes:
 *
 * | at | holds |
 * |---|---|
 * | 0 | u16 scale: digits behind the point that are shown |
 * | 2 | u8 1 when negative |
 * | 4 | i32 power of ten of the first digit |
 * | 8 | u64 hash, which equal values share whatever their scale or form |
 * | 16 | digits from the first on that is not 0, two a byte (0 to 99), without zeros at the end |
 *
 * So equal values have equal digits, and the order is that of sign, power and bytes: kernels need no
 * arithmetic for it. What is no finite number is one digit with a power that no number has
 * ({@link SPECIAL_EXPONENT}): so it sorts and is equal as it should, and is beyond what kernels compute with.
 */
export const wideNumericHeader = { scale: 0, negative: 2, exponent: 4, hash: 8, bytes: 16 } as const

/** Digits behind the point that an inline numeric can have. */
export const INLINE_SCALE_MAX = 254
/** In the place of the scale: the rest of the 16 bytes is a view of the value's bytes. */
export const WIDE_TAG = 255

/** Power of ten that stands for infinity, and one more for NaN. */
export const SPECIAL_EXPONENT = 2 ** 30

const INLINE_UNSCALED_MAX = (1n << 119n) - 1n
/** Values of so many digits may equal an inline one. */
const INLINE_DIGITS_MAX = 36

export function isInlineNumeric({ unscaled, scale, special }: NumericValue): boolean {
  return (
    special === undefined &&
    scale <= INLINE_SCALE_MAX &&
    unscaled <= INLINE_UNSCALED_MAX &&
    unscaled >= -INLINE_UNSCALED_MAX
  )
}

/** The bytes of a numeric of any size. */
export function encodeWideNumeric(value: NumericValue): Uint8Array {
  const { digits, exponent, negative } = value.special === undefined ? spread(value) : mark(value)
  const { scale } = value
  const bytes = new Uint8Array(wideNumericHeader.bytes + Math.ceil(digits.length / 2))
  const view = new DataView(bytes.buffer)
  view.setUint16(wideNumericHeader.scale, scale, true)
  view.setUint8(wideNumericHeader.negative, negative ? 1 : 0)
  view.setInt32(wideNumericHeader.exponent, exponent, true)
  for (let at = 0; at < digits.length; at += 2) {
    const pair = (digits.charCodeAt(at) - 48) * 10
    const second = at + 1 < digits.length ? digits.charCodeAt(at + 1) - 48 : 0
    bytes[wideNumericHeader.bytes + at / 2] = pair + second
  }
  view.setBigUint64(wideNumericHeader.hash, hashOf(digits, exponent, negative, bytes), true)
  return bytes
}

interface Spread {
  readonly digits: string
  readonly exponent: number
  readonly negative: boolean
}

function spread({ unscaled, scale }: NumericValue): Spread {
  const negative = unscaled < 0n
  const all = unscaled === 0n ? '' : (negative ? -unscaled : unscaled).toString()
  const exponent = all === '' ? 0 : all.length - 1 - scale
  return { digits: withoutZeros(all), exponent, negative }
}

function mark({ special }: NumericValue): Spread {
  const exponent = special === 'NaN' ? SPECIAL_EXPONENT + 1 : SPECIAL_EXPONENT
  return { digits: '1', exponent, negative: special === '-Infinity' }
}

/** A loop: the expression would look at every run of zeros. */
function withoutZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

/** The numeric of {@link encodeWideNumeric}'s bytes. */
export function decodeWideNumeric(bytes: Uint8Array): NumericValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const scale = view.getUint16(wideNumericHeader.scale, true)
  const exponent = view.getInt32(wideNumericHeader.exponent, true)
  const negative = view.getUint8(wideNumericHeader.negative) === 1
  if (exponent >= SPECIAL_EXPONENT) {
    if (exponent > SPECIAL_EXPONENT) return NUMERIC_NAN
    return negative ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY
  }
  let digits = ''
  for (let at = wideNumericHeader.bytes; at < bytes.length; at++) {
    const pair = bytes[at] ?? 0
    digits += pair < 10 ? `0${pair}` : String(pair)
  }
  // The digits of an unscaled value go on to the last place that is shown.
  const length = exponent + 1 + scale
  if (digits === '') return { unscaled: 0n, scale }
  const unscaled = BigInt(
    digits.length > length ? digits.slice(0, length) : digits.padEnd(length, '0'),
  )
  return { unscaled: negative ? -unscaled : unscaled, scale }
}

const K0 = 0x9e3779b97f4a7c15n
const K1 = 0xa0761d6478bd642fn

function mix(a: bigint, b: bigint): bigint {
  const product = BigInt.asUintN(64, (BigInt.asUintN(64, a) ^ K1) * (BigInt.asUintN(64, b) ^ K0))
  return product ^ (product >> 32n)
}

/** What the kernel `numericHash` gives for an inline numeric of the same value, where there may be one. */
function hashOf(digits: string, exponent: number, negative: boolean, bytes: Uint8Array): bigint {
  const last = exponent - digits.length + 1
  const places = Math.max(0, -last)
  const length = digits.length + Math.max(0, last)
  if (digits === '' || (length <= INLINE_DIGITS_MAX && places <= INLINE_SCALE_MAX)) {
    const value = digits === '' ? 0n : BigInt(digits) * 10n ** BigInt(Math.max(0, last))
    const behind = digits === '' ? 0 : places
    const low = BigInt.asUintN(64, value) ^ (BigInt(behind) << 32n)
    return mix(low, mix(value >> 64n, (negative ? 1n : 0n) + K1))
  }
  let [first, second] = [exponent | 0, negative ? 1 : 2]
  for (let at = wideNumericHeader.bytes; at < bytes.length; at++) {
    const pair = bytes[at] ?? 0
    first = Math.imul(first ^ pair, 0x01000193)
    second = Math.imul(second, 31) + pair
    second |= 0
  }
  return mix(BigInt(first >>> 0), BigInt(second >>> 0))
}
