import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { WebSocket } from 'ws'
import { unreachable } from '../base/assert.ts'
import { errorFromData, QueryError } from '../base/errors.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { ResourceNeeds } from '../scheduler/graph/task-graph.ts'
import type { RunId, WorkerId } from '../scheduler/scheduler/task-id.ts'
import { systemClock } from './host/clock.ts'
import { controlLink, type ControlLink } from './comm/control-link.ts'
import type { FindData } from './comm/data-messages.ts'
import { serveData } from './comm/data-server.ts'
import {
  CLIENT_HOLDER,
  parseWorkerMessages,
  PROTOCOL_VERSION,
  type PeerAddress,
  type SchedulerMessage,
  type WorkerHello,
  type WorkerMessage,
} from './comm/messages.ts'
import { connectionFailure } from './comm/connection-failure.ts'
import { listen, LOOPBACK, type SocketServer } from './comm/sockets.ts'
import { protocolViolation } from '../base/protocol-violation.ts'
import { explainShare } from './host/memory-shares.ts'
import { heartbeatTimeoutDefaultMs, restartDefaults, type RestartLimits } from './restart-times.ts'
import { shuttingDown } from './run-query.ts'
import { createSchedulerShell, type SchedulerShell, type WorkerLink } from './scheduler-shell.ts'
import { encodeContexts } from './task-codecs.ts'
import type { TaskWork } from './task-kinds.ts'
import { WorkerCrew } from './worker-crew.ts'

export interface LocalClusterOptions {
  readonly workers: number
  readonly threadsPerWorker: number
  /** Heap of each worker. */
  readonly memoryBytesMax: number
  /** Whether workers run functions of users, as many at once as they have threads. Default: no. */
  readonly userFunctions?: boolean
  /** What tasks may ask each worker for, by name. */
  readonly resources?: ResourceNeeds
  readonly startTimeoutMs?: number
  /** A worker that is not heard of for so long is ended and replaced. */
  readonly silenceMs?: number
  readonly restarts?: RestartLimits
  /** The module that a worker process runs; must call `serveParent`. */
  readonly entry?: URL
}

/** A worker process that has joined. */
export interface ClusterWorker {
  readonly id: WorkerId
  readonly processId: number
  readonly address: PeerAddress
  readonly memoryBytesMax: number
  /** What queries took of its memory at its last sign of life. */
  queryBytes: number
}

/** What this process is to the workers. */
export interface ClusterClient {
  readonly heap: Heap
  /** Finds rows in the heap that workers ask for. */
  readonly find: FindData
  /** Nothing more will come from there. */
  workerLeft(address: PeerAddress): void
}

/** Worker processes on this machine under a scheduler in this process. */
export interface LocalCluster {
  readonly scheduler: SchedulerShell
  /** Those that are there now: fewer than there should be while one that was lost is replaced. */
  readonly workers: ReadonlyMap<WorkerId, ClusterWorker>
  /**
   * Aborted, with CONNECTION_FAILURE as its reason, while no worker is there and none will be soon: too
   * many were lost. Another signal takes its place when a worker joins after all.
   */
  readonly lost: AbortSignal
  /** Shared by all connections of the cluster. */
  readonly token: string
  /** Called once, before the first query. */
  attach(client: ClusterClient): void
  /**
   * Has a worker take a result that the client finds, and keep it as that of a run. Rejects with what hinders
   * it, CONNECTION_FAILURE when it is lost.
   */
  take(worker: WorkerId, run: RunId): Promise<void>
  /** Resolves when every worker process is gone. */
  close(): Promise<void>
}

const WORKERS_MAX = 1_024
const START_TIMEOUT_MS = 30_000

/** Heartbeats in the permitted silence, each way. */
const BEATS = 5

/** Workers bear with a busy scheduler longer than it does with them. */
const PATIENCE = 3

/**
 * Starts worker processes and waits until all have joined; CONNECTION_FAILURE when one does not. From
 * then on one that ends or falls silent is replaced. They end with the cluster, and with this process
 * however it ends.
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { workers } = options
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX) {
    const message = `a cluster has 1 to ${WORKERS_MAX} workers, not ${workers}`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  const cluster = new Cluster(options)
  try {
    await cluster.start()
  } catch (error) {
    await cluster.close()
    throw error
  }
  return cluster
}

/** A result that a worker is told to take. */
interface Taking {
  readonly worker: WorkerId
  readonly taken: (error?: unknown) => void
}

