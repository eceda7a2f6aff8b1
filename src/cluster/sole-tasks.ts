import { present } from '../base/assert.ts'
import { underBudget } from '../base/budget.ts'
import { errorFromData, errorToData, type QueryError } from '../base/errors.ts'
import { ChunkLease, PartitionsLease } from '../data/vectors/chunk-lease.ts'
import { OnFirstRead } from '../data/arenas/lease.ts'
import type { Address, Chunk } from '../data/vectors/vector.ts'
import type { runFragment } from '../exec/fragment/fragment.ts'
import type { ThreadEnvironment, ThreadPool } from '../exec/jobs/thread.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import { setCancelWord, type CancelWords } from './cancel-words.ts'
import type { Places } from './places.ts'
import { endsAtMsOf, inTime, StopSignal, type QueryRunOptions } from './run-query.ts'

interface SoleTasksOptions {
  readonly env: ThreadEnvironment
  readonly pool: ThreadPool | undefined
  /** Shared with the tasks of graphs. */
  readonly places: Places
  /** Shared with them, too; they stay when it closes. */
  readonly cancelWords: CancelWords
  /** Aborted, with the error as its reason, when nothing more is to run. */
  readonly closing: AbortSignal
  readonly runFragment: typeof runFragment
}

/** Whether a plan is one task of one partition: there is nothing to schedule. */
export function isSoleTask({ stages: [stage, second] }: StagedPlan): boolean {
  return second === undefined && stage?.partitions === 1 && stage.outputPartitions === 1
}

/**
 * Runs plans of one task in this process, without a graph. Ends as a graph's query does: with the task's error,
 * or with that of an abort, a timeout or the runner's end once nothing of the task runs any more.
 */
export class SoleTasks {
  readonly #options: SoleTasksOptions
  readonly #words: CancelWords
  readonly #running = new Set<Promise<unknown>>()

  constructor(options: SoleTasksOptions) {
    this.#options = options
    this.#words = options.cancelWords
  }

  /** The result at once where the task is done at once: nothing could have stopped it meanwhile. */
  run(plan: StagedPlan, options: QueryRunOptions): ChunkLease | Promise<ChunkLease> {
    const { places, closing } = this.#options
    StopSignal.refuse(options, [closing])
    const endsAtMs = endsAtMsOf(options)
    if (!places.take()) return this.#followed(this.#later(plan, options, endsAtMs))
    const cancel = this.#words.take()
    let output: PartitionsLease | Promise<PartitionsLease>
    try {
      output = this.#begin(plan, options, cancel, endsAtMs)
    } catch (error) {
      this.#done(cancel)
      throw errorFromData(errorToData(error))
    }
    if (output instanceof PartitionsLease) {
      this.#done(cancel)
      return whole(output)
    }
    const stop = new StopSignal(options, [closing])
    return this.#followed(this.#ended(output, cancel, stop))
  }

  /** Waits for all that runs, which `closing` has told to end. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #followed<T>(task: Promise<T>): Promise<T> {
    this.#running.add(task)
    const forget = (): void => void this.#running.delete(task)
    task.then(forget, forget)
    return task
  }

  /** Runs a task when a place is free, unless it is stopped before. */
  async #later(
    plan: StagedPlan,
    options: QueryRunOptions,
    endsAtMs: number | undefined,
  ): Promise<ChunkLease> {
    const { places, closing, env } = this.#options
    const waiting = places.wait()
    const impatience = new StopSignal(options, [closing])
    impatience.onStop((reason) => waiting.leave(reason))
    await waiting.turn.finally(() => impatience.dispose())
    const leftMs = endsAtMs === undefined ? 0 : Math.max(1, endsAtMs - env.clock.nowMs())
    const stop = new StopSignal({ ...options, timeoutMs: leftMs }, [closing])
    const cancel = this.#words.take()
    const begun = async (): Promise<PartitionsLease> => this.#begin(plan, options, cancel, endsAtMs)
    return this.#ended(begun(), cancel, stop)
  }

  #begin(
    plan: StagedPlan,
    { queryId, noted }: QueryRunOptions,
    cancel: Address,
    endsAtMs: number | undefined,
  ): PartitionsLease | Promise<PartitionsLease> {
    const { env, pool, runFragment: run } = this.#options
    const stage = present(plan.stages[0], 'a plan without stages')
    const task = { queryId, stage, partition: 0, inputs: new Map(), cancel, noted }
    return underBudget(inTime(endsAtMs, env.clock), () => run(task, pool, env))
  }

  async #ended(
    task: Promise<PartitionsLease>,
    cancel: Address,
    stop: StopSignal,
  ): Promise<ChunkLease> {
    let reason: QueryError | undefined
    stop.onStop((error) => {
      reason = error
      setCancelWord(this.#options.env.heap, cancel)
    })
    try {
      const output = await task
      if (reason === undefined) return whole(output)
      output.release()
      throw reason
    } catch (error) {
      throw reason ?? errorFromData(errorToData(error))
    } finally {
      stop.dispose()
      this.#done(cancel)
    }
  }

  #done(cancel: Address): void {
    this.#words.giveBack(cancel)
    this.#options.places.giveBack()
  }
}

/** The one piece of an output. */
function whole(output: PartitionsLease): ChunkLease {
  const piece = (): readonly Chunk[] => present(output.partitions[0], 'an output without a piece')
  const { plain } = output
  const chunks = plain === undefined ? piece() : new OnFirstRead(piece)
  return new ChunkLease(chunks, () => output.release(), plain)
}
