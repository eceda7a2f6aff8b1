/** The reference of `snappyDecode`: undefined where the kernel returns -1. */
export function snappyDecode(source: Uint8Array, capacity: number): Uint8Array | undefined {
  const header = lengthHeader(source)
  if (header === undefined || header.length > capacity) return undefined
  const output: number[] = []
  let at = header.end
  while (at < source.length) {
    const tag = source[at++]!
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const bytes = length - 60
        if (at + bytes > source.length) return undefined
        length = 1 + littleEndian(source, at, bytes)
        at += bytes
      }
      if (at + length > source.length) return undefined
      for (let i = 0; i < length; i++) output.push(source[at++]!)
    } else {
      const bytes = [0, 1, 2, 4][tag & 3]!
      if (at + bytes > source.length) return undefined
      const low = littleEndian(source, at, bytes)
      const distance = bytes === 1 ? ((tag >> 5) << 8) | low : low
      const length = bytes === 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1
      at += bytes
      if (distance === 0 || distance > output.length) return undefined
      for (let i = 0; i < length; i++) output.push(output[output.length - distance]!)
    }
    if (output.length > header.length) return undefined
  }
  return output.length === header.length ? Uint8Array.from(output) : undefined
}

function lengthHeader(source: Uint8Array): { length: number; end: number } | undefined {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = source[i]
    if (byte === undefined) return undefined
    length += (byte & 127) * 2 ** (7 * i)
    // The kernel keeps 31 bits.
    if (byte < 128) return length < 2 ** 31 ? { length, end: i + 1 } : undefined
  }
  return undefined
}

function littleEndian(source: Uint8Array, at: number, bytes: number): number {
  let value = 0
  for (let i = 0; i < bytes; i++) value += source[at + i]! * 2 ** (8 * i)
  return value
}