class Cluster implements LocalCluster {
  readonly scheduler: SchedulerShell
  readonly token = randomBytes(32).toString('hex')
  readonly workers = new Map<WorkerId, ClusterWorker>()
  readonly #options: LocalClusterOptions
  readonly #silenceMs: number
  readonly #links = new Map<WorkerId, ControlLink<SchedulerMessage>>()
  readonly #taking = new Map<string, Taking>()
  #lost = lossSignal()
  #server: SocketServer | undefined
  #crew: WorkerCrew | undefined
  #beats: NodeJS.Timeout | undefined
  #client: ClusterClient | undefined
  #joined: (() => void) | undefined
  #ended: ((reason: string) => void) | undefined
  #lastWords = ''
  #isClosing = false

  constructor(options: LocalClusterOptions) {
    this.#options = options
    this.#silenceMs = options.silenceMs ?? heartbeatTimeoutDefaultMs
    this.scheduler = createSchedulerShell(systemClock, {
      silenceMs: this.#silenceMs,
      sparesUntried: options.userFunctions === true,
    })
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async start(): Promise<void> {
    const { workers, threadsPerWorker: threads, memoryBytesMax, entry, resources } = this.#options
    const { startTimeoutMs = START_TIMEOUT_MS, restarts = restartDefaults } = this.#options
    const functionThreads = this.#options.userFunctions === true ? threads : 0
    this.#server = await listen(this.token, {
      control: (socket, host) => this.#accept(socket, host),
      data: (socket) => this.#serve(socket),
    })
    const scheduler = { host: LOOPBACK, port: this.#server.port }
    const crew = new WorkerCrew({
      workers,
      child: {
        scheduler,
        token: this.token,
        threads,
        memoryBytesMax,
        functionThreads,
        ...(resources !== undefined && { resources }),
      },
      entry,
      clock: systemClock,
      restarts,
      startTimeoutMs,
      ended: (reason) => this.#processEnded(reason),
    })
    this.#crew = crew
    crew.start()
    await this.#allJoined(workers, startTimeoutMs)
    this.#beats = setInterval(() => this.#beat(), this.#silenceMs / BEATS).unref()
  }

  attach(client: ClusterClient): void {
    this.#client = client
  }

  take(worker: WorkerId, run: RunId): Promise<void> {
    const link = this.#links.get(worker)
    if (link === undefined) return Promise.reject(connectionFailure('was lost'))
    return new Promise((resolve, reject) => {
      const taken = (error?: unknown): void =>
        error === undefined ? resolve() : reject(error as Error)
      this.#taking.set(takingName(worker, run), { worker, taken })
      link.send({ kind: 'take-result', task: run })
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#lost.abort(shuttingDown())
    clearInterval(this.#beats)
    for (const link of this.#links.values()) link.send({ kind: 'shut-down' })
    await this.#crew?.close()
    await this.#server?.close()
  }

  #serve(socket: WebSocket): void {
    if (this.#client === undefined) return socket.close()
    serveData(this.#client.heap, this.#client.find, socket)
  }

  #allJoined(count: number, timeoutMs: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const fail = (message: string, detail: object = {}): void => {
        clearTimeout(timer)
        reject(new QueryError('CONNECTION_FAILURE', message, detail))
      }
      const timer = setTimeout(() => {
        fail(`${this.workers.size} of ${count} workers joined within ${timeoutMs} ms`)
      }, timeoutMs)
      this.#joined = () => {
        if (this.workers.size < count) return
        clearTimeout(timer)
        resolve()
      }
      this.#ended = (reason) =>
        fail('a worker process ended before it joined the cluster', { detail: reason })
    }).finally(() => {
      this.#joined = undefined
      this.#ended = undefined
    })
  }

  #beat(): void {
    for (const link of this.#links.values()) link.send({ kind: 'heartbeat' })
    this.scheduler.tell({ kind: 'tick' })
  }

