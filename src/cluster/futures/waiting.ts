import { QueryError } from '../../base/errors.ts'
import type { FutureEntry } from './future-entry.ts'
import type { Future } from './future.ts'
import { timeoutOf, type WaitOptions } from './options.ts'

/** What is waited for of several futures. */
export type WaitFor = 'ALL_COMPLETED' | 'FIRST_COMPLETED' | 'FIRST_EXCEPTION'

/** Resolves once the entry is not pending. */
export function settled(entry: FutureEntry, options: WaitOptions): Promise<void> {
  return within(options, (resolve) => entry.onSettled(resolve))
}

/** Resolves once those futures are done that are waited for; at once where there are none. */
export function untilDone(
  futures: readonly Future[],
  returnWhen: WaitFor,
  options: WaitOptions,
): Promise<void> {
  return within(options, (resolve) => {
    let left = futures.length
    if (left === 0) resolve()
    const leaves = futures.map(({ entry }) =>
      entry.onSettled(() => {
        left--
        const isEnough = returnWhen === 'FIRST_COMPLETED' || left === 0
        if (isEnough || (returnWhen === 'FIRST_EXCEPTION' && entry.status !== 'finished')) resolve()
      }),
    )
    return () => leaves.forEach((leave) => leave())
  })
}

/** A promise that `begin` resolves, unless time or patience end first: then what it gives is called. */
function within(options: WaitOptions, begin: (resolve: () => void) => () => void): Promise<void> {
  const { signal } = options
  const timeoutMs = timeoutOf(options)
  if (timeoutMs === undefined && signal === undefined) {
    return new Promise((resolve) => void begin(resolve))
  }
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (reason: unknown): void => {
      end()
      leave()
      reject(reason as Error)
    }
    const onAbort = (): void => fail(signal?.reason)
    const leave = begin(() => {
      end()
      resolve()
    })
    // A timer that is set now would only keep the process alive.
    if (isOver) return
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    if (timeoutMs === undefined) return
    const message = `a future was not done within ${timeoutMs} ms`
    timer = setTimeout(() => fail(new QueryError('QUERY_CANCELED', message)), timeoutMs)
  })
}

/** Futures in the order in which they are done. An iterator of its own: each is given once. */
export class AsCompleted<F extends Future> implements AsyncIterableIterator<F> {
  readonly #waiting = new Set<F>()
  readonly #ready: F[] = []
  readonly #alive: (waiting: Promise<void>) => Promise<void>
  /** Whoever asked for one that is not there yet: each looks again when one is. */
  #wakes: (() => void)[] = []

  constructor(futures: Iterable<F>, alive: (waiting: Promise<void>) => Promise<void>) {
    this.#alive = alive
    for (const future of futures) this.add(future)
  }

  /** One more to wait for. */
  add(future: F): void {
    this.#waiting.add(future)
    future.entry.onSettled(() => {
      if (!this.#waiting.delete(future)) return
      this.#ready.push(future)
      for (const wake of this.#wakes.splice(0)) wake()
    })
  }

  /** How many are still to be given. */
  get count(): number {
    return this.#waiting.size + this.#ready.length
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    while (this.#ready.length === 0 && this.#waiting.size > 0) {
      await this.#alive(new Promise((resolve) => void this.#wakes.push(resolve)))
    }
    const value = this.#ready.shift()
    return value === undefined ? { value, done: true } : { value, done: false }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
