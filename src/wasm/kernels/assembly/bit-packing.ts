// Bit-packed integers and Parquet's RLE/bit-packed hybrid (apache/parquet-format, Encodings.md).
// Sources are followed by 64 readable bytes, targets by 64 writable ones.

// Fewer values than this are unpacked one at a time: the vectors' set-up would cost more.
const SHORT: i32 = 32

// A vector of four numbers, by way of memory that the caller will overwrite: V8 before version 12 builds
// vectors made of lanes anew in every step of the loop that uses them, which takes four times as long.
// @ts-ignore: decorator
@inline
function lanes(a: u32, b: u32, c: u32, d: u32, scratch: usize): v128 {
  store<u32>(scratch, a)
  store<u32>(scratch, b, 4)
  store<u32>(scratch, c, 8)
  store<u32>(scratch, d, 12)
  return v128.load(scratch)
}

// Swizzle indices of the two bytes that hold values `i` and `i + 1`, two 16-bit lanes at once.
function bytesOfPair(bits: u32, i: u32): u32 {
  const first = (bits * i) >> 3
  const second = (bits * (i + 1)) >> 3
  return first | ((first + 1) << 8) | (second << 16) | ((second + 1) << 24)
}

// Factors that shift values `i` and `i + 1` to the top of their 16-bit lanes.
function factorsOfPair(bits: u32, i: u32): u32 {
  const first = 1 << (16 - bits - ((bits * i) & 7))
  const second = 1 << (16 - bits - ((bits * (i + 1)) & 7))
  return first | (second << 16)
}

// Swizzle indices of the four bytes that hold value `i`, which starts `phase` bits later.
function bytesOfValue(bits: u32, phase: u32, i: u32): u32 {
  const first = (bits * i + phase) >> 3
  return first | ((first + 1) << 8) | ((first + 2) << 16) | ((first + 3) << 24)
}

function factorOfValue(bits: u32, phase: u32, i: u32): u32 {
  return 1 << (32 - bits - ((bits * i + phase) & 7))
}

// Values of up to 8 bits: two bytes hold any of them, so a 16-bit multiplication shifts each lane
// by its own amount. 16 values a step.
// @ts-ignore: decorator
@inline
function unpackNarrow<T>(source: usize, bits: u32, count: i32, target: usize): void {
  const indices = lanes(
    bytesOfPair(bits, 0),
    bytesOfPair(bits, 2),
    bytesOfPair(bits, 4),
    bytesOfPair(bits, 6),
    target,
  )
  const factors = lanes(
    factorsOfPair(bits, 0),
    factorsOfPair(bits, 2),
    factorsOfPair(bits, 4),
    factorsOfPair(bits, 6),
    target + 16,
  )
  const shift = 16 - bits
  for (let i = 0; i < count; i += 16) {
    const low = i16x8.shr_u(
      i16x8.mul(i8x16.swizzle(v128.load(source), indices), factors),
      shift,
    )
    const high = i16x8.shr_u(
      i16x8.mul(i8x16.swizzle(v128.load(source + bits), indices), factors),
      shift,
    )
    if (sizeof<T>() == 1) {
      v128.store(target, i8x16.narrow_i16x8_u(low, high))
    } else if (sizeof<T>() == 2) {
      v128.store(target, low)
      v128.store(target, high, 16)
    } else {
      v128.store(target, i32x4.extend_low_i16x8_u(low))
      v128.store(target, i32x4.extend_high_i16x8_u(low), 16)
      v128.store(target, i32x4.extend_low_i16x8_u(high), 32)
      v128.store(target, i32x4.extend_high_i16x8_u(high), 48)
    }
    target += 16 * sizeof<T>()
    source += bits << 1
  }
}

// Values of 9 to 25 bits: four bytes hold any of them. 8 values a step; the second four start at
// half a byte when `bits` is odd.
// @ts-ignore: decorator
@inline
function unpackMedium<T>(source: usize, bits: u32, count: i32, target: usize): void {
  const half = (bits * 4) >> 3
  const phase = (bits * 4) & 7
  const shift = 32 - bits
  const indicesA = lanes(
    bytesOfValue(bits, 0, 0),
    bytesOfValue(bits, 0, 1),
    bytesOfValue(bits, 0, 2),
    bytesOfValue(bits, 0, 3),
    target,
  )
  const factorsA = lanes(
    factorOfValue(bits, 0, 0),
    factorOfValue(bits, 0, 1),
    factorOfValue(bits, 0, 2),
    factorOfValue(bits, 0, 3),
    target + 16,
  )
  const indicesB = lanes(
    bytesOfValue(bits, phase, 0),
    bytesOfValue(bits, phase, 1),
    bytesOfValue(bits, phase, 2),
    bytesOfValue(bits, phase, 3),
    target + 32,
  )
  const factorsB = lanes(
    factorOfValue(bits, phase, 0),
    factorOfValue(bits, phase, 1),
    factorOfValue(bits, phase, 2),
    factorOfValue(bits, phase, 3),
    target + 48,
  )
  for (let i = 0; i < count; i += 8) {
    const a = i32x4.shr_u(
      i32x4.mul(i8x16.swizzle(v128.load(source), indicesA), factorsA),
      shift,
    )
    const b = i32x4.shr_u(
      i32x4.mul(i8x16.swizzle(v128.load(source + half), indicesB), factorsB),
      shift,
    )
    if (sizeof<T>() == 4) {
      v128.store(target, a)
      v128.store(target, b, 16)
    } else {
      v128.store(target, i16x8.narrow_i32x4_u(a, b))
    }
    target += 8 * sizeof<T>()
    source += bits
  }
}

