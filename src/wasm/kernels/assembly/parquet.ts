// Decoders of Parquet's values: PLAIN, dictionaries, BYTE_STREAM_SPLIT, NULLs, conversions.
// Sources are followed by 64 readable bytes, targets by 64 writable ones; callers have checked that
// the source holds as many values as they ask for, unless a kernel takes its end.

// ---- Narrowing -------------------------------------------------------------------------------
// Bounds come from statistics that may lie, so every value is checked; the check is part of the copy.

// @ts-ignore: decorator
@inline
function lowHalves(source: usize): v128 {
  return v128.shuffle<i32>(v128.load(source), v128.load(source, 16), 0, 2, 4, 6)
}

// @ts-ignore: decorator
@inline
function highHalves(source: usize): v128 {
  return v128.shuffle<i32>(v128.load(source), v128.load(source, 16), 1, 3, 5, 7)
}

// @ts-ignore: decorator
@inline
function store4<T>(target: usize, values: v128): void {
  if (sizeof<T>() == 4) v128.store(target, values)
  else if (sizeof<T>() == 2) {
    const packed = v128.shuffle<i16>(values, values, 0, 2, 4, 6, 0, 2, 4, 6)
    store<u64>(target, <u64>i64x2.extract_lane(packed, 0))
  } else {
    const packed = v128.shuffle<i8>(
      values, values, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12,
    )
    store<u32>(target, <u32>i32x4.extract_lane(packed, 0))
  }
}

// @ts-ignore: decorator
@inline
function narrow64<T>(source: usize, count: i32, target: usize, low: i32, high: i32): i32 {
  const lows = i32x4.splat(low)
  let spread = i32x4.splat(0)
  let wrong = i32x4.splat(0)
  const end = target + (count & ~3) * sizeof<T>()
  while (target < end) {
    const values = lowHalves(source)
    wrong = v128.or(wrong, v128.xor(highHalves(source), i32x4.shr_s(values, 31)))
    spread = i32x4.max_u(spread, i32x4.sub(values, lows))
    store4<T>(target, values)
    source += 32
    target += 4 * sizeof<T>()
  }
  let bad = v128.any_true(wrong) || v128.any_true(i32x4.gt_u(spread, i32x4.splat(high - low)))
  for (let i = 0; i < (count & 3); i++) {
    const value = load<i64>(source)
    bad = bad || value < <i64>low || value > <i64>high
    store<T>(target, <T>value)
    source += 8
    target += sizeof<T>()
  }
  return bad ? 0 : 1
}

function copy64(source: usize, count: i32, target: usize, low: i64, high: i64): i32 {
  memory.copy(target, source, <usize>count << 3)
  if (low == i64.MIN_VALUE && high == i64.MAX_VALUE) return 1
  const lows = i64x2.splat(low)
  const highs = i64x2.splat(high)
  let wrong = i64x2.splat(0)
  const end = source + (<usize>(count & ~1) << 3)
  while (source < end) {
    const values = v128.load(source)
    wrong = v128.or(wrong, v128.or(i64x2.gt_s(lows, values), i64x2.gt_s(values, highs)))
    source += 16
  }
  let bad = v128.any_true(wrong)
  if (count & 1) {
    const value = load<i64>(source)
    bad = bad || value < low || value > high
  }
  return bad ? 0 : 1
}

// 64-bit values as signed values of `bytes` bytes. Returns 1, or 0 when one is outside [low, high]
// (which fit the target).
export function parquetNarrow64(
  source: usize,
  count: i32,
  target: usize,
  bytes: i32,
  low: i64,
  high: i64,
): i32 {
  if (bytes == 8) return copy64(source, count, target, low, high)
  if (bytes == 4) return narrow64<i32>(source, count, target, <i32>low, <i32>high)
  if (bytes == 2) return narrow64<i16>(source, count, target, <i32>low, <i32>high)
  return narrow64<i8>(source, count, target, <i32>low, <i32>high)
}

// @ts-ignore: decorator
@inline
function narrow32<T>(source: usize, count: i32, target: usize, low: i32, high: i32): i32 {
  const lows = i32x4.splat(low)
  let spread = i32x4.splat(0)
  const end = target + (count & ~3) * sizeof<T>()
  while (target < end) {
    const values = v128.load(source)
    spread = i32x4.max_u(spread, i32x4.sub(values, lows))
    store4<T>(target, values)
    source += 16
    target += 4 * sizeof<T>()
  }
  let bad = v128.any_true(i32x4.gt_u(spread, i32x4.splat(high - low)))
  for (let i = 0; i < (count & 3); i++) {
    const value = load<i32>(source)
    bad = bad || value < low || value > high
    store<T>(target, <T>value)
    source += 4
    target += sizeof<T>()
  }
  return bad ? 0 : 1
}

function widen32(source: usize, count: i32, target: usize, low: i32, high: i32): i32 {
  let bad = false
  for (let i = 0; i < count; i++) {
    const value = load<i32>(source)
    bad = bad || value < low || value > high
    store<i64>(target, <i64>value)
    source += 4
    target += 8
  }
  return bad ? 0 : 1
}

