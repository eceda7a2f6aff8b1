// Statistics of one column of a chunk, and the conversions that follow from them.

@inline
function isSet(validity: usize, row: i32): bool {
  return ((load<u8>(validity + (<usize>row >> 3)) >> (<u8>row & 7)) & 1) != 0
}

@inline
function lesser<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.bitselect(a, b, i64x2.lt_s(a, b))
  return v128.min<T>(a, b)
}

@inline
function greater<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.bitselect(a, b, i64x2.gt_s(a, b))
  return v128.max<T>(a, b)
}

@inline
function denseBounds<T>(values: usize, rows: i32, out: usize): void {
  let low = load<T>(values)
  let high = low
  let descends = false
  let p = values + sizeof<T>()
  const end = values + <usize>rows * sizeof<T>()
  if (rows > 64) {
    let lows = v128.load(values)
    let highs = lows
    let falls = v128.splat<T>(0)
    for (; p + 16 <= end; p += 16) {
      const next = v128.load(p)
      falls = v128.or(falls, v128.gt<T>(v128.load(p - sizeof<T>()), next))
      lows = lesser<T>(lows, next)
      highs = greater<T>(highs, next)
    }
    descends = v128.any_true(falls)
    const scratch = out + 32
    v128.store(scratch, lows)
    v128.store(scratch, highs, 16)
    for (let lane: usize = 0; lane < 16; lane += sizeof<T>()) {
      low = min<T>(low, load<T>(scratch + lane))
      high = max<T>(high, load<T>(scratch + 16 + lane))
    }
  }
  for (; p < end; p += sizeof<T>()) {
    const value = load<T>(p)
    descends = descends || value < load<T>(p - sizeof<T>())
    low = min<T>(low, value)
    high = max<T>(high, value)
  }
  store<i64>(out, <i64>low)
  store<i64>(out, <i64>high, 8)
  store<u32>(out, rows, 16)
  store<u32>(out, descends ? 0 : 1, 20)
}

@inline
function sparseBounds<T>(values: usize, rows: i32, validity: usize, out: usize): void {
  let low: i64 = i64.MAX_VALUE
  let high: i64 = i64.MIN_VALUE
  let ascends = true
  let count = 0
  let previous: i64 = i64.MIN_VALUE
  for (let i = 0; i < rows; i++) {
    if (!isSet(validity, i)) continue
    const value = <i64>load<T>(values + <usize>i * sizeof<T>())
    ascends = ascends && value >= previous
    previous = value
    low = min(low, value)
    high = max(high, value)
    count++
  }
  store<i64>(out, low)
  store<i64>(out, high, 8)
  store<u32>(out, count, 16)
  store<u32>(out, ascends ? 1 : 0, 20)
}

@inline
function bounds<T>(values: usize, rows: i32, validity: usize, out: usize): void {
  if (validity == 0) denseBounds<T>(values, rows, out)
  else sparseBounds<T>(values, rows, validity, out)
}

/**
 * Bounds of `rows` (at least 1) signed integers of `width` bytes. validity 0: none is NULL.
 * out: i64 min, i64 max, u32 valid rows, u32 1 = ascending; 32 bytes of scratch from byte 32 on.
 */
export function integerBounds(
  values: usize,
  width: i32,
  rows: i32,
  validity: usize,
  out: usize,
): void {
  if (width == 1) bounds<i8>(values, rows, validity, out)
  else if (width == 2) bounds<i16>(values, rows, validity, out)
  else if (width == 4) bounds<i32>(values, rows, validity, out)
  else bounds<i64>(values, rows, validity, out)
}

@inline
function sumOf<T>(values: usize, rows: i32): i64 {
  let total = i64x2.splat(0)
  const whole = rows & ~15
  const end = values + <usize>whole * sizeof<T>()
  for (; values < end; values += 16) {
    const next = v128.load(values)
    // Pairs, until the lanes are 32 bits wide; those are added as 64.
    const words =
      sizeof<T>() == 1
        ? i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(next))
        : sizeof<T>() == 2
          ? i32x4.extadd_pairwise_i16x8_s(next)
          : next
    total = i64x2.add(total, i64x2.extend_low_i32x4_s(words))
    total = i64x2.add(total, i64x2.extend_high_i32x4_s(words))
  }
  let sum = i64x2.extract_lane(total, 0) + i64x2.extract_lane(total, 1)
  for (let row = whole; row < rows; row++) {
    sum += <i64>load<T>(values)
    values += sizeof<T>()
  }
  return sum
}

/** The sum of `rows` signed integers of `width` bytes (1, 2 or 4). */
export function integerSum(values: usize, width: i32, rows: i32): i64 {
  if (width == 1) return sumOf<i8>(values, rows)
  if (width == 2) return sumOf<i16>(values, rows)
  return sumOf<i32>(values, rows)
}

