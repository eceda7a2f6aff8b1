import { present, unreachable } from '../base/assert.ts'
import { canonicalMerge } from '../compile/pipeline/canonical.ts'
import { compileMerge } from '../compile/pipeline/compile-pipeline.ts'
import type { Pipeline } from '../compile/pipeline/pipeline.ts'
import { Arena } from '../data/arenas/arena.ts'
import type { Address, Chunk } from '../data/vectors/vector.ts'
import { openReader } from '../io/open.ts'
import { mayHoldWanted } from '../io/wanted-values.ts'
import type { BreakerState, Job, JobReport, LinkJob, MergeJob, PipelineJob } from './jobs.ts'
import { enter, instantiate, type Instance } from './instances.ts'
import { loadModule } from './module-cache.ts'
import { emptyDirectory } from './page-writer.ts'
import { wantedNow } from './prune-rows.ts'
import { canceled } from './raise-error.ts'
import { PipelineRun } from './pipeline-run.ts'
import { BucketSorter } from './sort-buckets.ts'
import { runSplit } from './split-rows.ts'
import type { ThreadEnvironment } from './thread.ts'

const LINK_PARTS = 256
const REPORTS_REMEMBERED_MAX = 64

/** Blocks given away in reports, in case a report is lost because another thread failed. */
const reported = new Map<string, readonly Address[]>()

/** Does one thread's share of a job. */
export function runJob(env: ThreadEnvironment, job: Job): JobReport {
  switch (job.kind) {
    case 'pipeline':
      return remember(env, job.jobId, runPipeline(env, job))
    case 'merge':
      return remember(env, job.jobId, runMerge(env, job))
    case 'link':
      return runLink(env, job)
    case 'split':
      runSplit(env, job)
      return emptyReport
    case 'release': {
      const key = `${env.threadIndex} ${job.jobId}`
      for (const block of reported.get(key) ?? []) env.heap.free(block)
      reported.delete(key)
      return emptyReport
    }
    default:
      return unreachable(job)
  }
}

const emptyReport: JobReport = {
  sinks: [],
  chunks: [],
  groups: [],
  workBlocks: [],
  outputBlocks: [],
}

function remember(env: ThreadEnvironment, jobId: string, report: JobReport): JobReport {
  reported.set(`${env.threadIndex} ${jobId}`, [...report.workBlocks, ...report.outputBlocks])
  if (reported.size > REPORTS_REMEMBERED_MAX) reported.delete(reported.keys().next().value ?? '')
  return report
}

function runPipeline(env: ThreadEnvironment, job: PipelineJob): JobReport {
  const run = new PipelineRun(env, job)
  try {
    runInput(run)
    return run.report()
  } catch (error) {
    run.release()
    throw error
  } finally {
    run.abandonCallOuts()
  }
}

function runInput(run: PipelineRun): void {
  const { input, pipeline } = run.job
  run.checkCancel()
  switch (input.kind) {
    case 'chunks':
      return runChunks(run, input.chunks)
    case 'units':
      return runUnits(run, input)
    case 'breaker':
      return runBreaker(run, pipeline)
    default:
      return unreachable(input)
  }
}

function takeMorsel(run: PipelineRun): number {
  return Atomics.add(run.env.heap.i32, run.job.counter >>> 2, 1)
}

function runChunks(run: PipelineRun, chunks: readonly Chunk[]): void {
  const { morselRows } = run.job
  const starts: { readonly chunk: Chunk; readonly start: number }[] = []
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.rows; start += morselRows) starts.push({ chunk, start })
  }
  let bound: Chunk | undefined
  let skipped = false
  for (let next = takeMorsel(run); !run.done; next = takeMorsel(run)) {
    const morsel = starts[next]
    if (morsel === undefined) return
    const { chunk, start } = morsel
    if (chunk !== bound) {
      bound = chunk
      const wanted = wantedNow(run)
      skipped = wanted !== undefined && !mayHoldWanted(wanted, chunk.statistics?.[wanted.column])
      if (!skipped) run.bound = run.bindChunk(chunk)
    }
    if (skipped) continue
    const instance = present(run.bound, 'bound chunk')
    run.runRows(instance, start, Math.min(start + morselRows, chunk.rows))
  }
}

function runUnits(run: PipelineRun, input: PipelineJob['input'] & { kind: 'units' }): void {
  const { morselRows } = run.job
  const { heap, kernels } = run.env
  const reader = openReader(input.request, { heap, kernels })
  const arena = new Arena(heap)
  try {
    for (let next = takeMorsel(run); !run.done; next = takeMorsel(run)) {
      const unit = input.units[next]
      if (unit === undefined) return
      for (const chunk of reader.read(unit, arena, () => wantedNow(run))) {
        if (run.done) break
        const instance = run.bindChunk(chunk)
        for (let start = 0; start < chunk.rows && !run.done; start += morselRows) {
          run.runRows(instance, start, Math.min(start + morselRows, chunk.rows))
        }
      }
      arena.release()
    }
  } finally {
    arena.release()
    reader.close()
  }
}

