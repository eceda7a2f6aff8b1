import { QueryError } from '../../../base/errors.ts'
import { text, type DataType } from '../../../data/types/data-type.ts'
import type { Schema } from '../../../data/types/schema.ts'
import type { FileEntry, FileOptions } from '../../../plan/catalog/catalog.ts'
import { Slices } from '../../filesystems/slices.ts'
import { uniqueNames } from '../../scan/unique-names.ts'
import type { FileInspection, FormatOptions } from '../format.ts'
import { inferType } from '../infer-type.ts'
import { growingSample, SAMPLE_BYTES_ASKED_MAX, SAMPLE_BYTES_MAX, type Sample } from '../sample.ts'
import { SAMPLE_ROWS_DEFAULT } from '../text/dialect.ts'
import { withNewlines } from '../text/line-ends.ts'
import { csvDialect } from './dialect.ts'
import { hasHeader } from './header.ts'
import { sampleRecords, type SampleDialect, type SampleField } from './sample-records.ts'

const DELIMITERS = [',', ';', '\t', '|']
/** Records that decide the delimiter. */
const DELIMITER_RECORDS = 100
/** A wider file is taken for one of another kind. */
const COLUMNS_MAX = 16_384

type Records = readonly (readonly SampleField[])[]

/** What the beginning of a file shows. */
interface Shown {
  readonly sample: Sample
  readonly lineEnd: 'newline' | 'return'
  readonly dialect: SampleDialect
  readonly records: Records
}

/**
 * Finds out a CSV file's dialect and columns from its first `sampleRowsMax` records (20480, at most
 * 1 MiB; so many as are asked for, at most 128 MiB). The delimiter is the one of `, ; tab |` that
 * splits every record into the same number of fields, the most fields first; see hasHeader for the
 * header. What lies behind the sample is held to its types by the reader.
 */
export async function inspectCsv(file: FileEntry, options: FormatOptions): Promise<FileInspection> {
  const { fileOptions, declared } = options
  const { sample, lineEnd, dialect, records } = await sampleOf(file, fileOptions)
  const { header, types } = await shapeOf(records, declared, fileOptions)
  const resolved: FileOptions = {
    ...fileOptions,
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    nullStrings: dialect.nullStrings,
    header,
    lineEnd,
    compression: sample.compression,
    isInferred: declared === undefined,
  }
  csvDialect(resolved)
  const rows = estimateRows(file, sample, records, header)
  const columns = declared ?? columnsOf(records, header, types)
  checkColumns(file, columns, records, sample)
  const untyped = new Set(types.flatMap((type, at) => (type === undefined ? [at] : [])))
  return {
    columns,
    inferred: true,
    untyped: declared === undefined ? untyped : new Set(),
    options: resolved,
    rows,
    exact: false,
    parts: [{ rows, bytes: file.bytes, statistics: [] }],
    statistics: columns.map(() => undefined),
  }
}

async function sampleOf(file: FileEntry, options: FileOptions): Promise<Shown> {
  const { compression, sampleRowsMax } = options
  const bytesMax = sampleRowsMax === undefined ? SAMPLE_BYTES_MAX : SAMPLE_BYTES_ASKED_MAX
  const recordsMax = (sampleRowsMax ?? SAMPLE_ROWS_DEFAULT) + 1
  // By default as many records as the first piece holds, but two at least: a header and a row.
  const recordsWanted = sampleRowsMax === undefined ? 2 : recordsMax
  let shown: Shown | undefined
  const look = async (sample: Sample): Promise<boolean> => {
    shown = await recordsIn(sample, options, recordsMax)
    return shown.records.length >= recordsWanted
  }
  const sample = await growingSample(file, compression, bytesMax, look)
  return shown?.sample === sample ? shown : recordsIn(sample, options, recordsMax)
}

