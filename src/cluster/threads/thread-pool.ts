import { assert } from '../../base/assert.ts'
import { errorFromData, errorToData, QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import { stopOthers } from '../../exec/jobs/stopped-by-error.ts'
import type { ThreadPool } from '../../exec/jobs/thread.ts'
import { workerThreads, type PoolThread, type StartThread } from './pool-thread.ts'
import type { ThreadReply } from './thread-messages.ts'

export interface ThreadPoolOptions {
  readonly heap: Heap
  /** How many threads the pool has at most; they start when a job first needs them. */
  readonly threads: number
  /** The module that a thread runs; must call `serveThread`. */
  readonly entry?: URL
  /** Other threads than the process's own, for tests. */
  readonly startThread?: StartThread
  /** Jobs that threads work on side by side; more wait, first come first served. */
  readonly activeJobsMax?: number
}

/** A {@link ThreadPool} that can be shut down; it looks into no job. */
export interface ClosableThreadPool extends ThreadPool<unknown> {
  /** Stops the threads; jobs that wait or run fail with ADMIN_SHUTDOWN. */
  close(): Promise<void>
}

// A job that waits here waits until another one ends, however long that takes: more than a server has
// clients, but for its share of a job each thread has some 140 KiB of working memory.
const ACTIVE_JOBS_MAX = 256
const ACTIVE_JOBS_MIN = 32
const ACTIVE_SHARES_MAX = 2_048
const JOBS_WAITING_MAX = 65_536
const THREADS_MAX = 256

interface Member {
  readonly thread: PoolThread
  /** The shares that it was given and has not answered, by run. */
  readonly shares: Map<number, Share>
}

interface Share {
  readonly active: ActiveRun
  readonly index: number
}

interface PoolRun {
  readonly job: unknown
  readonly threads: number
  readonly lost: (report: unknown) => void
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
 * while they work. A thread that dies fails the jobs that it worked for and is replaced.
 */
export function createThreadPool(options: ThreadPoolOptions): ClosableThreadPool {
  assert(options.threads >= 1 && options.threads <= THREADS_MAX, 'threads of a pool: 1 to 256')
  const pool = new Pool(options)
  return {
    threads: options.threads,
    get isReady() {
      return pool.isReady
    },
    run: (job, threads, lost) => pool.run(job, threads, lost),
    warm: () => pool.warm(),
    close: () => pool.close(),
  }
}

class Pool {
  readonly #heap: Heap
  readonly #startThread: StartThread
  readonly #activeMax: number
  readonly #members: (Member | undefined)[]
  readonly #active = new Set<ActiveRun>()
  #waiting: PoolRun[] = []
  #runs = 0
  #closed = false
  #isReady = false

  constructor({ heap, threads, entry, startThread, activeJobsMax }: ThreadPoolOptions) {
    this.#heap = heap
    this.#startThread = startThread ?? workerThreads(heap, entry)
    this.#activeMax = activeJobsMax ?? activeJobsOf(threads)
    this.#members = Array.from({ length: threads }, () => undefined)
  }

  run(
    job: unknown,
    threads: number,
    lost: (report: unknown) => void = () => {},
  ): Promise<readonly unknown[]> {
    if (this.#closed) return Promise.reject(shutDown())
    assert(threads >= 1 && threads <= this.#members.length, 'a job for more threads than there are')
    if (this.#waiting.length >= JOBS_WAITING_MAX) {
      const message = `more than ${JOBS_WAITING_MAX} jobs wait for threads`
      return Promise.reject(new QueryError('CONFIGURATION_LIMIT', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, threads, lost, resolve, reject })
      this.#admit()
    })
  }

  get isReady(): boolean {
    return this.#isReady
  }

  warm(): void {
    for (let index = 0; index < this.#members.length; index++) this.#member(index)
  }

  async close(): Promise<void> {
    this.#closed = true
    const runs = [...this.#active, ...this.#waiting.splice(0)]
    this.#active.clear()
    const members = this.#members.splice(0)
    for (const run of runs) run.reject(shutDown())
    await Promise.all(members.flatMap((member) => member?.thread.stop() ?? []))
  }

  #admit(): void {
    while (this.#active.size < this.#activeMax) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const run = ++this.#runs
      const reports = Array.from({ length: next.threads }, () => undefined)
      const active: ActiveRun = { ...next, run, reports, missing: next.threads, error: undefined }
      this.#active.add(active)
      this.#leastBusy(next.threads).forEach((member, index) => this.#post(member, active, index))
    }
  }

  /** The threads with the fewest shares, in order. */
  #leastBusy(count: number): readonly number[] {
    const all = this.#members.map((_, index) => index)
    if (count === all.length) return all
    const busy = (index: number): number => this.#members[index]?.shares.size ?? 0
    const least = all.sort((left, right) => busy(left) - busy(right) || left - right)
    return least.slice(0, count).sort((left, right) => left - right)
  }

  #post(at: number, active: ActiveRun, index: number): void {
    const member = this.#member(at)
    member.thread.hold(true)
    member.shares.set(active.run, { active, index })
    try {
      member.thread.post({ run: active.run, share: index, job: active.job })
    } catch (error) {
      // The job cannot be cloned: nothing was sent.
      this.#answered(member, active.run, undefined, error)
    }
  }

  #member(index: number): Member {
    const existing = this.#members[index]
    if (existing !== undefined) return existing
    const thread = this.#startThread(index, {
      reply: (reply) => this.#reply(index, member, reply),
      died: (error) => this.#died(index, member, error),
    })
    const member: Member = { thread, shares: new Map() }
    this.#members[index] = member
    return member
  }

  #reply(index: number, member: Member, reply: ThreadReply): void {
    if (this.#members[index] !== member) return
    if (reply.kind === 'ready') this.#isReady = true
    else if (reply.kind === 'report') this.#answered(member, reply.run, reply.report, undefined)
    else this.#answered(member, reply.run, undefined, errorFromData(reply.error))
  }

  #died(index: number, member: Member, error: QueryError): void {
    if (this.#members[index] !== member) return
    this.#members[index] = undefined
    for (const run of member.shares.keys()) this.#answered(member, run, undefined, error)
  }

  #answered(member: Member, run: number, report: unknown, error: unknown): void {
    const share = member.shares.get(run)
    if (share === undefined) return
    member.shares.delete(run)
    if (member.shares.size === 0) member.thread.hold(false)
    const { active, index } = share
    active.reports[index] = report
    if (error !== undefined && active.error === undefined) {
      active.error = error instanceof Error ? error : errorFromData(errorToData(error))
      this.#stopOthers(active.job)
    }
    if (--active.missing === 0) this.#end(active)
  }

  #end(active: ActiveRun): void {
    // Closing has ended it already.
    if (!this.#active.delete(active)) return
    if (active.error === undefined) active.resolve(active.reports)
    else {
      for (const made of active.reports) if (made !== undefined) active.lost(made)
      active.reject(active.error)
    }
    this.#admit()
  }

  #stopOthers(job: unknown): void {
    const word = cancelWordOf(job)
    if (word !== undefined) stopOthers(this.#heap, word)
  }
}

function activeJobsOf(threads: number): number {
  const jobs = Math.floor(ACTIVE_SHARES_MAX / threads)
  return Math.min(ACTIVE_JOBS_MAX, Math.max(ACTIVE_JOBS_MIN, jobs))
}

/** Jobs that can be stopped say where: `cancel` is the heap address of an i32 that is 0 until then. */
function cancelWordOf(job: unknown): Address | undefined {
  if (typeof job !== 'object' || job === null || !('cancel' in job)) return undefined
  return typeof job.cancel === 'number' && job.cancel !== 0 ? address(job.cancel) : undefined
}

function shutDown(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'terminating: the thread pool was closed')
}
