import { assert } from '../base/assert.ts'
import { unlimited, type Budget } from '../base/budget.ts'
import { errorFromData, QueryError } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { RunningStream } from '../data/vectors/chunk-stream.ts'
import type { RunWay } from '../exec/fragment/fragment-task.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import type { GraphId } from '../scheduler/scheduler/task-id.ts'
import { ResultCollector, type ResultTransfer } from './collect-results.ts'
import type { Waiting } from './places.ts'
import type { RunFigures } from './run-figures.ts'
import { queryGraph } from './query-graph.ts'
import { systemClock } from './host/clock.ts'
import type { SchedulerShell } from './scheduler-shell.ts'

export interface QueryRunOptions {
  /** Names the query in messages and logs. */
  readonly queryId: string
  /** Ends the query with QUERY_CANCELED; its reason, if a QueryError, is thrown instead. */
  readonly signal?: AbortSignal
  /** PostgreSQL's statement_timeout; undefined or 0 for none. */
  readonly timeoutMs?: number
  /** Told how tasks were run, as far as that was in this process. */
  readonly noted?: ((way: RunWay) => void) | undefined
  /** Told when the query begins to wait for memory that others have, and when it no longer does. */
  readonly waits?: ((isWaiting: boolean) => void) | undefined
  /** Filled in as the query runs in this process. */
  readonly figures?: RunFigures | undefined
  /** Where it is given, the output may be its first rows only: what makes the others is handed over here. */
  readonly rest?: ((rest: RunningStream) => void) | undefined
}

/** What may end a query before it is done. */
export type StopOptions = Pick<QueryRunOptions, 'signal' | 'timeoutMs'>

/** What differs between running in this process and on a cluster. */
export interface ResultSource extends ResultTransfer {
  /** Aborted, with the error as their reason, when the runner cannot go on. */
  stops(): readonly AbortSignal[]
  /** Resolves when nothing of the graph can touch this heap any more. */
  settled(graph: GraphId): Promise<void>
}

/** Plan to graph to scheduler to result: the one path of a query, whatever it runs on. */
export async function runQuery(
  scheduler: SchedulerShell,
  source: ResultSource,
  plan: StagedPlan,
  options: QueryRunOptions,
): Promise<ChunkLease> {
  const { graph: tasks, resultTasks } = queryGraph(plan)
  const stop = new StopSignal(options, source.stops())
  const results = new ResultCollector(scheduler, source, resultTasks.length)
  let graph: GraphId | undefined
  try {
    stop.onStop((error) => results.failed(error))
    graph = scheduler.submit(
      tasks,
      {
        fragment: {
          queryId: options.queryId,
          plan,
          endsAtMs: endsAtMsOf(options),
          noted: options.noted,
          figures: options.figures,
        },
      },
      {
        inMemory: (task, run, holders) => results.made({ task, run, holders }),
        failed: (_task, error) => results.failed(errorFromData(error)),
      },
    )
    return await results.all
  } catch (error) {
    await results.abandon()
    if (graph !== undefined) {
      scheduler.cancel(graph)
      await source.settled(graph)
    }
    throw error
  } finally {
    stop.dispose()
  }
}

/** Until when a query that begins now may take, by this process's clock. */
export function endsAtMsOf({ timeoutMs = 0 }: QueryRunOptions): number | undefined {
  return timeoutMs <= 0 ? undefined : systemClock.nowMs() + timeoutMs
}

/** The same run, begun later: it ends when the first would have. */
export function until(endsAtMs: number | undefined, options: QueryRunOptions): QueryRunOptions {
  if (endsAtMs === undefined) return options
  return { ...options, timeoutMs: Math.max(1, endsAtMs - systemClock.nowMs()) }
}

/** Waits for a turn until the query is stopped; one that came just then is given back. */
export async function untilStopped<T>(
  waiting: Waiting<T>,
  options: StopOptions,
  stops: readonly AbortSignal[],
  giveBack: (turn: T) => void,
): Promise<T> {
  const stop = new StopSignal(options, stops)
  try {
    stop.onStop((reason) => waiting.leave(reason))
    return await waiting.turn
  } catch (error) {
    waiting.leave(error)
    waiting.turn.then(giveBack, () => {})
    throw error
  } finally {
    stop.dispose()
  }
}

/** The budget of what a fragment does before it first waits: cutting a large plan into pipelines. */
export function inTime(endsAtMs: number | undefined, clock: Pick<Clock, 'nowMs'>): Budget {
  if (endsAtMs === undefined) return unlimited
  return {
    check() {
      if (clock.nowMs() > endsAtMs) throw timedOut()
    },
  }
}

/** Abort signals and a timeout as one reason to stop, in PostgreSQL's words. */
export class StopSignal {
  readonly #sources: readonly AbortSignal[]
  readonly #timer: NodeJS.Timeout | undefined
  /** Why it stopped. */
  #reason: QueryError | undefined
  #reject: ((error: QueryError) => void) | undefined
  /** Made when it is asked for: it takes as long as some step of a small query. */
  #controller: AbortController | undefined
  readonly #onAbort = (): void => {
    const reason = reasonOf(this.#sources)
    if (reason !== undefined) this.#stop(reason)
  }

  /** Throws the reason of signals that are aborted already. */
  static refuse({ signal }: QueryRunOptions, stops: readonly AbortSignal[]): void {
    const reason = reasonOf(signal === undefined ? stops : [...stops, signal])
    if (reason !== undefined) throw reason
  }

  constructor({ signal, timeoutMs }: StopOptions, stops: readonly AbortSignal[]) {
    this.#sources = signal === undefined ? stops : [...stops, signal]
    for (const source of this.#sources) {
      if (source.aborted) this.#onAbort()
      else source.addEventListener('abort', this.#onAbort, { once: true })
    }
    if (timeoutMs === undefined || timeoutMs <= 0) return
    this.#timer = setTimeout(() => this.#stop(timedOut()), timeoutMs)
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Throws what stopped it, or has `reject` told of what does later; there is one such call. */
  onStop(reject: (error: QueryError) => void): void {
    if (this.#reason !== undefined) throw this.#reason
    assert(this.#reject === undefined, 'a stop is told twice')
    this.#reject = reject
  }

  dispose(): void {
    clearTimeout(this.#timer)
    for (const source of this.#sources) source.removeEventListener('abort', this.#onAbort)
  }

  #stop(reason: QueryError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#reject?.(reason)
    this.#controller?.abort(reason)
  }
}

function reasonOf(sources: readonly AbortSignal[]): QueryError | undefined {
  const aborted = sources.find((source) => source.aborted)
  if (aborted === undefined) return undefined
  const reason: unknown = aborted.reason
  const error = canceled()
  return reason instanceof QueryError ? reason : error
}

/** The error of queries that take longer than they may. */
export function timedOut(): QueryError {
  return canceled('canceling statement due to statement timeout')
}

/** The error of what was stopped. */
export function canceled(message = 'canceling statement due to user request'): QueryError {
  return new QueryError('QUERY_CANCELED', message)
}

/** The error of queries that a closing runner ends. */
export function shuttingDown(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'terminating connection due to administrator command')
}
