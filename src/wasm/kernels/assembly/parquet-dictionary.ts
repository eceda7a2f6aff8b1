// Values of Parquet pages that are coded by a dictionary.
// Sources are followed by 64 readable bytes, targets by 64 writable ones.
import { packedBytes, readRun, repeat, unpack } from './bit-packing'
import { copyShort } from './copy'

// Codes unpacked before they are looked up, while they are in the nearest cache; a multiple of 8.
const CODES_BLOCK: i32 = 4096

// What a kernel returns when it finds them.
const MALFORMED: i32 = -1
const NOT_IN_DICTIONARY: i32 = -2

// Whether all codes are below `size`.
export function parquetCodesBelow(codes: usize, bytes: i32, count: i32, size: u32): i32 {
  let largest: u32 = 0
  const steps = (<usize>count * bytes) >> 4
  let most = i32x4.splat(0)
  const end = codes + (steps << 4)
  const start = codes
  if (bytes == 1) for (; codes < end; codes += 16) most = i8x16.max_u(most, v128.load(codes))
  else if (bytes == 2) for (; codes < end; codes += 16) most = i16x8.max_u(most, v128.load(codes))
  else for (; codes < end; codes += 16) most = i32x4.max_u(most, v128.load(codes))
  if (bytes == 1) {
    if (v128.any_true(most) && v128.any_true(i8x16.gt_u(most, i8x16.splat(<i8>min<u32>(size - 1, 255))))) return 0
  } else if (bytes == 2) {
    if (v128.any_true(most) && v128.any_true(i16x8.gt_u(most, i16x8.splat(<i16>min<u32>(size - 1, 65535))))) return 0
  } else if (v128.any_true(i32x4.gt_u(most, i32x4.splat(<i32>(size - 1))))) return 0
  const last = start + <usize>count * bytes
  for (; codes < last; codes += bytes) {
    const code = bytes == 1 ? <u32>load<u8>(codes) : bytes == 2 ? <u32>load<u16>(codes) : load<u32>(codes)
    largest = max(largest, code)
  }
  return count == 0 || (size > 0 && largest < size) ? 1 : 0
}

// @ts-ignore: decorator
@inline
function gather<C, V>(codes: usize, count: i32, dictionary: usize, target: usize): void {
  const end = codes + (count & ~3) * sizeof<C>()
  while (codes < end) {
    // Four independent loads in flight.
    const a = load<V>(dictionary + <usize>load<C>(codes) * sizeof<V>())
    const b = load<V>(dictionary + <usize>load<C>(codes, sizeof<C>()) * sizeof<V>())
    const c = load<V>(dictionary + <usize>load<C>(codes, 2 * sizeof<C>()) * sizeof<V>())
    const d = load<V>(dictionary + <usize>load<C>(codes, 3 * sizeof<C>()) * sizeof<V>())
    store<V>(target, a)
    store<V>(target, b, sizeof<V>())
    store<V>(target, c, 2 * sizeof<V>())
    store<V>(target, d, 3 * sizeof<V>())
    codes += 4 * sizeof<C>()
    target += 4 * sizeof<V>()
  }
  for (let i = 0; i < (count & 3); i++) {
    store<V>(target, load<V>(dictionary + <usize>load<C>(codes) * sizeof<V>()))
    codes += sizeof<C>()
    target += sizeof<V>()
  }
}

// Dictionaries of up to 16 one-byte values fit a register.
function gatherRegister(codes: usize, count: i32, dictionary: usize, target: usize): void {
  const table = v128.load(dictionary)
  for (let i = 0; i < count; i += 16) {
    v128.store(target, i8x16.swizzle(table, v128.load(codes)))
    codes += 16
    target += 16
  }
}

// Codes of any width, a block at a time. `codes` has room for a block of them at 4 bytes each.
// @ts-ignore: decorator
@inline
function gatherBlocks<C, V>(
  source: usize,
  bits: u32,
  count: i32,
  codes: usize,
  dictionary: usize,
  size: u32,
  target: usize,
): i32 {
  const provedByWidth = bits < 32 && <u32>1 << bits <= size
  while (count > 0) {
    const values = min(count, CODES_BLOCK)
    unpack<C>(source, bits, values, codes)
    if (!provedByWidth && !parquetCodesBelow(codes, sizeof<C>(), values, size)) return NOT_IN_DICTIONARY
    if (sizeof<V>() == 1 && sizeof<C>() == 1 && size <= 16) gatherRegister(codes, values, dictionary, target)
    else gather<C, V>(codes, values, dictionary, target)
    source += packedBytes(values, bits)
    target += values * sizeof<V>()
    count -= values
  }
  return 0
}

