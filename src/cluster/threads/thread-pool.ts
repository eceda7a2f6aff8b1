import { Worker } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import { errorFromData, errorToData, QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { ThreadPool } from '../../exec/thread.ts'
import { kernelModule } from '../../wasm/kernels/loader.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'

export interface ThreadPoolOptions {
  readonly heap: Heap
  /** How many threads the pool has at most; they start when a job first needs them. */
  readonly threads: number
  /** The module that a thread runs; must call `serveThread`. */
  readonly entry?: URL
}

/** A {@link ThreadPool} that can be shut down. */
export interface ClosableThreadPool extends ThreadPool {
  /** Starts every thread now, so that the first job does not pay for it (about 60 ms). */
  warm(): void
  /** Stops the threads; jobs that wait or run fail with ADMIN_SHUTDOWN. */
  close(): Promise<void>
}

const JOBS_WAITING_MAX = 65_536
const THREADS_MAX = 256

interface PoolThread {
  readonly worker: Worker
  /** The thread works for the pool's current run and has not answered. */
  busy: boolean
}

interface PoolRun {
  readonly job: unknown
  readonly threads: number
  readonly resolve: (reports: readonly unknown[]) => void
  readonly reject: (error: Error) => void
}

interface ActiveRun extends PoolRun {
  readonly run: number
  readonly reports: unknown[]
  missing: number
  error: Error | undefined
}

/**
 * Worker threads over one heap. Threads start lazily, stay warm, and keep the process alive only
 * while they work. A thread that dies fails the job that it worked for and is replaced.
 */
export function createThreadPool(options: ThreadPoolOptions): ClosableThreadPool {
  assert(options.threads >= 1 && options.threads <= THREADS_MAX, 'threads of a pool: 1 to 256')
  const pool = new Pool(options)
  return {
    threads: options.threads,
    run: (job, threads) => pool.run(job, threads),
    warm: () => pool.warm(),
    close: () => pool.close(),
  }
}

/** The compiled entry: source files cannot run in a thread, so tests use the built ones too. */
function defaultEntry(): URL {
  const here = new URL('thread-main.ts', import.meta.url).href
  return new URL(here.replace(/\/src\/(?=cluster\/threads\/)/, '/dist/').replace(/\.ts$/, '.js'))
}

class Pool {
  readonly #heap: Heap
  readonly #entry: URL
  readonly #threads: (PoolThread | undefined)[]
  #waiting: PoolRun[] = []
  #active: ActiveRun | undefined
  #runs = 0
  #closed = false

  constructor(options: ThreadPoolOptions) {
    this.#heap = options.heap
    this.#entry = options.entry ?? defaultEntry()
    this.#threads = Array.from({ length: options.threads }, () => undefined)
  }

  run(job: unknown, threads: number): Promise<readonly unknown[]> {
    if (this.#closed) return Promise.reject(shutDown())
    assert(threads >= 1 && threads <= this.#threads.length, 'a job for more threads than there are')
    if (this.#waiting.length >= JOBS_WAITING_MAX) {
      const message = `more than ${JOBS_WAITING_MAX} jobs wait for threads`
      return Promise.reject(new QueryError('CONFIGURATION_LIMIT', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, threads, resolve, reject })
      if (this.#active === undefined) this.#next()
    })
  }

  warm(): void {
    for (let index = 0; index < this.#threads.length; index++) this.#thread(index)
  }

  async close(): Promise<void> {
    this.#closed = true
    const active = this.#active
    this.#active = undefined
    active?.reject(shutDown())
    for (const run of this.#waiting.splice(0)) run.reject(shutDown())
    const threads = this.#threads.splice(0)
    await Promise.all(threads.map((thread) => thread?.worker.terminate()))
  }

  #next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) return
    const run = ++this.#runs
    const reports = Array.from({ length: next.threads }, () => undefined)
    const active: ActiveRun = { ...next, run, reports, missing: next.threads, error: undefined }
    this.#active = active
    for (let index = 0; index < next.threads; index++) {
      this.#post(index, active)
    }
  }

  #post(index: number, active: ActiveRun): void {
    const thread = this.#thread(index)
    thread.worker.ref()
    thread.busy = true
    const request: ThreadRequest = { run: active.run, job: active.job }
    try {
      thread.worker.postMessage(request)
    } catch (error) {
      // The job cannot be cloned: nothing was sent.
      this.#answered(index, active, undefined, error)
    }
  }

  #thread(index: number): PoolThread {
    const existing = this.#threads[index]
    if (existing !== undefined) return existing
    const start: ThreadStart = {
      memory: this.#heap.memory,
      kernels: kernelModule(),
      threadIndex: index,
    }
    const worker = new Worker(this.#entry, { workerData: start, execArgv: [] })
    worker.unref()
    const thread: PoolThread = { worker, busy: false }
    this.#threads[index] = thread
    worker.on('message', (reply: ThreadReply) => this.#reply(index, thread, reply))
    worker.on('error', (error) => this.#died(index, thread, error))
    worker.on('exit', (code) => this.#died(index, thread, `exit code ${code}`))
    return thread
  }

  #reply(index: number, thread: PoolThread, reply: ThreadReply): void {
    const active = this.#active
    if (active === undefined || this.#threads[index] !== thread || reply.run !== active.run) return
    if (reply.kind === 'report') this.#answered(index, active, reply.report, undefined)
    else this.#answered(index, active, undefined, errorFromData(reply.error))
  }

  #died(index: number, thread: PoolThread, reason: unknown): void {
    if (this.#threads[index] !== thread) return
    this.#threads[index] = undefined
    const active = this.#active
    if (active === undefined || !thread.busy) return
    const text = reason instanceof Error ? reason.message : String(reason)
    const message = `a thread of the pool stopped: ${text}`
    this.#answered(index, active, undefined, new QueryError('INTERNAL_ERROR', message))
  }

  #answered(index: number, active: ActiveRun, report: unknown, error: unknown): void {
    const thread = this.#threads[index]
    if (thread !== undefined) {
      thread.busy = false
      thread.worker.unref()
    }
    active.reports[index] = report
    if (error !== undefined && active.error === undefined) {
      active.error = error instanceof Error ? error : errorFromData(errorToData(error))
      this.#stopOthers(active.job)
    }
    if (--active.missing > 0) return
    this.#active = undefined
    if (active.error === undefined) active.resolve(active.reports)
    else active.reject(active.error)
    if (this.#active === undefined) this.#next()
  }

  #stopOthers(job: unknown): void {
    const word = cancelWordOf(job)
    if (word !== undefined) Atomics.store(this.#heap.i32, word >>> 2, 1)
  }
}

/** Jobs that can be stopped say where: `cancel` is the heap address of an i32 that is 0 until then. */
function cancelWordOf(job: unknown): number | undefined {
  if (typeof job !== 'object' || job === null || !('cancel' in job)) return undefined
  return typeof job.cancel === 'number' && job.cancel !== 0 ? job.cancel : undefined
}

function shutDown(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'terminating: the thread pool was closed')
}
