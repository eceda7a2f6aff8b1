// Snappy's raw format (google/snappy, format_description.txt).
import { copyMatch, copyWild } from './copy'

// Decodes a block. Returns the decoded length, or -1 for a block that is not well-formed or would
// not fit `capacity`. Source and target are followed by 64 bytes of slack.
export function snappyDecode(source: usize, length: u32, target: usize, capacity: u32): i32 {
  const end = source + length
  let decoded: u32 = 0
  let shift: u32 = 0
  while (true) {
    if (source >= end || shift > 28) return -1
    const byte = <u32>load<u8>(source++)
    decoded |= (byte & 127) << shift
    if (byte < 128) break
    shift += 7
  }
  if (decoded > capacity || <i32>decoded < 0) return -1
  const at = decodeElements(source, end, target, target + decoded)
  return at ? <i32>decoded : -1
}

// Returns whether the elements fill the target exactly.
function decodeElements(source: usize, end: usize, start: usize, targetEnd: usize): bool {
  let target = start
  while (source < end) {
    const tag = <u32>load<u8>(source)
    const kind = tag & 3
    if (kind == 0) {
      let length = (tag >> 2) + 1
      source++
      if (length <= 16) {
        if (length > targetEnd - target) return false
        v128.store(target, v128.load(source))
      } else {
        if (length > 60) {
          const lengthBytes = length - 60
          length = (load<u32>(source) & (0xffffffff >> (32 - (lengthBytes << 3)))) + 1
          source += lengthBytes
        }
        // A length of 2^32 wraps to 0 here.
        if (source > end || length - 1 >= end - source) return false
        if (length > targetEnd - target) return false
        if (length <= 64) copyWild(target, source, length)
        else memory.copy(target, source, length)
      }
      target += length
      source += length
    } else {
      let length: u32
      let distance: u32
      if (kind < 3) {
        // One and two byte distances without a branch between them: they mix unpredictably.
        const short = kind == 1
        distance = select<u32>(
          ((tag & 0xe0) << 3) | <u32>load<u8>(source, 1),
          load<u16>(source, 1),
          short,
        )
        length = select<u32>(4 + ((tag >> 2) & 7), (tag >> 2) + 1, short)
        source += kind + 1
      } else {
        length = (tag >> 2) + 1
        distance = load<u32>(source, 1)
        source += 5
      }
      if (distance - 1 >= <u32>(target - start) || length > targetEnd - target) return false
      copyMatch(target, distance, length)
      target += length
    }
  }
  return source == end && target == targetEnd
}