// Values of any width up to 32, one at a time.
// @ts-ignore: decorator
@inline
function unpackWide<T>(source: usize, bits: u32, count: i32, target: usize): void {
  const mask: u64 = (<u64>1 << bits) - 1
  let bit: usize = 0
  for (let i = 0; i < count; i++) {
    store<T>(target, <T>((load<u64>(source + (bit >> 3)) >> (<u64>bit & 7)) & mask))
    target += sizeof<T>()
    bit += bits
  }
}

// Unpacks `count` values of `bits` bits (0 to 32, at most the bits of T). Writes up to 15 more.
export function unpack<T>(source: usize, bits: u32, count: i32, target: usize): void {
  if (bits == 0) memory.fill(target, 0, count * sizeof<T>())
  else if (count < SHORT) unpackWide<T>(source, bits, count, target)
  else if (bits <= 8) unpackNarrow<T>(source, bits, count, target)
  else if (bits <= 25 && sizeof<T>() > 1) unpackMedium<T>(source, bits, count, target)
  else unpackWide<T>(source, bits, count, target)
}

// Unpacks values of up to 64 bits.
export function unpack64(source: usize, bits: u32, count: i32, target: usize): void {
  const mask: u64 = bits == 64 ? <u64>-1 : (<u64>1 << bits) - 1
  let bit: usize = 0
  for (let i = 0; i < count; i++) {
    const at = source + (bit >> 3)
    const shift = <u64>bit & 7
    let value = load<u64>(at) >> shift
    // Above 57 bits a value can reach into a ninth byte.
    if (bits > 57 && shift > 0) value |= <u64>load<u8>(at, 8) << (64 - shift)
    store<u64>(target, value & mask)
    target += 8
    bit += bits
  }
}

// Bytes that hold `count` values.
// @ts-ignore: decorator
@inline
export function packedBytes(count: i32, bits: u32): usize {
  return <usize>((<u64>count * bits + 7) >> 3)
}

// The header of a run of the hybrid: its lowest bit tells a packed run, the rest the groups of 8 or the
// repetitions. Returns the header and, in the upper half, where the run's values begin; 0 when the
// header is not well-formed.
// @ts-ignore: decorator
@inline
export function readRun(source: usize, end: usize): u64 {
  let header: u32 = 0
  let shift: u32 = 0
  while (source < end && shift <= 28) {
    const byte = <u32>load<u8>(source++)
    header |= (byte & 127) << shift
    if (byte < 128) return (<u64>source << 32) | header
    shift += 7
  }
  return 0
}

// `count` times one value; up to 15 bytes more are written.
// @ts-ignore: decorator
@inline
export function repeat<V>(value: V, count: i32, target: usize): void {
  const end = target + count * sizeof<V>()
  if (isVector<V>()) {
    for (; target < end; target += 16) store<V>(target, value)
  } else {
    const repeated =
      sizeof<V>() == 1
        ? i8x16.splat(<i8>value)
        : sizeof<V>() == 2
          ? i16x8.splat(<i16>value)
          : sizeof<V>() == 4
            ? i32x4.splat(<i32>value)
            : i64x2.splat(<i64>value)
    for (; target < end; target += 16) v128.store(target, repeated)
  }
}

// @ts-ignore: decorator
@inline
function hybrid<T>(source: usize, end: usize, bits: u32, count: i32, target: usize): i32 {
  if (bits > 32 || bits > 8 * sizeof<T>()) return -1
  const valueBytes = (bits + 7) >> 3
  const mask: u32 = valueBytes == 4 ? -1 : (1 << (valueBytes << 3)) - 1
  while (count > 0) {
    const read = readRun(source, end)
    if (read == 0) return -1
    source = <usize>(read >> 32)
    const run = <u32>read >> 1
    if (<u32>read & 1) {
      // `run` groups of 8. Groups past the last value may be missing from the buffer.
      const last = run >= (<u32>count + 7) >> 3
      const values = last ? count : <i32>(run << 3)
      const bytes = packedBytes(values, bits)
      if (bytes > end - source) return -1
      unpack<T>(source, bits, values, target)
      source += bytes
      count -= values
      target += values * sizeof<T>()
    } else {
      if (valueBytes > end - source || run == 0) return -1
      const values = <i32>min(run, <u32>count)
      const value = load<u32>(source) & mask
      source += valueBytes
      repeat<T>(<T>value, values, target)
      count -= values
      target += values * sizeof<T>()
    }
  }
  return 0
}

