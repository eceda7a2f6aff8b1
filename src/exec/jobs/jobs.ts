import type {
  BreakerId,
  BreakerKind,
  CarriedBytes,
  GroupTable,
  Pipeline,
  RowPlacing,
  WindowShape,
  ExpandCall,
  RangeOf,
} from '../../compile/model/pipeline.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Address, Chunk } from '../../data/vectors/vector.ts'
import type { ScanRequest, ScanUnit } from '../../io/scan/source.ts'
import type { AggregateFunction, Progression } from '../../functions/function.ts'
import type { KeptRows, PhysicalValues } from '../../plan/physical/plan.ts'
import type { SeriesRows } from '../../plan/physical/series.ts'
import type { KernelsLike } from '../../wasm/kernels/signatures.ts'
import type { RowField, RowLayout } from '../../compile/model/row-layout.ts'
import type { KernelFill, PieceShape, SummedColumn } from './window-fill.ts'

/** Rows of one size, one after another. */
export interface Page {
  readonly address: Address
  readonly rows: number
}

/** What later pipelines need of a finished breaker; plain data. The kind is that of its sink. */
export type BreakerState =
  | GroupsState
  | KeptState<'join-build'>
  | KeptState<'rows'>
  | SortState
  | WindowState
  | ExpandState

export type StateOf<K extends BreakerKind> = Extract<BreakerState, { readonly kind: K }>

interface StateBase {
  readonly pages: readonly Page[]
  readonly rows: number
}

export interface GroupsState extends StateBase {
  readonly kind: 'aggregate'
  readonly rowBytes: number
  /** The aggregates whose values are made when the groups are first read. */
  readonly kept: readonly KeptField[]
}

/** An aggregate of a table whose values are made when all rows are in. */
export type KeptField =
  /** Of the numbers of its state. */
  | { readonly kind: 'folded'; readonly field: RowField; readonly fn: AggregateFunction }
  | CollectedField

/** Of the rows in its lists: how these lie, and what becomes of them. */
export interface CollectedField {
  readonly kind: 'collected'
  readonly field: RowField
  readonly layout: RowLayout
  readonly kept: Omit<KeptRows, 'exprs'>
}

/** Rows that joins meet: linked by their keys, or listed. */
export interface KeptState<K extends 'join-build' | 'rows'> extends StateBase {
  readonly kind: K
  readonly join: JoinState
}

/** Rows that are repeated for what functions give for them. */
export interface ExpandState extends StateBase {
  readonly kind: 'expand'
  readonly layout: RowLayout
  readonly calls: readonly ExpandCall[]
  readonly ordinality: number | undefined
  readonly pieces: readonly ExpandPiece[]
}

/** What a thread takes of rows that are repeated. */
export type ExpandPiece =
  /** Rows with all that functions give for them. */
  | { readonly kind: 'rows'; readonly page: Page }
  /** So many of the integers that the one function gives for a row, from the numbered one on. */
  | {
      readonly kind: 'progression'
      readonly row: Address
      readonly progression: Progression
      readonly from: number
      readonly rows: number
    }

export interface SortState extends StateBase {
  readonly kind: 'sort'
  readonly sorted: SortedState
}

/** Rows in order with the columns of their window functions. */
export interface WindowState extends StateBase {
  readonly kind: 'window'
  /** Lists of addresses of rows; partitions follow each other in and across them. */
  readonly lists: readonly Page[]
}

/**
 * Rows to sort, split into buckets that follow one another in the order of the keys. Who reads a bucket
 * sorts it first, while it is in the cache.
 */
export interface SortedState {
  /** The description of the keys, see sort-keys.ts. */
  readonly keys: Address
  readonly keyCount: number
  readonly rowBytes: number
  /** Bits of the prefix that the buckets leave open. */
  readonly bits: number
  /** Rows of equal prefixes are equal. */
  readonly exact: boolean
  /**
   * What buckets hold: rows, entries (prefix and address of a row); `pages`: one bucket, not yet split; rows that lie in
   * their order already, or in the opposite one.
   */
  readonly content: 'rows' | 'entries' | 'pages' | 'ordered' | 'reversed'
  readonly buckets: readonly SortBucket[]
  /** The buckets that a thread takes at once, by the first of each. */
  readonly morsels: readonly number[]
  /** Rows wanted of them all. */
  readonly rows: number
}

export interface SortBucket {
  readonly address: Address
  readonly rows: number
  /** Rows in the buckets before. */
  readonly before: number
  /** Bits of the prefix that it leaves open, where these are fewer than of others. */
  readonly bits?: number
}

export interface JoinState {
  readonly directory: Address
  readonly shift: number
  readonly bloom: Address
  readonly bloomShift: number
  readonly rankWords: Address
  /** The first row of each key; of a table whose rows are packed, where its first row would begin. */
  readonly rankRows: Address
  readonly placing: RowPlacing
  /** Smallest key of a rank index, and the way from there to the largest. */
  readonly rankMin: bigint
  readonly rankSpan: bigint
  readonly nullRow: Address
  readonly isEmpty: boolean
  readonly hasNull: boolean
  /** Pairs of u32: address and rows of each page that has rows. */
  readonly pageList: Address
  readonly pageCount: number
}

