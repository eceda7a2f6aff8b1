/** How the fields of a text file are written, whatever its format; bytes instead of characters. */
export interface TextDialect {
  /** {@link NO_QUOTE} when fields cannot be quoted. */
  readonly quote: number
  /** Unquoted texts that stand for NULL. */
  readonly nullStrings: readonly string[]
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
