import type { Steps } from '../../base/steps.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import { entryOf, type FunctionCatalogue } from '../../functions/catalogue.ts'
import { packedData, unpackedData, type PackedData } from '../../functions/packed-data.ts'

/**
 * A pipeline on its way to other threads. Its number tells it apart from all others of the process: a thread that
 * has it already takes what it has, and with that what it found out of it.
 */
export interface PostedPipeline {
  readonly number: number
  readonly packed: PackedData
  /** Whether threads keep it. */
  readonly isKept: boolean
}

/** Of a pipeline that takes more, packed, nothing is kept: it is long because its data are. */
const KEPT_BYTES_MAX = 65_536
/** Pipelines that a thread keeps. */
const KEPT_PIPELINES_MAX = 256

let numbers = 0
/** As they were packed; a pipeline never changes, and those of a kept plan are posted again. */
const packedBefore = new WeakMap<Pipeline, PostedPipeline | 'only here'>()

/** Packs a pipeline, in steps; "only here" where it calls a function that other threads do not have. */
export function* postedPipeline(pipeline: Pipeline): Steps<PostedPipeline | 'only here'> {
  const before = packedBefore.get(pipeline)
  if (before !== undefined) return before
  const packed = yield* packedData(pipeline)
  if (packed === undefined) {
    packedBefore.set(pipeline, 'only here')
    return 'only here'
  }
  const posted = { number: numbers++, packed, isKept: bytesOf(packed) <= KEPT_BYTES_MAX }
  if (posted.isKept) packedBefore.set(pipeline, posted)
  return posted
}

function bytesOf({ words, values }: PackedData): number {
  let bytes = words.byteLength
  for (const value of values) {
    if (ArrayBuffer.isView(value)) bytes += value.byteLength
    else if (typeof value === 'string') bytes += value.length
  }
  return bytes
}

/** Of this thread, by number, least recently used first; its functions are always the same ones. */
const receivedBefore = new WeakMap<FunctionCatalogue, Map<number, Pipeline>>()

/** The pipeline that was posted, as this thread has it: the same object when it came before. */
export function receivedPipeline(
  { number, packed, isKept }: PostedPipeline,
  functions: FunctionCatalogue,
): Pipeline {
  const known = receivedBefore.get(functions) ?? new Map<number, Pipeline>()
  receivedBefore.set(functions, known)
  const before = known.get(number)
  known.delete(number)
  const pipeline =
    before ?? (unpackedData(packed, (reference) => entryOf(functions, reference)) as Pipeline)
  if (isKept) known.set(number, pipeline)
  if (known.size > KEPT_PIPELINES_MAX) known.delete(known.keys().next().value ?? number)
  return pipeline
}
