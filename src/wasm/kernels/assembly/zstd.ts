// Zstandard (RFC 8878): frames without dictionary, one after another, into one flat output.
// Every header field is checked before use. Inner loops may read up to 8 bytes in front of a bit
// stream and 64 behind a buffer, and may write 31 bytes past the output's end: slack that callers give.
import { copyLongMatch, copyWild } from './copy'

const FRAME_MAGIC: u32 = 0xfd2fb528
const SKIPPABLE_MAGIC: u32 = 0x184d2a50
const BLOCK_BYTES_MAX: u32 = 131072

const LITERAL_LENGTH_BASES: usize = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128,
  256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
])
const LITERAL_LENGTH_BITS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12,
  13, 14, 15, 16,
])
const MATCH_LENGTH_BASES: usize = memory.data<u32>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  30, 31, 32, 33, 34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099,
  8195, 16387, 32771, 65539,
])
const MATCH_LENGTH_BITS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
  1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
])
const LITERAL_LENGTH_DEFAULT: usize = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1,
  -1, -1, -1,
])
const MATCH_LENGTH_DEFAULT: usize = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
])
const OFFSET_DEFAULT: usize = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
])

// The kinds of FSE tables.
const LITERAL_LENGTHS: i32 = 0
const OFFSETS: i32 = 1
const MATCH_LENGTHS: i32 = 2
const HUFFMAN_WEIGHTS: i32 = 3

// Layout of the workspace (ZSTD_WORKSPACE_BYTES in TypeScript): per-frame state, then tables.
const PROBABILITIES: usize = 0 // 256 x i16
const NEXT_STATES: usize = 512 // 256 x u16
const WEIGHTS: usize = 1024 // 256 x u8
const CURSOR: usize = 1536 // where a header parse ended
const SYMBOLS: usize = 1540
const ACCURACIES: usize = 1544 // 3 x i32, -1 when there is no table yet
const HAS_HUFFMAN: usize = 1556
const REPEATED: usize = 1560 // 3 x u32 repeat offsets
const LITERALS_AT: usize = 1572
const LITERALS_LENGTH: usize = 1576
const TARGET: usize = 1580
const HUFFMAN_TABLE: usize = 2048 // 2048 x u8 bits, 2048 x u8 symbols, each with slack
const TABLES: usize = 8192 // 3 x 512 x 8
const WEIGHT_TABLE: usize = 20480 // 64 x 8
const LITERALS: usize = 24576 // 128 KiB and slack

const HUFFMAN_BITS_MAX: i32 = 11
// From the table of bits to the table of symbols.
const HUFFMAN_SYMBOLS: usize = (1 << HUFFMAN_BITS_MAX) + 64
const WEIGHT_SYMBOLS_MAX: i32 = 11

const WRONG: i32 = -1

// ---- FSE tables ------------------------------------------------------------------------------

// Reads normalized probabilities. Returns the accuracy log; sets SYMBOLS and CURSOR.
function readProbabilities(
  source: usize,
  end: usize,
  workspace: usize,
  symbolMax: i32,
  accuracyMax: i32,
): i32 {
  if (source >= end) return WRONG
  let bit: u32 = 4
  const accuracy = <i32>(load<u8>(source) & 15) + 5
  if (accuracy > accuracyMax) return WRONG
  let left: i32 = 1 << accuracy
  let symbol = 0
  while (left > 0) {
    if (symbol > symbolMax || source + (bit >> 3) >= end) return WRONG
    const bits = 32 - clz(left + 1)
    let value = <i32>((load<u32>(source + (bit >> 3)) >> (bit & 7)) & ((1 << bits) - 1))
    const lowMask = (1 << (bits - 1)) - 1
    const threshold = (1 << bits) - 1 - (left + 1)
    bit += bits
    // Small values take a bit less.
    if ((value & lowMask) < threshold) {
      bit--
      value &= lowMask
    } else if (value > lowMask) value -= threshold
    const probability = value - 1
    left -= probability < 0 ? 1 : probability
    store<i16>(workspace + PROBABILITIES + (<usize>symbol << 1), <i16>probability)
    symbol++
    if (probability == 0) {
      // Runs of zeros, 2 bits each, continued while they say 3.
      while (true) {
        if (source + (bit >> 3) >= end) return WRONG
        const repeat = <i32>((load<u16>(source + (bit >> 3)) >> (bit & 7)) & 3)
        bit += 2
        if (symbol + repeat > symbolMax + 1) return WRONG
        for (let i = 0; i < repeat; i++) {
          store<i16>(workspace + PROBABILITIES + (<usize>symbol << 1), 0)
          symbol++
        }
        if (repeat != 3) break
      }
    }
  }
  const cursor = source + ((bit + 7) >> 3)
  if (left != 0 || cursor > end) return WRONG
  store<u32>(workspace, <u32>cursor, CURSOR)
  store<i32>(workspace, symbol, SYMBOLS)
  return accuracy
}

