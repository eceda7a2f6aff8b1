import { errorFromData, QueryError } from '../base/errors.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import {
  taskIdOf,
  type GraphId,
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
  /** Aborted, with the error as its reason, when the runner is closed. */
  readonly closing: AbortSignal
  /** The result's chunks in this heap; the task's own result may be let go of afterwards. */
  collect(
    task: TaskId,
    holders: readonly WorkerId[],
    signal: AbortSignal,
  ): ChunkLease | Promise<ChunkLease>
  /** Resolves when nothing of the graph can touch this heap any more. */
  settled(graph: GraphId): Promise<void>
}

/** Plan to graph to scheduler to result: the one path of a query, whatever it runs on. */
export async function runQuery(
  scheduler: SchedulerShell,
  source: ResultSource,
  plan: StagedPlan,
  options: RunOptions,
): Promise<ChunkLease> {
  const { graph: tasks, resultTask } = queryGraph(plan)
  const stop = new StopSignal(options, source.closing)
  let graph: GraphId | undefined
  try {
    const holders = await new Promise<readonly WorkerId[]>((resolve, reject) => {
      stop.onStop(reject)
      const context = { queryId: options.queryId, plan }
      graph = scheduler.submit(tasks, context, {
        inMemory: (_task, holders) => resolve(holders),
        failed: (_task, error) => reject(errorFromData(error)),
      })
    })
    const task = taskIdOf(graph!, resultTask)
    return await source.collect(task, holders, stop.signal)
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

  constructor({ signal, timeoutMs }: RunOptions, closing: AbortSignal) {
    this.#sources = signal === undefined ? [closing] : [closing, signal]
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
