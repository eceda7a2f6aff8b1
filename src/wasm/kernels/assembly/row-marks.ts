// Marks of rows, a byte each (1 or 0), from which a test takes those that do not pass it. Vectors are followed
// by 64 readable bytes, marks by 64 writable ones.

// @ts-ignore: decorator
@inline
function within<T>(values: usize, lows: v128, highs: v128): v128 {
  const value = v128.load(values)
  if (sizeof<T>() == 8) return v128.and(i64x2.ge_s(value, lows), i64x2.le_s(value, highs))
  return v128.and(v128.ge<T>(value, lows), v128.le<T>(value, highs))
}

// Two vectors of masks, lanes of half the width.
// @ts-ignore: decorator
@inline
function packed<T>(first: v128, second: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<i32>(first, second, 0, 2, 4, 6)
  if (sizeof<T>() == 4) return i16x8.narrow_i32x4_s(first, second)
  return i8x16.narrow_i16x8_s(first, second)
}

// The masks of 16 rows, a byte each.
// @ts-ignore: decorator
@inline
function mask16<T>(values: usize, lows: v128, highs: v128): v128 {
  if (sizeof<T>() == 1) return within<T>(values, lows, highs)
  if (sizeof<T>() == 2) return packed<i16>(within<T>(values, lows, highs), within<T>(values + 16, lows, highs))
  if (sizeof<T>() == 4) {
    const first = packed<i32>(within<T>(values, lows, highs), within<T>(values + 16, lows, highs))
    const second = packed<i32>(within<T>(values + 32, lows, highs), within<T>(values + 48, lows, highs))
    return packed<i16>(first, second)
  }
  const a = packed<i64>(within<T>(values, lows, highs), within<T>(values + 16, lows, highs))
  const b = packed<i64>(within<T>(values + 32, lows, highs), within<T>(values + 48, lows, highs))
  const c = packed<i64>(within<T>(values + 64, lows, highs), within<T>(values + 80, lows, highs))
  const d = packed<i64>(within<T>(values + 96, lows, highs), within<T>(values + 112, lows, highs))
  return packed<i16>(packed<i32>(a, b), packed<i32>(c, d))
}

// @ts-ignore: decorator
@inline
function markWithin<T>(values: usize, count: i32, low: i64, high: i64, marks: usize): void {
  const lows = v128.splat<T>(<T>low)
  const highs = v128.splat<T>(<T>high)
  const end = marks + (count & ~15)
  for (; marks < end; marks += 16, values += 16 * sizeof<T>()) {
    v128.store(marks, v128.and(v128.load(marks), mask16<T>(values, lows, highs)))
  }
  for (let i = 0; i < (count & 15); i++, values += sizeof<T>()) {
    const value = <i64>load<T>(values)
    store<u8>(marks + i, load<u8>(marks + i) & <u8>(value >= low && value <= high))
  }
}

// Integers of `bytes` (1 to 8) from low to high, both of which fit them.
export function marksWithin(
  values: usize,
  bytes: i32,
  count: i32,
  low: i64,
  high: i64,
  marks: usize,
): void {
  if (bytes == 1) markWithin<i8>(values, count, low, high, marks)
  else if (bytes == 2) markWithin<i16>(values, count, low, high, marks)
  else if (bytes == 4) markWithin<i32>(values, count, low, high, marks)
  else markWithin<i64>(values, count, low, high, marks)
}

// @ts-ignore: decorator
@inline
function markByCode<T>(codes: usize, count: i32, flags: usize, marks: usize): void {
  for (let i = 0; i < count; i++) {
    const flag = load<u8>(flags + <usize>load<T>(codes + <usize>i * sizeof<T>()))
    store<u8>(marks + i, load<u8>(marks + i) & flag)
  }
}

// Unsigned codes of `bytes` (1, 2 or 4) whose flag, a byte each, is 1.
export function marksByCode(codes: usize, bytes: i32, count: i32, flags: usize, marks: usize): void {
  if (bytes == 1) markByCode<u8>(codes, count, flags, marks)
  else if (bytes == 2) markByCode<u16>(codes, count, flags, marks)
  else markByCode<u32>(codes, count, flags, marks)
}

// @ts-ignore: decorator
@inline
function markByRank<T>(values: usize, count: i32, words: usize, first: i64, span: u64, marks: usize): void {
  for (let i = 0; i < count; i++) {
    const key = <u64>(<i64>load<T>(values + <usize>i * sizeof<T>()) - first)
    const isNear = key <= span
    const word = words + (<usize>(select<u64>(key, 0, isNear) >> 6) << 4)
    const bit = <u8>(load<u64>(word) >> (key & 63)) & 1
    store<u8>(marks + i, load<u8>(marks + i) & bit & <u8>isNear)
  }
}

// Integers of `bytes` (1 to 8) that are keys of a rank index (see rows.ts) of keys from first to first + span.
export function marksByRank(
  values: usize,
  bytes: i32,
  count: i32,
  words: usize,
  first: i64,
  span: i64,
  marks: usize,
): void {
  if (bytes == 1) markByRank<i8>(values, count, words, first, <u64>span, marks)
  else if (bytes == 2) markByRank<i16>(values, count, words, first, <u64>span, marks)
  else if (bytes == 4) markByRank<i32>(values, count, words, first, <u64>span, marks)
  else markByRank<i64>(values, count, words, first, <u64>span, marks)
}

// The marks `marks` as they were, `before`, where a row is NULL and `keepsNulls`; 0 where it is NULL otherwise.
export function marksOfNulls(
  marks: usize,
  before: usize,
  validity: usize,
  count: i32,
  keepsNulls: i32,
): void {
  for (let i = 0; i < count; i++) {
    const valid = (load<u8>(validity + (i >> 3)) >> <u8>(i & 7)) & 1
    const ofNull = <u8>keepsNulls & load<u8>(before + i)
    store<u8>(marks + i, select<u8>(load<u8>(marks + i), ofNull, valid))
  }
}

// For each block of 512 rows whether one of them is marked, a byte each.
export function markedBlocks(marks: usize, count: i32, blocks: usize): void {
  for (let from = 0; from < count; from += 512, blocks++) {
    const rows = min(512, count - from)
    let any = i8x16.splat(0)
    let rest: u8 = 0
    for (let i = 0; i < (rows & ~15); i += 16) any = v128.or(any, v128.load(marks + from + i))
    for (let i = rows & ~15; i < rows; i++) rest |= load<u8>(marks + from + i)
    store<u8>(blocks, <u8>(v128.any_true(any) || rest != 0))
  }
}
