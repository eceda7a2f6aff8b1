import type { TextScan } from '../text/scan.ts'
import type { CsvDialect } from './dialect.ts'

/** Where a reader of a CSV file stands. */
export interface CsvScan extends TextScan {
  readonly dialect: CsvDialect
}
