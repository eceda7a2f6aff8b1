import type { Steps } from '../../base/steps.ts'
import {
  packTableChunks,
  unpackTableChunks,
  type PackedTableChunks,
} from '../../data/chunks/packed-table-chunks.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { entryOf, type FunctionCatalogue } from '../../functions/catalogue.ts'
import { packedData, unpackedData, type PackedData } from '../../functions/packed-data.ts'
import type { Job, JobInput, PipelineJob } from './jobs.ts'
import { postedPipeline, receivedPipeline, type PostedPipeline } from './posted-pipeline.ts'

/** A job on its way to another thread: copied in a moment, however much it says. */
export interface PostedJob {
  /** Where the pool looks for it. */
  readonly cancel: Address
  readonly kind: Job['kind']
  readonly pipeline: PostedPipeline | undefined
  /** The other parts in which functions may be called. */
  readonly packedParts: PackedData
  readonly others: Readonly<Record<string, unknown>>
}

/** A job whose chunks are packed. */
type PackedJob = Exclude<Job, PipelineJob> | PackedPipelineJob

interface PackedPipelineJob extends Omit<PipelineJob, 'input'> {
  readonly input: Exclude<JobInput, { kind: 'chunks' }> | PostedChunks
}

interface PostedChunks {
  readonly kind: 'chunks'
  readonly packed: PackedTableChunks
}

type PackedOf<K extends Job['kind']> = Extract<PackedJob, { kind: K }>

/** The parts of a job beside its pipeline in which functions may be called. What else it has may be long, and calls none. */
const callingParts: { readonly [K in Job['kind']]: readonly (keyof PackedOf<K>)[] } = {
  pipeline: ['input', 'breakers'],
  merge: ['table'],
  window: ['window'],
  link: [],
  split: [],
  range: [],
  kernel: [],
}

/** Packs a job, in steps. Undefined where a function of the job is known on the calling thread only. */
export function* postedJob(job: Job): Steps<PostedJob | undefined> {
  const pipeline = 'pipeline' in job ? yield* postedPipeline(job.pipeline) : undefined
  if (pipeline === 'only here') return undefined
  const small = packedJob(job)
  const parts: Record<string, unknown> = {}
  const others: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(small)) {
    if (name === 'pipeline') continue
    if (isCalling(small, name)) parts[name] = part
    else others[name] = part
  }
  const packedParts = yield* packedData(parts)
  if (packedParts === undefined) return undefined
  return { cancel: job.cancel, kind: job.kind, pipeline, packedParts, others }
}

/** `functions`: those of the thread that the job came to. */
export function receivedJob(posted: PostedJob, functions: FunctionCatalogue): Job {
  const parts = unpackedData(posted.packedParts, (reference) => entryOf(functions, reference))
  const pipeline =
    posted.pipeline === undefined ? {} : { pipeline: receivedPipeline(posted.pipeline, functions) }
  const job: unknown = { ...posted.others, ...(parts as object), ...pipeline }
  return unpackedJob(job as PackedJob)
}

function isCalling(job: PackedJob, name: string): boolean {
  const names: readonly string[] = callingParts[job.kind]
  const isPacked = job.kind === 'pipeline' && job.input.kind === 'chunks' && name === 'input'
  return names.includes(name) && !isPacked
}

function packedJob(job: Job): PackedJob {
  if (job.kind !== 'pipeline') return job
  const { input } = job
  if (input.kind !== 'chunks') return { ...job, input }
  return { ...job, input: { kind: 'chunks', packed: packTableChunks(input.chunks) } }
}

function unpackedJob(posted: PackedJob): Job {
  if (posted.kind !== 'pipeline') return posted
  const { input } = posted
  if (input.kind !== 'chunks') return { ...posted, input }
  return { ...posted, input: { kind: 'chunks', chunks: unpackTableChunks(input.packed) } }
}
