import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import { unreachable } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { WorkerId } from '../scheduler/scheduler/task-id.ts'
import { systemClock } from './clock.ts'
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
import { connectionFailure, listen, LOOPBACK, type SocketServer } from './comm/sockets.ts'
import { protocolViolation } from './comm/codec.ts'
import { encodePlan } from './plan-transfer.ts'
import type { StageTask } from './query-graph.ts'
import { createSchedulerShell, type SchedulerShell, type WorkerLink } from './scheduler-shell.ts'
import { startWorkerChild, type WorkerChild } from './worker-child.ts'

export interface LocalClusterOptions {
  readonly workers: number
  readonly threadsPerWorker: number
  /** Heap of each worker. */
  readonly memoryBytesMax: number
  readonly startTimeoutMs?: number
  /** The module that a worker process runs; must call `serveParent`. */
  readonly entry?: URL
}

/** A worker process that has joined. */
export interface ClusterWorker {
  readonly id: WorkerId
  readonly processId: number
  readonly address: PeerAddress
}

/** Worker processes on this machine under a scheduler in this process. */
export interface LocalCluster {
  readonly scheduler: SchedulerShell
  /** Those that are there now. */
  readonly workers: ReadonlyMap<WorkerId, ClusterWorker>
  /** Aborted, with CONNECTION_FAILURE as its reason, when no worker is left. */
  readonly lost: AbortSignal
  /** Shared by all connections of the cluster. */
  readonly token: string
  /** Serves rows in this process's memory to the workers; called once, before the first query. */
  serveTables(heap: Heap, find: FindData): void
  /** Resolves when every worker process is gone. */
  close(): Promise<void>
}

const WORKERS_MAX = 1_024
const START_TIMEOUT_MS = 30_000

/**
 * Starts worker processes and waits until all have joined; CONNECTION_FAILURE when one does not. They
 * end with the cluster, and with this process however it ends.
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { workers } = options
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX) {
    const message = `a cluster has 1 to ${WORKERS_MAX} workers, not ${workers}`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  const cluster = new Cluster()
  try {
    await cluster.start(options)
  } catch (error) {
    await cluster.close()
    throw error
  }
  return cluster
}

class Cluster implements LocalCluster {
  readonly scheduler: SchedulerShell = createSchedulerShell(systemClock)
  readonly token = randomBytes(32).toString('hex')
  readonly workers = new Map<WorkerId, ClusterWorker>()
  readonly #lost = new AbortController()
  readonly #links = new Map<WorkerId, ControlLink<SchedulerMessage>>()
  readonly #children: WorkerChild[] = []
  #server: SocketServer | undefined
  #serve: ((socket: WebSocket) => void) | undefined
  #joined: (() => void) | undefined

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async start(options: LocalClusterOptions): Promise<void> {
    const { workers, threadsPerWorker: threads, memoryBytesMax, entry } = options
    this.#server = await listen(this.token, {
      control: (socket, host) => this.#accept(socket, host),
      data: (socket) => (this.#serve === undefined ? socket.close() : this.#serve(socket)),
    })
    const scheduler = { host: LOOPBACK, port: this.#server.port }
    const child = { scheduler, token: this.token, threads, memoryBytesMax }
    for (let n = 0; n < workers; n++) this.#children.push(startWorkerChild(child, entry))
    await this.#allJoined(workers, options.startTimeoutMs ?? START_TIMEOUT_MS)
  }

  serveTables(heap: Heap, find: FindData): void {
    this.#serve = (socket) => serveData(heap, find, socket)
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) link.send({ kind: 'shut-down' })
    await Promise.all(this.#children.map((child) => child.stop()))
    await this.#server?.close()
  }

  #allJoined(count: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `${this.workers.size} of ${count} workers joined within ${timeoutMs} ms`
        reject(new QueryError('CONNECTION_FAILURE', message))
      }, timeoutMs)
      this.#joined = () => {
        if (this.workers.size < count) return
        clearTimeout(timer)
        resolve()
      }
      for (const { exited } of this.#children) {
        void exited.then((reason) => {
          clearTimeout(timer)
          const message = 'a worker process ended before it joined the cluster'
          reject(new QueryError('CONNECTION_FAILURE', message, { detail: reason }))
        })
      }
    })
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
    const client = { host: LOOPBACK, port: this.#server!.port }
    return this.scheduler.addWorker({
      slots,
      memoryBytesMax,
      resources,
      welcome: (id) => {
        link.send({ kind: 'welcome', worker: id })
        link.send({ kind: 'peer-joined', worker: CLIENT_HOLDER, address: client })
        for (const peer of this.workers.values()) {
          link.send({ kind: 'peer-joined', worker: peer.id, address: peer.address })
          this.#links.get(peer.id)?.send({ kind: 'peer-joined', worker: id, address })
        }
        this.#links.set(id, link)
        this.workers.set(id, { id, processId, address })
        this.#joined?.()
      },
      ...linkInstructions(link),
    })
  }

  #leave(id: WorkerId): void {
    this.workers.delete(id)
    this.#links.delete(id)
    for (const link of this.#links.values()) link.send({ kind: 'peer-left', worker: id })
    this.scheduler.removeWorker(id)
    if (this.workers.size === 0) this.#lost.abort(connectionFailure('was lost: none is left'))
  }

  #report(worker: WorkerId | undefined, message: Exclude<WorkerMessage, WorkerHello>): void {
    if (worker === undefined) throw protocolViolation('a worker that does not say hello first')
    switch (message.kind) {
      case 'task-finished':
      case 'task-erred':
      case 'replica-added':
        return this.scheduler.tell({ ...message, worker })
      default:
        return unreachable(message)
    }
  }
}

function linkInstructions(
  link: ControlLink<SchedulerMessage>,
): Pick<WorkerLink, 'openQuery' | 'closeQuery' | 'runTask' | 'forgetTasks'> {
  return {
    openQuery(graph, { queryId, plan }) {
      link.send({ kind: 'query-opened', graph, queryId, plan: encodePlan(plan) })
    },
    closeQuery: (graph) => link.send({ kind: 'query-closed', graph }),
    runTask({ task, priority, rank, inputs, payload }) {
      link.send({ kind: 'run-task', task, priority, rank, inputs, work: payload as StageTask })
    },
    forgetTasks: (tasks) => link.send({ kind: 'forget-tasks', tasks }),
  }
}
