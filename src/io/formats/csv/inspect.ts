import { QueryError } from '../../../base/errors.ts'
import { text, type DataType } from '../../../data/types/data-type.ts'
import type { Schema } from '../../../data/types/schema.ts'
import type { FileEntry, FileOptions } from '../../../plan/catalog/catalog.ts'
import type { FileInspection, FormatOptions } from '../format.ts'
import { inferType, typeOfText } from '../infer-type.ts'
import { readSample, type Sample } from '../sample.ts'
import { csvDialect, SAMPLE_ROWS_DEFAULT } from './dialect.ts'
import { sampleRecords, type SampleDialect, type SampleField } from './sample-records.ts'

const DELIMITERS = [',', ';', '\t', '|']
/** Records that decide the delimiter. */
const DELIMITER_RECORDS = 100
const COLUMNS_MAX = 1_600

type Records = readonly (readonly SampleField[])[]

/**
 * Finds out a CSV file's dialect and columns from its first `sampleRowsMax` records (20480, at most
 * 1 MiB). The delimiter is the one of `, ; tab |` that splits every record into the same number of
 * fields, the most fields first; the first record is a header when its fields are distinct texts
 * that the columns' types do not take (or all columns are text).
 */
export async function inspectCsv(file: FileEntry, options: FormatOptions): Promise<FileInspection> {
  const { fileOptions, declared } = options
  const sample = await readSample(file, fileOptions.compression)
  const dialect = sampleDialect(sample, fileOptions)
  const recordsMax = (fileOptions.sampleRowsMax ?? SAMPLE_ROWS_DEFAULT) + 1
  const records = sampleRecords(sample.text, dialect, recordsMax, sample.complete)
  const types = declared?.map(({ type }) => type) ?? typesBehindFirst(records)
  const header = fileOptions.header ?? hasHeader(records, declared, types)
  const resolved: FileOptions = {
    ...fileOptions,
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    nullStrings: dialect.nullStrings,
    header,
    compression: sample.compression,
  }
  csvDialect(resolved)
  const rows = estimateRows(file, sample, records, header)
  const columns = declared ?? inferColumns(records, header, types)
  checkColumns(file, columns, records)
  return {
    columns,
    inferred: declared === undefined,
    options: resolved,
    rows,
    exact: false,
    parts: [{ rows, bytes: file.bytes, statistics: [] }],
    statistics: columns.map(() => undefined),
  }
}

function sampleDialect(sample: Sample, options: FileOptions): SampleDialect {
  const quote = options.quote ?? '"'
  const nullStrings = options.nullStrings ?? ['']
  const delimiter = options.delimiter ?? detectDelimiter(sample, { quote, nullStrings })
  return { delimiter, quote, nullStrings }
}

function detectDelimiter(sample: Sample, rest: Omit<SampleDialect, 'delimiter'>): string {
  const candidates = DELIMITERS.map((delimiter) => {
    const dialect = { ...rest, delimiter }
    const records = sampleRecords(sample.text, dialect, DELIMITER_RECORDS, sample.complete)
    const fields = records[0]?.length ?? 0
    const regular = records.every((record) => record.length === fields)
    return { delimiter, fields: regular ? fields : 0 }
  })
  const best = candidates.reduce((a, b) => (b.fields > a.fields ? b : a))
  return best.fields > 1 ? best.delimiter : ','
}

/** The types of the columns from all records but the first, which may be the header. */
function typesBehindFirst(records: Records): readonly DataType[] {
  const rest = records.slice(1)
  return (records[0] ?? []).map((_, at) => inferType(column(rest, at)))
}

function hasHeader(
  records: Records,
  declared: Schema | undefined,
  types: readonly DataType[],
): boolean {
  const [first] = records
  if (first === undefined) return false
  const names = first.filter((field): field is string => field !== null && field !== '')
  if (names.length < first.length || new Set(names).size < first.length) return false
  const same = declared?.every(({ name }, at) => first[at]?.toLowerCase() === name.toLowerCase())
  if (same === true && declared?.length === first.length) return true
  const isText = (type: DataType): boolean => type.kind === 'text'
  if (types.every(isText))
    return declared === undefined && names.every((n) => isText(typeOfText(n)))
  return types.some((type, at) => !isText(type) && isText(typeOfText(names[at] ?? '')))
}

function* column(records: Records, at: number): Iterable<SampleField> {
  for (const record of records) yield record[at] ?? null
}

function inferColumns(records: Records, header: boolean, types: readonly DataType[]): Schema {
  const [first = []] = records
  const names = uniqueNames(first.map((field, at) => (header && field ? field : `column${at}`)))
  return names.map((name, at) => {
    const type = header ? (types[at] ?? text) : inferType(column(records, at))
    return { name, type, nullable: true }
  })
}

/** `a, a, a` become `a, a_1, a_2`. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let number = 1; taken.has(unique); number++) unique = `${name}_${number}`
    taken.add(unique)
    return unique
  })
}

function checkColumns(file: FileEntry, columns: Schema, records: Records): void {
  if (columns.length > COLUMNS_MAX) {
    throw new QueryError('TOO_MANY_COLUMNS', `tables can have at most ${COLUMNS_MAX} columns`, {
      file: file.location,
    })
  }
  if (columns.length === 0) {
    throw new QueryError('BAD_FILE', `file "${file.location}" is empty: its columns are unknown`, {
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
