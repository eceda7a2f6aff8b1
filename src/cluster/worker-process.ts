import { present, unreachable } from '../base/assert.ts'
import { errorToData, QueryError } from '../base/errors.ts'
import { Heap } from '../data/arenas/heap.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { runFragment } from '../exec/fragment/fragment.ts'
import { WHOLE_OUTPUT, type ResourceNeeds } from '../scheduler/graph/task-graph.ts'
import { passedBetween } from '../scheduler/scheduler/silence.ts'
import type { RunId, WorkerId } from '../scheduler/scheduler/task-id.ts'
import { loadKernels } from '../wasm/kernels/loader.ts'
import { callingThread } from './host/calling-thread.ts'
import { systemClock } from './host/clock.ts'
import { sendableError } from './comm/checks.ts'
import { controlLink, type ControlLink } from './comm/control-link.ts'
import { createDataClient } from './comm/data-client.ts'
import type { DataRef } from './comm/data-messages.ts'
import { serveData } from './comm/data-server.ts'
import {
  CLIENT_HOLDER,
  parseSchedulerMessages,
  PROTOCOL_VERSION,
  type PeerAddress,
  type SchedulerMessage,
  type WorkerMessage,
} from './comm/messages.ts'
import { bytesOf, rowsOf, type ResultLease } from './comm/result-lease.ts'
import { connectionFailure } from './comm/connection-failure.ts'
import { dial, listen } from './comm/sockets.ts'
import { builtInFunctions } from '../functions/built-in.ts'
import { fragmentKind } from './fragment-kind.ts'
import { functionKind } from './function-kind.ts'
import { Places } from './places.ts'
import { findProgramParts } from './program-parts.ts'
import { checkWork, decodeContexts } from './task-codecs.ts'
import { createTableCache } from './table-cache.ts'
import { createThreadPool, type ClosableThreadPool } from './threads/thread-pool.ts'
import type { FunctionPool } from './user-functions/function-pool.ts'
import { startFunctionPool } from './user-functions/start-function-pool.ts'
import { createWorkerShell, type WorkerShell } from './worker-shell.ts'

export interface WorkerProcessOptions {
  readonly scheduler: PeerAddress
  readonly token: string
  readonly threads: number
  readonly memoryBytesMax: number
  /** Threads that run functions of users; 0: there are none, and whoever sends one is refused. */
  readonly functionThreads: number
  /** What tasks may ask for, by name, beyond a place. */
  readonly resources?: ResourceNeeds
}

/** What a test may put in place of the real thing. */
export interface WorkerProcessParts {
  readonly runFragment?: typeof runFragment
}

/** Part of a worker's memory for copies of tables that live in the client. */
const TABLE_CACHE_PART = 0.25

/** Fragments that run at once; they take turns on the threads. */
const EXECUTING_MAX = 8

/** Joins a cluster and works until the scheduler says otherwise or the connection to it ends. */
export async function runWorkerProcess(
  options: WorkerProcessOptions,
  parts: WorkerProcessParts = {},
): Promise<void> {
  const { token, threads, memoryBytesMax, functionThreads } = options
  await findProgramParts()
  const heap = new Heap(Heap.createMemory(memoryBytesMax))
  const pool = createThreadPool({ heap, threads })
  const functions = functionThreads === 0 ? undefined : startFunctionPool(functionThreads)
  const worker = new WorkerProcess({ heap, pool, functions, token, parts })
  const server = await listen(token, {
    data: (socket) => serveData(heap, (ref) => worker.find(ref), socket),
  })
  const socket = await dial(options.scheduler, 'control', token)
  await new Promise<void>((resolve, reject) => {
    const link = controlLink<SchedulerMessage, WorkerMessage>(socket, {
      parse: parseSchedulerMessages,
      receive: (message) => {
        if (message.kind === 'shut-down') link.close()
        else worker.receive(link, message)
      },
      closed: (error) => (error === undefined ? resolve() : reject(error as Error)),
    })
    link.send({
      kind: 'hello',
      protocol: PROTOCOL_VERSION,
      processId: process.pid,
      dataPort: server.port,
      slots: functionThreads === 0 ? EXECUTING_MAX : functionThreads,
      memoryBytesMax: heap.bytesMax,
      resources: options.resources ?? {},
    })
    // Who allows functions has come for them.
    if (functions === undefined) pool.warm()
    else functions.warm()
  })
  functions?.close()
  await worker.close()
  await Promise.all([pool.close(), server.close()])
}

class WorkerProcess {
  readonly #heap: Heap
  readonly #pool
  readonly #functions: FunctionPool | undefined
  readonly #parts: WorkerProcessParts
  readonly #client
  readonly #tables
  readonly #peers = new Map<WorkerId, PeerAddress>()
  #shell: WorkerShell | undefined
  #beats: NodeJS.Timeout | undefined
  /** Time without a message of the scheduler, as far as this process ran meanwhile. */
  #silentMs = 0

