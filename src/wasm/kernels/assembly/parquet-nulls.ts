// Packed values of Parquet pages, spread over rows of which some are NULL.
// Sources are followed by 64 readable bytes, targets by 64 writable ones.

// Row b: swizzle indices that move packed values to the lanes whose bit is set in b, 128 gives 0.
const EXPAND_BYTES: usize = memory.data<u8>([
  128, 128, 128, 128, 0, 128, 128, 128, 128, 0, 128, 128, 0, 1, 128, 128,
  128, 128, 0, 128, 0, 128, 1, 128, 128, 0, 1, 128, 0, 1, 2, 128,
  128, 128, 128, 0, 0, 128, 128, 1, 128, 0, 128, 1, 0, 1, 128, 2,
  128, 128, 0, 1, 0, 128, 1, 2, 128, 0, 1, 2, 0, 1, 2, 3,
])

// @ts-ignore: decorator
@inline
function expandIndices<T>(nibble: u32): v128 {
  const lanes8 = i32x4.splat(load<i32>(EXPAND_BYTES + (<usize>nibble << 2)))
  if (sizeof<T>() == 1) return lanes8
  if (sizeof<T>() == 2) {
    const doubled = v128.shuffle<i8>(lanes8, lanes8, 0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3)
    return v128.or(i8x16.shl(v128.and(doubled, i8x16.splat(127)), 1), v128.or(v128.and(doubled, i8x16.splat(-128)), i16x8.splat(0x100)))
  }
  const fourfold = v128.shuffle<i8>(lanes8, lanes8, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
  return v128.or(i8x16.shl(v128.and(fourfold, i8x16.splat(127)), 2), v128.or(v128.and(fourfold, i8x16.splat(-128)), i32x4.splat(0x03020100)))
}

// Four rows: those whose bit is set take the next packed values, the others 0.
// @ts-ignore: decorator
@inline
function expand4<T>(packed: usize, nibble: u32, target: usize): void {
  const values = i8x16.swizzle(v128.load(packed), expandIndices<T>(nibble))
  if (sizeof<T>() == 4) v128.store(target, values)
  else if (sizeof<T>() == 2) store<u64>(target, <u64>i64x2.extract_lane(values, 0))
  else store<u32>(target, <u32>i32x4.extract_lane(values, 0))
}

// No branch on the bits: with NULLs here and there every branch would be a coin toss.
// @ts-ignore: decorator
@inline
function spread<T>(packed: usize, bitmap: usize, count: i32, target: usize): void {
  const bytes = (count + 7) >> 3
  for (let i = 0; i < bytes; i++) {
    const valid = <u32>load<u8>(bitmap + i)
    expand4<T>(packed, valid & 15, target)
    expand4<T>(packed + popcnt<u32>(valid & 15) * sizeof<T>(), valid >> 4, target + 4 * sizeof<T>())
    packed += popcnt<u32>(valid) * sizeof<T>()
    target += 8 * sizeof<T>()
  }
}

function spread8Bytes(packed: usize, bitmap: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    const valid = <u64>((load<u8>(bitmap + (i >> 3)) >> <u8>(i & 7)) & 1)
    store<u64>(target, load<u64>(packed) & -valid)
    packed += <usize>valid << 3
    target += 8
  }
}

function spread16Bytes(packed: usize, bitmap: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    const valid = <i64>((load<u8>(bitmap + (i >> 3)) >> <u8>(i & 7)) & 1)
    v128.store(target, v128.and(v128.load(packed), i64x2.splat(-valid)))
    packed += <usize>valid << 4
    target += 16
  }
}

// Spreads packed values of `bytes` bytes over `count` rows by the bitmap; NULLs become 0. The last
// byte's spare bits may be set; up to 7 rows more are written.
export function parquetSpread(
  packed: usize,
  bitmap: usize,
  count: i32,
  bytes: i32,
  target: usize,
): void {
  if (bytes == 1) spread<u8>(packed, bitmap, count, target)
  else if (bytes == 2) spread<u16>(packed, bitmap, count, target)
  else if (bytes == 4) spread<u32>(packed, bitmap, count, target)
  else if (bytes == 8) spread8Bytes(packed, bitmap, count, target)
  else spread16Bytes(packed, bitmap, count, target)
}
