import type { DataType } from '../../../data/types/data-type.ts'

/** How the fields of a text file are written, whatever its format; bytes instead of characters. */
export interface TextDialect {
  /** {@link NO_QUOTE} when fields cannot be quoted. */
  readonly quote: number
  /** Unquoted texts that stand for NULL. */
  readonly nullStrings: readonly string[]
  /** Whether fields of json and jsonb columns stand as they are, quotes that belong to JSON included. */
  readonly isJson?: boolean
  readonly compression: 'none' | 'gzip'
  /** Whether the columns' types come from a sample: values are held to them strictly. */
  readonly isInferred: boolean
  /** What ends a line: `return` is a carriage return alone. */
  readonly lineEnd: 'newline' | 'return'
}

export const NO_QUOTE = 256
export const NEWLINE = 10
export const CARRIAGE_RETURN = 13

/** Rows that are looked at to find out column types, unless the options say otherwise. */
export const SAMPLE_ROWS_DEFAULT = 20_480
/** Longest record that is read; in CSV a longer one is taken for an unclosed quote. */
export const RECORD_BYTES_MAX = 16_777_216

/** Whether the fields of a column are the text of JSON values, as they stand in the file. */
export function standsAsJson({ isJson }: TextDialect, { kind }: DataType): boolean {
  return isJson === true && (kind === 'json' || kind === 'jsonb')
}
