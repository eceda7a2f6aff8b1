import type { DataType, MadeType } from '../../data/types/data-type.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { ColumnStatistics } from '../../data/vectors/vector.ts'
import type { EntryName } from './entry-name.ts'
import type { RoutineEntry } from './routine.ts'
import type { TableRules } from './table-rules.ts'

export type { EntryName } from './entry-name.ts'

/** What a table's rows come from. Plain data: it travels to threads and workers as it is. */
export type TableSource = MemorySource | FileSource

/** Rows held by the process that owns the catalog: in its shared memory, or in files where that has no room. */
export interface MemorySource {
  readonly kind: 'memory'
  /** Names the table's rows across processes: the same id always means the same chunks' table. */
  readonly id: string
  readonly chunks: readonly TableChunk[]
  /**
   * The number of each chunk's first row, all in memory. Such a table, which is in no catalog, has one more column than its
   * chunks: the last one numbers the rows, for those that a scan reads.
   */
  readonly firstRows?: readonly number[]
}

export type FileFormat = 'parquet' | 'csv' | 'json' | 'arrow'

export interface FileSource {
  readonly kind: 'files'
  readonly format: FileFormat
  readonly files: readonly FileEntry[]
  /** The format's options as resolved when the table was made (delimiter, header, ...). */
  readonly options: FileOptions
  /** Names of hive partition columns (`year=2024/`), the last columns of the schema. */
  readonly partitionColumns: readonly string[]
  /** How some of the files hold the table's columns, where not as the table has them. */
  readonly layouts?: readonly FileLayout[]
}

/** The columns of a file that differ from its table's in order, names, number or types. */
export interface FileLayout {
  /** The file's own columns, in its own order, as its format names them. */
  readonly fileColumns: Schema
  /** By column of the table (partition columns excluded), its position in the file; undefined: NULL. */
  readonly positions: readonly (number | undefined)[]
}

export interface FileOptions {
  readonly delimiter?: string
  readonly header?: boolean
  readonly quote?: string
  readonly nullStrings?: readonly string[]
  readonly compression?: 'none' | 'gzip'
  readonly sampleRowsMax?: number
  /** JSON: an object a line, or objects over several lines or in an array. */
  readonly jsonShape?: 'lines' | 'values'
  /** False: the files of a table must have the same columns in the same order. */
  readonly unionByName?: boolean
  /** CSV, JSON: the types come from a sample, so that readers hold each value to them strictly. */
  readonly isInferred?: boolean
  /** CSV: lines end in a carriage return alone. */
  readonly lineEnd?: 'newline' | 'return'
}

export interface FileEntry {
  /** Absolute path on this machine; for http(s) the cached copy's path. */
  readonly path: string
  /** What the user wrote or the glob matched; shown in messages. */
  readonly location: string
  readonly bytes: number
  readonly modifiedMs: number
  /** Values of the hive partition columns, as text; null for `__HIVE_DEFAULT_PARTITION__`. */
  readonly partitionValues: readonly (string | null)[]
  /** Parts that can be read independently (Parquet row groups), when the footer tells. */
  readonly parts: readonly FilePart[]
  /** Index in the source's layouts; undefined: the file has the table's columns as they are. */
  readonly layout?: number
}

export interface FilePart {
  readonly rows: number
  readonly bytes: number
  /** One entry a column of the table (partition columns excluded); undefined where nothing is known. */
  readonly statistics: readonly (ColumnStatistics | undefined)[]
}

export interface TableStatistics {
  /** Exact for memory and Parquet, estimated otherwise. */
  readonly rows: number
  readonly exact: boolean
  readonly columns: readonly (ColumnStatistics | undefined)[]
}

export interface TableEntry {
  readonly kind: 'table'
  readonly schema: string
  readonly name: string
  readonly columns: Schema
  readonly source: TableSource
  readonly statistics: TableStatistics
  /** Defaults and constraints, of a table that was declared with any. */
  readonly rules?: TableRules
  /** Of a temporary table: what becomes of it when a transaction commits; nothing where not given. */
  readonly onCommit?: 'delete' | 'drop'
  /** The rows of a materialized view whose query was not run yet: nobody may ask for them. */
  readonly isUnpopulated?: true
}

