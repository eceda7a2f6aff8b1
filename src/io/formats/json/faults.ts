import { assert } from '../../../base/assert.ts'
import type { QueryError } from '../../../base/errors.ts'
import { NEWLINE } from '../csv/dialect.ts'
import { fault, type Place } from '../csv/faults.ts'
import { openCsvSource } from '../csv/gzip.ts'
import type { JsonScan } from './reader.ts'

const REREAD_BYTES = 1_048_576
const INCOMPLETE = 1

/** What the statuses of the kernel mean (assembly/json.ts); 10 cannot happen. */
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
  return fault(scan, at, message, {})
}

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
  const source = openCsvSource(scan.file, scan.dialect, scan.env)
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
