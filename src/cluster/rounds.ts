import { present } from '../base/assert.ts'
import { Arena } from '../data/arenas/arena.ts'
import { CallingThread } from '../exec/fragment/calling-thread.ts'
import type { Job, KernelJob, Share } from '../exec/jobs/jobs.ts'
import { postedJob, type PostedJob } from '../exec/jobs/posted-job.ts'
import { startJob } from '../exec/thread/thread-job.ts'
import type { ThreadEnvironment, ThreadPool } from '../exec/jobs/thread.ts'
import { setCancelWord } from './cancel-words.ts'
import { StopSignal, type QueryRunOptions } from './run-query.ts'

/** A round of a kernel, but for what {@link Rounds} adds. */
export type Round = Omit<Share<KernelJob>, 'kind' | 'counter' | 'scratch'>

/**
 * Work in rounds over the same rows: each round runs a kernel over all of them, on every thread, with
 * parameters that the last one led to. What a round finds lies in cells, in an order that does not
 * depend on the threads.
 */
export interface Rounds {
  /** Memory for what is worked on; free again when the work ends, however it ends. */
  readonly arena: Arena
  /** Lets others have their turn, where the calling thread works by itself for long. */
  pause(): Promise<void>
  /** One round. Rejects with QUERY_CANCELED on abort, or with the reason of the abort. */
  run(round: Round): Promise<void>
}

/** Fewer morsels than these are not worth waking threads for. */
const POOL_MORSELS_MIN = 8

/** Runs work in rounds: on the threads of a pool or, without one, on the calling thread by turns. */
export class RoundsRunner {
  readonly #env: ThreadEnvironment
  readonly #pool: ThreadPool | undefined
  readonly #closing: AbortSignal
  readonly #running = new Set<Promise<unknown>>()

  constructor(env: ThreadEnvironment, pool: ThreadPool | undefined, closing: AbortSignal) {
    this.#env = env
    this.#pool = pool
    this.#closing = closing
  }

  run<T>(options: QueryRunOptions, work: (rounds: Rounds) => Promise<T>): Promise<T> {
    const running = this.#work(options, work)
    this.#running.add(running)
    const ended = (): void => void this.#running.delete(running)
    running.then(ended, ended)
    return running
  }

  /** Resolves when nothing works in rounds any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  async #work<T>(options: QueryRunOptions, work: (rounds: Rounds) => Promise<T>): Promise<T> {
    const { heap } = this.#env
    const arena = new Arena(heap)
    const caller = new CallingThread(this.#env)
    const stop = new StopSignal(options, [this.#closing])
    try {
      const cancel = arena.allocateZeroed(4)
      stop.onStop(() => setCancelWord(heap, cancel))
      const counter = arena.allocate(4)
      const result = await work({
        arena,
        pause: async () => {
          await caller.pauseIfOver()
          stop.signal.throwIfAborted()
        },
        run: (round) => this.#round(round, { cancel, counter }, { caller, signal: stop.signal }),
      })
      // A stop may come while the last round is under way, which is then done all the same.
      stop.signal.throwIfAborted()
      return result
    } catch (error) {
      stop.signal.throwIfAborted()
      throw error
    } finally {
      stop.dispose()
      arena.release()
    }
  }

  /** A round calls no function, so that each thread knows all that it names. */
  async #posted(job: Job, caller: CallingThread): Promise<PostedJob> {
    return present(await caller.run(postedJob(job)), 'a round that any thread can do')
  }

  async #round(
    round: Round,
    words: Pick<KernelJob, 'cancel' | 'counter'>,
    { caller, signal }: { readonly caller: CallingThread; readonly signal: AbortSignal },
  ): Promise<void> {
    signal.throwIfAborted()
    const { heap } = this.#env
    const morsels = round.cellStarts.at(-1) ?? 0
    const isLarge = morsels >= POOL_MORSELS_MIN
    const pool = isLarge ? this.#pool : undefined
    const threads = Math.min(pool?.threads ?? 1, round.cellStarts.length - 1)
    const arena = new Arena(heap)
    try {
      heap.i32[words.counter >>> 2] = 0
      const scratch = arena.allocate(Math.max(1, threads) * round.scratchBytes)
      const job: Job = { kind: 'kernel', ...round, ...words, scratch }
      if (pool === undefined) await caller.run(startJob({ ...this.#env, threadIndex: 0 }, job))
      else await pool.run(await this.#posted(job, caller), threads)
    } finally {
      arena.release()
    }
  }
}