// Table entry, 8 bytes: u16 base of the next state, u8 extra bits, u8 state bits, u32 base value.
// @ts-ignore: decorator
@inline
function storeSymbol(entry: usize, symbol: u32, kind: i32): void {
  if (kind == LITERAL_LENGTHS) {
    store<u8>(entry, load<u8>(LITERAL_LENGTH_BITS + symbol), 2)
    store<u32>(entry, load<u32>(LITERAL_LENGTH_BASES + (symbol << 2)), 4)
  } else if (kind == MATCH_LENGTHS) {
    store<u8>(entry, load<u8>(MATCH_LENGTH_BITS + symbol), 2)
    store<u32>(entry, load<u32>(MATCH_LENGTH_BASES + (symbol << 2)), 4)
  } else if (kind == OFFSETS) {
    store<u8>(entry, <u8>symbol, 2)
    store<u32>(entry, 1 << symbol, 4)
  }
}

// Spreads the symbols over the states (RFC 8878, 4.1.1). The probabilities sum to the table's size.
function buildTable(
  probabilities: usize,
  symbols: i32,
  accuracy: i32,
  table: usize,
  workspace: usize,
  kind: i32,
): void {
  const size = 1 << accuracy
  const next = workspace + NEXT_STATES
  let high = size
  for (let s = 0; s < symbols; s++) {
    const count = <i32>load<i16>(probabilities + (<usize>s << 1))
    store<u16>(next + (<usize>s << 1), <u16>(count < 0 ? 1 : count))
    if (count < 0) store<u32>(table + (<usize>--high << 3), s, 4)
  }
  const step = (size >> 1) + (size >> 3) + 3
  const mask = size - 1
  let position = 0
  for (let s = 0; s < symbols; s++) {
    const count = <i32>load<i16>(probabilities + (<usize>s << 1))
    for (let i = 0; i < count; i++) {
      store<u32>(table + (<usize>position << 3), s, 4)
      do {
        position = (position + step) & mask
      } while (position >= high)
    }
  }
  for (let i = 0; i < size; i++) {
    const entry = table + (<usize>i << 3)
    const symbol = load<u32>(entry, 4)
    const state = <u32>load<u16>(next + (<usize>symbol << 1))
    store<u16>(next + (<usize>symbol << 1), <u16>(state + 1))
    const bits = accuracy - (31 - clz(<i32>state))
    store<u16>(entry, <u16>((state << bits) - size))
    store<u8>(entry, <u8>bits, 3)
    storeSymbol(entry, symbol, kind)
  }
}

// @ts-ignore: decorator
@inline
function symbolMaxOf(kind: i32): i32 {
  return kind == LITERAL_LENGTHS ? 35 : kind == OFFSETS ? 31 : 52
}

function buildDefault(kind: i32, table: usize, workspace: usize): i32 {
  if (kind == LITERAL_LENGTHS) {
    buildTable(LITERAL_LENGTH_DEFAULT, 36, 6, table, workspace, LITERAL_LENGTHS)
    return 6
  }
  if (kind == OFFSETS) {
    buildTable(OFFSET_DEFAULT, 29, 5, table, workspace, OFFSETS)
    return 5
  }
  buildTable(MATCH_LENGTH_DEFAULT, 53, 6, table, workspace, MATCH_LENGTHS)
  return 6
}