  constructor(options: {
    readonly heap: Heap
    readonly pool: ClosableThreadPool
    readonly functions: FunctionPool | undefined
    readonly token: string
    readonly parts: WorkerProcessParts
  }) {
    const { heap, pool, functions, token, parts } = options
    this.#parts = parts
    this.#heap = heap
    this.#pool = pool
    this.#functions = functions
    this.#client = createDataClient(heap, token)
    this.#tables = createTableCache({
      bytesMax: heap.bytesMax * TABLE_CACHE_PART,
      bytesOf: (chunks) => chunksBytes(heap, chunks),
      pull: async (refs) => (await this.#pull(CLIENT_HOLDER, refs)).map(rowsOf),
    })
  }

  /** What this worker holds, for others. */
  find(ref: DataRef): ReturnType<WorkerShell['read']> {
    return ref.kind === 'result' ? this.#shell?.read(ref) : undefined
  }

  receive(
    link: ControlLink<WorkerMessage>,
    message: Exclude<SchedulerMessage, { kind: 'shut-down' }>,
  ): void {
    this.#silentMs = 0
    switch (message.kind) {
      case 'welcome':
        this.#shell = this.#createShell(link, message.worker)
        return this.#listen(link, message)
      case 'heartbeat':
        return
      case 'peer-joined':
        this.#peers.set(message.worker, message.address)
        return
      case 'peer-left':
        return this.#peerLeft(message.worker)
      case 'graph-opened': {
        const { graph, contexts } = message
        return this.#opened().openGraph(graph, decodeContexts(contexts, builtInFunctions))
      }
      case 'graph-closed':
        return this.#opened().closeGraph(message.graph)
      case 'run-task': {
        const { graph, task, priority, rank, inputs, work } = message
        const { id } = this.#opened()
        const run = { kind: 'run-task', worker: id, graph, task, priority, rank, inputs } as const
        return this.#opened().runTask({ ...run, payload: checkWork(work) })
      }
      case 'take-result':
        return void this.#take(link, message.task)
      case 'forget-tasks':
        return this.#opened().forgetTasks(message.tasks)
      default:
        return unreachable(message)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beats)
    this.#client.close()
    await this.#shell?.close()
    this.#tables.close()
  }

  /** Holds what the client has, and says so. */
  async #take(link: ControlLink<WorkerMessage>, task: RunId): Promise<void> {
    try {
      const ref: DataRef = { kind: 'result', task, slice: WHOLE_OUTPUT }
      const [result] = await this.#pull(CLIENT_HOLDER, [ref])
      this.#opened().give(task, bytesOf(present(result, 'a pull without a result')))
      link.send({ kind: 'result-taken', task })
    } catch (error) {
      link.send({ kind: 'result-taken', task, error: sendableError(errorToData(error)) })
    }
  }

  #opened(): WorkerShell {
    return present(this.#shell, 'a worker is given work before it is welcome')
  }

  #createShell(link: ControlLink<WorkerMessage>, id: WorkerId): WorkerShell {
    const heap = this.#heap
    const kernels = loadKernels(heap)
    const { runFragment: run = runFragment } = this.#parts
    const places = new Places(EXECUTING_MAX)
    return createWorkerShell({
      id,
      heap,
      kinds: {
        fragment: fragmentKind({
          env: callingThread(heap, kernels),
          pool: this.#pool,
          runFragment: (task, pool, env) =>
            places.during(() => this.#withRoom(() => run(task, pool, env))),
          localize: (stage, task) => this.#tables.localize(stage, task),
        }),
        function: functionKind(this.#functions),
      },
      clock: systemClock,
      machine: { executingMax: EXECUTING_MAX + (this.#functions?.callsMax ?? 0) },
      valueBytesMax: heap.bytesMax,
      report(event) {
        switch (event.kind) {
          case 'task-finished': {
            const { kind, task, bytes, durationMs, value } = event
            const told = { kind, task, bytes, durationMs }
            return link.send(value === undefined ? told : { ...told, value })
          }
          case 'task-erred':
            return link.send({
              kind: event.kind,
              task: event.task,
              error: sendableError(event.error),
            })
          case 'replica-added':
            return link.send({ kind: event.kind, task: event.task })
          case 'inputs-unreachable':
            return link.send({ kind: event.kind, holder: event.holder, tasks: event.tasks })
          default:
            return unreachable(event)
        }
      },
      fetch: (holder, inputs) =>
        this.#pull(
          holder,
          inputs.map(({ task, slice }) => ({ kind: 'result', task, slice })),
        ),
    })
  }

  /** Gives signs of life and expects them. */
  #listen(
    link: ControlLink<WorkerMessage>,
    { heartbeatMs, silenceMs }: Extract<SchedulerMessage, { kind: 'welcome' }>,
  ): void {
    let tickedMs = systemClock.nowMs()
    this.#beats = setInterval(() => {
      const { query, result } = this.#heap.usage
      link.send({ kind: 'heartbeat', queryBytes: query + result })
      const nowMs = systemClock.nowMs()
      this.#silentMs += passedBetween(tickedMs, nowMs, silenceMs)
      tickedMs = nowMs
      if (this.#silentMs >= silenceMs) link.fail(connectionFailure('is silent'))
    }, heartbeatMs)
  }

  #peerLeft(peer: WorkerId): void {
    const address = this.#peers.get(peer)
    this.#peers.delete(peer)
    if (address !== undefined) this.#client.disconnect(address)
  }

  async #pull(holder: WorkerId, refs: readonly DataRef[]): Promise<readonly ResultLease[]> {
    const address = this.#peers.get(holder)
    if (address === undefined) throw connectionFailure('that holds an input was lost')
    return this.#withRoom(() => this.#client.pull(address, refs))
  }

  /** Copies of tables that nobody reads make room for what is wanted now; `work` is done again then. */
  async #withRoom<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const isFull = error instanceof QueryError && error.code === 'OUT_OF_MEMORY'
      if (!isFull || !this.#tables.dropUnread()) throw error
      return work()
    }
  }
}
