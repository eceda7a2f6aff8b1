// DEFLATE (RFC 1951) in pieces: decoding pauses when the output is full or the input runs low, and
// goes on from its workspace. u64 bits, u32 count of bits, u32 phase, u32 last block, u32 stored
// bytes left, u32 literal table bits, u32 distance table bits; then at 64 the tables: for every value
// of the next bits u16 (symbol << 4 | length), 0 where no code is; at 131136 code lengths.
const BITS: usize = 0
const BIT_COUNT: usize = 8
const PHASE: usize = 12
const LAST_BLOCK: usize = 16
const STORED: usize = 20
const LITERAL_BITS: usize = 24
const DISTANCE_BITS: usize = 28
const LITERALS: usize = 64
const DISTANCES: usize = 64 + 65536
const LENGTHS: usize = 64 + 131072

const HEADER: u32 = 0
const IN_STORED: u32 = 1
const IN_CODES: u32 = 2

const PAUSED = 0
const FINISHED = 1
const MALFORMED = 2

// Bytes of input that a block's header may take, and that one symbol may.
const HEADER_BYTES: usize = 512
const SYMBOL_BYTES: usize = 16
// Longest match, and what a wide copy writes behind it.
const OUTPUT_SLACK: usize = 258 + 16

const lengthBase = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
  195, 227, 258, 0, 0,
])
const lengthExtra = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0, 0, 0,
])
const distanceBase = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577, 0, 0,
])
const distanceExtra = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 0,
  0,
])
const lengthOrder = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
])

let bits: u64 = 0
let bitCount: u32 = 0
let input: usize = 0

@inline
function refill(): void {
  bits |= load<u64>(input) << bitCount
  input += (63 - bitCount) >> 3
  bitCount |= 56
}

@inline
function take(count: u32): u32 {
  const value = <u32>bits & ((1 << count) - 1)
  bits >>= count
  bitCount -= count
  return value
}

// A decoding table of the code whose lengths are given; the bits it is looked up with, 0 when the
// lengths make no code. An incomplete code is allowed where it has one symbol (RFC 1951, 3.2.7).
function buildTable(lengths: usize, count: i32, table: usize): u32 {
  let longest: u32 = 0
  let used = 0
  for (let i = 0; i < count; i++) {
    const length = <u32>load<u8>(lengths + i)
    if (length > longest) longest = length
    if (length > 0) used++
  }
  if (longest == 0) {
    store<u16>(table, 0)
    store<u16>(table, 0, 2)
    return 1
  }
  const size = <u32>1 << longest
  memory.fill(table, 0, <usize>size << 1)
  let code: u32 = 0
  for (let length: u32 = 1; length <= longest; length++) {
    for (let symbol = 0; symbol < count; symbol++) {
      if (<u32>load<u8>(lengths + symbol) != length) continue
      if (code >= (<u32>1 << length)) return 0
      let reversed: u32 = 0
      for (let bit: u32 = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit)
      const entry = <u16>((symbol << 4) | length)
      for (let at = reversed; at < size; at += <u32>1 << length) {
        store<u16>(table + (<usize>at << 1), entry)
      }
      code++
    }
    code <<= 1
  }
  // The last shift is one too many: a complete code ends at the table's size twice over.
  if (code != size << 1 && used > 1) return 0
  return longest
}

@inline
function symbolOf(table: usize, tableBits: u32): i32 {
  const entry = <u32>load<u16>(table + (<usize>(<u32>bits & ((1 << tableBits) - 1)) << 1))
  const length = entry & 15
  if (length == 0) return -1
  bits >>= length
  bitCount -= length
  return <i32>(entry >> 4)
}

function fixedTables(workspace: usize): void {
  const lengths = workspace + LENGTHS
  memory.fill(lengths, 8, 144)
  memory.fill(lengths + 144, 9, 112)
  memory.fill(lengths + 256, 7, 24)
  memory.fill(lengths + 280, 8, 8)
  store<u32>(workspace + LITERAL_BITS, buildTable(lengths, 288, workspace + LITERALS))
  memory.fill(lengths, 5, 32)
  store<u32>(workspace + DISTANCE_BITS, buildTable(lengths, 32, workspace + DISTANCES))
}

