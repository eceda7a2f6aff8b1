import { assert, present } from '../../base/assert.ts'
import { errorToData, QueryError } from '../../base/errors.ts'
import {
  taskIdOf,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../../scheduler/scheduler/task-id.ts'
import { TOLD_BYTES_MAX, type BytesLease } from '../comm/result-lease.ts'
import { connectionFailure } from '../comm/connection-failure.ts'
import { canceled, shuttingDown } from '../run-query.ts'
import type { SchedulerClient } from '../scheduler-shell.ts'
import type { FunctionCode } from '../user-functions/function-code.ts'
import { thrownOf } from '../user-functions/thrown.ts'
import { decodeValue } from '../values/decode-value.ts'
import { encodeValue } from '../values/encode-value.ts'
import type { FutureEntry, MadeValue } from './future-entry.ts'
import type { FutureOwner } from './future.ts'
import { connectedFailures } from './connected-failures.ts'
import { ResultPulls } from './result-pulls.ts'
import type { SubmitOptions, WaitOptions } from './options.ts'
import { Submissions } from './submissions.ts'
import type { TaskCluster } from './task-cluster.ts'
import { settled } from './waiting.ts'

/** Bytes of one value that is scattered. */
const SCATTER_BYTES_MAX = 1 << 30

/** How often a scattered value looks for another worker when one is lost meanwhile. */
const SCATTERS_MAX = 3

const ALIVE_MS = 2 ** 30

/** What a client knows of its tasks, and what its futures ask it for. */
export class ClientFutures implements FutureOwner {
  readonly #cluster: TaskCluster
  readonly #client: SchedulerClient
  readonly #submissions: Submissions
  readonly #pulls: ResultPulls
  readonly #entries = new Map<TaskId, FutureEntry>()
  /** Of which nobody holds a future, until the scheduler is told. */
  #released: FutureEntry[] = []
  #isFlushing = false
  #isClosed = false
  #watched: AbortSignal | undefined
  readonly #onLost = (): void => this.#failLost()
  #waits = 0
  #alive: NodeJS.Timeout | undefined
  #scatters = 0

  constructor(cluster: TaskCluster) {
    this.#cluster = cluster
    this.#submissions = new Submissions(this, cluster.resources)
    this.#pulls = new ResultPulls(cluster)
    this.#client = cluster.scheduler.addClient({
      inMemory: (task, run, holders, value) =>
        this.#entries.get(task)?.finished({ run, holders, value }),
      failed: (task, error) => this.#entries.get(task)?.failed(error),
      cancelled: (tasks) => this.#cancelled(tasks),
    })
  }

  submit(code: FunctionCode, args: readonly unknown[], options: SubmitOptions): FutureEntry {
    this.#refuseClosed()
    const entry = this.#submissions.add(code, args, options)
    this.#flushLater()
    return entry
  }

  async scatter(value: unknown, isBroadcast: boolean): Promise<FutureEntry> {
    this.#refuseClosed()
    const bytes = encodeValue(value, { bytesMax: SCATTER_BYTES_MAX, what: 'a scattered value' })
    return this.alive(this.#scatter(bytes, isBroadcast))
  }

  valueOf(entry: FutureEntry, options: WaitOptions): Promise<unknown> {
    return this.#holding(entry, () => this.#value(entry, options))
  }

  errorOf(entry: FutureEntry, options: WaitOptions): Promise<unknown> {
    return this.#holding(entry, async () => {
      await settled(entry, options)
      return entry.status === 'finished' ? undefined : reasonOf(entry)
    })
  }

  cancelEntries(entries: readonly FutureEntry[]): void {
    this.#flush()
    this.#client.cancel(entries.flatMap(({ task }) => task ?? []))
  }

  retryEntries(entries: readonly FutureEntry[]): void {
    const failed = entries.filter(({ status }) => status === 'error')
    for (const entry of connectedFailures(failed, this.#entries.values())) entry.again()
    this.#client.retry(failed.flatMap(({ task }) => task ?? []))
    this.#failLost()
  }

  hold(entry: FutureEntry): void {
    entry.handles++
  }

  letGo(entry: FutureEntry): void {
    assert(entry.handles > 0, 'a future is released twice')
    entry.handles--
    if (entry.handles > 0) return
    this.#released.push(entry)
    this.#flushLater()
  }

  keepUntilDone(entry: FutureEntry): void {
    this.hold(entry)
    entry.onSettled(() => this.letGo(entry))
  }

  story(entry: FutureEntry): readonly string[] {
    this.#flush()
    const { task } = entry
    return task === undefined ? [] : this.#cluster.scheduler.story(task)
  }

  /** While somebody waits the process goes on, which the sockets of a cluster do not see to. */
  async alive<T>(waiting: Promise<T>): Promise<T> {
    if (this.#waits++ === 0) this.#alive = setInterval(() => {}, ALIVE_MS)
    try {
      return await waiting
    } finally {
      if (--this.#waits === 0) clearInterval(this.#alive)
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#flush()
    this.#isClosed = true
    this.#client.leave()
    this.#watched?.removeEventListener('abort', this.#onLost)
    for (const entry of this.#entries.values()) entry.cancelled()
    this.#entries.clear()
  }

  async #holding<T>(entry: FutureEntry, work: () => Promise<T>): Promise<T> {
    this.hold(entry)
    try {
      return await this.alive(work())
    } finally {
      this.letGo(entry)
    }
  }

  async #value(entry: FutureEntry, options: WaitOptions): Promise<unknown> {
    for (;;) {
      if (entry.status === 'pending') await settled(entry, options)
      const { made } = entry
      if (made === undefined) throw reasonOf(entry)
      if (made.value !== undefined) return decodeValue(made.value)
      const lease = await this.#pulled(entry, made)
      if (lease === undefined) continue
      try {
        return decodeValue(lease.bytes)
      } finally {
        lease.release()
      }
    }
  }

  /** A result where it is now; undefined where it was lost, and is made again or fails. */
  async #pulled(entry: FutureEntry, made: MadeValue): Promise<BytesLease | undefined> {
    const { scheduler } = this.#cluster
    const [holder] = scheduler.holders(made.run)
    if (holder === undefined) {
      if (entry.made === made) entry.again()
      return undefined
    }
    try {
      return await this.#pulls.pull(holder, made.run)
    } catch (error) {
      if (!isConnectionFailure(error)) throw error
      scheduler.unreachable(made.run, [holder])
      return undefined
    }
  }

  async #scatter(bytes: Uint8Array, isBroadcast: boolean): Promise<FutureEntry> {
    for (let left = SCATTERS_MAX; left > 0; left--) {
      const workers = [...this.#cluster.workers.keys()]
      const next = workers[this.#scatters++ % workers.length]
      const graph = this.#client.reserve()
      const task = taskIdOf(graph, 0)
      const chosen = isBroadcast || next === undefined ? workers : [next]
      const given = await Promise.allSettled(chosen.map((id) => this.#give(id, task, bytes)))
      const holders = chosen.filter((_, n) => given[n]!.status === 'fulfilled')
      const entry = this.#submissions.given()
      if (holders.length > 0) {
        this.#given(entry, task, bytes, holders)
        this.#client.give(graph, [{ bytes: bytes.byteLength, holders }])
      }
      const hindered = given.find(
        (it) => it.status === 'rejected' && !isConnectionFailure(it.reason),
      )
      if (hindered?.status === 'rejected' || this.#isClosed) {
        // What the others hold goes with it.
        this.#entries.delete(task)
        this.#client.release([task])
        throw hindered?.status === 'rejected' ? hindered.reason : shuttingDown()
      }
      if (holders.length > 0) return entry
    }
    throw connectionFailure('was lost: no worker takes a value')
  }

  #give(worker: WorkerId, run: RunId, bytes: Uint8Array): Promise<void> {
    return this.#cluster.give(worker, run, bytes)
  }

  #given(entry: FutureEntry, task: TaskId, bytes: Uint8Array, holders: readonly WorkerId[]): void {
    entry.task = task
    this.#entries.set(task, entry)
    const value = bytes.byteLength <= TOLD_BYTES_MAX ? bytes : undefined
    entry.finished({ run: task, holders, value })
  }

  #cancelled(tasks: readonly TaskId[]): void {
    for (const task of tasks) {
      const entry = this.#entries.get(task)
      if (entry === undefined) continue
      this.#submissions.forget(entry)
      entry.cancelled()
    }
  }

  #flushLater(): void {
    if (this.#isFlushing || this.#isClosed) return
    this.#isFlushing = true
    queueMicrotask(() => this.#flush())
  }

  /** Tells the scheduler what was submitted and what was released, in this order. */
  #flush(): void {
    this.#isFlushing = false
    if (this.#isClosed) return
    this.#watch()
    this.#submissions.submit(this.#client, (task, entry) => {
      entry.task = task
      this.#entries.set(task, entry)
    })
    this.#failLost()
    const tasks: TaskId[] = []
    for (const entry of this.#released.splice(0)) {
      if (entry.handles > 0 || entry.isReleased || entry.task === undefined) continue
      entry.isReleased = true
      this.#submissions.forget(entry)
      this.#entries.delete(entry.task)
      tasks.push(entry.task)
      // Nobody is told of it any more, who waits for it without a hold neither.
      if (entry.status === 'pending') entry.cancelled()
    }
    if (tasks.length > 0) this.#client.release(tasks)
  }

  /** Nobody is left to wait for when all workers are lost. */
  #watch(): void {
    const { lost } = this.#cluster
    if (lost === this.#watched) return
    this.#watched = lost
    lost.addEventListener('abort', this.#onLost, { once: true })
  }

  #failLost(): void {
    const { lost } = this.#cluster
    if (!lost.aborted) return
    const error = errorToData(lost.reason)
    for (const entry of this.#entries.values()) {
      if (entry.status === 'pending') entry.failed(error)
    }
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw shuttingDown()
  }
}

/** Why there is no value. */
function reasonOf(entry: FutureEntry): unknown {
  if (entry.status === 'cancelled') return canceled('a task was cancelled')
  return thrownOf(present(entry.error, 'a future without a value has an error'))
}

function isConnectionFailure(error: unknown): boolean {
  return error instanceof QueryError && error.code === 'CONNECTION_FAILURE'
}
