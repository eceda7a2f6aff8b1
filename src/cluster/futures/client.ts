import { sourceOf, type FunctionCode } from '../user-functions/function-code.ts'
import type { ClientFutures } from './client-futures.ts'
import type { LocalCluster } from './cluster.ts'
import { Future, futuresOf, replaced, type Given } from './future.ts'
import { ModuleFunction } from './module-function.ts'
import type { SubmitOptions, WaitOptions } from './options.ts'
import { AsCompleted, untilDone, type WaitFor } from './waiting.ts'

/** What can be called on a worker: a function by its text, or what a module exports. */
export type Callable<A extends readonly unknown[], R> = ((...args: A) => R) | ModuleFunction<A, R>

/** The value of a future whose function returns this. */
export type Returned<R> = Awaited<R>

/** The values of futures, in the same shape. */
export type Gathered<T> =
  T extends Future<infer V>
    ? V
    : T extends readonly unknown[] | Readonly<Record<string, unknown>>
      ? { -readonly [K in keyof T]: Gathered<T[K]> }
      : T

export interface GatherOptions extends WaitOptions {
  /** `skip` leaves out what failed, of an array of futures. Default: `raise`. */
  readonly errors?: 'raise' | 'skip'
}

export interface ScatterOptions {
  /** Whether every worker gets the value, not just one. Default: false. */
  readonly broadcast?: boolean
}

/** Calls functions on the workers of a cluster, and keeps track of their results as {@link Future}s. */
export class Client {
  readonly #futures: ClientFutures

  constructor(cluster: LocalCluster) {
    this.#futures = cluster.openFutures()
  }

  /**
   * Calls a function on a worker, with values and futures as arguments; returns at once. All calls of one turn
   * of the event loop are submitted together. Throws INVALID_PARAMETER_VALUE for functions without a text of
   * their own, DATATYPE_MISMATCH for arguments that cannot be sent, PROGRAM_LIMIT_EXCEEDED for more than 16 MiB.
   */
  submit<A extends readonly unknown[], R>(
    fn: Callable<A, R>,
    args: { readonly [K in keyof A]: Given<A[K]> },
    options: SubmitOptions = {},
  ): Future<Returned<R>> {
    const entry = this.#futures.submit(codeOf(fn), args, options)
    return new Future(this.#futures, entry)
  }

  /** {@link submit} for each of some values. With a key each is named by it and its number. */
  map<A, R>(
    fn: Callable<readonly [A], R>,
    values: Iterable<Given<A>>,
    options: SubmitOptions = {},
  ): Future<Returned<R>>[] {
    const code = codeOf(fn)
    const { key } = options
    const futures: Future<Returned<R>>[] = []
    for (const value of values) {
      const own = key === undefined ? options : { ...options, key: `${key}-${futures.length}` }
      futures.push(new Future(this.#futures, this.#futures.submit(code, [value], own)))
    }
    return futures
  }

  /** The values of a set of futures, as {@link wait} gives it, or of an iterator's, in their order. */
  gather<F extends Future>(
    futures: ReadonlySet<F> | IterableIterator<F>,
    options?: GatherOptions,
  ): Promise<Gathered<F>[]>
  /** The values of futures, wherever they stand in arrays and plain objects. Rejects as the first of them. */
  gather<T>(futures: T, options?: GatherOptions): Promise<Gathered<T>>
  gather(given: unknown, options: GatherOptions = {}): Promise<unknown> {
    const isOther = given instanceof Set || isIterator(given)
    return this.#gather(isOther ? [...(given as Iterable<unknown>)] : given, options)
  }

  /**
   * Brings a value to a worker, or to all of them, once for all the tasks that read it. Nothing can make it again:
   * tasks whose value is lost with its workers fail.
   */
  async scatter<T>(value: T, options: ScatterOptions = {}): Promise<Future<T>> {
    const entry = await this.#futures.scatter(value, options.broadcast === true)
    return new Future(this.#futures, entry)
  }

  /**
   * Waits until futures are done, and says which are: all of them, or with FIRST_COMPLETED one at least, with
   * FIRST_EXCEPTION until one has failed. Rejects with QUERY_CANCELED after `timeoutMs`.
   */
  async wait<F extends Future>(
    futures: Iterable<F>,
    options: WaitOptions & { readonly returnWhen?: WaitFor } = {},
  ): Promise<{ readonly done: ReadonlySet<F>; readonly notDone: ReadonlySet<F> }> {
    const all = [...futures]
    const { returnWhen = 'ALL_COMPLETED' } = options
    await this.#futures.alive(untilDone(all, returnWhen, options))
    const done = new Set(all.filter((future) => future.done))
    return { done, notDone: new Set(all.filter((future) => !done.has(future))) }
  }

  /** Futures as they are done, whatever their order; more may be added meanwhile. */
  asCompleted<F extends Future>(futures: Iterable<F> = []): AsCompleted<F> {
    return new AsCompleted(futures, (waiting) => this.#futures.alive(waiting))
  }

  /** Lets tasks run to their end although nobody keeps a future of them. */
  fireAndForget(futures: Future | Iterable<Future>): void {
    for (const { entry } of listOf(futures)) this.#futures.keepUntilDone(entry)
  }

  /** Stops tasks and everything that depends on them. */
  cancel(futures: Future | Iterable<Future>): void {
    this.#futures.cancelEntries(listOf(futures).map(({ entry }) => entry))
  }

  /** Runs tasks again that failed. */
  retry(futures: Future | Iterable<Future>): void {
    this.#futures.retryEntries(listOf(futures).map(({ entry }) => entry))
  }

  /** The latest moves of a task on the scheduler, oldest first. */
  story(future: Future): readonly string[] {
    return this.#futures.story(future.entry)
  }

  /** Lets go of everything; futures that are pending are cancelled. The cluster stays. */
  close(): void {
    this.#futures.close()
  }

  async #gather(futures: unknown, options: GatherOptions): Promise<unknown> {
    const found = futuresOf(futures)
    const { errors = 'raise' } = options
    const values = new Map<Future, unknown>()
    const failed = new Set<Future>()
    const gathered = found.map(async (future) => {
      try {
        values.set(future, await future.result(options))
      } catch (error) {
        if (errors === 'raise') throw error
        failed.add(future)
      }
    })
    await Promise.all(gathered)
    const kept = Array.isArray(futures)
      ? futures.filter((it) => !(it instanceof Future && failed.has(it)))
      : futures
    return replaced(kept, (future) => values.get(future))
  }
}

function isIterator(value: unknown): value is IterableIterator<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && Symbol.iterator in value
}

function codeOf<A extends readonly unknown[], R>(fn: Callable<A, R>): FunctionCode {
  return fn instanceof ModuleFunction ? fn.code : sourceOf(fn)
}

function listOf(futures: Future | Iterable<Future>): readonly Future[] {
  return futures instanceof Future ? [futures] : [...futures]
}
