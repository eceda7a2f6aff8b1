import type { Schema } from '../../data/types/schema.ts'
import type { FileEntry, FileOptions, FilePart } from '../../plan/catalog/catalog.ts'
import type { ColumnStatistics } from '../../data/vectors/vector.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../scan/source.ts'

/** What a user said about a location before it was looked at. */
export interface FormatOptions {
  readonly fileOptions: FileOptions
  /** Declared columns of the file (partition columns excluded); undefined when they are to be found out. */
  readonly declared: Schema | undefined
  readonly signal: AbortSignal | undefined
}

/** What one file says of itself. */
export interface FileInspection {
  /** The file's own columns; partition columns are not among them. */
  readonly columns: Schema
  /** Whether the types were guessed from a sample, so that another file may widen them. */
  readonly inferred: boolean
  /** Positions of columns that say nothing of their type: every value seen or declared is NULL. */
  readonly untyped: ReadonlySet<number>
  /** The options with every choice made (delimiter, header, ...). */
  readonly options: FileOptions
  readonly rows: number
  readonly exact: boolean
  readonly parts: readonly FilePart[]
  /** One entry a column, of the whole file. */
  readonly statistics: readonly (ColumnStatistics | undefined)[]
}

/** One file format: how a file is inspected, cut into units, and read. */
export interface Format {
  inspect(file: FileEntry, options: FormatOptions): Promise<FileInspection>
  /** Pure: decides from the request alone. */
  planUnits(request: ScanRequest): readonly ScanUnit[]
  openReader(request: ScanRequest, env: ReaderEnvironment): UnitReader
}
