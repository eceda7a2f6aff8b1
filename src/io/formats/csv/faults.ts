import type { QueryError } from '../../../base/errors.ts'
import { NEWLINE } from '../text/dialect.ts'
import { fault } from '../text/faults.ts'
import type { Place } from '../text/scan.ts'
import { openTextSource } from '../text/source.ts'
import type { CsvDialect } from './dialect.ts'
import type { CsvScan } from './scan.ts'

/** Messages about a CSV file. Places are found by reading the file again: only when one is needed. */

const REREAD_BYTES = 1_048_576

export function malformedRecord(
  scan: CsvScan,
  at: number,
  columns: number,
  found: number,
): QueryError {
  const missing = scan.columnNames[found]
  const what =
    missing === undefined
      ? 'extra data after last expected column'
      : `missing data for column "${missing}"`
  return fault(scan, at, what, {
    expected: `${columns} fields`,
    found: `${found} field${found === 1 ? '' : 's'}`,
    ...(missing === undefined ? {} : { column: missing }),
  })
}

export function unclosedQuote(scan: CsvScan, at: number): QueryError {
  return fault(scan, at, 'unterminated CSV quoted field', {
    expected: 'a closing quote',
    found: 'the end of the file',
  })
}

export function recordTooLong(scan: CsvScan, insideQuotes: boolean): QueryError {
  const hint = insideQuotes ? { hint: 'A closing quote may be missing.' } : {}
  return fault(scan, scan.buffer, 'CSV record is too long', hint)
}

/** A quote inside an unquoted field, or text behind a closing quote, in [buffer, end). */
export function misplacedQuote(scan: CsvScan, end: number): QueryError | undefined {
  const { u8 } = scan.env.heap
  const { quote, delimiter } = scan.dialect
  const isBoundary = (byte: number | undefined): boolean => byte === delimiter || byte === NEWLINE
  let inside = false
  for (let at: number = scan.buffer; at < end; at++) {
    if (u8[at] !== quote) continue
    const before = at === scan.buffer ? NEWLINE : u8[at - 1]
    if (!inside && !isBoundary(before)) {
      return fault(scan, at, 'quote inside an unquoted CSV field', {
        hint: "Quote the whole field and double its quotes, or read with quote = ''.",
      })
    }
    if (inside) {
      const next = u8[at + 1]
      if (next === quote) {
        at++
        continue
      }
      if (!isBoundary(next) && next !== 13) {
        return fault(scan, at, 'text after the closing quote of a CSV field', {
          expected: 'a delimiter or the end of the line',
        })
      }
    }
    inside = !inside
  }
  return undefined
}

/** The record and line of an address of the buffer. */
export function placeOf(scan: CsvScan, at: number): Place {
  const { env, file, dialect } = scan
  const offset = scan.bufferOffset + (at - scan.buffer)
  const source = openTextSource(file, dialect, env)
  const buffer = new Uint8Array(REREAD_BYTES)
  const count = { records: 0, lines: 1, inside: false, blank: true }
  try {
    for (let from = 0; from < offset; from += REREAD_BYTES) {
      const got = source.read(buffer, 0, Math.min(REREAD_BYTES, offset - from), from)
      countRecords(buffer.subarray(0, got), dialect, scan.columnNames.length, count)
    }
  } finally {
    source.close()
  }
  return { row: count.records + 1 - (dialect.header ? 1 : 0), line: count.lines }
}

interface RecordCount {
  records: number
  lines: number
  inside: boolean
  blank: boolean
}

function countRecords(
  bytes: Uint8Array,
  dialect: CsvDialect,
  columns: number,
  count: RecordCount,
): void {
  for (const byte of bytes) {
    if (byte === dialect.quote) count.inside = !count.inside
    if (byte === NEWLINE) {
      count.lines++
      if (!count.inside) {
        if (!count.blank || columns === 1) count.records++
        count.blank = true
      }
    } else if (byte !== 13) count.blank = false
  }
}
