import { present } from '../../base/assert.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { LimitState, PipelineJob } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Output chunks by the first of the morsels that they were made of. */
export interface MorselRun {
  readonly firstMorsel: number
  readonly chunks: readonly Chunk[]
}

/** Which of a job's morsels a thread takes, whether it wants more, and what it made of which. */
export class Morsels {
  readonly #env: ThreadEnvironment
  readonly #job: PipelineJob
  /** Asked before each morsel: whether the thread leaves the rest of the job to others. */
  readonly #leaves: (() => boolean) | undefined
  /** Sets apart what was written so far. */
  readonly #cut: () => readonly Chunk[]
  /** Told where the rows that come next do not follow those before. */
  readonly #apart: () => void
  readonly #runs: MorselRun[] = []
  /** The morsels that the output which is being written was made of, and the rows of a limit in it. */
  #firstMorsel: number | undefined
  #lastMorsel = 0
  #limitedRows = 0
  #isDone = false

  constructor(
    env: ThreadEnvironment,
    job: PipelineJob,
    leaves: (() => boolean) | undefined,
    cut: () => readonly Chunk[],
    apart: () => void,
  ) {
    this.#env = env
    this.#job = job
    this.#leaves = leaves
    this.#cut = cut
    this.#apart = apart
  }

  /** A limit is reached: no more rows are wanted. */
  get isDone(): boolean {
    return this.#isDone
  }

  /**
   * The next of so many morsels that no thread has taken; undefined: there is none, none is wanted, or
   * the thread leaves the rest to others.
   */
  take(morsels: number): number | undefined {
    const { regions, counter, input } = this.#job
    const pieces = input.kind === 'breaker' ? input.pieces : undefined
    const [from, to] = pieces === undefined ? [0, morsels] : [pieces.from, pieces.to]
    const { threadIndex, heap } = this.#env
    if (this.#isDone || this.#leaves?.() === true || this.#isFull) return undefined
    for (let tried = 0; tried < regions; tried++) {
      const region = (threadIndex + tried) % regions
      const start = from + Math.floor(((to - from) * region) / regions)
      const end = from + Math.floor(((to - from) * (region + 1)) / regions)
      const taken = start + Atomics.add(heap.i32, (counter >>> 2) + region, 1)
      if (taken < end) return taken
    }
    return undefined
  }

  /** Rows of this morsel come next: unless they follow those before, what was written is set apart. */
  begin(morsel: number): void {
    const { order } = this.#job
    const isNext = morsel === this.#lastMorsel + 1
    if (!isNext) this.#apart()
    if (order === 'any') {
      this.#lastMorsel = morsel
      return
    }
    const follows = order === 'runs' && isNext
    if (this.#firstMorsel === undefined || !follows) {
      this.#endRun()
      this.#firstMorsel = morsel
    }
    this.#lastMorsel = morsel
  }

  /**
   * Takes a limit's share of rows that reach it: how many to skip, and where to end. Where order matters
   * it is cut when all is put together; until then no run of morsels needs more rows than are wanted.
   */
  takeLimit(limit: LimitState, rows: number): { readonly from: number; readonly to: number } {
    const { offsetRows, limitRows, seen, seenBefore } = limit
    const end = limitRows === undefined ? Infinity : offsetRows + limitRows
    const start = Number(Atomics.add(this.#env.heap.i64, seen / 8, BigInt(rows)))
    if (this.#job.order === 'any') {
      if (start + rows >= end) this.#isDone = true
      const from = Math.min(Math.max(offsetRows, start), start + rows)
      return { from: from - start, to: Math.max(from, Math.min(end, start + rows)) - start }
    }
    const to = Math.min(rows, end - seenBefore - this.#limitedRows)
    this.#limitedRows += to
    if (this.#limitedRows >= end - seenBefore) this.#isDone = true
    return { from: 0, to }
  }

  /** Ends what is being written; all runs, where order matters. */
  finish(): readonly MorselRun[] {
    this.#endRun()
    return this.#runs
  }

  #endRun(): void {
    const firstMorsel = this.#firstMorsel
    if (firstMorsel === undefined) return
    this.#runs.push({ firstMorsel, chunks: this.#cut() })
    this.#limitedRows = 0
  }

  /** Whether a limit of this pipeline, not of another, has seen as many rows as are wanted. */
  get #isFull(): boolean {
    const { i64 } = this.#env.heap
    return this.#job.pipeline.steps.some((step) => {
      if (step.kind !== 'limit') return false
      const { seen, offsetRows, limitRows } = present(this.#job.limits[step.limitId], 'limit')
      return (
        limitRows !== undefined && Number(Atomics.load(i64, seen / 8)) >= offsetRows + limitRows
      )
    })
  }
}
