/** Tables for four bytes at once (Kounavis and Berry, "slicing"). */
const SLICES = 4
const POLYNOMIAL = 0xedb88320

const tables = makeTables()

function makeTables(): Uint32Array {
  const made = new Uint32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!
    made[at] = made[before & 255]! ^ (before >>> 8)
  }
  return made
}

/**
 * Continues a CRC-32, which begins with 0: that of the kernel which checks columns, over bytes outside of the
 * shared memory.
 */
export function crc32(before: number, bytes: Uint8Array): number {
  let crc = ~before
  let at = 0
  for (const end = bytes.length - (SLICES - 1); at < end; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      tables[768 + (crc & 255)]! ^
      tables[512 + ((crc >>> 8) & 255)]! ^
      tables[256 + ((crc >>> 16) & 255)]! ^
      tables[crc >>> 24]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}
