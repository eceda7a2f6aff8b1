// Literals of Zstandard blocks (RFC 8878, 3.1.1.3.1 and 4.2): raw, run-length or Huffman-coded. Bit
// streams are read up to 8 bytes in front of their start.
import { HUFFMAN_WEIGHTS, readProbabilities, buildTable } from './zstd-tables'
import {
  PROBABILITIES,
  WEIGHTS,
  CURSOR,
  SYMBOLS,
  HAS_HUFFMAN,
  LITERALS_AT,
  LITERALS_LENGTH,
  HUFFMAN_TABLE,
  WEIGHT_TABLE,
  LITERALS,
  WRONG,
  BLOCK_BYTES_MAX,
} from './zstd-workspace'

const HUFFMAN_BITS_MAX: i32 = 11
// From the table of bits to the table of symbols.
const HUFFMAN_SYMBOLS: usize = (1 << HUFFMAN_BITS_MAX) + 64
const WEIGHT_SYMBOLS_MAX: i32 = 11

// `count` (at most 25) bits that end before bit `position` of a stream that is read backwards.
// @ts-ignore: decorator
@inline
function bitsBefore(start: usize, position: i32, count: i32): u32 {
  const from = position - count
  const mask: u32 = (1 << count) - 1
  if (from >= 0) return (load<u32>(start + (from >> 3)) >> (from & 7)) & mask
  return (load<u32>(start) << -from) & mask
}

// Weights coded by FSE with two interleaved states. Returns their number.
function readWeights(source: usize, end: usize, workspace: usize): i32 {
  const accuracy = readProbabilities(source, end, workspace, WEIGHT_SYMBOLS_MAX, 6)
  if (accuracy < 0) return WRONG
  const table = workspace + WEIGHT_TABLE
  const weights = workspace + WEIGHTS
  const symbols = load<i32>(workspace, SYMBOLS)
  buildTable(workspace + PROBABILITIES, symbols, accuracy, table, workspace, HUFFMAN_WEIGHTS)
  const start = <usize>load<u32>(workspace, CURSOR)
  if (start >= end) return WRONG
  const lastByte = <u32>load<u8>(end - 1)
  if (lastByte == 0) return WRONG
  let left: i32 = (<i32>(end - start) << 3) - (<i32>clz(lastByte) - 24) - 1
  if (left < accuracy << 1) return WRONG
  let first = bitsBefore(start, left, accuracy)
  left -= accuracy
  let second = bitsBefore(start, left, accuracy)
  left -= accuracy
  let count = 0
  // The two states take turns: what is `first` here becomes `second`.
  while (true) {
    if (count > 253) return WRONG
    const entry = table + (<usize>first << 3)
    store<u8>(weights + count++, <u8>load<u32>(entry, 4))
    const bits = <i32>load<u8>(entry, 3)
    if (left < bits) {
      store<u8>(weights + count++, <u8>load<u32>(table + (<usize>second << 3), 4))
      return count
    }
    const next = load<u16>(entry) + bitsBefore(start, left, bits)
    left -= bits
    first = second
    second = next
  }
}

// Reads a tree description and builds the 11-bit table. Returns 0; sets CURSOR.
function readHuffmanTable(source: usize, end: usize, workspace: usize): i32 {
  if (source >= end) return WRONG
  const header = <i32>load<u8>(source++)
  const weights = workspace + WEIGHTS
  let count = 0
  if (header >= 128) {
    count = header - 127
    const bytes = (count + 1) >> 1
    if (<usize>bytes > end - source) return WRONG
    for (let i = 0; i < count; i += 2) {
      const pair = load<u8>(source + (i >> 1))
      store<u8>(weights + i, pair >> 4)
      store<u8>(weights + i, pair & 15, 1)
    }
    source += bytes
  } else {
    if (<usize>header > end - source) return WRONG
    count = readWeights(source, source + header, workspace)
    if (count < 0) return WRONG
    source += header
  }
  store<u32>(workspace, <u32>source, CURSOR)
  return buildHuffmanTable(weights, count, workspace)
}