// 32-bit values as signed values of `bytes` bytes (8 widens); as parquetNarrow64.
export function parquetNarrow32(
  source: usize,
  count: i32,
  target: usize,
  bytes: i32,
  low: i32,
  high: i32,
): i32 {
  if (bytes == 8) return widen32(source, count, target, low, high)
  if (bytes == 4) return narrow32<i32>(source, count, target, low, high)
  if (bytes == 2) return narrow32<i16>(source, count, target, low, high)
  return narrow32<i8>(source, count, target, low, high)
}

// ---- Conversions to 64 and 128 bits ----------------------------------------------------------

// Unsigned 32-bit values to 64 bits.
export function parquetUnsigned32(source: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) store<u64>(target + (<usize>i << 3), load<u32>(source + (<usize>i << 2)))
}

// Unsigned 64-bit values to 128 bits.
export function parquetUnsigned64(source: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    store<u64>(target, load<u64>(source))
    store<u64>(target, 0, 8)
    source += 8
    target += 16
  }
}

// Signed 64-bit values (32-bit when `bytes` is 4) to 128 bits.
export function parquetWiden128(source: usize, bytes: i32, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    const value = bytes == 4 ? <i64>load<i32>(source) : load<i64>(source)
    store<i64>(target, value)
    store<i64>(target, value >> 63, 8)
    source += bytes
    target += 16
  }
}

// Multiplies 64-bit values in place by `factor` (> 0); returns 0 when one overflows, else 1.
export function parquetScaleUp(values: usize, count: i32, factor: i64): i32 {
  const limit = i64.MAX_VALUE / factor
  let bad = false
  for (let i = 0; i < count; i++) {
    const value = load<i64>(values)
    bad = bad || value > limit || value < -limit
    store<i64>(values, value * factor)
    values += 8
  }
  return bad ? 0 : 1
}

// Divides 64-bit values in place by 1000, rounding down.
export function parquetNanosToMicros(values: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const value = load<i64>(values)
    const quotient = value / 1000
    store<i64>(values, quotient - <i64>(quotient * 1000 > value))
    values += 8
  }
}

const JULIAN_DAY_OF_EPOCH: i64 = 2440588
const MICROS_OF_DAY: i64 = 86400000000

// INT96: nanoseconds of the day (64 bits), Julian day (32 bits) -> microseconds since 1970.
export function parquetInt96(source: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    const nanos = load<i64>(source)
    const day = <i64>load<i32>(source, 8) - JULIAN_DAY_OF_EPOCH
    store<i64>(target, day * MICROS_OF_DAY + nanos / 1000)
    source += 12
    target += 8
  }
}

// A big-endian two's complement number of up to 16 bytes, stored in `bytes` (8 or 16) bytes.
// Returns whether it fits.
// @ts-ignore: decorator
@inline
function storeBigEndian(source: usize, length: u32, target: usize, bytes: i32): bool {
  const sign: i64 = length > 0 && <i8>load<u8>(source) < 0 ? -1 : 0
  let low = <u64>sign
  let high = <u64>sign
  let fits = true
  for (let k: u32 = 0; k < length; k++) {
    // Only copies of the sign may be pushed out at the top.
    if (k >= 16) fits = fits && ((high >> 56) == (<u64>sign & 255))
    high = (high << 8) | (low >> 56)
    low = (low << 8) | <u64>load<u8>(source + k)
  }
  if (length > 16) fits = fits && (<i64>high < 0) == (sign < 0)
  store<u64>(target, low)
  if (bytes == 16) store<u64>(target, high, 8)
  else fits = fits && high == <u64>(<i64>low >> 63)
  return fits
}

// Swizzle indices that turn the `width` bytes from `first` on around and put them at the top of 64 bits.
// @ts-ignore: decorator
@inline
function turnedToTop(width: u32, first: u32): u64 {
  const none = width == 8 ? 0 : (<u64>1 << <u64>(64 - (width << 3))) - 1
  return (0x0001020304050607 + <u64>first * 0x0101010101010101) | none
}

// Two numbers of up to 8 bytes at once: turned to the top of 64 bits, then shifted down with their sign.
function shortDecimals(source: usize, width: u32, count: i32, target: usize): void {
  const order = i64x2.replace_lane(i64x2.splat(turnedToTop(width, 0)), 1, turnedToTop(width, width))
  const shift = <i32>(64 - (width << 3))
  const end = target + (<usize>(count + 1) >> 1 << 4)
  for (; target < end; target += 16, source += width << 1) {
    v128.store(target, i64x2.shr_s(i8x16.swizzle(v128.load(source), order), shift))
  }
}

