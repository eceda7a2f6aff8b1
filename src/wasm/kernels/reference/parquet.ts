/** The reference of `parquetSpread`: packed values over rows, `none` where the row is NULL. */
export function spread<T>(packed: readonly T[], valid: readonly boolean[], none: T): T[] {
  let next = 0
  return valid.map((is) => (is ? packed[next++]! : none))
}

/** The reference of `parquetNarrow32` and `parquetNarrow64`: undefined when one is out of bounds. */
export function narrow(
  values: readonly bigint[],
  low: bigint,
  high: bigint,
): readonly bigint[] | undefined {
  return values.every((value) => value >= low && value <= high) ? values : undefined
}

/** The reference of `parquetDictionaryValues`, of codes that are in the dictionary. */
export function gather<T>(codes: readonly number[], dictionary: readonly T[]): T[] {
  return codes.map((code) => dictionary[code]!)
}

/** The reference of `parquetPlainText`: undefined when a length goes past the source. */
export function plainText(source: Uint8Array, count: number): Uint8Array[] | undefined {
  const view = new DataView(source.buffer, source.byteOffset, source.length)
  const texts: Uint8Array[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 4 > source.length) return undefined
    const length = view.getUint32(at, true)
    at += 4
    if (at + length > source.length) return undefined
    texts.push(source.slice(at, at + length))
    at += length
  }
  return texts
}

/** The reference of `utf8FirstInvalid`: NUL is in no text. */
export function firstInvalidText(texts: readonly Uint8Array[]): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return texts.findIndex((text) => {
    try {
      return decoder.decode(text).includes('\0')
    } catch {
      return true
    }
  })
}

/** The reference of `parquetByteStreamSplit`. */
export function joinStreams(source: Uint8Array, width: number, count: number): Uint8Array {
  return Uint8Array.from(
    { length: width * count },
    (_, index) => source[(index % width) * count + Math.floor(index / width)]!,
  )
}

/** The reference of `parquetFixedDecimals`: a big-endian two's complement number. */
export function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** The reference of `parquetInt96`: microseconds since 1970. */
export function int96(nanosOfDay: bigint, julianDay: bigint): bigint {
  return (julianDay - 2_440_588n) * 86_400_000_000n + nanosOfDay / 1_000n
}

/** The reference of `parquetHalfFloats`. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1_023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15)
}

/** The reference of `parquetLengthsToOffsets`: undefined for a negative length or too many bytes. */
export function offsetsOf(
  lengths: readonly number[],
  base: number,
  bytesMax: number,
): readonly number[] | undefined {
  const offsets = [base]
  for (const length of lengths) offsets.push(offsets.at(-1)! + length)
  const isSound = lengths.every((length) => length >= 0) && offsets.at(-1)! - base <= bytesMax
  return isSound ? offsets : undefined
}

/** The reference of `parquetFrontCoded`: each text begins with so many bytes of the one before it. */
export function frontCoded(
  prefixes: readonly number[],
  suffixes: readonly string[],
  bytesMax: number,
): readonly string[] | undefined {
  const texts: string[] = []
  for (const [index, prefix] of prefixes.entries()) {
    const before = texts.at(-1) ?? ''
    if (prefix < 0 || prefix > before.length) return undefined
    texts.push(before.slice(0, prefix) + suffixes[index]!)
  }
  return texts.join('').length > bytesMax ? undefined : texts
}

/** The reference of `parquetScaleUp`: undefined when one overflows. */
export function scaleUp(values: readonly bigint[], factor: bigint): readonly bigint[] | undefined {
  const scaled = values.map((value) => value * factor)
  return scaled.every((value) => BigInt.asIntN(64, value) === value) ? scaled : undefined
}