/** The rows that a pipeline job shares out among its threads. */
export type JobInput =
  | { readonly kind: 'chunks'; readonly chunks: readonly TableChunk[] }
  /** Rows of VALUES that are still to be evaluated. */
  | { readonly kind: 'values'; readonly values: PhysicalValues }
  /** A series that threads write, piece by piece; see rows/series-chunks.ts. */
  | { readonly kind: 'series'; readonly series: SeriesRows }
  | { readonly kind: 'units'; readonly request: ScanRequest; readonly units: readonly ScanUnit[] }
  /** The breaker named by the pipeline's source: all of its pieces, or some that follow each other. */
  | { readonly kind: 'breaker'; readonly pieces?: PiecesOfBreaker }

/** Pieces `from` to `to`, and how many rows these are. */
export interface PiecesOfBreaker {
  readonly from: number
  readonly to: number
  readonly rows: number
}

interface JobBase {
  readonly cancel: Address
}

export interface PipelineJob extends JobBase {
  readonly kind: 'pipeline'
  readonly pipeline: Pipeline
  readonly input: JobInput
  readonly breakers: ReadonlyMap<BreakerId, BreakerState>
  /** A u32 of each region of the input: how many of its morsels or units have been taken. */
  readonly counter: Address
  /** Each thread begins in a region of its own, so that what it makes follows each other. */
  readonly regions: number
  readonly limits: readonly LimitState[]
  /** Rows of the driver handed to generated code at once. */
  readonly morselRows: number
  /** Rows that may flow between stages, about, before the job ends with {@link OutgrownError}. */
  readonly flownRowsMax: number | undefined
  /** `cache`: group tables are emptied rather than leave the cache; `none`: they grow. */
  readonly tableBound: 'cache' | 'none'
  readonly order: OutputOrder
  /** Rows that a thread gives, about, if each of its share of the input gives one. May be infinite. */
  readonly rowsAThread: number
  readonly interpretation: Interpretation
}

/** How generated code is run: by the engine, once that has loaded it, or by the thread's interpreter. */
export type CodeForm = 'loaded' | 'interpreted'

/**
 * Whether code is interpreted rather than loaded by the engine: where that is worth while for the rows that a
 * job meets at most, or, for tests, always.
 */
export type Interpretation = { readonly rowsMax: number } | 'always'

/**
 * How the output of several threads comes to be in the order of the input: not at all, or put together
 * from what each thread made of morsels that follow each other, or of each morsel. A morsel is what a
 * thread takes at once: rows of a chunk, a kept chunk, a unit of a file, some buckets.
 */
export type OutputOrder = 'any' | 'runs' | 'morsels'

/** A job turned out larger than the thread that began it should do; nothing of it is left. */
export class OutgrownError extends Error {}

export interface LimitState {
  /** An i64: rows that have come so far. */
  readonly seen: Address
  /** Those of them that came before the job. */
  readonly seenBefore: number
  readonly offsetRows: number
  readonly limitRows: number | undefined
}

/** Merges groups: threads take lists of pages, no two of which have a group in common. */
export interface MergeJob extends JobBase {
  readonly kind: 'merge'
  readonly pipeline: Pipeline
  readonly table: GroupTable
  readonly lists: readonly (readonly Page[])[]
  /** A u32: the next list that nobody has taken. */
  readonly counter: Address
}

/** Puts lists of rows in order and fills the fields of window functions; lists have no partition in common. */
export interface WindowJob extends JobBase {
  readonly kind: 'window'
  readonly layout: RowLayout
  readonly window: WindowShape
  readonly lists: readonly (readonly Page[])[]
  /** By list: where the addresses of its rows go in order, a u32 each. */
  readonly orders: readonly Address[]
  /** `whole`: there is one list, which threads share. `listed`: that list is in some order already, and any will do. */
  readonly step: 'all' | 'whole' | 'listed'
  readonly whole: WholeWindow | undefined
  /** A u32: the next list that nobody has taken. */
  readonly counter: Address
}

/** One list that is too long for a thread: what is done of it, and what of that each of `lists` stands for. */
export type WholeWindow = {
  readonly sorted: SortedState
  /** The marks of all rows. */
  readonly marks: Address
  /** Whether anybody asks for groups of peers. */
  readonly peers: boolean
} & WholeStep

export type WholeStep =
  /** `fills`: what is filled as soon as the rows of a bucket are in order. */
  | {
      readonly step: 'order'
      readonly isMarked: boolean
      readonly fills: readonly KernelFill[]
    }
  /** Marks the first rows of buckets: those before them are others' to list. */
  | { readonly step: 'borders' }
  | { readonly step: 'sum'; readonly shape: PieceShape; readonly columns: readonly SummedColumn[] }
  /** The first list is all rows, for the calls, by position, that are not filled in pieces, if there are any. */
  | {
      readonly step: 'fill'
      readonly shape: PieceShape
      readonly fills: readonly KernelFill[]
      readonly rest: readonly number[]
    }

