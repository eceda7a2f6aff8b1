import { assert, present } from '../../base/assert.ts'
import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isWorkingMemoryFull } from '../../data/arenas/heap.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import { ChunkLease, PartitionsLease } from '../../data/vectors/chunk-lease.ts'
import type { ChunkStream } from '../../data/vectors/chunk-stream.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { areConstants } from '../../plan/logical/constant-rows.ts'
import { isOnePiece } from '../../plan/physical/plan.ts'
import { CallingThread } from './calling-thread.ts'
import { cutSteps } from '../cut/cut-pipelines.ts'
import type { CutFragment, CutRecursion } from '../cut/cutting.ts'
import {
  rowsOf,
  type Contribution,
  type Finishing,
  type ListsShare,
  type SharedShare,
} from '../breakers/breaker.ts'
import { Contributions } from '../breakers/contributions.ts'
import { placedJoins } from '../breakers/join-state.ts'
import { showsOrder } from '../breakers/row-order.ts'
import { finishBreaker } from '../breakers/table.ts'
import type { FragmentTask, Tuning } from './fragment-task.ts'
import {
  givesEnough,
  InputSlices,
  needsLittle,
  slicedInput,
  type RunSoFar,
} from './input-slices.ts'
import { jobInput } from './inputs.ts'
import { narrowedBy } from './narrowed-input.ts'
import { budgeted, jobBudget } from '../jobs/job-budget.ts'
import { isBrief, isLongToCompile, jobSize, type JobSize } from './job-size.ts'
import {
  OutgrownError,
  type BreakerState,
  type Interpretation,
  type Job,
  type JobInput,
  type JobReport,
  type PipelineJob,
} from '../jobs/jobs.ts'
import { Limits } from './limits.ts'
import { isLimited, orderedOutput } from './ordered-output.ts'
import { breakersRead, takesRowsInOrder } from './pipeline-needs.ts'
import { postedJob } from '../jobs/posted-job.ts'
import { RecursionRounds, type RoundsWanted, type RunStage } from './recursion.ts'
import { RestOfJob } from './rest-of-job.ts'
import { sharedJob, type SharedJob, type Sharing } from './shared-job.ts'
import { runJob, startJob } from '../thread/thread-job.ts'
import { noticed } from '../jobs/steps.ts'
import { goOnAfterError } from '../jobs/stopped-by-error.ts'
import type { ThreadEnvironment, ThreadPool } from '../jobs/thread.ts'
import { valuesChunk } from '../rows/values-chunk.ts'

/** Behind a limit rows are taken in smaller steps, as few may be wanted. */
const MORSEL_ROWS_LIMITED = 4_096
/** Morsels whose output is put in order fill a chunk each. */
const MORSEL_ROWS_IN_ORDER = 65_536
/** From so many rows that may cost much, a pipeline runs on the pool. */
const COSTLY_ROWS_MIN = 1_000
/** Wide rows are work even where they are few. */
const POOL_BYTES_MIN = 4_194_304
/** How far beyond its turn a step of evaluating VALUES may come. */
const TURN_GRACE_MS = 4
/** How far beyond its turn a job may come that is brief, or before there are threads that could have it. */
const STARTING_GRACE_MS = 100

/** So long a job that came before there are threads is awaited: it may well be done by then. */
const STARTING_PATIENCE_MS = 40

/** What threads take until they work, from others as well: for less of a job's rest they do not start. */
const STARTING_MS = 80

/** What handing the rest of a job over takes: it runs code there that nobody ran before. */
const HANDING_OVER_MS = 15

const nothingCut: CutFragment = { pipelines: [], inputs: [], limits: [] }

/** One fragment while it runs: its memory and the state of its breakers. */
export class FragmentRun {
  readonly #task: FragmentTask
  readonly #pool: ThreadPool | undefined
  readonly #env: ThreadEnvironment
  readonly #caller: CallingThread
  readonly #tuning: Tuning
  readonly #runStage: RunStage
  #cut: CutFragment = nothingCut
  readonly #work: Arena
  #output: Arena
  #limits: Limits
  readonly #slices: InputSlices
  readonly #contributions = new Contributions()
  readonly #breakers = new Map<BreakerId, BreakerState>()
  #chunks: Chunk[][]

