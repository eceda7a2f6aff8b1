/** What stage 1 of the CSV kernels finds (assembly/csv.ts), byte by byte. */
export interface CsvIndex {
  /** Offsets of delimiters and newlines outside quotes, up to the last newline. */
  readonly positions: readonly number[]
  readonly newlines: number
  readonly quotes: number
  /** A quote opened inside a field, or text behind a closing quote. */
  readonly stray: boolean
  /** ASCII without NUL. */
  readonly plain: boolean
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
    plain: bytes.every((byte) => byte > 0 && byte < 128),
    insideAtEnd: inside,
  }
}

/** Offset of the first byte that is not UTF-8 or is NUL, or -1. */
export function referenceInvalidUtf8(bytes: Uint8Array): number {
  const nul = bytes.indexOf(0)
  const before = invalidSequence(nul < 0 ? bytes : bytes.subarray(0, nul))
  return before < 0 ? nul : before
}

function invalidSequence(bytes: Uint8Array): number {
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

/** A record's fields as text, and the offset where it begins. */
export interface CsvRecord {
  readonly at: number
  readonly fields: readonly string[]
}

/**
 * The reference of `csvRecords`: what lies between the separators at these offsets, a CR before a
 * newline cut off, blank lines left out where there are several columns. Up to the first record
 * with another number of fields, which is `misfit`.
 */
export function referenceRecords(
  text: string,
  positions: readonly number[],
  columns: number,
): { readonly records: readonly CsvRecord[]; readonly misfit: CsvRecord | undefined } {
  const records: CsvRecord[] = []
  let fields: string[] = []
  let [start, at] = [0, 0]
  for (const position of positions) {
    const isEnd = text[position] === '\n'
    const field = text.slice(at, position)
    fields.push(isEnd ? field.replace(/\r$/, '') : field)
    at = position + 1
    if (!isEnd) continue
    const record = { at: start, fields }
    const isBlank = columns > 1 && fields.length === 1 && fields[0] === ''
    if (!isBlank && fields.length !== columns) return { records, misfit: record }
    if (!isBlank) records.push(record)
    fields = []
    start = at
  }
  return { records, misfit: undefined }
}

/** The reference of `csvShape`: how many records end in CR LF, -1 when one is not of so many fields. */
export function referenceShape(
  text: string,
  positions: readonly number[],
  columns: number,
  rows: number,
): number {
  const ends = Array.from({ length: rows }, (_, row) => positions[(row + 1) * columns - 1]!)
  if (ends.some((end) => text[end] !== '\n')) return -1
  return ends.filter((end) => text[end - 1] === '\r').length
}