export interface ViewEntry {
  readonly kind: 'view'
  readonly schema: string
  readonly name: string
  /** The defining query's text; bound anew at each use. */
  readonly query: string
  /** What the query gave when the view was made; it must still give that. */
  readonly columns: readonly ViewColumn[]
  /** Tables and views that the query names; they cannot be dropped while the view is there. */
  readonly dependsOn: readonly NeededRelation[]
  /** Files that the query names. */
  readonly files: readonly NeededFile[]
  /** The same of models that it predicts with. */
  readonly dependsOnModels: readonly EntryName[]
  /** Where names without a schema led when the view was made, whatever the search path of its users. */
  readonly tableSchemas: ReadonlyMap<string, string>
  readonly modelSchemas: ReadonlyMap<string, string>
  /** Types that the query names, as they are written, by their ids. */
  readonly types: ReadonlyMap<string, number>
  /** Of a materialized view what the query gave when it was run last. */
  readonly stored?: TableEntry
  /** Ids of the functions that it calls: names lead to these. */
  readonly functions: readonly number[]
}

/** With the names of its columns when the view was made: `*` means these. */
export interface NeededRelation extends EntryName {
  readonly columnNames: readonly string[]
  /** Where the query's own name for it led; absent: to the name that it has still. */
  readonly writtenAs?: EntryName
  /** The names that those columns have now, where some were renamed. */
  readonly currentNames?: readonly string[]
}

/** The same of a file, by its location as it is written. */
export interface NeededFile {
  readonly location: string
  readonly columnNames: readonly string[]
}

export interface ViewColumn {
  readonly name: string
  /** Its name in the query. */
  readonly outputName: string
  readonly type: DataType
  readonly nullable: boolean
}

/** A trained linear model: prediction is an expression over the features. */
export interface ModelEntry {
  readonly kind: 'model'
  readonly schema: string
  readonly name: string
  readonly modelClass: 'LinearRegression' | 'LogisticRegression'
  readonly targetColumn: string
  readonly features: readonly string[]
  /** One a feature, in the features' own units. */
  readonly coefficients: readonly number[]
  readonly intercept: number
  /** LogisticRegression: the two values of the target, the one predicted below 0.5 first. */
  readonly classes: readonly (string | number | boolean | bigint)[]
  readonly options: Readonly<Record<string, string | number | boolean>>
  readonly trainedRows: number
  /** Figures of the fit, e.g. `r2`, `log_loss`, `iterations`. */
  readonly metrics: Readonly<Record<string, number>>
}

/** A generator of numbers, of which `nextval` takes one after another. */
export interface SequenceEntry {
  readonly kind: 'sequence'
  readonly schema: string
  readonly name: string
  /** What it shows of itself as a relation of one row. */
  readonly columns: Schema
  /** The same whatever is altered of it: sessions remember by it what they took. */
  readonly id: string
  readonly options: SequenceOptions
  /** Where it has come to: what was taken stays taken, whatever becomes of the transaction. RESTART makes new ones. */
  readonly numbers: SequenceNumbers
  /** The column that it is dropped with. */
  readonly owner?: SequenceOwner
}

export interface SequenceOptions {
  readonly type: 'int2' | 'int4' | 'int8'
  readonly increment: bigint
  readonly min: bigint
  readonly max: bigint
  readonly start: bigint
  /** How many numbers a session takes at once. */
  readonly cache: bigint
  readonly cycles: boolean
}

/** The one thing of a catalog that changes in place, see {@link SequenceEntry.numbers}. */
export interface SequenceNumbers {
  last: bigint
  /** Whether `last` was given already; else it is the next one. */
  isCalled: boolean
  /** How many numbers PostgreSQL would have in its log ahead: shown as `log_cnt`. */
  logged: number
}

export interface SequenceOwner extends EntryName {
  readonly column: string
  /** Of an identity column it is a part: it cannot be dropped by itself. */
  readonly isIdentity: boolean
}

/** A type that a statement has made. */
export interface NamedType {
  readonly kind: 'type'
  readonly schema: string
  readonly name: string
  readonly type: MadeType
}

export type CatalogEntry = TableEntry | ViewEntry | SequenceEntry

/** What an entry is called. */
export function kindName(
  entry: Pick<CatalogEntry, 'kind'> & { readonly stored?: TableEntry },
): CatalogEntry['kind'] | 'materialized view' {
  return entry.stored === undefined ? entry.kind : 'materialized view'
}

/**
 * An immutable catalog root. A statement that changes the catalog makes a new root, so a reader
 * keeps the snapshot it began with and a failed statement leaves nothing behind.
 */
export interface Catalog {
  /** Schema name -> relations by name. Names are as folded (lower case unless quoted). */
  readonly relations: ReadonlyMap<string, ReadonlyMap<string, CatalogEntry>>
  readonly models: ReadonlyMap<string, ReadonlyMap<string, ModelEntry>>
  readonly types: ReadonlyMap<string, ReadonlyMap<string, NamedType>>
  /** By schema and name all of the name, which their types tell apart. */
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, readonly RoutineEntry[]>>
}
