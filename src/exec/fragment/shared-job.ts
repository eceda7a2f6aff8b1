import type { PipelineJob } from '../jobs/jobs.ts'
import type { JobSize } from './job-size.ts'
import { mustKeepOrder, outputOrder } from './ordered-output.ts'

/** Pieces of an input whose rows may cost much. */
const PIECES_A_THREAD = 8
/** Of an input that has this many morsels a thread, they may grow: threads end together all the same. */
const MORSELS_A_THREAD = 32
const MORSEL_GROWTH_MAX = 4
/** A job and on how many threads it is done. */
export interface SharedJob {
  readonly job: PipelineJob
  readonly threads: number
  /** Morsels, as far as that is known beforehand. */
  readonly morsels: number
}

/** Who shares a job. */
export interface Sharing {
  readonly threadsMax: number
  /** The output is to be the same on any number of threads. */
  readonly isInOrder: boolean
}

/** How a job is shared out: the costlier its rows may be, the smaller the pieces. */
export function sharedJob(
  job: PipelineJob,
  size: JobSize,
  { threadsMax: threadsOfPool, isInOrder }: Sharing,
): SharedJob {
  const order = outputOrder(job.pipeline, isInOrder)
  const isSequential = order === 'any' && mustKeepOrder(job.pipeline)
  const threadsMax = isSequential ? 1 : threadsOfPool
  const share = Math.ceil(size.driverRows / (threadsMax * PIECES_A_THREAD))
  // What is taken in pieces of its own is not cut by rows: each may become any number of them.
  const isCut = size.costly && size.pieces === undefined
  const morselRows = isCut
    ? Math.max(1, Math.min(job.morselRows, share))
    : grown(job, size.driverRows / (threadsMax * MORSELS_A_THREAD), isInOrder)
  const pieces = size.pieces ?? Math.ceil(size.driverRows / morselRows)
  const threads = Math.max(1, Math.min(threadsMax, pieces))
  if (threads === 1) return { job: { ...job, morselRows }, threads, morsels: pieces }
  // With a limit, the morsels that are taken must be the first ones.
  const regions = order === 'runs' && job.limits.length === 0 ? threads : 1
  return { job: { ...job, morselRows, order, regions }, threads, morsels: pieces }
}

/** Larger morsels where there are many: each costs a few microseconds. */
function grown({ morselRows, limits }: PipelineJob, rowsMax: number, isInOrder: boolean): number {
  if (limits.length > 0 || isInOrder) return morselRows
  const grown = Math.floor(Math.min(rowsMax, morselRows * MORSEL_GROWTH_MAX))
  return Math.max(morselRows, grown)
}