function dynamicTables(workspace: usize): bool {
  refill()
  const literals = <i32>take(5) + 257
  const distances = <i32>take(5) + 1
  const codes = <i32>take(4) + 4
  if (literals > 286 || distances > 30) return false
  const lengths = workspace + LENGTHS
  memory.fill(lengths, 0, 320)
  for (let i = 0; i < codes; i++) {
    refill()
    store<u8>(lengths + load<u8>(lengthOrder + i), take(3))
  }
  const codeBits = buildTable(lengths, 19, workspace + LITERALS)
  if (codeBits == 0) return false
  memory.fill(lengths, 0, 320)
  let at = 0
  const total = literals + distances
  while (at < total) {
    refill()
    const symbol = symbolOf(workspace + LITERALS, codeBits)
    if (symbol < 0) return false
    if (symbol < 16) {
      store<u8>(lengths + at, symbol)
      at++
      continue
    }
    let value = 0
    let repeat: i32
    if (symbol == 16) {
      if (at == 0) return false
      value = load<u8>(lengths + at - 1)
      repeat = 3 + <i32>take(2)
    } else if (symbol == 17) repeat = 3 + <i32>take(3)
    else repeat = 11 + <i32>take(7)
    if (at + repeat > total) return false
    memory.fill(lengths + at, <u8>value, repeat)
    at += repeat
  }
  if (load<u8>(lengths + 256) == 0) return false
  const literalBits = buildTable(lengths, literals, workspace + LITERALS)
  const distanceBits = buildTable(lengths + literals, distances, workspace + DISTANCES)
  store<u32>(workspace + LITERAL_BITS, literalBits)
  store<u32>(workspace + DISTANCE_BITS, distanceBits)
  return literalBits != 0 && distanceBits != 0
}

@inline
function copyMatch(to: usize, distance: u32, length: u32): void {
  let from = to - distance
  const end = to + length
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from))
      to += 16
      from += 16
    } while (to < end)
  } else if (distance == 1) {
    memory.fill(to, load<u8>(from), length)
  } else {
    while (to < end) store<u8>(to++, load<u8>(from++))
  }
}

/**
 * Decodes on from [source, end) to [to, limit). `last` 1: no more input comes, the bytes behind `end`
 * are zeros. Matches reach back to `window` at most. Needs 16 readable bytes behind `end` and 16
 * writable ones behind `limit`. out: [0] next input, [1] next output, [2] status (0 paused,
 * 1 finished, 2 malformed).
 */
