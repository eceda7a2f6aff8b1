import { QueryError } from '../../../base/errors.ts'

const MAGIC = 0x18_4d_22_04
const STORED_BLOCK = 0x80_00_00_00
const MATCH_BYTES_MIN = 4

/**
 * Decodes an LZ4 frame (github.com/lz4/lz4, lz4_Frame_format.md) to exactly `bytes` bytes.
 * Checksums are not verified. Throws BAD_FILE.
 */
export function decodeLz4Frame(source: Uint8Array, bytes: number): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  require(source.length >= 7 && view.getUint32(0, true) === MAGIC)
  const flags = source[4] ?? 0
  require(flags >> 6 === 1)
  const hasContentSize = (flags & 8) !== 0
  const hasDictionary = (flags & 1) !== 0
  const blockChecksumBytes = (flags & 16) === 0 ? 0 : 4
  require(!hasDictionary)
  const target = new Uint8Array(bytes)
  let at = 7 + (hasContentSize ? 8 : 0)
  let to = 0
  for (;;) {
    require(at + 4 <= source.length)
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) break
    const length = word % STORED_BLOCK
    require(at + length <= source.length)
    if (word >= STORED_BLOCK) {
      require(to + length <= bytes)
      target.set(source.subarray(at, at + length), to)
      to += length
    } else {
      to = decodeBlock(source, at, at + length, target, to)
    }
    at += length + blockChecksumBytes
  }
  require(to === bytes)
  return target
}

/** Matches may reach into the blocks before. Returns the end of what was written. */
function decodeBlock(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  written: number,
): number {
  let at = start
  let to = written
  const length = (nibble: number): number => {
    let total = nibble
    if (nibble < 15) return total
    for (let byte = 255; byte === 255; total += byte) {
      require(at < end)
      byte = source[at++] ?? 0
    }
    return total
  }
  while (at < end) {
    const token = source[at++] ?? 0
    const literals = length(token >> 4)
    require(at + literals <= end && to + literals <= target.length)
    target.set(source.subarray(at, at + literals), to)
    at += literals
    to += literals
    // The last sequence has literals only.
    if (at === end) break
    require(at + 2 <= end)
    const distance = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)
    at += 2
    const count = length(token & 15) + MATCH_BYTES_MIN
    require(distance > 0 && distance <= to && to + count <= target.length)
    if (distance >= count) {
      target.copyWithin(to, to - distance, to - distance + count)
      to += count
    } else {
      for (let copied = 0; copied < count; copied++, to++) target[to] = target[to - distance] ?? 0
    }
  }
  return to
}

function require(condition: boolean): asserts condition {
  if (!condition) throw new QueryError('BAD_FILE', 'malformed Arrow data: broken LZ4 frame')
}
