import { present } from '../base/assert.ts'
import { errorFromData, QueryError } from '../base/errors.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import {
  taskIdOf,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../scheduler/scheduler/task-id.ts'
import { queryGraph } from './query-graph.ts'
import type { SchedulerShell } from './scheduler-shell.ts'

export interface RunOptions {
  /** Names the query in messages and logs. */
  readonly queryId: string
  /** Ends the query with QUERY_CANCELED; its reason, if a QueryError, is thrown instead. */
  readonly signal?: AbortSignal
  /** PostgreSQL's statement_timeout; undefined or 0 for none. */
  readonly timeoutMs?: number
}

/** What differs between running in this process and on a cluster. */
export interface ResultSource {
  /** Aborted, with the error as their reason, when the runner cannot go on. */
  stops(): readonly AbortSignal[]
  /**
   * The result's chunks in this heap; the task's own result is let go of. Rejects with CONNECTION_FAILURE
   * when it cannot be had.
   */
  collect(task: TaskId, made: MadeResult, signal: AbortSignal): ChunkLease | Promise<ChunkLease>
  /** Resolves when nothing of the graph can touch this heap any more. */
  settled(graph: GraphId): Promise<void>
}

/** The result of a query where it was made. */
export interface MadeResult {
  readonly run: RunId
  readonly holders: readonly WorkerId[]
}

/** Plan to graph to scheduler to result: the one path of a query, whatever it runs on. */
export async function runQuery(
  scheduler: SchedulerShell,
  source: ResultSource,
  plan: StagedPlan,
  options: RunOptions,
): Promise<ChunkLease> {
  const { graph: tasks, resultTask } = queryGraph(plan)
  const stop = new StopSignal(options, source.stops())
  let graph: GraphId | undefined
  try {
    const results = new MadeResults()
    stop.onStop((error) => results.failed(error))
    graph = scheduler.submit(
      tasks,
      { queryId: options.queryId, plan },
      {
        inMemory: (_task, run, holders) => results.made({ run, holders }),
        failed: (_task, error) => results.failed(errorFromData(error)),
      },
    )
    const task = taskIdOf(graph, resultTask)
    for (;;) {
      const made = await results.next()
      try {
        return await source.collect(task, made, stop.signal)
      } catch (error) {
        stop.signal.throwIfAborted()
        if (!(error instanceof QueryError) || error.code !== 'CONNECTION_FAILURE') throw error
        scheduler.unreachable(made.run, made.holders)
      }
    }
  } catch (error) {
    if (graph !== undefined) {
      scheduler.cancel(graph)
      await source.settled(graph)
    }
    throw error
  } finally {
    stop.dispose()
  }
}

/** What is heard of a query's result: a lost one is made again, until one is had or the query fails. */
class MadeResults {
  #latest: MadeResult | undefined
  #error: { readonly reason: unknown } | undefined
  #wake: (() => void) | undefined

  made(result: MadeResult): void {
    this.#latest = result
    this.#wake?.()
  }

  failed(reason: unknown): void {
    this.#error ??= { reason }
    this.#wake?.()
  }

  /** The latest result that was not given yet. */
  async next(): Promise<MadeResult> {
    while (this.#latest === undefined && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#error !== undefined) throw this.#error.reason
    const latest = present(this.#latest, 'a result that was there')
    this.#latest = undefined
    return latest
  }
}

/** Abort signals and a timeout as one reason to stop, in PostgreSQL's words. */
export class StopSignal {
  readonly #controller = new AbortController()
  readonly #sources: readonly AbortSignal[]
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onAbort = (): void => {
    const reason: unknown = this.#sources.find((source) => source.aborted)?.reason
    const error = canceled('canceling statement due to user request')
    this.#controller.abort(reason instanceof QueryError ? reason : error)
  }

  constructor({ signal, timeoutMs }: RunOptions, stops: readonly AbortSignal[]) {
    this.#sources = signal === undefined ? stops : [...stops, signal]
    for (const source of this.#sources) {
      if (source.aborted) this.#onAbort()
      else source.addEventListener('abort', this.#onAbort, { once: true })
    }
    if (timeoutMs === undefined || timeoutMs <= 0) return
    this.#timer = setTimeout(() => {
      this.#controller.abort(canceled('canceling statement due to statement timeout'))
    }, timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  onStop(reject: (error: unknown) => void): void {
    const { signal } = this
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  }

  dispose(): void {
    clearTimeout(this.#timer)
    for (const source of this.#sources) source.removeEventListener('abort', this.#onAbort)
  }
}

function canceled(message: string): QueryError {
  return new QueryError('QUERY_CANCELED', message)
}

/** The error of queries that a closing runner ends. */
export function shuttingDown(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'terminating connection due to administrator command')
}