// One of the three sequence tables; `mode` as in the header. Returns the accuracy log; sets CURSOR.
function readTable(mode: u32, source: usize, end: usize, workspace: usize, kind: i32): i32 {
  const table = workspace + TABLES + (<usize>kind << 12)
  const known = workspace + ACCURACIES + (<usize>kind << 2)
  store<u32>(workspace, <u32>source, CURSOR)
  if (mode == 3) return load<i32>(known)
  let accuracy = 0
  if (mode == 0) accuracy = buildDefault(kind, table, workspace)
  else if (mode == 1) {
    if (source >= end || <i32>load<u8>(source) > symbolMaxOf(kind)) return WRONG
    store<u64>(table, 0)
    storeSymbol(table, load<u8>(source), kind)
    store<u32>(workspace, <u32>(source + 1), CURSOR)
  } else {
    const accuracyMax = kind == OFFSETS ? 8 : 9
    accuracy = readProbabilities(source, end, workspace, symbolMaxOf(kind), accuracyMax)
    if (accuracy < 0) return WRONG
    const symbols = load<i32>(workspace, SYMBOLS)
    buildTable(workspace + PROBABILITIES, symbols, accuracy, table, workspace, kind)
  }
  store<i32>(known, accuracy)
  return accuracy
}

// ---- Huffman ---------------------------------------------------------------------------------

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

// ---- Blocks ----------------------------------------------------------------------------------

