import { packChunks, unpackChunks, type PackedChunks } from '../../data/vectors/packed-chunks.ts'
import type { Job, JobInput, PipelineJob } from './jobs.ts'

/** A job on its way to another thread, see {@link PackedChunks}. */
export type PostedJob = Exclude<Job, PipelineJob> | PostedPipelineJob

interface PostedPipelineJob extends Omit<PipelineJob, 'input'> {
  readonly input: Exclude<JobInput, { kind: 'chunks' }> | PostedChunks
}

interface PostedChunks {
  readonly kind: 'chunks'
  readonly packed: PackedChunks
}

export function postedJob(job: Job): PostedJob {
  if (job.kind !== 'pipeline') return job
  const { input } = job
  if (input.kind !== 'chunks') return { ...job, input }
  return { ...job, input: { kind: 'chunks', packed: packChunks(input.chunks) } }
}

export function receivedJob(posted: PostedJob): Job {
  if (posted.kind !== 'pipeline') return posted
  const { input } = posted
  if (input.kind !== 'chunks') return { ...posted, input }
  return { ...posted, input: { kind: 'chunks', chunks: unpackChunks(input.packed) } }
}