function runBreaker(run: PipelineRun, pipeline: Pipeline): void {
  const { source } = pipeline
  if (source.kind === 'chunks') return
  const state = run.breaker(source.breaker)
  const instance = run.instanceForRows()
  if (source.kind === 'sorted') {
    return runSorted(run, instance, state)
  }
  for (let next = takeMorsel(run); !run.done; next = takeMorsel(run)) {
    const page = state.pages[next]
    if (page === undefined) return
    run.setDriver(instance, page.address)
    run.runRows(instance, 0, page.rows)
  }
}

/** Sorts bucket after bucket and runs the rows of each, as far as they are wanted. */
function runSorted(run: PipelineRun, instance: Instance, state: BreakerState): void {
  const sorted = present(state.sorted, 'sorted rows')
  const { buckets, groups } = sorted
  const { morselRows, grouped } = run.job
  const sorter = new BucketSorter(run.env, sorted, state.pages)
  try {
    for (let group = takeMorsel(run); group < groups.length && !run.done; group = takeMorsel(run)) {
      const end = groups[group + 1] ?? buckets.length
      for (let index = groups[group]!; index < end && !run.done; index++) {
        run.checkCancel()
        const bucket = present(buckets[index], 'bucket')
        const rows = Math.min(bucket.rows, sorted.rows - bucket.before)
        if (rows <= 0) continue
        run.setDriver(instance, sorter.list(bucket))
        for (let start = 0; start < rows && !run.done; start += morselRows) {
          run.runRows(instance, start, Math.min(start + morselRows, rows))
        }
      }
      if (grouped) run.endGroup(group)
    }
  } finally {
    sorter.release()
  }
}

function runMerge(env: ThreadEnvironment, job: MergeJob): JobReport {
  const { table, lists } = job
  const pipeline: Pipeline = {
    ...job.pipeline,
    source: { kind: 'chunks', input: 0, columns: [], stable: true },
    steps: [],
    sink: { kind: 'aggregate', tables: [table] },
  }
  const run = new PipelineRun(env, {
    ...job,
    kind: 'pipeline',
    pipeline,
    input: { kind: 'breaker' },
    breakers: new Map(),
    limits: [],
    morselRows: 1,
    flownRowsMax: undefined,
    grouped: false,
    tableBound: 'none',
  })
  try {
    const canonical = canonicalMerge(pipeline, table, env.heap.pages)
    const loaded = loadModule('merge', canonical, compileMerge)
    const instance = run.adopt(instantiate(run, loaded, canonical.side))
    enter(run, instance)
    const merge = instance.exports['merge0'] as (...args: number[]) => void
    const writer = present(run.writers[0], 'writer of a merge')
    let last = -1
    for (let next = takeMorsel(run); next < lists.length; next = takeMorsel(run)) {
      const list = present(lists[next], 'list to merge')
      run.checkCancel()
      // Lists have no group in common: a small table for each stays in the cache.
      if (last >= 0 && table.keys.length > 0) emptyDirectory(run.work, env.kernels, writer)
      for (const { address, rows } of list) merge(instance.context, address, rows)
      last = next
    }
    return run.report()
  } catch (error) {
    run.release()
    throw error
  }
}

function runLink(env: ThreadEnvironment, job: LinkJob): JobReport {
  const { state, threads, rank, step, rowBytes } = job
  const parts = step === 'hash' ? LINK_PARTS : present(rank, 'rank index to build').words
  const from = Math.floor((parts * env.threadIndex) / threads)
  const to = Math.floor((parts * (env.threadIndex + 1)) / threads)
  const { call } = env.kernels
  for (const { address, rows } of job.pages) {
    if (Atomics.load(env.heap.i32, job.cancel >>> 2) !== 0) throw canceled()
    if (rank === undefined) {
      const { directory, shift, bloom, bloomShift } = state
      call('joinLink', directory, shift, bloom, bloomShift, address, rows, rowBytes, from, to)
      continue
    }
    const key = [rowBytes, rank.offset, rank.isWide ? 1 : 0, from, to] as const
    const { rankWords, rankRows } = state
    if (step === 'mark-ranks') call('rankMark', rankWords, rank.min, address, rows, ...key)
    else call('rankLink', rankWords, rankRows, rank.min, address, rows, ...key)
  }
  return emptyReport
}
