import { assert } from '../../../base/assert.ts'
import type { QueryError } from '../../../base/errors.ts'
import { textOfUtf8 } from '../../../base/utf8.ts'
import { NEWLINE } from '../text/dialect.ts'
import { fault } from '../text/faults.ts'
import type { Place } from '../text/scan.ts'
import { openTextSource } from '../text/source.ts'
import type { JsonScan } from './scan.ts'

const REREAD_BYTES = 1_048_576
const INCOMPLETE = 1
const UNKNOWN_KEY = 11
const KEY_SHOWN_BYTES_MAX = 100

/** What the statuses of the kernel mean (assembly/json.ts); 10 cannot happen, 11 has its own text. */
const messages: readonly string[] = [
  '',
  'unexpected end of a JSON object',
  'a JSON object was expected',
  'a key was expected in a JSON object',
  'a colon was expected behind the key of a JSON object',
  'a comma or closing brace was expected in a JSON object',
  'malformed JSON value',
  'malformed escape in a JSON string',
  'unexpected text behind a JSON object',
  'JSON value is nested too deeply',
  '',
  'a key that is not among the columns',
  'a comma behind the last JSON object',
]

/** The error for a status of the kernel; undefined when there is none or the rest comes later. */
export function statusFault(
  scan: JsonScan,
  status: number,
  at: number,
  isFinal: boolean,
): QueryError | undefined {
  if (status === 0 || (status === INCOMPLETE && !isFinal)) return undefined
  const message = messages[status]
  assert(message !== undefined, `JSON kernel status ${status}`)
  if (status === UNKNOWN_KEY) return unknownKey(scan, at)
  return fault(scan, at, message, {})
}

/** A key that first appears behind the sample: its values would be lost. */
function unknownKey(scan: JsonScan, at: number): QueryError {
  const { u8 } = scan.env.heap
  const bytes = u8.slice(at + 1, at + 1 + KEY_SHOWN_BYTES_MAX)
  const end = bytes.findIndex((byte, index) => byte === QUOTE && bytes[index - 1] !== BACKSLASH)
  const key = textOfUtf8(end < 0 ? bytes : bytes.subarray(0, end))
  return fault(scan, at, `key "${key}" is not among the keys of the first objects`, {
    column: key,
    hint: 'Declare the columns, or raise sample_rows_max so that this row is among the sample.',
  })
}

const QUOTE = 34
const BACKSLASH = 92

/** The record that an address belongs to: a field's begin, or where the next record stopped. */
export function placeFaults(scan: JsonScan, at: number): Place {
  const { view } = scan.env.heap
  const { columnCount, pairs, rows } = scan
  let index = rows
  for (let entry = 0; entry < rows * columnCount; entry++) {
    if (view.getUint32(pairs + 8 * entry, true) + 1 === at) {
      index = Math.floor(entry / columnCount)
      break
    }
  }
  const before = scan.isLines ? recordsBefore(scan) : 0
  return { row: before + scan.rowsBefore + index + 1, line: undefined }
}

/** Lines that are not blank before the unit. */
function recordsBefore(scan: JsonScan): number {
  const source = openTextSource(scan.file, scan.dialect, scan.env)
  const buffer = new Uint8Array(REREAD_BYTES)
  let records = 0
  let blank = true
  try {
    for (let at = 0; at < scan.unitOffset; at += REREAD_BYTES) {
      const got = source.read(buffer, 0, Math.min(REREAD_BYTES, scan.unitOffset - at), at)
      for (const byte of buffer.subarray(0, got)) {
        if (byte === NEWLINE) {
          if (!blank) records++
          blank = true
        } else if (byte > 32) blank = false
      }
    }
  } finally {
    source.close()
  }
  return records
}
