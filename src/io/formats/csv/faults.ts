import { QueryError, type ErrorCode, type ErrorDetails } from '../../../base/errors.ts'
import { typeName, type DataType } from '../../../data/types/data-type.ts'
import { NEWLINE, type CsvDialect } from './dialect.ts'
import { openCsvSource } from './csv-source.ts'
import type { CsvScan, Place } from './scan.ts'

/** Messages about a CSV file. Places are found by reading the file again: only when one is needed. */

const REREAD_BYTES = 1_048_576
const SHOWN_CHARACTERS_MAX = 60

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

export function notUtf8(scan: CsvScan, at: number): QueryError {
  const { u8 } = scan.env.heap
  const bytes = Array.from(
    u8.slice(at, u8[at] === 0 ? at + 1 : at + 2),
    (byte) => `0x${byte.toString(16).padStart(2, '0')}`,
  )
  const message = `invalid byte sequence for encoding "UTF8": ${bytes.join(' ')}`
  return fault(scan, at, message, {}, 'INVALID_ENCODING')
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

/** A field that its column's type does not take; `cause` says why. */
export function badField(
  scan: CsvScan,
  at: number,
  column: string,
  field: string,
  cause: unknown,
): unknown {
  if (!(cause instanceof QueryError)) return cause
  return fault(
    scan,
    at,
    cause.message,
    { ...cause.details, column, found: shorten(field) },
    cause.code,
  )
}

/** A field that the type found in the sample does not hold: it would be cut or rounded. */
export function otherType(
  scan: CsvScan,
  at: number,
  column: string,
  field: string,
  type: DataType,
): QueryError {
  const what = `column "${column}" is ${typeName(type)} by its first values, but not here`
  return fault(scan, at, what, {
    column,
    expected: typeName(type),
    found: shorten(field),
    hint: 'Declare the columns, or raise sample_rows_max so that this row is among the sample.',
  })
}

export function fieldFault(scan: CsvScan, at: number, column: string, what: string): QueryError {
  return fault(scan, at, what, { column })
}

export function fault(
  scan: CsvScan,
  at: number,
  what: string,
  details: ErrorDetails,
  code: ErrorCode = 'BAD_FILE',
): QueryError {
  const { row, line } = scan.locate?.(at) ?? placeOf(scan, scan.bufferOffset + (at - scan.buffer))
  const { location } = scan.file
  const where = line === undefined ? `row ${row}` : `line ${line}`
  return new QueryError(code, `${what} (file "${location}", ${where})`, {
    ...details,
    file: location,
    row,
  })
}

function placeOf(scan: CsvScan, offset: number): Place {
  const { env, file, dialect } = scan
  const source = openCsvSource(file, dialect, env)
  const buffer = new Uint8Array(REREAD_BYTES)
  const count = { records: 0, lines: 1, inside: false, blank: true }
  try {
    for (let at = 0; at < offset; at += REREAD_BYTES) {
      const got = source.read(buffer, 0, Math.min(REREAD_BYTES, offset - at), at)
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

function shorten(text: string): string {
  const quoted = JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX))
  return text.length > SHOWN_CHARACTERS_MAX ? `${quoted}...` : quoted
}