// Numbers of up to 16 bytes; returns whether they fit.
function longDecimals(source: usize, width: u32, count: i32, target: usize, bytes: i32): i32 {
  const order = i8x16.sub(
    i8x16.splat(<i8>(width - 1)),
    i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  )
  // What lies above the number is its sign.
  const above = i8x16.shr_s(order, 7)
  let wrong: i64 = 0
  for (let i = 0; i < count; i++) {
    const sign = i8x16.splat(<i8>(load<i8>(source) >> 7))
    const value = v128.or(i8x16.swizzle(v128.load(source), order), v128.and(above, sign))
    if (bytes == 16) v128.store(target, value)
    else {
      const low = i64x2.extract_lane(value, 0)
      store<i64>(target, low)
      wrong |= i64x2.extract_lane(value, 1) ^ (low >> 63)
    }
    source += width
    target += bytes
  }
  return wrong == 0 ? 1 : 0
}

// Decimals of `width` bytes each, big-endian, as numbers of 8 or 16 bytes. Returns 1, 0 when one
// does not fit.
export function parquetFixedDecimals(
  source: usize,
  width: u32,
  count: i32,
  target: usize,
  bytes: i32,
): i32 {
  if (width >= 1 && width <= 8 && bytes == 8) {
    shortDecimals(source, width, count, target)
    return 1
  }
  if (width >= 1 && width <= 16) return longDecimals(source, width, count, target, bytes)
  let fits = true
  for (let i = 0; i < count; i++) {
    fits = storeBigEndian(source, width, target, bytes) && fits
    source += width
    target += bytes
  }
  return fits ? 1 : 0
}

// The same for values of varying length, given by `count + 1` offsets from `source`.
export function parquetVariableDecimals(
  source: usize,
  offsets: usize,
  count: i32,
  target: usize,
  bytes: i32,
): i32 {
  let fits = true
  for (let i = 0; i < count; i++) {
    const from = load<u32>(offsets)
    const length = load<u32>(offsets, 4) - from
    fits = storeBigEndian(source + from, length, target, bytes) && fits
    offsets += 4
    target += bytes
  }
  return fits ? 1 : 0
}

// Whether all 128-bit values lie in [-limit, limit], limit given as two words.
export function parquetWithin128(values: usize, count: i32, limitLow: u64, limitHigh: i64): i32 {
  let bad = false
  for (let i = 0; i < count; i++) {
    let low = load<u64>(values)
    let high = load<i64>(values, 8)
    if (high < 0) {
      low = ~low + 1
      high = ~high + <i64>(low == 0)
    }
    bad = bad || high < 0 || high > limitHigh || (high == limitHigh && low > limitLow)
    values += 16
  }
  return bad ? 0 : 1
}

// UUIDs of 16 bytes as integers of 128 bits, low word first: big-endian, the topmost bit turned.
export function parquetUuids(source: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++, source += 16, target += 16) {
    const high = bswap(load<u64>(source)) ^ (<u64>1 << 63)
    store<u64>(target, bswap(load<u64>(source, 8)))
    store<u64>(target, high, 8)
  }
}

// IEEE half precision to single.
export function parquetHalfFloats(source: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    const half = <u32>load<u16>(source)
    const sign = (half & 0x8000) << 16
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    let value: f32
    if (exponent == 31) value = reinterpret<f32>(sign | 0x7f800000 | (fraction << 13))
    else if (exponent) value = reinterpret<f32>(sign | ((exponent + 112) << 23) | (fraction << 13))
    else {
      value = <f32>fraction * <f32>5.9604644775390625e-8
      if (sign) value = -value
    }
    store<f32>(target, value)
    source += 2
    target += 4
  }
}

// ---- BYTE_STREAM_SPLIT ------------------------------------------------------------------------

// Byte k of value i lies at `source + k * count + i`.
export function parquetByteStreamSplit(source: usize, width: u32, count: i32, target: usize): void {
  if (width == 4) splitStreams4(source, count, target)
  else splitStreams(source, width, 0, count, target)
}

function splitStreams(source: usize, width: u32, from: i32, count: i32, target: usize): void {
  for (let k: u32 = 0; k < width; k++) {
    const stream = source + <usize>k * count
    let to = target + <usize>from * width + k
    for (let i = from; i < count; i++) {
      store<u8>(to, load<u8>(stream + i))
      to += width
    }
  }
}

function splitStreams4(source: usize, count: i32, target: usize): void {
  const whole = count & ~15
  for (let i = 0; i < whole; i += 16) {
    const a = v128.load(source + i)
    const b = v128.load(source + count + i)
    const c = v128.load(source + 2 * count + i)
    const d = v128.load(source + 3 * count + i)
    const abLow = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const abHigh = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    const cdLow = v128.shuffle<i8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const cdHigh = v128.shuffle<i8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    const to = target + (<usize>i << 2)
    v128.store(to, v128.shuffle<i16>(abLow, cdLow, 0, 8, 1, 9, 2, 10, 3, 11))
    v128.store(to, v128.shuffle<i16>(abLow, cdLow, 4, 12, 5, 13, 6, 14, 7, 15), 16)
    v128.store(to, v128.shuffle<i16>(abHigh, cdHigh, 0, 8, 1, 9, 2, 10, 3, 11), 32)
    v128.store(to, v128.shuffle<i16>(abHigh, cdHigh, 4, 12, 5, 13, 6, 14, 7, 15), 48)
  }
  splitStreams(source, 4, whole, count, target)
}
