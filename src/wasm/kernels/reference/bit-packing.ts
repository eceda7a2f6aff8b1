/** `count` values of `bits` bits, least significant first, from a bit position on. */
export function unpack(source: Uint8Array, at: number, bits: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => {
    let value = 0n
    for (let bit = 0; bit < bits; bit++) {
      const position = at * 8 + index * bits + bit
      const byte = source[position >> 3] ?? 0
      value |= BigInt((byte >> (position & 7)) & 1) << BigInt(bit)
    }
    return value
  })
}

/** The reference of `parquetCodes` and `parquetBitmap`: undefined where the kernels return -1. */
export function decodeHybrid(
  source: Uint8Array,
  bits: number,
  count: number,
): number[] | undefined {
  const values: number[] = []
  const valueBytes = Math.ceil(bits / 8)
  let at = 0
  while (values.length < count) {
    const header = varint(source, at)
    if (header === undefined) return undefined
    at = header.end
    const run = Math.floor(header.value / 2)
    const left = count - values.length
    if (header.value % 2 === 1) {
      const taken = Math.min(run * 8, left)
      const bytes = Math.ceil((taken * bits) / 8)
      if (at + bytes > source.length) return undefined
      for (const value of unpack(source, at, bits, taken)) values.push(Number(value))
      at += bytes
    } else {
      if (run === 0 || at + valueBytes > source.length) return undefined
      let value = 0
      for (let i = 0; i < valueBytes; i++) value += source[at + i]! * 2 ** (8 * i)
      for (let i = 0; i < Math.min(run, left); i++) values.push(value)
      at += valueBytes
    }
  }
  return values
}

function varint(source: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = source[at + i]
    if (byte === undefined) return undefined
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return { value: value % 2 ** 32, end: at + i + 1 }
  }
  return undefined
}
