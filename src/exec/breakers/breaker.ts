import { present } from '../../base/assert.ts'
import type { BreakerId, BreakerKind, Pipeline, SinkOf } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type {
  BreakerState,
  JobReport,
  LinkJob,
  MergeJob,
  Page,
  RangeJob,
  Share,
  SplitJob,
  StateOf,
  WindowJob,
} from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { PageWriter } from '../rows/page-writer.ts'

/** One kind of sink whose rows later pipelines read: all that running it takes. */
export interface Breaker<K extends BreakerKind> {
  /** What a thread writes its rows with, one a breaker that the sink fills. */
  writers(sink: SinkOf<K>, arena: Arena, env: ThreadEnvironment): readonly SinkWriter[]
  /** Makes what the threads wrote ready to be read. */
  finish(
    id: BreakerId,
    sink: SinkOf<K>,
    written: Contribution,
    finishing: Finishing,
  ): Promise<StateOf<K>>
  /** Pieces that threads can take of the rows, and how many rows these are. */
  size(state: StateOf<K>): { readonly rows: number; readonly pieces: number }
  /** How many of the rows a piece is. */
  pieceRows(state: StateOf<K>, piece: number): number
  /** Runs the rows that nobody has taken through a pipeline that reads them. */
  drive(state: StateOf<K>, driving: Driving): Steps<void>
}

export interface SinkWriter {
  readonly breaker: BreakerId
  readonly writer: PageWriter
  /** The one row of an aggregate without keys. */
  readonly singleRow: Address
}

/** What the threads wrote into a breaker. */
export interface Contribution {
  readonly pages: Page[]
  counted: number
  /** Threads that contributed; their groups still have to be merged when there are several. */
  threads: number
  /** Some thread's groups occur more than once. */
  repeats: boolean
  /** A pipeline that feeds the breaker. */
  readonly pipeline: Pipeline
}

/** How breakers are finished: jobs run on the threads, memory lives as long as the query. */
export interface Finishing {
  readonly arena: Arena
  /** How many threads share in work over such rows; 1: the calling thread does it. */
  threadsFor(rows: number, rowBytes: number): number
  /** Runs a job of which every thread has a share by its number. */
  share(job: SharedShare): Promise<void>
  /** Runs a job whose lists threads take one after another. */
  lists(job: ListsShare, rowBytes: number): Promise<readonly JobReport[]>
}

/** A job of which every thread has a share by its number. */
export type SharedShare = Share<LinkJob> | Share<SplitJob> | Share<RangeJob>

/** A job whose lists threads take one after another. */
export type ListsShare = Omit<Share<MergeJob>, 'counter'> | Omit<Share<WindowJob>, 'counter'>

/** A thread's share of a pipeline over a breaker's rows. */
export interface Driving {
  readonly env: ThreadEnvironment
  /** Memory for what outlives the share. */
  readonly work: Arena
  /** No more rows are wanted. */
  readonly isDone: boolean
  /** The next of so many pieces that no thread has taken; undefined: none is left, or wanted. */
  takeMorsel(pieces: number): number | undefined
  /** Rows of this piece come next, where their order matters. */
  beginMorsel(piece: number): void
  /** Runs rows: those of a page at an address, or of a list of addresses there. */
  rowsAt(address: Address, rows: number): Steps<void>
}

export function rowsOf(pages: readonly Page[]): number {
  return pages.reduce((total, { rows }) => total + rows, 0)
}

/** For breakers whose rows are read page by page. */
export function pagesSize(state: BreakerState): { readonly rows: number; readonly pieces: number } {
  return { rows: state.rows, pieces: state.pages.length }
}

/** For breakers whose rows are read page by page. */
export function pageRows({ pages }: BreakerState, piece: number): number {
  return present(pages[piece], 'page of a breaker').rows
}

/** For breakers whose rows are read page by page. */
export function* drivePages({ pages }: BreakerState, driving: Driving): Steps<void> {
  for (;;) {
    const page = pages[driving.takeMorsel(pages.length) ?? pages.length]
    if (page === undefined) return
    yield* driving.rowsAt(page.address, page.rows)
  }
}
