import { FIELD_BYTES_MAX, type CsvDialect } from './dialect.ts'
import { CARRIAGE_RETURN, NEWLINE, NO_QUOTE } from '../text/dialect.ts'
import { readWindow, WINDOW_BYTES, WINDOW_ROOM_BYTES } from '../text/windows.ts'
import type { ScanUnit } from '../../scan/source.ts'
import { Scratch } from '../scratch.ts'
import type { CsvScan } from './scan.ts'

/** Bytes looked at by both hypotheses before the quotes of the whole file are counted. */
const EVIDENCE_BYTES_MAX = 262_144
/** Quotes are counted by so many bytes, and looked for by a quarter of that. */
const COUNT_BYTES = WINDOW_ROOM_BYTES

/**
 * File offset of the first record that begins at `start` or behind it (at most the file's length,
 * which then is not exact but at least the file's end).
 *
 * Whether the byte before `start` lies inside quotes decides which newline ends a record. Fields are
 * quoted as a whole (RFC 4180), so both answers are followed until one contradicts the form; when
 * neither does, or the quotes nearby are out of order, all quotes before `start` are counted.
 */
export function firstRecordAt(scan: CsvScan, start: number): number {
  if (start === 0) return 0
  const scratch = new Scratch(scan.env.heap)
  try {
    let inside = isInside(scan, scratch, start - 1)
    for (let offset = start - 1; ; offset += WINDOW_BYTES) {
      const window = readWindow(scan, scratch, offset, WINDOW_BYTES)
      for (let at = 0; at < window.length; at++) {
        const byte = window[at]
        if (byte === scan.dialect.quote) inside = !inside
        else if (byte === NEWLINE && !inside) return offset + at + 1
      }
      if (window.length < WINDOW_BYTES) return scan.file.bytes
    }
  } finally {
    scratch.release()
  }
}

/** Whether the byte at an offset comes after an opening quote and before its closing one. */
function isInside(scan: CsvScan, scratch: Scratch, offset: number): boolean {
  const { quote } = scan.dialect
  if (quote === NO_QUOTE || offset === 0) return false
  const near = nextQuote(scan, scratch, offset)
  if (near === undefined) return isInsideLongField(scan, scratch, offset)
  const outside = startHypothesis(false)
  const within = startHypothesis(true)
  const columns = scan.columnNames.length
  // The byte before tells whether a quote at `offset` may open a field.
  const before = readWindow(scan, scratch, offset - 1, 1)[0] ?? NEWLINE
  outside.previous = before
  within.previous = before
  const end = near + EVIDENCE_BYTES_MAX
  for (let at = offset; at < end; at += WINDOW_BYTES) {
    const window = readWindow(scan, scratch, at, WINDOW_BYTES)
    follow(outside, window, scan.dialect, columns)
    follow(within, window, scan.dialect, columns)
    if (outside.alive !== within.alive) return within.alive
    if (!outside.alive || window.length < WINDOW_BYTES) break
  }
  return countQuotes(scan, scratch, offset) % 2 === 1
}

/**
 * Where no quote follows for long: records of the right form mean outside, which the unit before
 * checks if it reads so long a field (see {@link bordersWithin}). Nothing of a record's form shows
 * within a long field, or a malformed file.
 */
function isInsideLongField(scan: CsvScan, scratch: Scratch, offset: number): boolean {
  const outside = startHypothesis(false)
  for (let at = offset; at < offset + EVIDENCE_BYTES_MAX; at += WINDOW_BYTES) {
    const window = readWindow(scan, scratch, at, WINDOW_BYTES)
    follow(outside, window, scan.dialect, scan.columnNames.length)
    if (!outside.alive || window.length < WINDOW_BYTES) break
  }
  const hasRecords = outside.alive && outside.delimiters >= 0
  return !hasRecords && countQuotes(scan, scratch, offset) % 2 === 1
}

/**
 * Borders of units inside a record that begins before `unit.end` and ends at `recordEnd`, so far in
 * front of its end that the units there may have taken a quoted field for records.
 */
export function bordersWithin(unit: ScanUnit, recordEnd: number): readonly number[] {
  const borders: number[] = []
  const step = unit.end - unit.start
  for (let at = unit.end; at + FIELD_BYTES_MAX <= recordEnd; at += step) borders.push(at)
  return borders
}

interface Hypothesis {
  alive: boolean
  inside: boolean
  previous: number
  /** Whether the previous byte closed a field, so that only a boundary or a second quote may follow. */
  closed: boolean
  /** Delimiters of the current record, -1 while its beginning is unknown. */
  delimiters: number
}

function startHypothesis(inside: boolean): Hypothesis {
  return { alive: true, inside, previous: NEWLINE, closed: false, delimiters: -1 }
}

/** Reads on under an assumption; it dies at the first byte that no well-formed file has there. */
function follow(state: Hypothesis, window: Uint8Array, dialect: CsvDialect, columns: number): void {
  const { quote, delimiter } = dialect
  for (const byte of window) {
    if (!state.alive) return
    const wasClosed = state.closed
    state.closed = false
    if (byte === quote) {
      if (state.inside) state.closed = true
      else if (!wasClosed && state.previous !== delimiter && state.previous !== NEWLINE) {
        state.alive = false
      }
      state.inside = !state.inside
    } else if (!state.inside) {
      if (wasClosed && byte !== delimiter && byte !== NEWLINE && byte !== CARRIAGE_RETURN) {
        state.alive = false
      }
      if (byte === delimiter && state.delimiters >= 0) state.delimiters++
      else if (byte === NEWLINE) endRecord(state, columns)
    }
    state.previous = byte
  }
}

function endRecord(state: Hypothesis, columns: number): void {
  const blank = state.previous === NEWLINE || state.previous === CARRIAGE_RETURN
  if (state.delimiters >= 0 && state.delimiters !== columns - 1 && !blank) state.alive = false
  state.delimiters = 0
}

function nextQuote(scan: CsvScan, scratch: Scratch, offset: number): number | undefined {
  const { heap, kernels } = scan.env
  for (let at = offset; at < offset + FIELD_BYTES_MAX; at += COUNT_BYTES / 4) {
    const block = scratch.ensure(COUNT_BYTES)
    const got = scan.source.read(heap.u8, block, COUNT_BYTES / 4, at)
    const end = block + got
    const found = kernels.call('findByte', block, end, scan.dialect.quote) >>> 0
    if (found !== end) return at + (found - block)
    if (got < COUNT_BYTES / 4) return undefined
  }
  return undefined
}

function countQuotes(scan: CsvScan, scratch: Scratch, offset: number): number {
  const { heap, kernels } = scan.env
  let total = 0
  for (let at = 0; at < offset; at += COUNT_BYTES) {
    const block = scratch.ensure(COUNT_BYTES)
    const got = scan.source.read(heap.u8, block, Math.min(COUNT_BYTES, offset - at), at)
    total += kernels.call('countByte', block, block + got, scan.dialect.quote)
  }
  return total
}