  #processEnded(reason: string): void {
    this.#ended?.(reason)
    this.#lastWords = reason
    this.#checkLoss()
  }

  #checkLoss(): void {
    if (this.workers.size > 0 || this.#crew?.isHopeful !== false) return
    const message = 'all worker processes ended, and those that took their place'
    this.#lost.abort(new QueryError('CONNECTION_FAILURE', message, { detail: this.#lastWords }))
  }

  #accept(socket: WebSocket, host: string): void {
    let id: WorkerId | undefined
    const link = controlLink<WorkerMessage, SchedulerMessage>(socket, {
      parse: parseWorkerMessages,
      receive: (message) => {
        if (message.kind === 'hello') id = this.#join(link, host, id, message)
        else this.#report(id, message)
      },
      closed: () => {
        if (id !== undefined) this.#leave(id)
      },
    })
  }

  #join(
    link: ControlLink<SchedulerMessage>,
    host: string,
    known: WorkerId | undefined,
    hello: WorkerHello,
  ): WorkerId {
    if (known !== undefined) throw protocolViolation('a worker that says hello twice')
    if (hello.protocol !== PROTOCOL_VERSION) throw protocolViolation('a worker of another version')
    const { slots, memoryBytesMax, resources, processId, dataPort } = hello
    const address = { host, port: dataPort }
    return this.scheduler.addWorker({
      slots,
      memoryBytesMax,
      resources,
      welcome: (id) =>
        this.#welcome(link, { id, processId, address, memoryBytesMax, queryBytes: 0 }),
      silent: () => {
        for (const [id, other] of this.#links) if (other === link) this.#leave(id)
      },
      ...linkInstructions(link),
    })
  }

  #welcome(link: ControlLink<SchedulerMessage>, worker: ClusterWorker): void {
    const { id, address, processId } = worker
    const heartbeatMs = Math.ceil(this.#silenceMs / BEATS)
    const silenceMs = this.#silenceMs * PATIENCE
    link.send({ kind: 'welcome', worker: id, heartbeatMs, silenceMs })
    const client = { host: LOOPBACK, port: this.#server!.port }
    link.send({ kind: 'peer-joined', worker: CLIENT_HOLDER, address: client })
    for (const peer of this.workers.values()) {
      link.send({ kind: 'peer-joined', worker: peer.id, address: peer.address })
      this.#links.get(peer.id)?.send({ kind: 'peer-joined', worker: id, address })
    }
    this.#links.set(id, link)
    this.workers.set(id, worker)
    this.#crew?.joined(processId)
    if (this.#lost.signal.aborted && !this.#isClosing) this.#lost = lossSignal()
    this.#joined?.()
  }

  /** A worker's connection ended, or it is given up: its process ends too, if it has not. */
  #leave(id: WorkerId): void {
    const worker = this.workers.get(id)
    if (worker === undefined) return
    this.workers.delete(id)
    this.#links.delete(id)
    if (!this.#isClosing) this.#crew?.end(worker.processId)
    for (const link of this.#links.values()) link.send({ kind: 'peer-left', worker: id })
    for (const [name, { worker, taken }] of this.#taking) {
      if (worker !== id) continue
      this.#taking.delete(name)
      taken(connectionFailure('was lost'))
    }
    this.scheduler.removeWorker(id)
    this.#client?.workerLeft(worker.address)
    this.#checkLoss()
  }

  #report(worker: WorkerId | undefined, message: Exclude<WorkerMessage, WorkerHello>): void {
    if (worker === undefined) throw protocolViolation('a worker that does not say hello first')
    switch (message.kind) {
      case 'task-erred': {
        const { workers, memoryBytesMax: workerBytesMax } = this.#options
        const error = explainShare(message.error, { workers, workerBytesMax })
        return this.scheduler.tell({ ...message, error, worker })
      }
      case 'task-finished': {
        const { value, ...event } = message
        return this.scheduler.tell({ ...event, worker }, value)
      }
      case 'result-taken': {
        const name = takingName(worker, message.task)
        const { error } = message
        this.#taking.get(name)?.taken(error === undefined ? undefined : errorFromData(error))
        this.#taking.delete(name)
        return
      }
      case 'replica-added':
      case 'inputs-unreachable':
        return this.scheduler.tell({ ...message, worker })
      case 'heartbeat': {
        const known = this.workers.get(worker)
        if (known !== undefined) known.queryBytes = message.queryBytes
        return this.scheduler.tell({ kind: 'worker-heard', worker })
      }
      default:
        return unreachable(message)
    }
  }
}

function takingName(worker: WorkerId, run: RunId): string {
  return `${worker} ${run}`
}

function lossSignal(): AbortController {
  const controller = new AbortController()
  // One for each query that runs.
  setMaxListeners(0, controller.signal)
  return controller
}

function linkInstructions(
  link: ControlLink<SchedulerMessage>,
): Pick<WorkerLink, 'openGraph' | 'closeGraph' | 'runTask' | 'forgetTasks'> {
  return {
    openGraph(graph, contexts) {
      link.send({ kind: 'graph-opened', graph, contexts: encodeContexts(contexts) })
    },
    closeGraph: (graph) => link.send({ kind: 'graph-closed', graph }),
    runTask({ graph, task, priority, rank, inputs, payload }) {
      const work = payload as TaskWork
      link.send({ kind: 'run-task', graph, task, priority, rank, inputs, work: { ...work } })
    },
    forgetTasks: (tasks) => link.send({ kind: 'forget-tasks', tasks }),
  }
}