function buildHuffmanTable(weights: usize, count: i32, workspace: usize): i32 {
  let sum: u32 = 0
  for (let i = 0; i < count; i++) {
    const weight = <i32>load<u8>(weights + i)
    if (weight > HUFFMAN_BITS_MAX) return WRONG
    if (weight) sum += 1 << (weight - 1)
  }
  if (sum == 0) return WRONG
  const bitsMax = 32 - <i32>clz(sum)
  if (bitsMax > HUFFMAN_BITS_MAX) return WRONG
  // The last weight is what completes the sum to a power of two.
  const rest = (<u32>1 << bitsMax) - sum
  if (popcnt(rest) != 1) return WRONG
  store<u8>(weights + count++, <u8>(32 - <i32>clz(rest)))
  let at = workspace + HUFFMAN_TABLE
  const scale = HUFFMAN_BITS_MAX - bitsMax
  for (let weight = 1; weight <= bitsMax; weight++) {
    for (let symbol = 0; symbol < count; symbol++) {
      if (<i32>load<u8>(weights + symbol) != weight) continue
      const entries = 1 << (weight - 1 + scale)
      const bits = i8x16.splat(<i8>(bitsMax + 1 - weight))
      const symbols = i8x16.splat(<i8>symbol)
      // What is written too far is written again by the next symbol.
      for (let k = 0; k < entries; k += 16) {
        v128.store(at + k, bits)
        v128.store(at + k, symbols, HUFFMAN_SYMBOLS)
      }
      at += entries
    }
  }
  store<u32>(workspace, 1, HAS_HUFFMAN)
  return 0
}

// A bit stream is held top-aligned in 64 bits; below the last bit lies a marker 1, so that the count
// of trailing zeros tells how many bits were used (F. Giesen, "Reading bits in far too many ways").
// @ts-ignore: decorator
@inline
function openStream(end: usize): u64 {
  const word = load<u64>(end - 8) | 1
  return word << (clz(word) + 1)
}

// Decodes a symbol. How far the stream moves is the only thing that the next symbol waits for.
// @ts-ignore: decorator
@inline
function emit(table: usize, bits: u64, target: usize, offset: usize): u64 {
  const entry = table + <usize>(bits >> (64 - HUFFMAN_BITS_MAX))
  store<u8>(target + offset, load<u8>(entry, HUFFMAN_SYMBOLS))
  return bits << <u64>load<u8>(entry)
}

// Decodes one stream from its state to `targetEnd`. Returns whether it ends exactly at `start`.
function finishStream(
  table: usize,
  start: usize,
  at: usize,
  bits: u64,
  target: usize,
  targetEnd: usize,
): bool {
  while (target < targetEnd) {
    const batchEnd = min(target + 4, targetEnd)
    while (target < batchEnd) {
      bits = emit(table, bits, target, 0)
      target++
    }
    const used = ctz(bits)
    at -= <usize>(used >> 3)
    if (at + 8 < start) return false
    bits = (load<u64>(at) | 1) << (used & 7)
  }
  return ((at + 8 - start) << 3) == <usize>ctz(bits)
}

function decodeOneStream(
  table: usize,
  source: usize,
  end: usize,
  target: usize,
  count: u32,
): bool {
  if (source >= end || load<u8>(end - 1) == 0) return false
  return finishStream(table, source, end - 8, openStream(end), target, target + count)
}

// Four streams in step, 5 symbols each between reloads; `count` is at least 6.
function decodeFourStreams(
  table: usize,
  source: usize,
  end: usize,
  target: usize,
  count: u32,
): bool {
  if (end - source < 10 || count < 6) return false
  const s1 = source + 6
  const s2 = s1 + <usize>load<u16>(source)
  const s3 = s2 + <usize>load<u16>(source, 2)
  const s4 = s3 + <usize>load<u16>(source, 4)
  if (s2 <= s1 || s3 <= s2 || s4 <= s3 || s4 >= end) return false
  if (!load<u8>(s2 - 1) || !load<u8>(s3 - 1) || !load<u8>(s4 - 1) || !load<u8>(end - 1)) return false
  const quarter = (count + 3) >> 2
  let t1 = target
  let t2 = t1 + quarter
  let t3 = t2 + quarter
  let t4 = t3 + quarter
  const lastQuarter = count - 3 * quarter
  let a1 = s2 - 8
  let a2 = s3 - 8
  let a3 = s4 - 8
  let a4 = end - 8
  let b1 = openStream(s2)
  let b2 = openStream(s3)
  let b3 = openStream(s4)
  let b4 = openStream(end)
  // The last stream is the shortest one. Five symbols use 7 bytes at most, and no stream lies in front
  // of the one before it: so many steps are safe for all four without a look at the others.
  const fastEnd = t4 + (lastQuarter > 5 ? lastQuarter - 5 : 0)
  while (t4 < fastEnd && a1 >= s1 && a2 >= a1 && a3 >= a2 && a4 >= a3) {
    const steps = min<usize>((fastEnd - t4 + 4) / 5, (a1 + 7 - s1) / 7)
    const stepsEnd = t4 + 5 * steps
    while (t4 < stepsEnd) {
      b1 = emit(table, b1, t1, 0)
      b2 = emit(table, b2, t2, 0)
      b3 = emit(table, b3, t3, 0)
      b4 = emit(table, b4, t4, 0)
      b1 = emit(table, b1, t1, 1)
      b2 = emit(table, b2, t2, 1)
      b3 = emit(table, b3, t3, 1)
      b4 = emit(table, b4, t4, 1)
      b1 = emit(table, b1, t1, 2)
      b2 = emit(table, b2, t2, 2)
      b3 = emit(table, b3, t3, 2)
      b4 = emit(table, b4, t4, 2)
      b1 = emit(table, b1, t1, 3)
      b2 = emit(table, b2, t2, 3)
      b3 = emit(table, b3, t3, 3)
      b4 = emit(table, b4, t4, 3)
      b1 = emit(table, b1, t1, 4)
      b2 = emit(table, b2, t2, 4)
      b3 = emit(table, b3, t3, 4)
      b4 = emit(table, b4, t4, 4)
      t1 += 5
      t2 += 5
      t3 += 5
      t4 += 5
      const u1 = ctz(b1)
      const u2 = ctz(b2)
      const u3 = ctz(b3)
      const u4 = ctz(b4)
      a1 -= <usize>(u1 >> 3)
      a2 -= <usize>(u2 >> 3)
      a3 -= <usize>(u3 >> 3)
      a4 -= <usize>(u4 >> 3)
      b1 = (load<u64>(a1) | 1) << (u1 & 7)
      b2 = (load<u64>(a2) | 1) << (u2 & 7)
      b3 = (load<u64>(a3) | 1) << (u3 & 7)
      b4 = (load<u64>(a4) | 1) << (u4 & 7)
    }
  }
  return (
    finishStream(table, s1, a1, b1, t1, target + quarter) &&
    finishStream(table, s2, a2, b2, t2, target + 2 * quarter) &&
    finishStream(table, s3, a3, b3, t3, target + 3 * quarter) &&
    finishStream(table, s4, a4, b4, t4, target + count)
  )
}

