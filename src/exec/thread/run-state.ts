import type { RunSide } from '../../compile/model/canonical-form.ts'
import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import type { PipelineLeg } from '../../compile/shape/legs.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import type { Address, Vector } from '../../data/vectors/vector.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { BreakerState, LimitState, PipelineJob } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { OutputWriter } from '../rows/output-writer.ts'
import type { PageWriter } from '../rows/page-writer.ts'
import type { TopColumn } from '../sort/top-values.ts'
import type { EntryTable } from './decide-entries.ts'
import type { LoadedModule } from './module-cache.ts'

/** What an instance of a module exports. */
export type Exports = Readonly<Record<string, unknown>>

/** Runs rows of the driver; `context` is the address of the context block. */
export type RunRows = (context: number, rowStart: number, rowEnd: number) => void

/** A module bound to a context block of this thread. */
export interface Instance {
  readonly loaded: LoadedModule
  /** What the module, shared with other queries, does not contain. */
  readonly side: RunSide
  readonly context: Address
  readonly exports: Exports
  readonly run: RunRows
  /** The chunk's vectors that are bound, by source. */
  readonly vectors: Map<number, readonly Vector[]>
  /** What is known of each entry of a dictionary, by the context word that names the table. */
  readonly entryTables: Map<number, EntryTable>
  /** The tables of values among them, by their number. */
  readonly entryValues: EntryTable[]
}

/** What the functions below remember during a run. */
export interface HostState {
  textBytes: number
  keepBytes: number
  allValid: Address
  /** Bytes of numeric sums, made when there are some. */
  wideNumerics: WideNumerics | undefined
  /** Text of the batch at hand by context: the blocks since it began, and what it began in. */
  readonly texts: Map<Address, readonly [now: Arena, before?: Arena]>
  /** What the values of dictionaries' entries refer to. */
  readonly entryTexts: Set<Arena>
  /** Results of call-outs that later legs still read, by leg. */
  readonly callOuts: Map<number, Arena>
  /** By the first of call-outs that follow one another: they are of the same rows. */
  readonly batches: Map<number, CalledOutBatch>
}

/** Rows in front of call-outs: their ids by source, and the values of columns by their numbers. */
export interface CalledOutBatch {
  readonly ids: Map<number, readonly number[]>
  readonly columns: Map<ColumnId, readonly Scalar[]>
}

/**
 * A thread's share of rows on their way into a sink, as those see it who work for it: the functions that
 * generated code calls, and what they ask in turn. `SinkRun` is one.
 */
export interface RunState {
  readonly env: ThreadEnvironment
  readonly pipeline: Pipeline
  /** `cache`: group tables are emptied rather than leave the cache; `none`: they grow. */
  readonly tableBound: PipelineJob['tableBound']
  /** The states of the fragment's limits, by their number. */
  readonly limits: readonly LimitState[]
  /** The pipeline's functions in order, as its modules number them. */
  readonly legs: readonly PipelineLeg[]
  /** Memory for what outlives the share: rows, tables, text that is kept. */
  readonly work: Arena
  /** By table of the sink. */
  readonly writers: readonly PageWriter[]
  readonly outputWriter: OutputWriter | undefined
  /** What decides which chunks a top-k can leave out. */
  readonly top: TopColumn | undefined
  readonly host: HostState
  /** The groups of the bound chunk are found through the dense directory. */
  readonly isDense: boolean
  /** The state of a breaker that earlier pipelines finished. */
  breaker(id: BreakerId): BreakerState
  /** Writes the addresses of a source's vectors into the context. */
  bindColumns(instance: Instance, source: number, vectors: readonly Vector[]): void
  /** A limit's share of rows that reach it: how many to skip, and where to end. */
  takeLimit(limit: LimitState, rows: number): { readonly from: number; readonly to: number }
  /** Many rows have flowed between legs: throws where the job is to end. */
  checkpoint(context: number): void
}