// The hybrid's first `count` values as codes of 1, 2 or 4 bytes. Returns 0, or -1 when the bytes up
// to `end` do not hold them or `bits` is more than a code has.
export function parquetCodes(
  source: usize,
  end: usize,
  bits: u32,
  count: i32,
  target: usize,
  codeBytes: i32,
): i32 {
  if (codeBytes == 1) return hybrid<u8>(source, end, bits, count, target)
  if (codeBytes == 2) return hybrid<u16>(source, end, bits, count, target)
  return hybrid<u32>(source, end, bits, count, target)
}

// Sets or clears the bits from `from` up to `to` of a bitmap.
function fillBits(bitmap: usize, from: i32, to: i32, value: u32): void {
  let bit = from
  while (bit < to && bit & 7) {
    const at = bitmap + (bit >> 3)
    const mask: u32 = 1 << (bit & 7)
    const byte = <u32>load<u8>(at)
    store<u8>(at, <u8>(value ? byte | mask : byte & ~mask))
    bit++
  }
  const whole = (to - bit) >> 3
  if (whole > 0) {
    memory.fill(bitmap + (bit >> 3), value ? 255 : 0, whole)
    bit += whole << 3
  }
  if (bit < to) {
    const rest: u32 = value ? (1 << (to - bit)) - 1 : 0
    store<u8>(bitmap + (bit >> 3), <u8>rest)
  }
}

// Copies `count` bits from bit 0 of `source` to bit `at` of `target`; the rest of the last byte is
// undefined. `target` has 8 bytes of slack.
export function bitsAppend(target: usize, at: i32, source: usize, count: i32): void {
  const shift = <u64>at & 7
  let to = target + (at >> 3)
  const bytes = (count + 7) >> 3
  if (shift == 0) {
    memory.copy(to, source, bytes)
    return
  }
  let carry = <u64>load<u8>(to) & ((1 << shift) - 1)
  const end = source + bytes
  // 7 bytes a step, so that the shifted bits always fit 64.
  while (source < end) {
    const bits = carry | ((load<u64>(source) & 0xffffffffffffff) << shift)
    store<u64>(to, bits)
    carry = (bits >> 56) & 255
    source += 7
    to += 7
  }
}

// Sets `count` bits from bit `at` on.
export function bitsAppendOnes(target: usize, at: i32, count: i32): void {
  fillBits(target, at, at + count, 1)
}

// @ts-ignore: decorator
@inline
function countBits(source: usize, count: i32): i32 {
  let sum = 0
  const whole = count >> 3
  let i = 0
  for (; i + 8 <= whole; i += 8) sum += <i32>popcnt(load<u64>(source + i))
  for (; i < whole; i++) sum += <i32>popcnt<u32>(load<u8>(source + i))
  const rest = count & 7
  if (rest) sum += <i32>popcnt<u32>(<u32>load<u8>(source + whole) & ((1 << rest) - 1))
  return sum
}

// A hybrid of 1-bit values (definition levels, booleans) as a bitmap. Returns how many are 1, -1 for
// a run outside the buffer. When the count is all of them the bitmap may be unwritten.
export function parquetBitmap(source: usize, end: usize, count: i32, bitmap: usize): i32 {
  let done = 0
  let ones = 0
  while (done < count) {
    const read = readRun(source, end)
    if (read == 0) return -1
    source = <usize>(read >> 32)
    const run = <u32>read >> 1
    const left = count - done
    if (<u32>read & 1) {
      const values = run >= (<u32>left + 7) >> 3 ? left : <i32>(run << 3)
      const bytes = <usize>((values + 7) >> 3)
      if (bytes > end - source) return -1
      bitsAppend(bitmap, done, source, values)
      ones += countBits(source, values)
      source += bytes
      done += values
    } else {
      if (source >= end || run == 0) return -1
      const values = <i32>min(run, <u32>left)
      const value = <u32>load<u8>(source++)
      if (value > 1) return -1
      if (value && done == 0 && values == count) return count
      fillBits(bitmap, done, done + values, value)
      if (value) ones += values
      done += values
    }
  }
  return ones
}

// The first `count` bits of `bitmap` replaced, where they are 1, by the next bit of `packed`.
export function bitsSpread(packed: usize, bitmap: usize, count: i32, target: usize): void {
  let next: usize = 0
  const bytes = (count + 7) >> 3
  for (let i = 0; i < bytes; i++) {
    let valid = <u32>load<u8>(bitmap + i)
    let window = <u32>load<u16>(packed + (next >> 3)) >> (<u32>next & 7)
    next += popcnt<u32>(valid)
    let result: u32 = 0
    while (valid) {
      const lowest = valid & -valid
      result |= lowest & -(window & 1)
      window >>= 1
      valid ^= lowest
    }
    store<u8>(target + i, <u8>result)
  }
}
