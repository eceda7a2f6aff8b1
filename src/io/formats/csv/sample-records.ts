import { Slices } from '../../filesystems/slices.ts'

/** A field of the sample; null for an unquoted NULL string. */
export type SampleField = string | null

export interface SampleDialect {
  readonly delimiter: string
  /** Empty: none. */
  readonly quote: string
  readonly nullStrings: readonly string[]
}

/**
 * The records of a text, for finding out its shape: lenient, since faults are the reader's to report.
 * The last record is left out when the text is cut off, blank lines are too.
 */
export function* recordsOf(
  text: string,
  dialect: SampleDialect,
  complete: boolean,
): Iterable<readonly SampleField[]> {
  let record: SampleField[] = []
  let at = 0
  while (at < text.length) {
    const field = nextField(text, at, dialect)
    record.push(field.value)
    at = field.end
    if (text[at] === dialect.delimiter) {
      at++
      if (at < text.length) continue
      record.push(nullable('', dialect))
    }
    const closed = at < text.length
    at++
    if ((closed || complete) && !isBlank(record)) yield record
    record = []
  }
}

/** The first records, taken in slices: others run in between. */
export async function sampleRecords(
  text: string,
  dialect: SampleDialect,
  recordsMax: number,
  complete: boolean,
): Promise<readonly (readonly SampleField[])[]> {
  const slices = new Slices()
  const records: (readonly SampleField[])[] = []
  if (recordsMax === 0) return records
  for (const record of recordsOf(text, dialect, complete)) {
    if (records.push(record) >= recordsMax) break
    if (records.length % RECORDS_UNINTERRUPTED === 0) await slices.pause()
  }
  return records
}

/** Records between two looks at the clock. */
const RECORDS_UNINTERRUPTED = 16
const NEWLINE = 10

function isBlank(record: readonly SampleField[]): boolean {
  return record.length === 1 && (record[0] === null || record[0] === '')
}

function nextField(
  text: string,
  start: number,
  dialect: SampleDialect,
): { readonly value: SampleField; readonly end: number } {
  const { quote, delimiter } = dialect
  if (quote !== '' && text[start] === quote) return quotedField(text, start, quote)
  const separator = delimiter.charCodeAt(0)
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === separator || code === NEWLINE) break
  }
  const isLast = text[end] !== delimiter
  const cut = isLast && end > start && text[end - 1] === '\r' ? end - 1 : end
  return { value: nullable(text.slice(start, cut), dialect), end }
}

function quotedField(
  text: string,
  start: number,
  quote: string,
): { readonly value: string; readonly end: number } {
  let value = ''
  let at = start + 1
  for (;;) {
    const close = text.indexOf(quote, at)
    if (close < 0) return { value: value + text.slice(at), end: text.length }
    value += text.slice(at, close)
    if (text[close + 1] !== quote) {
      const end = text[close + 1] === '\r' ? close + 2 : close + 1
      return { value, end }
    }
    value += quote
    at = close + 2
  }
}

function nullable(value: string, dialect: SampleDialect): SampleField {
  // Nearly always the only NULL string is the empty one.
  if (value !== '' && dialect.nullStrings.length === 1 && dialect.nullStrings[0] === '')
    return value
  return dialect.nullStrings.includes(value) ? null : value
}
