// DELTA_BINARY_PACKED and the string encodings built on it (apache/parquet-format, Encodings.md).
// Sources are followed by 64 readable bytes, targets by 64 writable ones.
import { packedBytes, unpack, unpack64 } from './bit-packing'

// Layout of the 64-byte state block that `readHeader` and `readVarint` write.
const VARINT: usize = 0
const FIRST: usize = 8
const PER_MINIBLOCK: usize = 16
const MINIBLOCKS: usize = 20

const MINIBLOCK_VALUES_MAX: u32 = 8192

// Results of the decoders that are no cursor.
const MALFORMED: usize = 0
const NEEDS_64_BITS: usize = 1

// Reads an unsigned varint of up to 64 bits into the state; returns the cursor, 0 past the end.
function readVarint(source: usize, end: usize, state: usize): usize {
  let value: u64 = 0
  let shift: u64 = 0
  while (source < end && shift < 70) {
    const byte = <u64>load<u8>(source++)
    value |= (byte & 127) << shift
    if (byte < 128) {
      store<u64>(state, value, VARINT)
      return source
    }
    shift += 7
  }
  return 0
}

// @ts-ignore: decorator
@inline
function zigzag(value: u64): i64 {
  return <i64>(value >> 1) ^ -(<i64>(value & 1))
}

// Reads block size, miniblocks, count and first value; the count must be `count`.
function readHeader(source: usize, end: usize, count: i32, state: usize): usize {
  source = readVarint(source, end, state)
  if (source == 0) return 0
  const blockValues = load<u64>(state, VARINT)
  source = readVarint(source, end, state)
  if (source == 0) return 0
  const miniblocks = load<u64>(state, VARINT)
  source = readVarint(source, end, state)
  if (source == 0) return 0
  const total = load<u64>(state, VARINT)
  source = readVarint(source, end, state)
  if (source == 0) return 0
  if (total != <u64>count || miniblocks == 0 || miniblocks > 4096) return 0
  const perMiniblock = blockValues / miniblocks
  if (perMiniblock * miniblocks != blockValues) return 0
  if (perMiniblock == 0 || perMiniblock > MINIBLOCK_VALUES_MAX || perMiniblock & 31) return 0
  store<i64>(state, zigzag(load<u64>(state, VARINT)), FIRST)
  store<u32>(state, <u32>perMiniblock, PER_MINIBLOCK)
  store<u32>(state, <u32>miniblocks, MINIBLOCKS)
  return source
}

// The deltas of one miniblock, unpacked at `deltas`, become values by a prefix sum of 4 lanes.
// @ts-ignore: decorator
@inline
function prefixSum(deltas: usize, count: i32, minimum: v128, last: v128, target: usize): v128 {
  const zero = i32x4.splat(0)
  let sum = last
  for (let i = 0; i < count; i += 4) {
    let x = i32x4.add(v128.load(deltas), minimum)
    x = i32x4.add(x, v128.shuffle<i32>(zero, x, 0, 4, 5, 6))
    x = i32x4.add(x, v128.shuffle<i32>(zero, x, 0, 1, 4, 5))
    x = i32x4.add(x, sum)
    v128.store(target, x)
    sum = v128.shuffle<i32>(x, x, 3, 3, 3, 3)
    deltas += 16
    target += 16
  }
  return sum
}

// Decodes `count` values as their low 32 bits. `scratch` has 64 + 4 * 8192 bytes. `exact` 0: the
// column has 32 bits, sums wrap as the format says. 1: it has 64, and the deltas must prove that
// neighbours differ by less than 2^31, so that a check of the low halves against bounds less than
// 2^31 apart proves the high halves too.
// Returns the cursor behind the values, 0 when malformed, 1 when 64 bits are needed.
export function parquetDelta32(
  source: usize,
  end: usize,
  count: i32,
  target: usize,
  scratch: usize,
  exact: i32,
): usize {
  source = readHeader(source, end, count, scratch)
  if (source == 0) return MALFORMED
  const first = load<i64>(scratch, FIRST)
  if (exact && first != <i64>(<i32>first)) return NEEDS_64_BITS
  const perMiniblock = <i32>load<u32>(scratch, PER_MINIBLOCK)
  const miniblocks = load<u32>(scratch, MINIBLOCKS)
  const deltas = scratch + 64
  if (count == 0) return source
  store<i32>(target, <i32>first)
  target += 4
  let left = count - 1
  // The last value in every lane.
  let last = i32x4.splat(<i32>first)
  while (left > 0) {
    source = readVarint(source, end, scratch)
    if (source == 0) return MALFORMED
    const minimum = zigzag(load<u64>(scratch, VARINT))
    if (exact && (minimum < -0x3fffffff || minimum > 0x3fffffff)) return NEEDS_64_BITS
    const widths = source
    if (miniblocks > end - source) return MALFORMED
    source += miniblocks
    const minimumLanes = i32x4.splat(<i32>minimum)
    for (let k: u32 = 0; k < miniblocks && left > 0; k++) {
      const bits = <u32>load<u8>(widths + k)
      const values = min(perMiniblock, left)
      if (bits > (exact ? <u32>30 : <u32>32)) return NEEDS_64_BITS
      const needed = packedBytes(values, bits)
      if (needed > end - source) return MALFORMED
      unpack<u32>(source, bits, values, deltas)
      last = prefixSum(deltas, values, minimumLanes, last, target)
      source += min(packedBytes(perMiniblock, bits), end - source)
      target += <usize>values << 2
      left -= values
    }
  }
  return source
}

