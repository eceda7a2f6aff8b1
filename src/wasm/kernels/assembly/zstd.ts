// Zstandard (RFC 8878): frames without dictionary, one after another, into one flat output.
// Every header field is checked before use. Inner loops may read up to 8 bytes in front of a bit
// stream and 64 behind a buffer, and may write 31 bytes past the output's end: slack that callers give.
import { copyLongMatch, copyShortMatch, copyWild } from './copy'
import { readPlainLiterals, readCodedLiterals } from './zstd-literals'
import { LITERAL_LENGTHS, OFFSETS, MATCH_LENGTHS, readTable } from './zstd-tables'
import {
  CURSOR,
  ACCURACIES,
  HAS_HUFFMAN,
  REPEATED,
  LITERALS_AT,
  LITERALS_LENGTH,
  TARGET,
  TABLES,
  WRONG,
  BLOCK_BYTES_MAX,
} from './zstd-workspace'

const FRAME_MAGIC: u32 = 0xfd2fb528
const SKIPPABLE_MAGIC: u32 = 0x184d2a50

// ---- Blocks ----------------------------------------------------------------------------------

// A bit stream is held as in zstd-literals.ts: top-aligned in 64 bits, below the last bit a marker 1, so that the trailing
// zeros tell how many bits were used. How long a field is stands in the low six bits of `length`, whatever stands
// above them: shifts take no more. A field at the top:
// @ts-ignore: decorator
@inline
function field(bits: u64, length: u64): u32 {
  return <u32>((bits >> 1) >> ~length)
}

// At least so many bits are there after each reload; states take up to 26 of them.
const BITS_MIN: u32 = 56
const STATE_BITS_MAX: u32 = 26