// @ts-ignore: decorator
@inline
function gatherPacked<V>(
  source: usize,
  bits: u32,
  count: i32,
  codes: usize,
  dictionary: usize,
  size: u32,
  target: usize,
): i32 {
  if (bits <= 8) return gatherBlocks<u8, V>(source, bits, count, codes, dictionary, size, target)
  if (bits <= 16) return gatherBlocks<u16, V>(source, bits, count, codes, dictionary, size, target)
  return gatherBlocks<u32, V>(source, bits, count, codes, dictionary, size, target)
}

// @ts-ignore: decorator
@inline
function dictionaryValues<V>(
  source: usize,
  end: usize,
  bits: u32,
  count: i32,
  codes: usize,
  dictionary: usize,
  size: u32,
  target: usize,
): i32 {
  const codeBytes = (bits + 7) >> 3
  const mask: u32 = codeBytes == 4 ? -1 : (1 << (codeBytes << 3)) - 1
  while (count > 0) {
    const run = readRun(source, end)
    if (run == 0) return MALFORMED
    source = <usize>(run >> 32)
    const length = <u32>run >> 1
    let values = count
    if (<u32>run & 1) {
      // `length` groups of 8. Groups past the last value may be missing from the buffer.
      if (length < (<u32>count + 7) >> 3) values = <i32>(length << 3)
      const bytes = packedBytes(values, bits)
      if (bytes > end - source) return MALFORMED
      const wrong = gatherPacked<V>(source, bits, values, codes, dictionary, size, target)
      if (wrong) return wrong
      source += bytes
    } else {
      if (codeBytes > end - source || length == 0) return MALFORMED
      values = <i32>min(length, <u32>count)
      const code = load<u32>(source) & mask
      if (code >= size) return NOT_IN_DICTIONARY
      repeat<V>(load<V>(dictionary + <usize>code * sizeof<V>()), values, target)
      source += codeBytes
    }
    count -= values
    target += values * sizeof<V>()
  }
  return 0
}

// The first `count` values of a page: a hybrid of codes, each replaced by the dictionary's value of
// `bytes` bytes (1 to 16). The dictionary has `size` entries ; `codes` is working
// memory for a block of 4096 codes at 4 bytes. Returns 0, -1 when the bytes up to `end` do
// not hold the codes, -2 for a code that is not in the dictionary.
export function parquetDictionaryValues(
  source: usize,
  end: usize,
  bits: u32,
  count: i32,
  codes: usize,
  dictionary: usize,
  size: u32,
  bytes: i32,
  target: usize,
): i32 {
  if (bits > 32) return MALFORMED
  if (bytes == 1) return dictionaryValues<u8>(source, end, bits, count, codes, dictionary, size, target)
  if (bytes == 2) return dictionaryValues<u16>(source, end, bits, count, codes, dictionary, size, target)
  if (bytes == 4) return dictionaryValues<u32>(source, end, bits, count, codes, dictionary, size, target)
  if (bytes == 8) return dictionaryValues<u64>(source, end, bits, count, codes, dictionary, size, target)
  return dictionaryValues<v128>(source, end, bits, count, codes, dictionary, size, target)
}

// Text by code: appends the values' bytes at `target` and `count + 1` offsets from `base`. Returns
// the end of the bytes, 0 when they would pass `targetEnd`.
export function parquetGatherText(
  codes: usize,
  codeBytes: i32,
  count: i32,
  dictionaryOffsets: usize,
  dictionaryBytes: usize,
  offsets: usize,
  base: usize,
  target: usize,
  targetEnd: usize,
): usize {
  for (let i = 0; i < count; i++) {
    const code = codeBytes == 1 ? <usize>load<u8>(codes) : codeBytes == 2 ? <usize>load<u16>(codes) : <usize>load<u32>(codes)
    const from = load<u32>(dictionaryOffsets + (code << 2))
    const length = load<u32>(dictionaryOffsets + (code << 2), 4) - from
    if (length > targetEnd - target) return 0
    store<u32>(offsets, <u32>(target - base))
    copyShort(target, dictionaryBytes + from, length)
    codes += codeBytes
    offsets += 4
    target += length
  }
  store<u32>(offsets, <u32>(target - base))
  return target
}

// The bytes that parquetGatherText will write.
export function parquetGatherTextBytes(
  codes: usize,
  codeBytes: i32,
  count: i32,
  dictionaryOffsets: usize,
): f64 {
  let sum: u64 = 0
  for (let i = 0; i < count; i++) {
    const code = codeBytes == 1 ? <usize>load<u8>(codes) : codeBytes == 2 ? <usize>load<u16>(codes) : <usize>load<u32>(codes)
    const at = dictionaryOffsets + (code << 2)
    sum += load<u32>(at, 4) - load<u32>(at)
    codes += codeBytes
  }
  return <f64>sum
}