async function recordsIn(sample: Sample, options: FileOptions, recordsMax: number): Promise<Shown> {
  const quote = options.quote ?? '"'
  const nullStrings = options.nullStrings ?? ['']
  const lines = sample.text.includes('\n') ? sample.text : withNewlines(sample.text, quote)
  const lineEnd = options.lineEnd ?? (lines === sample.text ? 'newline' : 'return')
  const seen = lineEnd === 'return' ? { ...sample, text: lines } : sample
  const delimiter = options.delimiter ?? (await detectDelimiter(seen, { quote, nullStrings }))
  const dialect = { delimiter, quote, nullStrings }
  const records = await sampleRecords(seen.text, dialect, recordsMax, sample.complete)
  return { sample, lineEnd, dialect, records }
}

async function detectDelimiter(
  sample: Sample,
  rest: Omit<SampleDialect, 'delimiter'>,
): Promise<string> {
  let best = { delimiter: ',', fields: 1 }
  for (const delimiter of DELIMITERS) {
    const dialect = { ...rest, delimiter }
    const records = await sampleRecords(sample.text, dialect, DELIMITER_RECORDS, sample.complete)
    const fields = records[0]?.length ?? 0
    const regular = records.every((record) => record.length === fields)
    if (regular && fields > best.fields) best = { delimiter, fields }
  }
  return best.delimiter
}

/** Whether there is a header, and the types of the columns; undefined where all is NULL. */
async function shapeOf(
  records: Records,
  declared: Schema | undefined,
  options: FileOptions,
): Promise<{ readonly header: boolean; readonly types: readonly (DataType | undefined)[] }> {
  const slices = new Slices()
  const typesOf = async (some: Records): Promise<readonly (DataType | undefined)[]> => {
    const types: (DataType | undefined)[] = []
    for (const at of (records[0] ?? []).keys()) {
      types.push(inferType(column(some, at)))
      await slices.pause()
    }
    return types
  }
  const types = declared?.map(({ type }) => type) ?? (await typesOf(records.slice(1)))
  const header = options.header ?? hasHeader(records, declared, types)
  return { header, types: header || declared !== undefined ? types : await typesOf(records) }
}

function* column(records: Records, at: number): Iterable<SampleField> {
  for (const record of records) yield record[at] ?? null
}

function columnsOf(
  records: Records,
  header: boolean,
  types: readonly (DataType | undefined)[],
): Schema {
  const [first = []] = records
  const names = uniqueNames(first.map((field, at) => (header && field ? field : `column${at}`)))
  return names.map((name, at) => ({ name, type: types[at] ?? text, nullable: true }))
}

function checkColumns(file: FileEntry, columns: Schema, records: Records, sample: Sample): void {
  if (columns.length > COLUMNS_MAX) {
    throw new QueryError('TOO_MANY_COLUMNS', `a CSV file can have at most ${COLUMNS_MAX} columns`, {
      file: file.location,
      found: `${columns.length} columns`,
    })
  }
  if (columns.length === 0) {
    const what = sample.complete ? 'is empty' : 'has no line end in its first 16 MiB'
    throw new QueryError('BAD_FILE', `file "${file.location}" ${what}: its columns are unknown`, {
      file: file.location,
      hint: 'Declare the columns.',
    })
  }
  const [first] = records
  if (first !== undefined && first.length !== columns.length) {
    const message = `file "${file.location}" does not have the declared columns`
    throw new QueryError('BAD_FILE', message, {
      file: file.location,
      row: 1,
      expected: `${columns.length} fields`,
      found: `${first.length} fields`,
    })
  }
}

function estimateRows(file: FileEntry, sample: Sample, records: Records, header: boolean): number {
  const rows = Math.max(0, records.length - (header ? 1 : 0))
  if (sample.complete || records.length === 0) return rows
  const characters = records.reduce(
    (total, record) => total + record.reduce((sum, field) => sum + (field?.length ?? 0) + 1, 0),
    0,
  )
  const share = Math.max(1, characters) / Math.max(1, sample.text.length)
  return Math.max(rows, Math.round((rows * file.bytes) / (sample.bytes * Math.min(1, share))))
}