/**
 * Links join rows into a table: thread i of `threads` takes a share of the hash values or keys, whose
 * places it empties first.
 */
export interface LinkJob extends JobBase {
  readonly kind: 'link'
  readonly step: 'hash' | 'mark-ranks' | 'count-ranks' | 'link-ranks' | 'place-ranks'
  readonly rank: RankShape | undefined
  readonly pages: readonly Page[]
  readonly rowBytes: number
  readonly state: JoinState
  readonly threads: number
}

/**
 * Puts rows in the order of a range and lists them in blocks, see `rangePage`; one thread does it. `rows` has room for
 * all, `list` for a block of {@link RANGE_PAGE_ROWS} each and one more; how many there are comes to `count`, a u32.
 */
export interface RangeJob extends JobBase {
  readonly kind: 'range'
  readonly pages: readonly Page[]
  readonly layout: RowLayout
  readonly rowBytes: number
  readonly range: RangeOf<number>
  readonly rows: Address
  readonly list: Address
  readonly count: Address
  readonly threads: 1
}

/** Rows that are compared, or left out, together. */
export const RANGE_PAGE_ROWS = 16

/** A rank index under construction: its words, its smallest key, and where rows have theirs. */
export interface RankShape {
  readonly words: number
  readonly min: bigint
  readonly offset: number
  readonly isWide: boolean
  /** A u32: how many keys occur, once that is counted. */
  readonly keys: Address
  /** What is packed of each row, if anything. */
  readonly carried: CarriedBytes | undefined
}

/**
 * A step of splitting rows into buckets, those to sort by their keys, groups by their hash: thread i of
 * `threads` does every page of its number.
 */
export interface SplitJob extends JobBase {
  readonly kind: 'split'
  readonly step:
    | 'bounds'
    | 'letters'
    | 'runs'
    | 'count'
    | 'rows'
    | 'entries'
    | 'count-groups'
    | 'groups'
  readonly pages: readonly Page[]
  readonly keys: Address
  /** The keys that decide about the bucket, and by which bits of their prefix (or of the hash). */
  readonly keyCount: number
  readonly shift: number
  readonly rowBytes: number
  /** Words of each thread: bounds, letters, counts, or where the next row of a bucket goes. `runs`: of each page. */
  readonly cells: Address
  readonly cellsBytes: number
  /** The number of the bucket that has the first cell, modulo 2^30; 0 where it is left out. */
  readonly first?: number
  readonly threads: number
}

/** Kernels that are called as `kernel(morsel, parameters, scratch)`. */
export type RoundKernel = KernelsLike<{
  readonly params: readonly ['i32', 'i32', 'i32']
  readonly results: readonly []
}>

/**
 * A round of a kernel over morsels of columns that lie ready in the memory. The kernel is called as
 * `kernel(morsel, parameters, scratch)` and adds what it finds to the cell that the morsel names. Who
 * takes a cell does all of its morsels, in order: cells come out the same whoever takes them.
 */
export interface KernelJob extends JobBase {
  readonly kind: 'kernel'
  readonly kernel: RoundKernel
  /** Descriptions of the morsels, of `morselBytes` each; what is in them is the kernel's matter. */
  readonly morsels: Address
  readonly morselBytes: number
  /** The first morsel of each cell, in order, and last how many morsels there are. */
  readonly cellStarts: readonly number[]
  readonly parameters: Address
  /** Memory of each share, `scratchBytes` apart. */
  readonly scratch: Address
  readonly scratchBytes: number
  /** A u32: the next cell that nobody has taken. */
  readonly counter: Address
}

/** A job but for what every job has. */
export type Share<T extends JobBase> = Omit<T, keyof JobBase>

export type Job = PipelineJob | MergeJob | WindowJob | LinkJob | SplitJob | RangeJob | KernelJob

/** What a thread made of a job; the blocks now belong to who reads the report. */
export interface JobReport {
  readonly sinks: readonly SinkReport[]
  /** Output chunks by partition. */
  readonly chunks: readonly (readonly Chunk[])[]
  /** Output chunks by the first of the morsels that they were made of, where order matters. */
  readonly runs: readonly { readonly firstMorsel: number; readonly chunks: readonly Chunk[] }[]
  readonly workBlocks: readonly Address[]
  readonly outputBlocks: readonly Address[]
  /** How code of a pipeline was run. */
  readonly forms: readonly CodeForm[]
}

/** The report of a job that leaves what it made where the job says. */
export const emptyReport: JobReport = {
  sinks: [],
  chunks: [],
  runs: [],
  workBlocks: [],
  outputBlocks: [],
  forms: [],
}

/** What one thread contributed to a breaker. */
export interface SinkReport {
  readonly breaker: BreakerId
  readonly pages: readonly Page[]
  /** What the sink counted: join-build, rows with a NULL key. */
  readonly counted: number
  /** aggregate: the table was emptied in between, so that groups may occur more than once. */
  readonly repeats: boolean
}
