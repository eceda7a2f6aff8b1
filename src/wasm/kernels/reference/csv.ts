/** What stage 1 of the CSV kernels finds (assembly/csv.ts), byte by byte. */
export interface CsvIndex {
  /** Offsets of delimiters and newlines outside quotes, up to the last newline. */
  readonly positions: readonly number[]
  readonly newlines: number
  readonly quotes: number
  /** A quote opened inside a field, or text behind a closing quote. */
  readonly stray: boolean
  readonly ascii: boolean
  readonly insideAtEnd: boolean
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13

export function referenceIndex(bytes: Uint8Array, delimiter: number, quote: number): CsvIndex {
  const positions: number[] = []
  let newlines = 0
  let quotes = 0
  let stray = false
  let inside = false
  let closed = false
  let previous = NEWLINE
  bytes.forEach((byte, at) => {
    const isSeparator = byte === delimiter || byte === NEWLINE
    if (closed && !isSeparator && byte !== quote && byte !== CARRIAGE_RETURN) stray = true
    closed = false
    if (byte === quote) {
      const mayOpen = previous === delimiter || previous === NEWLINE || previous === quote
      if (!inside && !mayOpen) stray = true
      quotes++
      closed = inside
      inside = !inside
    } else if (isSeparator && !inside) {
      positions.push(at)
      if (byte === NEWLINE) newlines++
    }
    previous = byte
  })
  const last = positions.findLastIndex((at) => bytes[at] === NEWLINE)
  return {
    positions: positions.slice(0, last + 1),
    newlines,
    quotes,
    stray,
    ascii: bytes.every((byte) => byte < 128),
    insideAtEnd: inside,
  }
}

/** Offset of the first byte that is not UTF-8, or -1. */
export function referenceInvalidUtf8(bytes: Uint8Array): number {
  const isValid = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice(0, length))
      return true
    } catch {
      return false
    }
  }
  if (isValid(bytes.length)) return -1
  // The longest prefix that decodes ends where the first bad sequence begins.
  for (let length = bytes.length - 1; length >= 0; length--) if (isValid(length)) return length
  return 0
}
