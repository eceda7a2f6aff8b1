import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { FileFormat, FileOptions } from '../../plan/catalog/catalog.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import type { OptionValue } from '../../sql/ast/statement.ts'

const formats: readonly FileFormat[] = ['parquet', 'csv', 'json', 'arrow']

/** What the WITH list may have. */
export const fileOptionNames: readonly string[] = [
  'location',
  'format',
  'delimiter',
  'header',
  'quote',
  'null_strings',
  'compression',
  'sample_rows_max',
  'union_by_name',
]

export interface FileTableOptions {
  readonly location: string
  readonly format: FileFormat | undefined
  readonly fileOptions: FileOptions
}

/** Reads the WITH list of CREATE TABLE ... WITH (location = ...). */
export function fileOptionsOf(
  options: Readonly<Record<string, OptionValue>>,
  span: Span,
): FileTableOptions {
  for (const name of Object.keys(options)) {
    if (fileOptionNames.includes(name)) continue
    throw new QueryError('INVALID_PARAMETER_VALUE', `unrecognized option "${name}"`, {
      span,
      expected: `one of ${fileOptionNames.join(', ')}`,
      ...didYouMean(name, fileOptionNames),
    })
  }
  const { location } = options
  if (typeof location !== 'string' || location === '') {
    throw invalid('location', location, "a path, a glob or a URL, as in location = 'data/*.csv'")
  }
  return { location, format: formatOf(options['format']), fileOptions: readOptions(options) }
}

const textOptions = ['compression', 'sample_rows_max']

/** Options that mean nothing to a format; the others are for all. */
const foreignOptions: Readonly<Record<FileFormat, readonly string[]>> = {
  csv: [],
  json: ['delimiter', 'header', 'quote', 'null_strings'],
  parquet: ['delimiter', 'header', 'quote', 'null_strings', ...textOptions],
  arrow: ['delimiter', 'header', 'quote', 'null_strings', ...textOptions],
}

/** Refuses options that the format of the files has no use for. */
export function checkFormatOptions(
  options: Readonly<Record<string, OptionValue>>,
  format: FileFormat,
  span: Span,
): void {
  const odd = Object.keys(options).find((name) => foreignOptions[format].includes(name))
  if (odd === undefined) return
  const message = `option "${odd}" is not for files of format ${format}`
  throw new QueryError('INVALID_PARAMETER_VALUE', message, { span })
}

function formatOf(value: OptionValue | undefined): FileFormat | undefined {
  if (value === undefined) return undefined
  const format = formats.find((name) => name === String(value).toLowerCase())
  if (format === undefined) throw invalid('format', value, `one of ${formats.join(', ')}`)
  return format
}

function readOptions(options: Readonly<Record<string, OptionValue>>): FileOptions {
  const { delimiter, header, quote, compression } = options
  const { null_strings: nullStrings, sample_rows_max: sampleRows, union_by_name: byName } = options
  return {
    ...(delimiter === undefined ? {} : { delimiter: oneByte('delimiter', delimiter) }),
    ...(quote === undefined ? {} : { quote: oneByte('quote', quote) }),
    ...(header === undefined ? {} : { header: booleanOf('header', header) }),
    ...(nullStrings === undefined ? {} : { nullStrings: strings('null_strings', nullStrings) }),
    ...(compression === undefined ? {} : { compression: compressionOf(compression) }),
    ...(sampleRows === undefined ? {} : { sampleRowsMax: count('sample_rows_max', sampleRows) }),
    ...(byName === undefined ? {} : { unionByName: booleanOf('union_by_name', byName) }),
  }
}

function oneByte(name: string, value: OptionValue): string {
  const text = value === '\\t' ? '\t' : value
  if (typeof text === 'string' && text.length === 1 && text > '\0' && text < '\u0080') return text
  throw invalid(name, value, 'one single-byte character')
}

function booleanOf(name: string, value: OptionValue): boolean {
  if (typeof value === 'boolean') return value
  const text = String(value).toLowerCase()
  if (['true', 'on', 'yes', '1'].includes(text)) return true
  if (['false', 'off', 'no', '0'].includes(text)) return false
  throw invalid(name, value, 'true or false')
}

function strings(name: string, value: OptionValue): readonly string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map((item) => {
    if (typeof item === 'string') return item
    throw invalid(name, value, 'a string or a list of strings')
  })
}

function compressionOf(value: OptionValue): 'none' | 'gzip' {
  if (value === 'none' || value === 'gzip') return value
  throw invalid('compression', value, 'none or gzip')
}

function count(name: string, value: OptionValue): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw invalid(name, value, 'a positive integer')
}

function invalid(name: string, value: OptionValue | undefined, expected: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `invalid value for option "${name}"`, {
    expected,
    found: value === undefined ? 'nothing' : JSON.stringify(value),
  })
}
