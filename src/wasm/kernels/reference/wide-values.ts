// Values of two words as rows hold them: numerics, intervals; and the hashes of breakers' keys.

/** `unscaled` has 120 bits; the value is unscaled / 10^scale. */
export interface ReferenceNumeric {
  readonly unscaled: bigint
  readonly scale: number
}

export interface ReferenceInterval {
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

const K0 = 0x9e3779b97f4a7c15n
const K1 = 0xa0761d6478bd642fn
const DAY_MICROS = 86_400_000_000n
const WORD = 64

function mix(a: bigint, b: bigint): bigint {
  const product = BigInt.asUintN(
    WORD,
    (BigInt.asUintN(WORD, a) ^ K1) * (BigInt.asUintN(WORD, b) ^ K0),
  )
  return product ^ (product >> 32n)
}

/** The reference of `textHash`: whole words, then the last, shorter or full one. */
export function hashText(bytes: Uint8Array): bigint {
  const word = (from: number): bigint =>
    bytes.slice(from, from + 8).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  let hash = K0 ^ BigInt(bytes.length)
  let at = 0
  for (; bytes.length - at > 8; at += 8) hash = mix(hash ^ word(at), hash + K1)
  return mix(hash ^ word(at), hash + K0)
}

/** The reference of `numericOrder`. */
export function compareNumerics(a: ReferenceNumeric, b: ReferenceNumeric): number {
  const left = a.unscaled * 10n ** BigInt(b.scale)
  const right = b.unscaled * 10n ** BigInt(a.scale)
  return left < right ? -1 : Number(left > right)
}

/** The reference of `numericHash`: of the value without zeros at its end, so equal values agree. */
export function hashNumeric({ unscaled, scale }: ReferenceNumeric): bigint {
  let digits = unscaled < 0n ? -unscaled : unscaled
  let places = digits === 0n ? 0 : scale
  for (; places > 0 && digits % 10n === 0n; places--) digits /= 10n
  const low = BigInt.asUintN(WORD, digits)
  const sign = unscaled < 0n ? 1n : 0n
  return mix(low ^ (BigInt(places) << 32n), mix(digits >> 64n, sign + K1))
}

/** The reference of `numericAddInto`: undefined when the sum leaves 120 bits. */
export function addNumerics(
  a: ReferenceNumeric,
  b: ReferenceNumeric,
): ReferenceNumeric | undefined {
  const scale = Math.max(a.scale, b.scale)
  const unscaled =
    a.unscaled * 10n ** BigInt(scale - a.scale) + b.unscaled * 10n ** BigInt(scale - b.scale)
  return BigInt.asIntN(120, unscaled) === unscaled ? { unscaled, scale } : undefined
}

/** The reference of `intervalOrder`: by length, a month having 30 days. */
export function compareIntervals(a: ReferenceInterval, b: ReferenceInterval): number {
  const [left, right] = [lengthOf(a), lengthOf(b)]
  return left < right ? -1 : Number(left > right)
}

/** The reference of `intervalHash`. */
export function hashInterval(interval: ReferenceInterval): bigint {
  const length = lengthOf(interval)
  const rest = ((length % DAY_MICROS) + DAY_MICROS) % DAY_MICROS
  return mix((length - rest) / DAY_MICROS, rest + K1)
}

/** The reference of `intervalAddInto`: undefined when a part overflows. */
export function addIntervals(
  a: ReferenceInterval,
  b: ReferenceInterval,
): ReferenceInterval | undefined {
  const sum = { months: a.months + b.months, days: a.days + b.days, micros: a.micros + b.micros }
  const fits =
    (sum.months | 0) === sum.months &&
    (sum.days | 0) === sum.days &&
    BigInt.asIntN(WORD, sum.micros) === sum.micros
  return fits ? sum : undefined
}

/** How long an interval is, in microseconds. */
export function lengthOf({ months, days, micros }: ReferenceInterval): bigint {
  return (BigInt(months) * 30n + BigInt(days)) * DAY_MICROS + micros
}

const DECIMAL_LIMIT = 10n ** 38n

/** The reference of `decimalMultiplyHigh`: undefined when the product has more than 38 digits. */
export function multiplyDecimals(a: bigint, b: bigint): bigint | undefined {
  const product = a * b
  return product < DECIMAL_LIMIT && product > -DECIMAL_LIMIT ? product : undefined
}
