import { AssertionError, present } from '../base/assert.ts'
import { BATCH_ROWS } from '../compile/pipeline/context.ts'
import type { BreakerId, GroupTable, Pipeline, Sink } from '../compile/pipeline/pipeline.ts'
import { Arena } from '../data/arenas/arena.ts'
import { PartitionsLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { cutFragment } from './cut-pipelines.ts'
import type { CutFragment } from './cutting.ts'
import { joinTable, listedState, plainState, rowsOf, type Contribution } from './finish-breakers.ts'
import type { FragmentTask, Tuning } from './fragment.ts'
import { jobInput, rowsOfInput, type InputRows } from './inputs.ts'
import {
  OutgrownError,
  type BreakerState,
  type Job,
  type JobReport,
  type LimitState,
  type Page,
  type LinkJob,
  type PipelineJob,
  type Share,
  type SplitJob,
} from './jobs.ts'
import { splitSort } from './sort-buckets.ts'
import { splitGroups, type Splitting } from './split-rows.ts'
import { runJob } from './thread-job.ts'
import type { ThreadEnvironment, ThreadPool } from './thread.ts'

const usual: Tuning = {
  batchRows: BATCH_ROWS,
  morselRows: 32_768,
  poolRowsMin: 20_000,
  inlineRowsMax: 1_000_000,
  uniformRowsMax: 4_096,
}
/** Behind a limit rows are taken in smaller steps, as few may be wanted. */
const MORSEL_ROWS_LIMITED = 4_096
/** Pieces of a small input that outgrew the calling thread. */
const PIECES_A_THREAD = 8

let jobsMade = 0

/** One fragment while it runs: its memory and the state of its breakers. */
export class FragmentRun {
  readonly #task: FragmentTask
  readonly #pool: ThreadPool | undefined
  readonly #env: ThreadEnvironment
  readonly #tuning: Tuning
  readonly #cut: CutFragment
  readonly #work: Arena
  readonly #output: Arena
  readonly #limits: readonly LimitState[]
  readonly #contributions = new Map<BreakerId, Contribution>()
  readonly #breakers = new Map<BreakerId, BreakerState>()
  readonly #chunks: Chunk[][]

  constructor(task: FragmentTask, pool: ThreadPool | undefined, env: ThreadEnvironment) {
    this.#task = task
    this.#pool = pool
    this.#env = env
    this.#work = new Arena(env.heap)
    this.#output = new Arena(env.heap)
    this.#tuning = { ...usual, ...task.tuning }
    this.#cut = cutFragment(task.stage, this.#tuning.batchRows)
    const { output, outputPartitions } = task.stage
    const split = output.kind === 'hash' || output.kind === 'round-robin'
    this.#chunks = Array.from({ length: split ? outputPartitions : 1 }, () => [])
    this.#limits = this.#cut.limits.map((limit) => ({
      ...limit,
      seen: this.#work.allocateZeroed(8),
    }))
  }

  async run(): Promise<PartitionsLease> {
    try {
      for (const pipeline of this.#cut.pipelines) await this.#runPipeline(pipeline)
      const output = this.#output
      return new PartitionsLease(this.#chunks, () => output.release())
    } catch (error) {
      this.#output.release()
      throw error
    } finally {
      this.#work.release()
    }
  }

  async #runPipeline(pipeline: Pipeline): Promise<void> {
    await this.#finishInputs(pipeline)
    const { kernels } = this.#env
    const { uniformRowsMax } = this.#tuning
    const input = jobInput(this.#task, this.#cut, pipeline, this.#work, kernels, uniformRowsMax)
    const limited = pipeline.steps.some(({ kind }) => kind === 'limit')
    const job: PipelineJob = {
      kind: 'pipeline',
      jobId: this.#jobId(),
      cancel: this.#task.cancel,
      pipeline,
      input,
      breakers: this.#breakersOf(pipeline),
      counter: this.#work.allocateZeroed(4),
      limits: limited ? this.#limits : [],
      morselRows: limited
        ? Math.min(MORSEL_ROWS_LIMITED, this.#tuning.morselRows)
        : this.#tuning.morselRows,
      flownRowsMax: undefined,
      grouped: false,
      tableBound: 'cache',
    }
    const size = rowsOfInput(input, pipeline, job.breakers, job.morselRows)
    const reports = await this.#runSized(job, size)
    for (const report of reports) {
      for (const sink of report.sinks) this.#contribute(pipeline, sink)
      report.chunks.forEach((chunks, partition) => {
        present(this.#chunks[partition], 'output partition').push(...chunks)
      })
    }
    const groups = reports.flatMap((report) => report.groups)
    groups.sort((left, right) => left.group - right.group)
    this.#chunks[0]?.push(...groups.flatMap(({ chunks }) => chunks))
  }

  /**
   * Runs small jobs on the calling thread. One that outgrows it, as a join from few rows can, begins
   * anew on the pool, so that the calling thread stays free to cancel it.
   */
  async #runSized(job: PipelineJob, size: InputRows): Promise<readonly JobReport[]> {
    const pool = this.#pool
    const { ordered } = job.pipeline
    if (pool === undefined) return this.#dispatch(job, 1, false)
    const grouped = ordered && canGroup(job.pipeline)
    const threadsMax = ordered && !grouped ? 1 : pool.threads
    if (size.rows >= this.#tuning.poolRowsMin) {
      const threads = Math.max(1, Math.min(threadsMax, size.pieces))
      return this.#dispatch({ ...job, grouped: grouped && threads > 1 }, threads, true)
    }
    const { i64, i32 } = this.#env.heap
    const seen = job.limits.map((limit) => i64[limit.seen / 8] ?? 0n)
    try {
      return await this.#dispatch({ ...job, flownRowsMax: this.#tuning.inlineRowsMax }, 1, false)
    } catch (error) {
      if (!(error instanceof OutgrownError)) throw error
    }
    i32[job.counter >>> 2] = 0
    job.limits.forEach((limit, index) => (i64[limit.seen / 8] = seen[index] ?? 0n))
    const share = Math.ceil(size.rows / (threadsMax * PIECES_A_THREAD))
    const morselRows = Math.max(1, Math.min(job.morselRows, share))
    const threads = ordered ? 1 : threadsMax
    return this.#dispatch({ ...job, morselRows }, threads, true)
  }

  /** Runs a job and takes over the memory that its reports name. */
  async #dispatch(job: Job, threads: number, pooled: boolean): Promise<readonly JobReport[]> {
    const pool = this.#pool
    const run = async (): Promise<readonly JobReport[]> => {
      if (pool === undefined || !pooled) return [runJob(this.#env, job)]
      try {
        return (await pool.run(job, threads)) as readonly JobReport[]
      } catch (error) {
        const { jobId, cancel } = job
        await pool.run({ kind: 'release', jobId, cancel } satisfies Job, threads)
        throw error
      }
    }
    const reports = await run()
    for (const report of reports) {
      this.#work.adoptBlocks(report.workBlocks)
      this.#output.adoptBlocks(report.outputBlocks)
    }
    return reports
  }

  #contribute(pipeline: Pipeline, sink: JobReport['sinks'][number]): void {
    const known = this.#contributions.get(sink.breaker)
    if (known === undefined) {
      const { pages, nullKeys, repeats } = sink
      const first = { pages: [...pages], nullKeys, repeats, threads: 1, pipeline }
      this.#contributions.set(sink.breaker, first)
      return
    }
    known.pages.push(...sink.pages)
    known.nullKeys += sink.nullKeys
    known.repeats ||= sink.repeats
    known.threads++
  }

  /** Finishes the breakers that a pipeline reads. */
  async #finishInputs(pipeline: Pipeline): Promise<void> {
    for (const id of breakersRead(pipeline)) {
      if (this.#breakers.has(id)) continue
      const contribution = present(this.#contributions.get(id), `breaker ${id} was not fed`)
      this.#breakers.set(id, await this.#finish(id, contribution))
    }
  }

  async #finish(id: BreakerId, contribution: Contribution): Promise<BreakerState> {
    const { pipeline, pages } = contribution
    const { sink } = pipeline
    switch (sink.kind) {
      case 'aggregate':
        return plainState(await this.#mergeGroups(id, sink, contribution))
      case 'sort':
        return splitSort(sink.sort, pages, this.#splitting(pages))
      case 'rows':
        return listedState(this.#work, sink.layout, pages)
      case 'join-build': {
        const threads = this.#threadsFor(rowsOf(pages))
        const run = (job: Share<LinkJob>): Promise<void> => this.#runShare(job)
        return joinTable(this.#env, this.#work, sink.table, contribution, threads, run)
      }
      case 'output':
        throw new AssertionError('internal error: output as a breaker')
    }
  }

  /** How many threads share in finishing a breaker of so many rows; 1: on the calling thread. */
  #threadsFor(rows: number): number {
    const pooled = this.#pool !== undefined && rows >= this.#tuning.poolRowsMin
    return pooled ? present(this.#pool, 'pool').threads : 1
  }

  #splitting(pages: readonly Page[]): Splitting {
    const threads = this.#threadsFor(rowsOf(pages))
    return { arena: this.#work, threads, run: (job) => this.#runShare(job) }
  }

  /** Runs a job of which every thread has a share by its number. */
  async #runShare(share: Share<LinkJob> | Share<SplitJob>): Promise<void> {
    const job = { ...share, jobId: this.#jobId(), cancel: this.#task.cancel }
    const rows = rowsOf(job.pages)
    if (this.#pool !== undefined && rows >= this.#tuning.poolRowsMin) {
      await this.#dispatch(job, job.threads, true)
      return
    }
    // The one thread's share must be everything, whatever its own number is.
    runJob({ ...this.#env, threadIndex: 0 }, job)
  }

  /** The groups of all threads, each group once. */
  async #mergeGroups(
    id: BreakerId,
    sink: Sink & { kind: 'aggregate' },
    contribution: Contribution,
  ): Promise<readonly Page[]> {
    const { pages, threads: contributors, pipeline } = contribution
    if (contributors === 1 && !contribution.repeats) return pages
    const table: GroupTable = present(
      sink.tables.find(({ breaker }) => breaker === id),
      'table of a breaker',
    )
    const pooled = this.#pool !== undefined && rowsOf(pages) >= this.#tuning.poolRowsMin
    const lists = await splitGroups(pages, table.layout.rowBytes, this.#splitting(pages))
    const threads = pooled ? Math.min(lists.length, present(this.#pool, 'pool').threads) : 1
    const job: Job = {
      kind: 'merge',
      jobId: this.#jobId(),
      cancel: this.#task.cancel,
      pipeline,
      table,
      lists,
      counter: this.#work.allocateZeroed(4),
    }
    const reports = await this.#dispatch(job, Math.max(1, threads), pooled)
    return reports.flatMap(({ sinks }) => sinks.flatMap((report) => report.pages))
  }

  #breakersOf(pipeline: Pipeline): ReadonlyMap<BreakerId, BreakerState> {
    return new Map(
      [...breakersRead(pipeline)].map((id) => [id, present(this.#breakers.get(id), 'breaker')]),
    )
  }

  #jobId(): string {
    return `${this.#task.queryId} ${this.#task.stage.id} ${++jobsMade}`
  }
}

/** Sorted rows go to one output as they are: threads may take buckets, whose order is restored after. */
function canGroup({ source, steps, sink }: Pipeline): boolean {
  const whole = sink.kind === 'output' && sink.partitions === 1
  return source.kind === 'sorted' && whole && steps.every(({ kind }) => kind !== 'limit')
}

function breakersRead(pipeline: Pipeline): ReadonlySet<BreakerId> {
  const ids = new Set<BreakerId>()
  if (pipeline.source.kind !== 'chunks') ids.add(pipeline.source.breaker)
  for (const step of pipeline.steps) {
    if (step.kind === 'probe' || step.kind === 'nested-loop') ids.add(step.breaker)
  }
  return ids
}
