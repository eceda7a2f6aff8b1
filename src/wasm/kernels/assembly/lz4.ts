// LZ4's block format (lz4/doc/lz4_Block_format.md), as in Parquet's LZ4_RAW.
import { copyMatch, copyWild } from './copy'

const MATCH_LENGTH_MIN: u32 = 4

// Adds the bytes that continue a length of 15; returns the cursor, 0 past the end.
// @ts-ignore: decorator
@inline
function longLength(source: usize, end: usize, result: usize): usize {
  let sum: u32 = 15
  while (source < end) {
    const byte = <u32>load<u8>(source++)
    sum += byte
    if (byte != 255) {
      store<u32>(result, sum)
      return source
    }
  }
  return 0
}

// Decodes a block. Returns the decoded length, or -1 for a block that is not well-formed or would
// not fit `capacity`. `scratch` has 4 bytes. Source and target are followed by 64 bytes of slack.
export function lz4Decode(
  source: usize,
  length: u32,
  start: usize,
  capacity: u32,
  scratch: usize,
): i32 {
  const end = source + length
  const targetEnd = start + capacity
  let target = start
  while (source < end) {
    const token = <u32>load<u8>(source++)
    let literals = token >> 4
    if (literals == 15) {
      source = longLength(source, end, scratch)
      if (source == 0) return -1
      literals = load<u32>(scratch)
    }
    if (literals > end - source || literals > targetEnd - target) return -1
    if (literals) {
      if (literals <= 64) copyWild(target, source, literals)
      else memory.copy(target, source, literals)
      target += literals
      source += literals
    }
    // The last sequence has literals only.
    if (source == end) break
    if (end - source < 2) return -1
    const distance = <u32>load<u16>(source)
    source += 2
    let matched = token & 15
    if (matched == 15) {
      source = longLength(source, end, scratch)
      if (source == 0) return -1
      matched = load<u32>(scratch)
    }
    matched += MATCH_LENGTH_MIN
    if (distance - 1 >= <u32>(target - start) || matched > targetEnd - target) return -1
    copyMatch(target, distance, matched)
    target += matched
  }
  return <i32>(target - start)
}
