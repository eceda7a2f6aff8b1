import { packChunks, unpackChunks, type PackedChunks } from '../../data/vectors/packed-chunks.ts'
import { entryOf, type FunctionCatalogue } from '../../functions/catalogue.ts'
import { ReferenceCopier, resolveReferences } from '../../functions/references.ts'
import type { Job, JobInput, PipelineJob } from './jobs.ts'

/** A job on its way to another thread, its functions by their ids; see {@link PackedChunks}, too. */
export type PostedJob = Exclude<Job, PipelineJob> | PostedPipelineJob

type PostedOf<K extends Job['kind']> = Extract<PostedJob, { kind: K }>

interface PostedPipelineJob extends Omit<PipelineJob, 'input'> {
  readonly input: Exclude<JobInput, { kind: 'chunks' }> | PostedChunks
}

interface PostedChunks {
  readonly kind: 'chunks'
  readonly packed: PackedChunks
}

/** The parts of a job in which functions may be called. What else it has may be long, and calls none. */
const callingParts: { readonly [K in Job['kind']]: readonly (keyof PostedOf<K>)[] } = {
  pipeline: ['pipeline', 'input', 'breakers'],
  merge: ['pipeline', 'table'],
  window: ['window'],
  link: [],
  split: [],
  kernel: [],
}

/** Undefined where a function of the job is known on the calling thread only. */
export function postedJob(job: Job): PostedJob | undefined {
  const packed = packedJob(job)
  const copier = new ReferenceCopier()
  const parts = partsOf(packed).map(([name, part]) => [name, copier.copy(part)])
  if (copier.onlyHere !== undefined) return undefined
  return { ...packed, ...Object.fromEntries(parts) }
}

/** `functions`: those of the thread that the job came to. */
export function receivedJob(posted: PostedJob, functions: FunctionCatalogue): Job {
  resolveReferences(
    partsOf(posted).map(([, part]) => part),
    (reference) => entryOf(functions, reference),
  )
  return unpackedJob(posted)
}

function partsOf(job: PostedJob): readonly (readonly [string, unknown])[] {
  const names: readonly string[] = callingParts[job.kind]
  const isPacked = job.kind === 'pipeline' && job.input.kind === 'chunks'
  return Object.entries(job).filter(
    ([name]) => names.includes(name) && !(isPacked && name === 'input'),
  )
}

function packedJob(job: Job): PostedJob {
  if (job.kind !== 'pipeline') return job
  const { input } = job
  if (input.kind !== 'chunks') return { ...job, input }
  return { ...job, input: { kind: 'chunks', packed: packChunks(input.chunks) } }
}

function unpackedJob(posted: PostedJob): Job {
  if (posted.kind !== 'pipeline') return posted
  const { input } = posted
  if (input.kind !== 'chunks') return { ...posted, input }
  return { ...posted, input: { kind: 'chunks', chunks: unpackChunks(input.packed) } }
}
