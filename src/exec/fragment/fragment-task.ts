import type { ChunkStream } from '../../data/vectors/chunk-stream.ts'
import type { Address, Chunk } from '../../data/vectors/vector.ts'
import type { CodeForm } from '../jobs/jobs.ts'
import type { WorkingRows } from '../reference/run-reference.ts'
import type { Stage } from '../../plan/physical/plan.ts'

/** How a task was run as a whole, without code, or one of its pipelines. */
export type RunWay = 'row by row' | CodeForm

/** One task of a stage: the stage's plan over one partition of its inputs. Plain data. */
export interface FragmentTask {
  readonly queryId: string
  readonly stage: Stage
  /** 0 to `stage.partitions` - 1; a scan reads its share of the units and chunks. */
  readonly partition: number
  /** What earlier stages wrote for this partition, by stage id; chunks' columns follow the stage's. */
  readonly inputs: ReadonlyMap<number, readonly Chunk[]>
  /** The rows of the round before of each recursion that this is a part of, by its number. */
  readonly working?: ReadonlyMap<number, WorkingRows>
  /** An i32 in the shared memory; the fragment stops with QUERY_CANCELED when it is not 0. */
  readonly cancel: Address
  /**
   * Where it is given, the output may be its first rows only: what follows is handed over before that is there.
   * Of output of one partition.
   */
  readonly rest?: ((rest: ChunkStream) => void) | undefined
  /** Told how the task, or each of its pipelines, was run. */
  readonly noted?: ((way: RunWay) => void) | undefined
  /** Other sizes than the usual ones, for tests. */
  readonly tuning?: Partial<Tuning>
}

/** What changes how work is cut and done, never what comes out. */
export interface Tuning {
  /** Rows that flow through a pipeline at once, 1 to 1024. */
  readonly batchRows: number
  /** Rows that a thread takes at once. */
  readonly morselRows: number
  /** Below this many rows a pipeline runs on the calling thread. */
  readonly poolRowsMin: number
  /** When about this many rows have flowed between stages on the calling thread, the pool takes over. */
  readonly inlineRowsMax: number
  /** Chunks of a table up to this many rows are brought to one shape, so that one module serves them. */
  readonly uniformRowsMax: number
  /** Up to so many evaluations, a task is done row by row without code; 0: never. */
  readonly evaluationsMax: number
  /** Whether code is interpreted: where it meets few rows and is new, always, or never. */
  readonly interpretation: 'few' | 'always' | 'never'
  /** Rows of a source that output is made of before the first of it is handed out, where a rest may follow. */
  readonly firstSliceRows: number
}