/** Like integerBounds for 128-bit integers; out: i128 min, i128 max, u32 valid rows, u32 ascending. */
export function wideBounds(values: usize, rows: i32, validity: usize, out: usize): void {
  let lowHigh: i64 = i64.MAX_VALUE
  let lowLow: u64 = u64.MAX_VALUE
  let highHigh: i64 = i64.MIN_VALUE
  let highLow: u64 = 0
  let lastHigh: i64 = i64.MIN_VALUE
  let lastLow: u64 = 0
  let count = 0
  let ascends = true
  for (let i = 0; i < rows; i++) {
    if (validity != 0 && !isSet(validity, i)) continue
    const low = load<u64>(values + (<usize>i << 4))
    const high = load<i64>(values + (<usize>i << 4), 8)
    if (high < lowHigh || (high == lowHigh && low < lowLow)) {
      lowHigh = high
      lowLow = low
    }
    if (high > highHigh || (high == highHigh && low > highLow)) {
      highHigh = high
      highLow = low
    }
    ascends = ascends && (high > lastHigh || (high == lastHigh && low >= lastLow))
    lastHigh = high
    lastLow = low
    count++
  }
  store<u64>(out, lowLow)
  store<i64>(out, lowHigh, 8)
  store<u64>(out, highLow, 16)
  store<i64>(out, highHigh, 24)
  store<u32>(out, count, 32)
  store<u32>(out, ascends ? 1 : 0, 36)
}

@inline
function mix(x: u64): u64 {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93
  return x ^ (x >> 32)
}

/** A 64-bit hash of bytes; reads up to 8 bytes behind them. */
export function textHash(p: usize, length: u32): u64 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ <u64>length
  while (length >= 8) {
    hash = (hash ^ load<u64>(p)) * 0xd6e8feb86659fd93
    hash ^= hash >> 32
    p += 8
    length -= 8
  }
  if (length > 0) hash ^= load<u64>(p) << (64 - (length << 3))
  return mix(hash)
}

/**
 * Distinct values among one row of every `step`. `slots` is a table of `mask + 1` u64, more than twice
 * the sampled rows. width 0: text, `values` its bytes. Returns distinct in the low, sampled rows in
 * the high 32 bits.
 */
export function sampleDistinct(
  values: usize,
  offsets: usize,
  width: i32,
  rows: i32,
  validity: usize,
  step: i32,
  slots: usize,
  mask: i32,
): u64 {
  memory.fill(slots, 0, (<usize>mask + 1) << 3)
  let distinct: u64 = 0
  let sampled: u64 = 0
  for (let first = 0; first < rows; first += step) {
    // One row of each step, at random, so that no period of the data hides values.
    const i = first + <i32>(mix(<u64>first + 1) % <u64>step)
    if (i >= rows || (validity != 0 && !isSet(validity, i))) continue
    let hash: u64
    if (width == 0) {
      const start = load<u32>(offsets + (<usize>i << 2))
      hash = textHash(values + start, load<u32>(offsets + (<usize>i << 2), 4) - start)
    } else if (width == 1) hash = mix(load<u8>(values + i))
    else if (width == 2) hash = mix(load<u16>(values + (<usize>i << 1)))
    else if (width == 4) hash = mix(load<u32>(values + (<usize>i << 2)))
    else if (width == 8) hash = mix(load<u64>(values + (<usize>i << 3)))
    else {
      const at = values + (<usize>i << 4)
      hash = mix(load<u64>(at) ^ mix(load<u64>(at, 8)))
    }
    hash |= 1
    sampled++
    let slot = <usize>(<u32>(hash >> 32) & mask)
    for (;;) {
      const found = load<u64>(slots + (slot << 3))
      if (found == hash) break
      if (found == 0) {
        store<u64>(slots + (slot << 3), hash)
        distinct++
        break
      }
      slot = (slot + 1) & <usize>mask
    }
  }
  return distinct | (sampled << 32)
}

@inline
function convert<From, To>(from: usize, rows: i32, to: usize): void {
  const end = from + <usize>rows * sizeof<From>()
  while (from < end) {
    store<To>(to, <To>load<From>(from))
    from += sizeof<From>()
    to += sizeof<To>()
  }
}

@inline
function convertFrom<From>(from: usize, rows: i32, to: usize, width: i32): void {
  if (width == 1) convert<From, i8>(from, rows, to)
  else if (width == 2) convert<From, i16>(from, rows, to)
  else if (width == 4) convert<From, i32>(from, rows, to)
  else if (width == 8) convert<From, i64>(from, rows, to)
  else {
    for (let i = 0; i < rows; i++) {
      const value = <i64>load<From>(from)
      store<i64>(to, value)
      store<i64>(to, value >> 63, 8)
      from += sizeof<From>()
      to += 16
    }
  }
}

/** Signed integers of one width (1, 2, 4, 8, 16 bytes) to another; what does not fit is cut off. */
export function convertIntegers(
  from: usize,
  fromWidth: i32,
  rows: i32,
  to: usize,
  toWidth: i32,
): void {
  if (fromWidth == toWidth) memory.copy(to, from, <usize>rows * fromWidth)
  else if (fromWidth == 1) convertFrom<i8>(from, rows, to, toWidth)
  else if (fromWidth == 2) convertFrom<i16>(from, rows, to, toWidth)
  else if (fromWidth == 4) convertFrom<i32>(from, rows, to, toWidth)
  else if (fromWidth == 8) convertFrom<i64>(from, rows, to, toWidth)
  else {
    for (let i = 0; i < rows; i++) {
      const value = load<i64>(from + (<usize>i << 4))
      if (toWidth == 8) store<i64>(to + (<usize>i << 3), value)
      else if (toWidth == 4) store<i32>(to + (<usize>i << 2), <i32>value)
      else if (toWidth == 2) store<i16>(to + (<usize>i << 1), <i16>value)
      else store<i8>(to + <usize>i, <i8>value)
    }
  }
}
