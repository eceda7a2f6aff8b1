import { unreachable, present } from '../../base/assert.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import type { SeriesRows } from '../../plan/physical/series.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isKept, type KeptChunk, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { openReader } from '../../io/open.ts'
import { mayHoldWanted } from '../../io/scan/wanted-values.ts'
import { kernelSteps } from './kernel-steps.ts'
import { rangeSteps } from '../breakers/range-rows.ts'
import { linkSteps } from '../breakers/link-rows.ts'
import { driveBreaker } from '../breakers/table.ts'
import { budgeted, jobBudget, type Deadline } from '../jobs/job-budget.ts'
import { emptyReport, type Job, type JobReport, type PipelineJob } from '../jobs/jobs.ts'
import type { Instance } from './run-state.ts'
import { mergeSteps } from './merge-groups.ts'
import { PipelineRun } from './pipeline-run.ts'
import { wantedNow } from './prune-rows.ts'
import { splitSteps } from '../sort/split-rows.ts'
import { finishSteps, type Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { KeptReader } from '../../storage/kept-reader.ts'
import { seriesChunks, seriesPieces } from '../rows/series-chunks.ts'
import { valuesChunk } from '../rows/values-chunk.ts'
import { windowSteps } from './window-steps.ts'

/**
 * Begins one thread's share of a job. The steps end with its report, or with the error that the job
 * ends with: QUERY_CANCELED soon after its cancel word is set, {@link OutgrownError} after `deadline`.
 * When `leaves` says so before a morsel, the thread's share ends and the rest is for other threads.
 */
export function startJob(
  env: ThreadEnvironment,
  job: Job,
  deadline?: Deadline,
  leaves?: () => boolean,
): Steps<JobReport> {
  return budgeted(stepsOf(env, job, leaves), jobBudget(env, job.cancel, deadline))
}

/** Does one thread's share of a job in one go. */
export function runJob(env: ThreadEnvironment, job: Job, deadline?: Deadline): JobReport {
  return finishSteps(startJob(env, job, deadline))
}

function stepsOf(env: ThreadEnvironment, job: Job, leaves?: () => boolean): Steps<JobReport> {
  switch (job.kind) {
    case 'pipeline':
      return pipelineSteps(env, job, leaves)
    case 'merge':
      return mergeSteps(env, job)
    case 'window':
      return windowSteps(env, job)
    case 'link':
      return reported(linkSteps(env, job))
    case 'split':
      return reported(splitSteps(env, job))
    case 'range':
      return reported(rangeSteps(env, job))
    case 'kernel':
      return reported(kernelSteps(env, job))
    default:
      return unreachable(job)
  }
}

/** For jobs that leave what they made where the job says. */
function* reported(steps: Steps<void>): Steps<JobReport> {
  yield* steps
  return emptyReport
}

function* pipelineSteps(
  env: ThreadEnvironment,
  job: PipelineJob,
  leaves?: () => boolean,
): Steps<JobReport> {
  const run = new PipelineRun(env, job, leaves)
  let report: JobReport | undefined
  try {
    yield* inputSteps(run)
    report = run.report()
    return report
  } finally {
    if (report === undefined) run.release()
  }
}

function inputSteps(run: PipelineRun): Steps<void> {
  const { input, pipeline } = run.job
  switch (input.kind) {
    case 'chunks':
      return chunkSteps(run, input.chunks)
    case 'values':
      return valuesSteps(run, input)
    case 'series':
      return seriesSteps(run, input.series)
    case 'units':
      return unitSteps(run, input)
    case 'breaker':
      return breakerSteps(run, pipeline)
    default:
      return unreachable(input)
  }
}

/** What a thread takes of chunks: some rows of one in memory, or all of one that is kept. */
interface ChunkMorsel {
  readonly chunk: TableChunk
  readonly start: number
}

function* chunkSteps(run: PipelineRun, chunks: readonly TableChunk[]): Steps<void> {
  const { morselRows } = run.job
  const starts: ChunkMorsel[] = []
  for (const chunk of chunks) {
    // Each piece of a kept one would read all of it.
    const step = isKept(chunk) ? Math.max(1, chunk.rows) : morselRows
    for (let start = 0; start < chunk.rows; start += step) starts.push({ chunk, start })
  }
  const reader = new KeptReader(run.env)
  try {
    yield* morselSteps(run, starts, reader)
  } finally {
    reader.close()
  }
}

function* morselSteps(
  run: PipelineRun,
  starts: readonly ChunkMorsel[],
  reader: KeptReader,
): Steps<void> {
  let held: TableChunk | undefined
  let instance: Instance | undefined
  let skipped = false
  for (;;) {
    const next = run.morsels.take(starts.length)
    if (next === undefined) return
    const { chunk, start } = present(starts[next], 'morsel')
    run.morsels.begin(next)
    if (chunk !== held) {
      held = chunk
      const wanted = wantedNow(run)
      skipped = wanted !== undefined && !mayHoldWanted(wanted, chunk.statistics?.[wanted.column])
      if (!skipped && !isKept(chunk)) instance = run.bindChunk(chunk)
    }
    if (skipped) continue
    if (isKept(chunk)) {
      yield* keptSteps(run, chunk, reader)
      continue
    }
    yield* run.rowSteps(
      present(instance, 'module for a chunk'),
      start,
      Math.min(start + run.job.morselRows, chunk.rows),
    )
  }
}

/** All rows of a kept chunk, which is in memory meanwhile. */
function* keptSteps(run: PipelineRun, chunk: KeptChunk, reader: KeptReader): Steps<void> {
  const pin = reader.pin(chunk)
  try {
    // Reading it is a step of its own.
    yield
    for (const pinned of pin.chunks) yield* run.rowSteps(run.bindChunk(pinned), 0, pinned.rows)
  } finally {
    pin.release()
  }
}

/** Rows of VALUES that nobody evaluated yet: there is one morsel of them. */
function* valuesSteps(
  run: PipelineRun,
  { values }: PipelineJob['input'] & { kind: 'values' },
): Steps<void> {
  const only = run.morsels.take(1)
  if (only === undefined) return
  run.morsels.begin(only)
  const chunk = yield* valuesChunk(values, run.work)
  yield* run.rowSteps(run.bindChunk(chunk), 0, chunk.rows)
}

function* seriesSteps(run: PipelineRun, series: SeriesRows): Steps<void> {
  const { heap, kernels } = run.env
  const pieces = seriesPieces(series)
  const arena = new Arena(heap)
  try {
    for (;;) {
      const next = run.morsels.take(pieces)
      if (next === undefined) return
      run.morsels.begin(next)
      for (const chunk of seriesChunks(kernels, arena, series, next)) {
        yield* run.rowSteps(run.bindChunk(chunk), 0, chunk.rows)
        if (run.morsels.isDone) break
      }
      arena.release()
    }
  } finally {
    arena.release()
  }
}

function* unitSteps(
  run: PipelineRun,
  input: PipelineJob['input'] & { kind: 'units' },
): Steps<void> {
  const { heap, kernels } = run.env
  const reader = openReader(input.request, { heap, kernels })
  const arena = new Arena(heap)
  try {
    for (;;) {
      const next = run.morsels.take(input.units.length)
      if (next === undefined) return
      const unit = present(input.units[next], 'unit')
      run.morsels.begin(next)
      for (const chunk of reader.read(unit, arena, () => wantedNow(run))) {
        // Decoding a chunk is a step of its own.
        yield
        if (run.morsels.isDone) break
        yield* run.rowSteps(run.bindChunk(chunk), 0, chunk.rows)
      }
      arena.release()
    }
  } finally {
    arena.release()
    reader.close()
  }
}

function breakerSteps(run: PipelineRun, { source }: Pipeline): Steps<void> {
  if (source.kind === 'chunks') return nothing()
  const instance = run.instanceForRows()
  return driveBreaker(run.breaker(source.breaker), {
    env: run.env,
    work: run.work,
    get isDone() {
      return run.morsels.isDone
    },
    takeMorsel: (pieces) => run.morsels.take(pieces),
    beginMorsel: (piece) => run.morsels.begin(piece),
    rowsAt: (address, rows) => {
      run.setDriver(instance, address)
      return run.rowSteps(instance, 0, rows)
    },
  })
}

function* nothing(): Steps<void> {}
