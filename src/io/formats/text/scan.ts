import type { Address } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import type { ByteSource } from '../byte-source.ts'
import type { TextDialect } from './dialect.ts'

/** Where a reader of a text file stands; what faults are reported against. */
export interface TextScan {
  readonly env: ReaderEnvironment
  readonly file: FileEntry
  readonly dialect: TextDialect
  readonly columnNames: readonly string[]
  readonly source: ByteSource
  /** File offset of the byte at `buffer`. */
  bufferOffset: number
  buffer: Address
  /** The record of an address, found by reading again: asked for faults only. */
  readonly locate: (at: number) => Place
}

/** A record, counted from 1 without the header, and the line of the file that it begins on. */
export interface Place {
  readonly row: number
  /** Undefined where only the record is known. */
  readonly line: number | undefined
}
