import { QueryError, type ErrorCode, type ErrorDetails } from '../../../base/errors.ts'
import { typeName, type DataType } from '../../../data/types/data-type.ts'
import type { TextScan } from './scan.ts'

/** Messages about a text file, each with its place. */

const SHOWN_CHARACTERS_MAX = 60

export function notUtf8(scan: TextScan, at: number): QueryError {
  const { u8 } = scan.env.heap
  const bytes = Array.from(
    u8.slice(at, u8[at] === 0 ? at + 1 : at + 2),
    (byte) => `0x${byte.toString(16).padStart(2, '0')}`,
  )
  const message = `invalid byte sequence for encoding "UTF8": ${bytes.join(' ')}`
  return fault(scan, at, message, {}, 'INVALID_ENCODING')
}

/** A field that its column's type does not take; `cause` says why. */
export function badField(
  scan: TextScan,
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
  scan: TextScan,
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

export function fieldFault(scan: TextScan, at: number, column: string, what: string): QueryError {
  return fault(scan, at, what, { column })
}

export function fault(
  scan: TextScan,
  at: number,
  what: string,
  details: ErrorDetails,
  code: ErrorCode = 'BAD_FILE',
): QueryError {
  const { row, line } = scan.locate(at)
  const { location } = scan.file
  const where = line === undefined ? `row ${row}` : `line ${line}`
  return new QueryError(code, `${what} (file "${location}", ${where})`, {
    ...details,
    file: location,
    row,
  })
}

function shorten(text: string): string {
  const quoted = JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX))
  return text.length > SHOWN_CHARACTERS_MAX ? `${quoted}...` : quoted
}