// Runs a block's sequences. Sets TARGET; LITERALS_AT and LITERALS_LENGTH become what is left over.
// `areShort` picks the code for numbers, whose matches are of a few bytes and whose offsets nobody can
// foresee: no branch depends on them.
// @ts-ignore: decorator
@inline
function sequences(
  areShort: bool,
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
  const lengthBits = <u64>load<i32>(workspace, ACCURACIES)
  const offsetBits = <u64>load<i32>(workspace, ACCURACIES + 4)
  const matchBits = <u64>load<i32>(workspace, ACCURACIES + 8)
  let target = <usize>load<u32>(workspace, TARGET)
  let literals = <usize>load<u32>(workspace, LITERALS_AT)
  const literalsEnd = literals + load<u32>(workspace, LITERALS_LENGTH)
  let r0 = load<u32>(workspace, REPEATED)
  let r1 = load<u32>(workspace, REPEATED + 4)
  let r2 = load<u32>(workspace, REPEATED + 8)
  let at = end - 8
  let bits = load<u64>(at) | 1
  bits <<= clz(bits) + 1
  let lengthState = field(bits, lengthBits)
  bits <<= lengthBits
  let offsetState = field(bits, offsetBits)
  bits <<= offsetBits
  let matchState = field(bits, matchBits)
  bits <<= matchBits
  while (true) {
    let used = <usize>ctz(bits)
    at -= used >> 3
    if (at + 8 < source) return WRONG
    bits = (load<u64>(at) | 1) << (used & 7)
    const lengthEntry = load<u64>(lengthTable + (lengthState << 3))
    const offsetEntry = load<u64>(offsetTable + (offsetState << 3))
    const matchEntry = load<u64>(matchTable + (matchState << 3))
    let offset = <u32>(offsetEntry >> 32) + field(bits, offsetEntry >> 16)
    bits <<= offsetEntry >> 16
    let matchLength = <u32>(matchEntry >> 32)
    let literalLength = <u32>(lengthEntry >> 32)
    // Short lengths are told by their codes alone. Sums of states' bases do not reach into those of extra bits.
    const isLong = areShort
      ? ((matchEntry | lengthEntry) & 0xff0000) != 0
      : ((<u32>((lengthEntry + offsetEntry + matchEntry) >> 16)) & 255) > BITS_MIN - STATE_BITS_MAX
    if (isLong) {
      used = <usize>ctz(bits)
      at -= used >> 3
      if (at + 8 < source) return WRONG
      bits = (load<u64>(at) | 1) << (used & 7)
    }
    if (isLong || !areShort) {
      matchLength += field(bits, matchEntry >> 16)
      bits <<= matchEntry >> 16
      literalLength += field(bits, lengthEntry >> 16)
      bits <<= lengthEntry >> 16
    }
    if (isLong) {
      used = <usize>ctz(bits)
      at -= used >> 3
      if (at + 8 < source) return WRONG
      bits = (load<u64>(at) | 1) << (used & 7)
    }
    if (areShort) {
      const isNew = offset > 3
      // Offsets 1 to 3 repeat an earlier one: of the last three, or one less than the last.
      const index = offset - 1 + <u32>(literalLength == 0)
      const earlier = select(r1, select(r2, r0 - 1, index == 2), index == 1)
      offset = select(offset - 3, select(r0, earlier, index == 0), isNew)
      r2 = select(r1, r2, index > 1)
      r1 = select(r0, r1, index > 0)
    } else if (offset > 3) {
      offset -= 3
      r2 = r1
      r1 = r0
    } else {
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
    if (areShort) {
      if (literalLength > 16) copyWild(target + 16, literals + 16, literalLength - 16)
    } else {
      v128.store(target, v128.load(literals, 16), 16)
      if (literalLength > 32) copyWild(target + 32, literals + 32, literalLength - 32)
    }
    target += literalLength
    literals += literalLength
    if (offset - 1 >= <u32>(target - frameStart)) return WRONG
    if (areShort) copyShortMatch(target, offset, matchLength)
    else copyLongMatch(target, offset, matchLength)
    target += matchLength
    if (--count == 0) break
    lengthState = (<u32>lengthEntry & 0xffff) + field(bits, lengthEntry >> 24)
    bits <<= lengthEntry >> 24
    matchState = (<u32>matchEntry & 0xffff) + field(bits, matchEntry >> 24)
    bits <<= matchEntry >> 24
    offsetState = (<u32>offsetEntry & 0xffff) + field(bits, offsetEntry >> 24)
    bits <<= offsetEntry >> 24
  }
  // The stream must be used up to its first bit.
  if (((at + 8 - source) << 3) != <usize>ctz(bits)) return WRONG
  store<u32>(workspace, r0, REPEATED)
  store<u32>(workspace, r1, REPEATED + 4)
  store<u32>(workspace, r2, REPEATED + 8)
  store<u32>(workspace, <u32>literals, LITERALS_AT)
  store<u32>(workspace, <u32>(literalsEnd - literals), LITERALS_LENGTH)
  store<u32>(workspace, <u32>target, TARGET)
  return 0
}

function runShortSequences(
  source: usize,
  end: usize,
  count: u32,
  frameStart: usize,
  targetEnd: usize,
  workspace: usize,
): i32 {
  return sequences(true, source, end, count, frameStart, targetEnd, workspace)
}

function runLongSequences(
  source: usize,
  end: usize,
  count: u32,
  frameStart: usize,
  targetEnd: usize,
  workspace: usize,
): i32 {
  return sequences(false, source, end, count, frameStart, targetEnd, workspace)
}

// Whether the table of offsets has none of 2^31 and more, whose bits do not fit beside those of three states.
function areOffsetsBelow2G(workspace: usize): bool {
  const table = workspace + TABLES + (<usize>OFFSETS << 12)
  const size = 1 << load<i32>(workspace, ACCURACIES + 4)
  for (let i = 0; i < size; i++) if (load<u8>(table + (<usize>i << 3), 2) > 30) return false
  return true
}

// With so many sequences those of a block are short: it has at most 128 KiB.
const SHORT_SEQUENCES_MIN: u32 = 15_000

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
    const result =
      count >= SHORT_SEQUENCES_MIN && areOffsetsBelow2G(workspace)
        ? runShortSequences(source, end, count, frameStart, targetEnd, workspace)
        : runLongSequences(source, end, count, frameStart, targetEnd, workspace)
    if (result < 0) return WRONG
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