// Decodes `count` 64-bit values. `scratch` has 64 + 8 * 8192 bytes. Returns the cursor, 0 when malformed.
export function parquetDelta64(
  source: usize,
  end: usize,
  count: i32,
  target: usize,
  scratch: usize,
): usize {
  source = readHeader(source, end, count, scratch)
  if (source == 0) return MALFORMED
  let last = load<i64>(scratch, FIRST)
  const perMiniblock = <i32>load<u32>(scratch, PER_MINIBLOCK)
  const miniblocks = load<u32>(scratch, MINIBLOCKS)
  const deltas = scratch + 64
  if (count == 0) return source
  store<i64>(target, last)
  target += 8
  let left = count - 1
  while (left > 0) {
    source = readVarint(source, end, scratch)
    if (source == 0) return MALFORMED
    const minimum = zigzag(load<u64>(scratch, VARINT))
    const widths = source
    if (miniblocks > end - source) return MALFORMED
    source += miniblocks
    for (let k: u32 = 0; k < miniblocks && left > 0; k++) {
      const bits = <u32>load<u8>(widths + k)
      const values = min(perMiniblock, left)
      if (bits > 64) return MALFORMED
      if (packedBytes(values, bits) > end - source) return MALFORMED
      unpack64(source, bits, values, deltas)
      for (let i = 0; i < values; i++) {
        last += minimum + load<i64>(deltas + (<usize>i << 3))
        store<i64>(target, last)
        target += 8
      }
      source += min(packedBytes(perMiniblock, bits), end - source)
      left -= values
    }
  }
  return source
}

// Lengths (i32) to `count + 1` offsets that begin at `base`. Returns the sum of the lengths, -1 when
// one is negative or the sum is over `bytesMax` (at most 2^31 - 1).
export function parquetLengthsToOffsets(
  lengths: usize,
  count: i32,
  base: u32,
  offsets: usize,
  bytesMax: i32,
): i32 {
  let sum: i64 = 0
  let signs = 0
  for (let i = 0; i < count; i++) {
    const length = load<i32>(lengths)
    signs |= length
    store<u32>(offsets, base + <u32>sum)
    sum += <i64>length
    lengths += 4
    offsets += 4
  }
  store<u32>(offsets, base + <u32>sum)
  return signs < 0 || sum > <i64>bytesMax ? -1 : <i32>sum
}

// Bytes that DELTA_BYTE_ARRAY values take once expanded; -1 when a prefix is longer than the value
// before it or the sum is over `bytesMax`. Lengths are i32.
export function parquetFrontCodedBytes(
  prefixes: usize,
  suffixes: usize,
  count: i32,
  bytesMax: i32,
): i32 {
  let sum: i64 = 0
  let before = 0
  for (let i = 0; i < count; i++) {
    const prefix = load<i32>(prefixes)
    const suffix = load<i32>(suffixes)
    if (prefix < 0 || suffix < 0 || prefix > before) return -1
    sum += <i64>prefix + <i64>suffix
    if (sum > <i64>bytesMax) return -1
    before = prefix + suffix
    prefixes += 4
    suffixes += 4
  }
  return <i32>sum
}

// Expands DELTA_BYTE_ARRAY values into `count + 1` offsets from `base` and bytes from `target` on.
// The lengths were checked by parquetFrontCodedBytes, the suffix bytes by the caller.
export function parquetFrontCoded(
  prefixes: usize,
  suffixes: usize,
  count: i32,
  source: usize,
  offsets: usize,
  base: usize,
  target: usize,
): usize {
  let before = target
  for (let i = 0; i < count; i++) {
    const prefix = load<i32>(prefixes)
    const suffix = load<i32>(suffixes)
    store<u32>(offsets, <u32>(target - base))
    memory.copy(target, before, prefix)
    memory.copy(target + prefix, source, suffix)
    before = target
    target += prefix + suffix
    source += suffix
    prefixes += 4
    suffixes += 4
    offsets += 4
  }
  store<u32>(offsets, <u32>(target - base))
  return target
}