// ---- Literals --------------------------------------------------------------------------------

// Raw and run-length literals. Sets LITERALS_AT and LITERALS_LENGTH; returns the cursor, 0 when wrong.
export function readPlainLiterals(source: usize, end: usize, workspace: usize): usize {
  const header = load<u32>(source)
  const sizeFormat = (header >> 2) & 3
  let length: u32
  if ((sizeFormat & 1) == 0) {
    length = (header & 255) >> 3
    source += 1
  } else if (sizeFormat == 1) {
    length = (header & 0xffff) >> 4
    source += 2
  } else {
    length = (header & 0xffffff) >> 4
    source += 3
  }
  if (length > BLOCK_BYTES_MAX) return 0
  const raw = (header & 3) == 0
  const bytes: u32 = raw ? length : 1
  if (source > end || bytes > end - source) return 0
  store<u32>(workspace, length, LITERALS_LENGTH)
  if (raw) store<u32>(workspace, <u32>source, LITERALS_AT)
  else {
    memory.fill(workspace + LITERALS, load<u8>(source), length + 32)
    store<u32>(workspace, <u32>(workspace + LITERALS), LITERALS_AT)
  }
  return source + bytes
}

// Huffman-coded literals; as readPlainLiterals.
export function readCodedLiterals(source: usize, end: usize, workspace: usize): usize {
  const header = load<u64>(source)
  const sizeFormat = <u32>(header >> 2) & 3
  let length: u32
  let coded: u32
  if (sizeFormat < 2) {
    length = <u32>(header >> 4) & 1023
    coded = <u32>(header >> 14) & 1023
    source += 3
  } else if (sizeFormat == 2) {
    length = <u32>(header >> 4) & 16383
    coded = <u32>(header >> 18) & 16383
    source += 4
  } else {
    length = <u32>(header >> 4) & 0x3ffff
    coded = <u32>(header >> 22) & 0x3ffff
    source += 5
  }
  if (length > BLOCK_BYTES_MAX || source > end || coded > end - source) return 0
  const codedEnd = source + coded
  if ((header & 3) == 2) {
    if (readHuffmanTable(source, codedEnd, workspace) < 0) return 0
    source = <usize>load<u32>(workspace, CURSOR)
  } else if (!load<u32>(workspace, HAS_HUFFMAN)) return 0
  const table = workspace + HUFFMAN_TABLE
  const target = workspace + LITERALS
  const right =
    sizeFormat == 0
      ? decodeOneStream(table, source, codedEnd, target, length)
      : decodeFourStreams(table, source, codedEnd, target, length)
  if (!right) return 0
  store<u32>(workspace, length, LITERALS_LENGTH)
  store<u32>(workspace, <u32>target, LITERALS_AT)
  return codedEnd
}