export function inflate(
  workspace: usize,
  source: usize,
  end: usize,
  last: i32,
  window: usize,
  to: usize,
  limit: usize,
  out: usize,
): void {
  bits = load<u64>(workspace + BITS)
  bitCount = load<u32>(workspace + BIT_COUNT)
  input = source
  let status = PAUSED
  let phase = load<u32>(workspace + PHASE)
  for (;;) {
    if (phase == HEADER) {
      if (last == 0 && input + HEADER_BYTES > end) break
      refill()
      store<u32>(workspace + LAST_BLOCK, take(1))
      const kind = take(2)
      if (kind == 0) {
        take(bitCount & 7)
        refill()
        const length = take(16)
        const complement = take(16)
        if ((length ^ complement) != 0xffff) {
          status = MALFORMED
          break
        }
        // Whole bytes that were read ahead go back.
        input -= bitCount >> 3
        bits = 0
        bitCount = 0
        store<u32>(workspace + STORED, length)
        phase = IN_STORED
      } else if (kind == 3 || (kind == 2 && !dynamicTables(workspace))) {
        status = MALFORMED
        break
      } else {
        if (kind == 1) fixedTables(workspace)
        phase = IN_CODES
      }
    } else if (phase == IN_STORED) {
      const left = <usize>load<u32>(workspace + STORED)
      const available = input < end ? end - input : 0
      const count = min(left, min(available, limit - to))
      memory.copy(to, input, count)
      to += count
      input += count
      store<u32>(workspace + STORED, <u32>(left - count))
      if (count < left) {
        if (last == 1 && count == available) status = MALFORMED
        break
      }
      phase = HEADER
      if (load<u32>(workspace + LAST_BLOCK) != 0) {
        status = FINISHED
        break
      }
    } else {
      const literalBits = load<u32>(workspace + LITERAL_BITS)
      const distanceBits = load<u32>(workspace + DISTANCE_BITS)
      const literals = workspace + LITERALS
      const distances = workspace + DISTANCES
      let ended = false
      while (to + OUTPUT_SLACK <= limit && (last == 1 || input + SYMBOL_BYTES <= end)) {
        refill()
        let symbol = symbolOf(literals, literalBits)
        if (<u32>symbol < 256) {
          store<u8>(to++, symbol)
          // A second and third literal fit in what is left of the bits.
          symbol = symbolOf(literals, literalBits)
          if (<u32>symbol < 256) {
            store<u8>(to++, symbol)
            continue
          }
          refill()
        }
        if (symbol == 256) {
          ended = true
          break
        }
        const index = symbol - 257
        if (<u32>index > 28) {
          status = MALFORMED
          break
        }
        const length = <u32>load<u16>(lengthBase + (<usize>index << 1)) + take(load<u8>(lengthExtra + index))
        const code = symbolOf(distances, distanceBits)
        if (<u32>code > 29) {
          status = MALFORMED
          break
        }
        const distance =
          <u32>load<u16>(distanceBase + (<usize>code << 1)) + take(load<u8>(distanceExtra + code))
        if (<usize>distance > to - window) {
          status = MALFORMED
          break
        }
        copyMatch(to, distance, length)
        to += length
        // Only zeros follow the last input: a code of zeros must not run on for ever.
        if (input > end + 16) break
      }
      if (last == 1 && input - (bitCount >> 3) > end) status = MALFORMED
      if (!ended || status == MALFORMED) break
      phase = HEADER
      if (load<u32>(workspace + LAST_BLOCK) != 0) {
        status = FINISHED
        break
      }
    }
  }
  if (status == FINISHED) {
    input -= bitCount >> 3
    bits = 0
    bitCount = 0
  }
  if (last == 1 && input - (bitCount >> 3) > end) status = MALFORMED
  store<u64>(workspace + BITS, bits)
  store<u32>(workspace + BIT_COUNT, bitCount)
  store<u32>(workspace + PHASE, phase)
  store<u32>(out, <u32>input)
  store<u32>(out, <u32>to, 4)
  store<u32>(out, status, 8)
}

/** Continues a CRC-32 over bytes; `tables`: eight of 256 u32 for slicing (M. Kounavis, F. Berry). */
export function crc32(crc: u32, p: usize, length: u32, tables: usize): u32 {
  crc = ~crc
  while (length >= 8) {
    const low = load<u32>(p) ^ crc
    const high = load<u32>(p, 4)
    crc =
      load<u32>(tables + 7168 + (<usize>(low & 255) << 2)) ^
      load<u32>(tables + 6144 + (<usize>((low >> 8) & 255) << 2)) ^
      load<u32>(tables + 5120 + (<usize>((low >> 16) & 255) << 2)) ^
      load<u32>(tables + 4096 + (<usize>(low >> 24) << 2)) ^
      load<u32>(tables + 3072 + (<usize>(high & 255) << 2)) ^
      load<u32>(tables + 2048 + (<usize>((high >> 8) & 255) << 2)) ^
      load<u32>(tables + 1024 + (<usize>((high >> 16) & 255) << 2)) ^
      load<u32>(tables + (<usize>(high >> 24) << 2))
    p += 8
    length -= 8
  }
  for (; length > 0; length--) {
    crc = load<u32>(tables + (<usize>((crc ^ load<u8>(p)) & 255) << 2)) ^ (crc >> 8)
    p++
  }
  return ~crc
}
