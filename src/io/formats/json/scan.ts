import type { Address } from '../../../data/vectors/vector.ts'
import type { ColumnParsers } from '../text/columns.ts'
import type { TextScan } from '../text/scan.ts'
import type { Scratch } from '../scratch.ts'

/** What reading one unit works with. */
export interface JsonScan extends TextScan {
  readonly isLines: boolean
  readonly parsers: ColumnParsers
  readonly keys: Address
  readonly columnCount: number
  readonly rowsMax: number
  readonly pairs: Address
  readonly side: Scratch
  readonly out: Address
  readonly bufferScratch: Scratch
  /** Records of the unit taken before the ones in `pairs`, and how many are there. */
  rowsBefore: number
  rows: number
  /** Whether the file began with the bracket of an array, which must be closed. */
  isArray: boolean
  /** File offset where the unit's first record begins. */
  unitOffset: number
}
