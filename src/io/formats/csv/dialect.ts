import { QueryError } from '../../../base/errors.ts'
import type { FileOptions } from '../../../plan/catalog/catalog.ts'
import { CARRIAGE_RETURN, NEWLINE, NO_QUOTE, type TextDialect } from '../text/dialect.ts'

/** A CSV file's options with every choice made; bytes instead of characters. */
export interface CsvDialect extends TextDialect {
  readonly delimiter: number
  readonly header: boolean
}

/**
 * Longest quoted stretch without any quote character. It bounds how far a reader must look to know
 * whether the middle of a file lies inside quotes.
 */
export const FIELD_BYTES_MAX = 1_048_576
/** Longest NULL string, in bytes; and how many there may be. */
const NULL_STRING_BYTES_MAX = 28
const NULL_STRINGS_MAX = 16

const encoder = new TextEncoder()

/** Options as bytes. Throws INVALID_PARAMETER_VALUE; `delimiter` and `header` must be decided. */
export function csvDialect(options: FileOptions): CsvDialect {
  const delimiter = singleByte('delimiter', options.delimiter ?? ',')
  const quote = options.quote === '' ? NO_QUOTE : singleByte('quote', options.quote ?? '"')
  if (delimiter === quote) throw invalid('the delimiter and the quote must differ')
  const nullStrings = options.nullStrings ?? ['']
  if (nullStrings.length > NULL_STRINGS_MAX) {
    throw invalid(`at most ${NULL_STRINGS_MAX} NULL strings can be given`)
  }
  for (const text of nullStrings) {
    const bytes = encoder.encode(text)
    if (bytes.length > NULL_STRING_BYTES_MAX) {
      throw invalid(`a NULL string has at most ${NULL_STRING_BYTES_MAX} bytes`)
    }
    if (bytes.includes(delimiter) || bytes.includes(NEWLINE) || bytes.includes(CARRIAGE_RETURN)) {
      throw invalid('a NULL string cannot hold the delimiter or a newline')
    }
  }
  return {
    delimiter,
    quote,
    header: options.header ?? true,
    nullStrings,
    compression: options.compression ?? 'none',
    isInferred: options.isInferred ?? false,
    lineEnd: options.lineEnd ?? 'newline',
  }
}

function singleByte(name: string, text: string): number {
  const bytes = encoder.encode(text)
  const [byte] = bytes
  if (bytes.length !== 1 || byte === undefined)
    throw invalid(`the ${name} must be one ASCII character`)
  if (byte === NEWLINE || byte === CARRIAGE_RETURN) {
    throw invalid(`the ${name} cannot be a newline or carriage return`)
  }
  return byte
}

function invalid(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}
