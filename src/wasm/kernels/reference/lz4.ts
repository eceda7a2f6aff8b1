/** The reference of `lz4Decode`: undefined where the kernel returns -1. */
export function lz4Decode(source: Uint8Array, capacity: number): Uint8Array | undefined {
  const output: number[] = []
  let at = 0
  const longLength = (first: number): number | undefined => {
    if (first < 15) return first
    let sum = 15
    for (;;) {
      const byte = source[at++]
      if (byte === undefined) return undefined
      sum += byte
      if (byte !== 255) return sum
    }
  }
  while (at < source.length) {
    const token = source[at++]!
    const literals = longLength(token >> 4)
    if (literals === undefined || at + literals > source.length) return undefined
    for (let i = 0; i < literals; i++) output.push(source[at++]!)
    if (output.length > capacity) return undefined
    if (at === source.length) break
    if (at + 2 > source.length) return undefined
    const distance = source[at]! | (source[at + 1]! << 8)
    at += 2
    const length = longLength(token & 15)
    if (length === undefined || distance === 0 || distance > output.length) return undefined
    if (output.length + length + 4 > capacity) return undefined
    for (let i = 0; i < length + 4; i++) output.push(output[output.length - distance]!)
  }
  return Uint8Array.from(output)
}
