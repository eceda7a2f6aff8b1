import { FragmentRun } from './coordinate.ts'
import { receivedJob, type PostedJob } from '../jobs/posted-job.ts'
import type { Steps } from '../jobs/steps.ts'
import { startJob } from '../thread/thread-job.ts'
import type { Address, Chunk } from '../../data/vectors/vector.ts'
import type { PartitionsLease } from '../../data/vectors/chunk-lease.ts'
import type { Stage } from '../../plan/physical/plan.ts'
import type { ThreadEnvironment, ThreadPool } from '../jobs/thread.ts'

/** One task of a stage: the stage's plan over one partition of its inputs. Plain data. */
export interface FragmentTask {
  readonly queryId: string
  readonly stage: Stage
  /** 0 to `stage.partitions` - 1; a scan reads the units and chunks i with i % partitions == partition. */
  readonly partition: number
  /** What earlier stages wrote for this partition, by stage id; chunks' columns follow the stage's. */
  readonly inputs: ReadonlyMap<number, readonly Chunk[]>
  /** An i32 in the shared memory; the fragment stops with QUERY_CANCELED when it is not 0. */
  readonly cancel: Address
  /** Other sizes than the usual ones, for tests. */
  readonly tuning?: Partial<Tuning>
}

/** Sizes that change how work is cut, never what comes out. */
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
}

/**
 * Runs a task: small ones on the calling thread, others on the pool's threads. Rejects with the first
 * error of any thread (QUERY_CANCELED when the cancel word was set); no memory stays allocated then.
 * Gives `stage.outputPartitions` lists of chunks (one for gather and broadcast), in order for sort roots.
 */
export async function runFragment(
  task: FragmentTask,
  pool: ThreadPool | undefined,
  env: ThreadEnvironment,
): Promise<PartitionsLease> {
  return new FragmentRun(task, pool, env).run()
}

/** Begins one thread's share of a job that {@link runFragment} gave to a pool; ends with its report. */
export function startThreadJob(env: ThreadEnvironment, job: unknown): Steps<unknown> {
  return startJob(env, receivedJob(job as PostedJob))
}