// Raw and run-length literals. Sets LITERALS_AT and LITERALS_LENGTH; returns the cursor, 0 when wrong.
function readPlainLiterals(source: usize, end: usize, workspace: usize): usize {
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
function readCodedLiterals(source: usize, end: usize, workspace: usize): usize {
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

// `count` bits after the first `used` of a top-aligned word.
// @ts-ignore: decorator
@inline
function bitsAt(word: u64, used: u32, count: u32): u32 {
  return <u32>(((word << <u64>used) >> 1) >> <u64>(63 - count))
}

// Runs a block's sequences. Sets TARGET; LITERALS_AT and LITERALS_LENGTH become what is left over.
function runSequences(
  source: usize,
  end: usize,
  count: u32,
  frameStart: usize,
  targetEnd: usize,
  workspace: usize,
): i32 {
  if (source >= end || load<u8>(end - 1) == 0) return WRONG
  const lengthTable = workspace + TABLES
  const offsetTable = lengthTable + 4096
  const matchTable = lengthTable + 8192
  const lengthBits = <u32>load<i32>(workspace, ACCURACIES)
  const offsetBits = <u32>load<i32>(workspace, ACCURACIES + 4)
  const matchBits = <u32>load<i32>(workspace, ACCURACIES + 8)
  let target = <usize>load<u32>(workspace, TARGET)
  let literals = <usize>load<u32>(workspace, LITERALS_AT)
  const literalsEnd = literals + load<u32>(workspace, LITERALS_LENGTH)
  let r0 = load<u32>(workspace, REPEATED)
  let r1 = load<u32>(workspace, REPEATED + 4)
  let r2 = load<u32>(workspace, REPEATED + 8)
  let at = end - 8
  let word = load<u64>(at)
  let used = <u32>clz(word) + 1
  let lengthState = bitsAt(word, used, lengthBits)
  used += lengthBits
  let offsetState = bitsAt(word, used, offsetBits)
  used += offsetBits
  let matchState = bitsAt(word, used, matchBits)
  used += matchBits
  while (true) {
    at -= used >> 3
    used &= 7
    if (at + 8 < source) return WRONG
    word = load<u64>(at)
    const lengthEntry = load<u64>(lengthTable + (lengthState << 3))
    const offsetEntry = load<u64>(offsetTable + (offsetState << 3))
    const matchEntry = load<u64>(matchTable + (matchState << 3))
    const offsetExtra = <u32>(offsetEntry >> 16) & 255
    const matchExtra = <u32>(matchEntry >> 16) & 255
    const lengthExtra = <u32>(lengthEntry >> 16) & 255
    let offset = <u32>(offsetEntry >> 32) + bitsAt(word, used, offsetExtra)
    used += offsetExtra
    if (used + matchExtra + lengthExtra > 64) {
      at -= used >> 3
      used &= 7
      word = load<u64>(at)
    }
    const matchLength = <u32>(matchEntry >> 32) + bitsAt(word, used, matchExtra)
    used += matchExtra
    const literalLength = <u32>(lengthEntry >> 32) + bitsAt(word, used, lengthExtra)
    used += lengthExtra
    if (offset > 3) {
      offset -= 3
      r2 = r1
      r1 = r0
    } else {
      // Offsets 1 to 3 repeat an earlier one: of the last three, or one less than the last.
      const index = offset - 1 + <u32>(literalLength == 0)
      if (index == 0) offset = r0
      else {
        offset = index == 1 ? r1 : index == 2 ? r2 : r0 - 1
        if (index > 1) r2 = r1
        r1 = r0
      }
    }
    r0 = offset
    if (literalLength + matchLength > targetEnd - target) return WRONG
    if (literalLength > literalsEnd - literals) return WRONG
    v128.store(target, v128.load(literals))
    v128.store(target, v128.load(literals, 16), 16)
    if (literalLength > 32) copyWild(target + 32, literals + 32, literalLength - 32)
    target += literalLength
    literals += literalLength
    if (offset - 1 >= <u32>(target - frameStart)) return WRONG
    copyLongMatch(target, offset, matchLength)
    target += matchLength
    if (--count == 0) break
    if (used > 64 - 27) {
      at -= used >> 3
      used &= 7
      word = load<u64>(at)
    }
    const lengthNext = <u32>(lengthEntry >> 24) & 255
    const matchNext = <u32>(matchEntry >> 24) & 255
    const offsetNext = <u32>(offsetEntry >> 24) & 255
    lengthState = (<u32>lengthEntry & 0xffff) + bitsAt(word, used, lengthNext)
    used += lengthNext
    matchState = (<u32>matchEntry & 0xffff) + bitsAt(word, used, matchNext)
    used += matchNext
    offsetState = (<u32>offsetEntry & 0xffff) + bitsAt(word, used, offsetNext)
    used += offsetNext
  }
  // The stream must be used up to its first bit.
  if (((at + 8 - source) << 3) != <usize>used) return WRONG
  store<u32>(workspace, r0, REPEATED)
  store<u32>(workspace, r1, REPEATED + 4)
  store<u32>(workspace, r2, REPEATED + 8)
  store<u32>(workspace, <u32>literals, LITERALS_AT)
  store<u32>(workspace, <u32>(literalsEnd - literals), LITERALS_LENGTH)
  store<u32>(workspace, <u32>target, TARGET)
  return 0
}

// A compressed block; TARGET advances.
function decodeBlock(
  source: usize,
  end: usize,
  frameStart: usize,
  targetEnd: usize,
  workspace: usize,
): i32 {
  if (source >= end) return WRONG
  source =
    (load<u8>(source) & 3) < 2
      ? readPlainLiterals(source, end, workspace)
      : readCodedLiterals(source, end, workspace)
  if (source == 0 || source >= end) return WRONG
  let count = <u32>load<u8>(source++)
  if (count >= 128) {
    if (count < 255) count = ((count - 128) << 8) + <u32>load<u8>(source++)
    else {
      count = <u32>load<u16>(source) + 0x7f00
      source += 2
    }
  }
  if (count > 0) {
    if (source >= end) return WRONG
    const modes = <u32>load<u8>(source++)
    if (modes & 3) return WRONG
    if (readTable(modes >> 6, source, end, workspace, LITERAL_LENGTHS) < 0) return WRONG
    source = <usize>load<u32>(workspace, CURSOR)
    if (readTable((modes >> 4) & 3, source, end, workspace, OFFSETS) < 0) return WRONG
    source = <usize>load<u32>(workspace, CURSOR)
    if (readTable((modes >> 2) & 3, source, end, workspace, MATCH_LENGTHS) < 0) return WRONG
    source = <usize>load<u32>(workspace, CURSOR)
    if (runSequences(source, end, count, frameStart, targetEnd, workspace) < 0) return WRONG
  } else if (source != end) return WRONG
  const target = <usize>load<u32>(workspace, TARGET)
  const rest = load<u32>(workspace, LITERALS_LENGTH)
  if (rest > targetEnd - target) return WRONG
  memory.copy(target, <usize>load<u32>(workspace, LITERALS_AT), rest)
  store<u32>(workspace, <u32>(target + rest), TARGET)
  return 0
}

// ---- Frames ----------------------------------------------------------------------------------

function resetFrame(workspace: usize): void {
  store<i32>(workspace, -1, ACCURACIES)
  store<i32>(workspace, -1, ACCURACIES + 4)
  store<i32>(workspace, -1, ACCURACIES + 8)
  store<u32>(workspace, 0, HAS_HUFFMAN)
  store<u32>(workspace, 1, REPEATED)
  store<u32>(workspace, 4, REPEATED + 4)
  store<u32>(workspace, 8, REPEATED + 8)
}

// The blocks of a frame, from behind its header. Returns the cursor, 0 when wrong.
function decodeBlocks(source: usize, end: usize, targetEnd: usize, workspace: usize): usize {
  const frameStart = <usize>load<u32>(workspace, TARGET)
  while (true) {
    if (end - source < 3) return 0
    const header = load<u32>(source) & 0xffffff
    source += 3
    const size = header >> 3
    const kind = (header >> 1) & 3
    const bytes: u32 = kind == 1 ? 1 : size
    if (kind == 3 || size > BLOCK_BYTES_MAX || bytes > end - source) return 0
    if (kind == 2) {
      if (decodeBlock(source, source + size, frameStart, targetEnd, workspace) < 0) return 0
    } else {
      const target = <usize>load<u32>(workspace, TARGET)
      if (size > targetEnd - target) return 0
      if (kind == 0) memory.copy(target, source, size)
      else memory.fill(target, load<u8>(source), size)
      store<u32>(workspace, <u32>(target + size), TARGET)
    }
    source += bytes
    if (header & 1) return source
  }
}

// One frame from behind its magic number. Returns the cursor, 0 when wrong. A checksum is skipped.
function decodeFrame(source: usize, end: usize, targetEnd: usize, workspace: usize): usize {
  if (source >= end) return 0
  const descriptor = <u32>load<u8>(source++)
  if (descriptor & 8) return 0
  const single = (descriptor >> 5) & 1
  const sizeFlag = descriptor >> 6
  if (!single) source++
  const idFlag = descriptor & 3
  const idBytes = idFlag == 3 ? 4 : idFlag
  // Dictionaries are refused, unless the frame names number 0, which is none.
  const id = load<u32>(source) & (idBytes == 4 ? <u32>-1 : (1 << (idBytes << 3)) - 1)
  source += idBytes
  const sizeBytes: u32 = sizeFlag == 0 ? single : <u32>1 << sizeFlag
  let expected = load<u64>(source)
  if (sizeBytes < 8) expected &= (<u64>1 << (sizeBytes << 3)) - 1
  if (sizeBytes == 2) expected += 256
  source += sizeBytes
  if (id != 0 || source > end) return 0
  resetFrame(workspace)
  const start = load<u32>(workspace, TARGET)
  source = decodeBlocks(source, end, targetEnd, workspace)
  if (source == 0) return 0
  if (sizeBytes && <u64>(load<u32>(workspace, TARGET) - start) != expected) return 0
  const checksumBytes = (descriptor & 4)
  return checksumBytes > end - source ? 0 : source + checksumBytes
}

// Decodes all frames of a buffer. Returns the decoded length, -1 when they are not well-formed or do
// not fit `capacity`.
export function zstdDecode(
  source: usize,
  length: u32,
  target: usize,
  capacity: u32,
  workspace: usize,
): i32 {
  const end = source + length
  const targetEnd = target + capacity
  store<u32>(workspace, <u32>target, TARGET)
  while (source < end) {
    if (end - source < 4) return WRONG
    const magic = load<u32>(source)
    source += 4
    if ((magic & 0xfffffff0) == SKIPPABLE_MAGIC) {
      if (end - source < 4 || load<u32>(source) > end - source - 4) return WRONG
      source += 4 + load<u32>(source)
    } else {
      if (magic != FRAME_MAGIC) return WRONG
      source = decodeFrame(source, end, targetEnd, workspace)
      if (source == 0) return WRONG
    }
  }
  return <i32>(load<u32>(workspace, TARGET) - <u32>target)
}
