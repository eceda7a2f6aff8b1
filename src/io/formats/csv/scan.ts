import type { Address } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import type { ByteSource } from '../byte-source.ts'
import type { CsvDialect } from './dialect.ts'

/** Where a reader stands; what faults are reported against. */
export interface CsvScan {
  readonly env: ReaderEnvironment
  readonly file: FileEntry
  readonly dialect: CsvDialect
  readonly columnNames: readonly string[]
  readonly source: ByteSource
  /** File offset of the byte at `buffer`. */
  bufferOffset: number
  buffer: Address
  /** For formats whose records lie differently: the record of an address. */
  readonly locate?: (at: number) => Place
}

/** A record, counted from 1 without the header, and the line of the file that it begins on. */
export interface Place {
  readonly row: number
  /** Undefined where only the record is known. */
  readonly line: number | undefined
}
