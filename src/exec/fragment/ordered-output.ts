import type { OutputSink, Pipeline } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { chunkRows } from '../../data/vectors/chunk-rows.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { JobReport, LimitState, OutputOrder } from '../jobs/jobs.ts'

/**
 * How the output of a pipeline that several threads share keeps the order of its input: rows come as
 * they were inserted, or as they stand in a file, whoever was quicker. `wholeMorsels`: the chunks of
 * the output are to be the same on any number of threads.
 */
export function outputOrder(pipeline: Pipeline, wholeMorsels: boolean): OutputOrder {
  const { source, sink, steps } = pipeline
  if (!isWholeOutput(sink)) return 'any'
  if (source.kind === 'sorted') return isLimited(pipeline) ? 'any' : 'morsels'
  // A limit takes rows in order if what comes behind it is nothing but the output.
  const isLast = steps.every(({ kind }, at) => kind !== 'limit' || at === steps.length - 1)
  if (source.kind !== 'chunks' || !isLast) return 'any'
  return wholeMorsels ? 'morsels' : 'runs'
}

function isWholeOutput(sink: Pipeline['sink']): sink is OutputSink {
  return sink.kind === 'output' && sink.partitions === 1
}

export function isLimited({ steps }: Pipeline): boolean {
  return steps.some(({ kind }) => kind === 'limit')
}

/**
 * Whether a pipeline's rows must come one behind the other: sorted ones, and those of a table of which a
 * limit inside of the statement takes the first.
 */
export function mustKeepOrder(pipeline: Pipeline): boolean {
  return pipeline.ordered || (isLimited(pipeline) && pipeline.source.kind === 'chunks')
}

/** The output of all threads in the order of the input, as much of it as a limit at its end wants. */
export function orderedOutput(
  arena: Arena,
  pipeline: Pipeline,
  limits: readonly LimitState[],
  reports: readonly JobReport[],
): readonly Chunk[] {
  const runs = reports.flatMap((report) => report.runs)
  runs.sort((left, right) => left.firstMorsel - right.firstMorsel)
  const chunks = runs.flatMap((run) => run.chunks)
  const last = pipeline.steps.at(-1)
  const limit = last?.kind === 'limit' ? limits[last.limitId] : undefined
  return limit === undefined || runs.length === 0 ? chunks : limited(arena, chunks, limit)
}

function limited(arena: Arena, chunks: readonly Chunk[], limit: LimitState): readonly Chunk[] {
  const { offsetRows, limitRows, seen, seenBefore } = limit
  let before = seenBefore
  const end = limitRows === undefined ? Number.POSITIVE_INFINITY : offsetRows + limitRows
  const kept: Chunk[] = []
  for (const chunk of chunks) {
    const start = Math.min(Math.max(0, offsetRows - before), chunk.rows)
    const rows = Math.min(chunk.rows, end - before) - start
    if (rows > 0) kept.push(chunkRows(arena, chunk, start, rows))
    before += chunk.rows
  }
  arena.heap.i64[seen / 8] = BigInt(before)
  return kept
}
