// Finite state entropy tables of Zstandard (RFC 8878, 4.1): read from a block or built in.
import {
  PROBABILITIES,
  NEXT_STATES,
  CURSOR,
  SYMBOLS,
  ACCURACIES,
  TABLES,
  WRONG,
} from './zstd-workspace'

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
export const LITERAL_LENGTHS: i32 = 0
export const OFFSETS: i32 = 1
export const MATCH_LENGTHS: i32 = 2
export const HUFFMAN_WEIGHTS: i32 = 3

// Reads normalized probabilities. Returns the accuracy log; sets SYMBOLS and CURSOR.
export function readProbabilities(
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
export function buildTable(
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
export function readTable(mode: u32, source: usize, end: usize, workspace: usize, kind: i32): i32 {
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