  constructor(
    task: FragmentTask,
    pool: ThreadPool | undefined,
    env: ThreadEnvironment,
    tuning: Tuning,
    runStage: RunStage,
  ) {
    this.#task = task
    this.#runStage = runStage
    this.#pool = pool
    this.#env = env
    this.#caller = new CallingThread(env)
    this.#work = new Arena(env.heap)
    this.#output = new Arena(env.heap)
    this.#limits = new Limits(this.#work, [])
    this.#tuning = tuning
    this.#slices = new InputSlices(tuning.firstSliceRows, env.heap.bytesMax)
    const { output, outputPartitions } = task.stage
    this.#chunks = Array.from({ length: isOnePiece(output) ? 1 : outputPartitions }, () => [])
  }

  /** The whole output; where the task takes a rest of it, as much as was made first. */
  async run(): Promise<PartitionsLease> {
    const turns = this.#turns()
    const { done } = await turns.next()
    const { chunks, giveBack } = this.#taken()
    if (done !== true) this.#task.rest?.(this.#restOf(turns))
    return new PartitionsLease(chunks, giveBack)
  }

  #restOf(turns: AsyncGenerator<void, void>): ChunkStream {
    return {
      heldBytes: this.#work.bytesHeld,
      next: async () => {
        const { done } = await turns.next()
        const { chunks, giveBack } = this.#taken()
        const lease = new ChunkLease(chunks.flat(), giveBack)
        if (done !== true || lease.rows > 0) return lease
        lease.release()
        return undefined
      },
      close: () => {
        this.#work.release()
        void turns.return()
      },
    }
  }

  /** What was made since it was last asked for, and who gives it back. */
  #taken(): { readonly chunks: readonly (readonly Chunk[])[]; readonly giveBack: () => void } {
    const output = this.#output
    const chunks = this.#chunks
    this.#output = new Arena(this.#env.heap)
    this.#chunks = chunks.map(() => [])
    return { chunks, giveBack: () => output.release() }
  }

  /** Runs all pipelines; gives turns in between in which output can be taken. */
  async *#turns(): AsyncGenerator<void, void> {
    try {
      const { stage, cancel } = this.#task
      const steps = cutSteps(stage, this.#tuning.batchRows)
      this.#cut = await this.#caller.run(budgeted(steps, jobBudget(this.#env, cancel, undefined)))
      this.#limits = new Limits(this.#work, this.#cut.limits)
      const { pipelines } = this.#cut
      for (const [index, pipeline] of pipelines.entries()) {
        await this.#caller.pauseIfLate()
        yield* this.#runPipeline(pipeline, pipelines.slice(index + 1))
      }
    } catch (error) {
      this.#output.release()
      throw error
    } finally {
      this.#work.release()
    }
  }

  async *#runPipeline(cut: Pipeline, later: readonly Pipeline[]): AsyncGenerator<void, void> {
    await this.#finishInputs(cut)
    const inOrder = cut.ordered || this.#task.stage.inOrder === true
    const pipeline = placedJoins(cut, this.#breakers, inOrder || showsOrder(cut.sink))
    const recursion = this.#recursionOf(pipeline)
    if (recursion !== undefined) return yield* this.#runRounds(pipeline, recursion, later)
    const input = await this.#input(pipeline, this.#work)
    const mayGive = this.#task.rest !== undefined && later.every(needsLittle)
    const sliced = mayGive ? slicedInput(pipeline, input, this.#soFar) : undefined
    if (sliced === undefined) return this.#runOver(pipeline, input)
    const slices = this.#slices
    slices.begin(sliced)
    const isOver = (): boolean => slices.isOver || this.#limits.areReached(pipeline)
    while (!isOver()) {
      const seen = this.#limits.states()
      try {
        await this.#runOver(pipeline, slices.next())
      } catch (error) {
        // Others have the memory, or rows give more than those before.
        if (!isWorkingMemoryFull(error) || !slices.halve()) throw error
        goOnAfterError(this.#env.heap, this.#task.cancel)
        this.#limits.reset(seen)
        continue
      }
      const made = this.#chunks.flat()
      const isEnough = slices.gave(chunksBytes(this.#env.heap, made))
      if (made.length > 0 && (!isOver() || (isEnough && later.length > 0))) yield
    }
  }

  #recursionOf({ source }: Pipeline): CutRecursion | undefined {
    const input = source.kind === 'chunks' ? this.#cut.inputs[source.input] : undefined
    return input?.kind === 'recursion' ? input : undefined
  }

  /** Runs a pipeline over the rows of a recursion as they come, as long as they are wanted. */
  async *#runRounds(
    pipeline: Pipeline,
    recursion: CutRecursion,
    later: readonly Pipeline[],
  ): AsyncGenerator<void, void> {
    const { heap } = this.#env
    const mayGive = this.#task.rest !== undefined && later.every(needsLittle)
    const rounds = new RecursionRounds({
      recursion,
      task: this.#task,
      env: this.#env,
      caller: this.#caller,
      budget: jobBudget(this.#env, this.#task.cancel, undefined),
      runStage: this.#runStage,
    })
    const over = async (chunks: readonly Chunk[], arena: Arena): Promise<RoundsWanted> => {
      await this.#runOver(pipeline, await this.#input(pipeline, arena, chunks))
      const isEnough = mayGive && givesEnough(chunksBytes(heap, this.#chunks.flat()))
      return this.#limits.areReached(pipeline) ? 'none' : isEnough ? 'later' : 'now'
    }
    yield* rounds.turns(over)
  }

  get #soFar(): RunSoFar {
    const { bytesMax } = this.#env.heap
    return { breakers: this.#breakers, bytesHeld: this.#work.bytesHeld, memoryBytes: bytesMax }
  }

  /** Runs a pipeline over rows of its source. */
  async #runOver(pipeline: Pipeline, input: JobInput): Promise<void> {
    const limited = isLimited(pipeline)
    const limits = limited ? this.#limits.states() : []
    const breakers = this.#breakersOf(pipeline)
    const size = jobSize(input, pipeline, breakers)
    const job: PipelineJob = {
      kind: 'pipeline',
      cancel: this.#task.cancel,
      pipeline,
      input,
      breakers,
      counter: this.#work.allocateZeroed(4 * this.#regionsMax),
      regions: 1,
      limits,
      morselRows: limited
        ? Math.min(MORSEL_ROWS_LIMITED, this.#tuning.morselRows)
        : this.#task.stage.inOrder === true
          ? MORSEL_ROWS_IN_ORDER
          : this.#tuning.morselRows,
      flownRowsMax: undefined,
      order: 'any',
      rowsAThread: size.driverRows / this.#regionsMax,
      tableBound: takesRowsInOrder(pipeline) ? 'none' : 'cache',
      interpretation: this.#interpretation(size),
    }
    const reports = await this.#runSized(job, size)
    const forms = reports.flatMap((report) => report.forms)
    const [form] = forms
    if (form !== undefined) this.#task.noted?.(forms.includes('loaded') ? 'loaded' : form)
    for (const report of reports) {
      for (const sink of report.sinks) this.#contributions.add(pipeline, sink)
      report.chunks.forEach((chunks, partition) => {
        present(this.#chunks[partition], 'output partition').push(...chunks)
      })
    }
    this.#chunks[0]?.push(...orderedOutput(this.#output, pipeline, limits, reports))
  }

  #interpretation({ rowsMax }: JobSize): Interpretation {
    const { interpretation } = this.#tuning
    if (interpretation === 'always') return 'always'
    return { rowsMax: interpretation === 'never' ? Number.POSITIVE_INFINITY : rowsMax }
  }

  /** Regions that a job's counter has words for. */
  get #regionsMax(): number {
    return this.#pool?.threads ?? 1
  }

  /** What the pipeline reads; VALUES evaluated, unless that is too much for the calling thread. */
  async #input(pipeline: Pipeline, arena: Arena, rounds?: readonly Chunk[]): Promise<JobInput> {
    const { kernels } = this.#env
    const { uniformRowsMax } = this.#tuning
    const narrowing = narrowedBy(pipeline, this.#breakers, this.#env.heap)
    const input = await this.#caller.run(
      jobInput(this.#task, this.#cut, pipeline, {
        arena,
        kernels,
        uniformRowsMax,
        narrowing,
        rounds,
      }),
    )
    if (input.kind !== 'values') return input
    // Constants are soon written, a step at a time; sending them to a thread would be longer.
    const staysHere = this.#pool === undefined || areConstants(input.values.rowExprs)
    const deadline = staysHere ? undefined : this.#caller.deadline(TURN_GRACE_MS)
    const budget = jobBudget(this.#env, this.#task.cancel, deadline)
    try {
      const chunk = await this.#caller.run(budgeted(valuesChunk(input.values, this.#work), budget))
      return { kind: 'chunks', chunks: [chunk] }
    } catch (error) {
      if (!(error instanceof OutgrownError)) throw error
      return input
    }
  }

  /**
   * Runs small jobs on the calling thread. One that outgrows it, as a join from few rows or a costly
   * function can, begins anew on the pool, so that the calling thread stays free to serve others.
   */
  async #runSized(job: PipelineJob, size: JobSize): Promise<readonly JobReport[]> {
    const { pipeline, input } = job
    if (this.#pool === undefined) return this.#runHere(job)
    const { poolRowsMin, inlineRowsMax } = this.#tuning
    const rowsMin = size.costly ? Math.min(COSTLY_ROWS_MIN, poolRowsMin) : poolRowsMin
    const isLarge = size.rows >= rowsMin || input.kind === 'values' || isLongToCompile(pipeline)
    if (isLarge) {
      const shared = sharedJob(job, size, this.#sharing)
      const early = this.#pool.isReady
        ? undefined
        : await this.#tryHere(job, () => this.#runEarly(shared))
      return early ?? this.#dispatch(shared.job, shared.threads)
    }
    const inline = { ...job, flownRowsMax: inlineRowsMax }
    // The first jobs of a process run code that no compiler has seen: waiting for threads is longer.
    const mayWait = this.#pool.isReady && !isBrief(size, pipeline)
    const graceMs = mayWait ? 0 : STARTING_GRACE_MS
    const reports = await this.#tryHere(job, async () =>
      this.#adopt([runJob(this.#env, inline, this.#caller.deadline(graceMs))]),
    )
    if (reports !== undefined) return reports
    const shared = sharedJob(job, { ...size, costly: true }, this.#sharing)
    return this.#dispatch(shared.job, shared.threads)
  }

  /** Runs a job here; undefined when it outgrew the calling thread, to begin anew elsewhere. */
  async #tryHere(
    job: PipelineJob,
    run: () => Promise<readonly JobReport[]>,
  ): Promise<readonly JobReport[] | undefined> {
    const { i32 } = this.#env.heap
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof OutgrownError)) throw error
    }
    const counter = job.counter >>> 2
    i32.fill(0, counter, counter + this.#regionsMax)
    this.#limits.reset(job.limits)
    return undefined
  }

  /**
   * Begins a large job here while the threads of a process that has just begun start, and leaves the rest of
   * it to them. They are started when the job turns out to take a while longer: starting them takes time
   * from it, and from other processes. One call of a function that takes very long ends what was begun:
   * while it lasts, nobody would hear that there are threads.
   */
  async #runEarly({ job, threads, morsels }: SharedJob): Promise<readonly JobReport[]> {
    const pool = present(this.#pool, 'pool')
    const { clock } = this.#env
    const patientUntilMs = clock.nowMs() + STARTING_PATIENCE_MS
    const rest = new RestOfJob(clock, morsels)
    let isLeft = false
    const leaves = (): boolean => {
      isLeft ||= pool.isReady && (rest.ms ?? HANDING_OVER_MS) >= HANDING_OVER_MS
      return isLeft
    }
    const env = { ...this.#env, threadIndex: 0 }
    const own = startJob(env, job, this.#caller.deadline(STARTING_GRACE_MS), leaves)
    const steps = noticed(own, () => {
      rest.took(this.#morselsTaken(job))
      const overMs = clock.nowMs() - patientUntilMs
      // What is not known by twice the time takes long.
      const isLong = rest.ms === undefined ? overMs > STARTING_PATIENCE_MS : rest.ms > STARTING_MS
      if (overMs > 0 && isLong) pool.warm()
    })
    const early = this.#adopt([await this.#caller.run(steps)])
    return isLeft ? [...early, ...(await this.#dispatch(job, threads))] : early
  }

  #morselsTaken({ counter, regions }: PipelineJob): number {
    const first = counter >>> 2
    return this.#env.heap.i32
      .subarray(first, first + regions)
      .reduce((all, taken) => all + taken, 0)
  }

  get #sharing(): Sharing {
    const { threads } = present(this.#pool, 'pool')
    return { threadsMax: threads, isInOrder: this.#task.stage.inOrder === true }
  }

  /** Does a job on the calling thread, in as many turns as that takes. */
  async #runHere(job: Job): Promise<readonly JobReport[]> {
    // The one thread's share must be everything, whatever its own number is.
    const report = await this.#caller.run(startJob({ ...this.#env, threadIndex: 0 }, job))
    return this.#adopt([report])
  }

  async #dispatch(job: Job, threads: number): Promise<readonly JobReport[]> {
    const pool = present(this.#pool, 'pool')
    const posted = await this.#caller.run(postedJob(job))
    if (posted === undefined) return this.#runHere(job)
    const reports = await pool.run(posted, threads, (report) => this.#lose(report as JobReport))
    return this.#adopt(reports as readonly JobReport[])
  }

  /** Takes over the memory that reports name. */
  #adopt(reports: readonly JobReport[]): readonly JobReport[] {
    for (const report of reports) {
      this.#work.adoptBlocks(report.workBlocks)
      this.#output.adoptBlocks(report.outputBlocks)
    }
    return reports
  }

  /** Frees what was made for a job that failed elsewhere. */
  #lose({ workBlocks, outputBlocks }: JobReport): void {
    for (const block of workBlocks) this.#env.heap.free(block)
    for (const block of outputBlocks) this.#env.heap.free(block)
  }

  /** Finishes the breakers that a pipeline reads. */
  async #finishInputs(pipeline: Pipeline): Promise<void> {
    for (const id of breakersRead(pipeline)) {
      if (this.#breakers.has(id)) continue
      const contribution = present(this.#contributions.get(id), `breaker ${id} was not fed`)
      this.#breakers.set(id, await this.#finish(id, contribution))
    }
  }

  #finish(id: BreakerId, written: Contribution): Promise<BreakerState> {
    const { sink } = written.pipeline
    assert(sink.kind !== 'output' && sink.kind !== 'nothing', 'a sink that is no breaker')
    return finishBreaker(id, sink, written, this.#finishing)
  }

  get #finishing(): Finishing {
    return {
      arena: this.#work,
      threadsFor: (rows, rowBytes) =>
        this.#isPooled(rows, rowBytes) ? present(this.#pool, 'pool').threads : 1,
      share: (job) => this.#runShare(job),
      lists: (job, rowBytes) => this.#runLists(job, rowBytes),
    }
  }

  #isPooled(rows: number, rowBytes: number): boolean {
    if (this.#pool === undefined) return false
    return rows >= this.#tuning.poolRowsMin || rows * rowBytes >= POOL_BYTES_MIN
  }

  /** Runs a job of which every thread has a share by its number. */
  async #runShare(share: SharedShare): Promise<void> {
    const job = { ...share, cancel: this.#task.cancel }
    if (this.#isWorkForPool(job)) await this.#dispatch(job, job.threads)
    else await this.#runHere(job)
  }

  #isWorkForPool(job: SharedShare): boolean {
    const words = job.kind === 'link' ? (job.rank?.words ?? 0) : 0
    // Counting looks at the words only, and is soon done.
    if (job.kind === 'link' && job.step === 'count-ranks') return this.#isPooled(words / 16, 0)
    return this.#isPooled(rowsOf(job.pages), job.rowBytes) || this.#isPooled(words, 0)
  }

  /** Runs a job whose lists threads take one after another. */
  #runLists(share: ListsShare, rowBytes: number): Promise<readonly JobReport[]> {
    const counter = this.#work.allocateZeroed(4)
    const job: Job = { ...share, cancel: this.#task.cancel, counter }
    const rows = share.lists.reduce((total, list) => total + rowsOf(list), 0)
    if (!this.#isPooled(rows, rowBytes)) return this.#runHere(job)
    const threads = Math.min(share.lists.length, present(this.#pool, 'pool').threads)
    return this.#dispatch(job, Math.max(1, threads))
  }

  #breakersOf(pipeline: Pipeline): ReadonlyMap<BreakerId, BreakerState> {
    return new Map(
      [...breakersRead(pipeline)].map((id) => [id, present(this.#breakers.get(id), 'breaker')]),
    )
  }
}
