import { present } from '../base/assert.ts'
import { underBudget } from '../base/budget.ts'
import { errorFromData, errorToData, type QueryError } from '../base/errors.ts'
import { ChunkLease, PartitionsLease } from '../data/vectors/chunk-lease.ts'
import { OnFirstRead } from '../data/arenas/lease.ts'
import type { ChunkStream } from '../data/vectors/chunk-stream.ts'
import type { Address, Chunk } from '../data/vectors/vector.ts'
import type { runFragment } from '../exec/fragment/fragment.ts'
import type { ThreadEnvironment, ThreadPool } from '../exec/jobs/thread.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import { setCancelWord, type CancelWords } from './cancel-words.ts'
import type { Places } from './places.ts'
import {
  endsAtMsOf,
  inTime,
  shuttingDown,
  StopSignal,
  untilStopped,
  type QueryRunOptions,
} from './run-query.ts'
import { TaskRest } from './task-rest.ts'

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

/** A task that was begun. */
interface BegunTask {
  readonly output: PartitionsLease | Promise<PartitionsLease>
  /** What makes the rows that follow the output, once that is there. */
  rest(): ChunkStream | undefined
  /** When it is to have ended with all that follows. */
  readonly endsAtMs: number | undefined
}

type BeginArguments = [
  plan: StagedPlan,
  options: QueryRunOptions,
  cancel: Address,
  endsAtMs: number | undefined,
]

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
  /** Of tasks of which rows are still to come. */
  readonly #rests = new Set<TaskRest>()

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
    let begun: BegunTask
    try {
      begun = this.#begin(plan, options, cancel, endsAtMs)
    } catch (error) {
      this.#done(cancel)
      throw errorFromData(errorToData(error))
    }
    if (begun.output instanceof PartitionsLease) {
      this.#done(cancel)
      return whole(begun.output)
    }
    const stop = new StopSignal(options, [closing])
    return this.#followed(this.#ended(begun, options, cancel, stop))
  }

  /** Waits for all that runs, which `closing` has told to end. */
  async close(): Promise<void> {
    const rests = [...this.#rests]
    for (const rest of rests) rest.stop(shuttingDown())
    await Promise.allSettled([...this.#running, ...rests.map(({ ended }) => ended)])
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
    await untilStopped(places.wait(), options, [closing], () => places.giveBack())
    const leftMs = endsAtMs === undefined ? 0 : Math.max(1, endsAtMs - env.clock.nowMs())
    const stop = new StopSignal({ ...options, timeoutMs: leftMs }, [closing])
    const cancel = this.#words.take()
    return this.#ended(this.#begunLater(plan, options, cancel, endsAtMs), options, cancel, stop)
  }

  /** As {@link #begin}; what it throws is the output's error. */
  #begunLater(...begin: BeginArguments): BegunTask {
    let rest: BegunTask['rest'] = () => undefined
    const begun = async (): Promise<PartitionsLease> => {
      const task = this.#begin(...begin)
      rest = task.rest
      return task.output
    }
    return { output: begun(), rest: () => rest(), endsAtMs: begin[3] }
  }

  #begin(
    ...[plan, { queryId, noted, rest: toFollow }, cancel, endsAtMs]: BeginArguments
  ): BegunTask {
    const { env, pool, runFragment: run } = this.#options
    const stage = present(plan.stages[0], 'a plan without stages')
    let rest: ChunkStream | undefined
    const kept = toFollow && ((given: ChunkStream): void => void (rest = given))
    const task = { queryId, stage, partition: 0, inputs: new Map(), cancel, noted, rest: kept }
    const output = underBudget(inTime(endsAtMs, env.clock), () => run(task, pool, env))
    return { output, rest: () => rest, endsAtMs }
  }

  async #ended(
    { output, rest, endsAtMs }: BegunTask,
    options: QueryRunOptions,
    cancel: Address,
    stop: StopSignal,
  ): Promise<ChunkLease> {
    const { env, places } = this.#options
    let reason: QueryError | undefined
    stop.onStop((error) => {
      reason = error
      setCancelWord(env.heap, cancel)
    })
    let follows = false
    try {
      const first = await output
      const rows = rest()
      if (reason !== undefined) {
        first.release()
        rows?.close()
        throw reason
      }
      follows = rows !== undefined
      if (rows !== undefined) this.#follow(rows, options, cancel, endsAtMs)
      return whole(first)
    } catch (error) {
      throw reason ?? errorFromData(errorToData(error))
    } finally {
      stop.dispose()
      if (follows) places.giveBack()
      else this.#done(cancel)
    }
  }

  /** Hands over what makes the rows that follow; the task's word to stop is its own from here on. */
  #follow(
    rows: ChunkStream,
    { rest: toFollow }: QueryRunOptions,
    cancel: Address,
    endsAtMs: number | undefined,
  ): void {
    const { env, places, closing } = this.#options
    const leftMs = endsAtMs === undefined ? 0 : Math.max(1, endsAtMs - env.clock.nowMs())
    const rest = new TaskRest(rows, leftMs, {
      places,
      clock: env.clock,
      closing,
      cancel: () => setCancelWord(env.heap, cancel),
      ended: (ended) => {
        this.#rests.delete(ended)
        this.#words.giveBack(cancel)
      },
    })
    this.#rests.add(rest)
    present(toFollow, 'who takes the rest')(rest)
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
