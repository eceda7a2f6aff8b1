import { QueryError } from '../../base/errors.ts'
import type { FutureEntry, FutureStatus } from './future-entry.ts'
import type { WaitOptions } from './options.ts'

/** What futures need of their client. */
export interface FutureOwner {
  valueOf(entry: FutureEntry, options: WaitOptions): Promise<unknown>
  errorOf(entry: FutureEntry, options: WaitOptions): Promise<unknown>
  cancelEntries(entries: readonly FutureEntry[]): void
  retryEntries(entries: readonly FutureEntry[]): void
  /** Somebody holds on to an entry, or does no more. */
  hold(entry: FutureEntry): void
  letGo(entry: FutureEntry): void
}

/** What a future holds; of its own, as it outlives it. */
interface Hold {
  readonly owner: FutureOwner
  entry: FutureEntry | undefined
}

/** Releases what futures held that nobody can reach any more. */
const unreachable = new FinalizationRegistry<Hold>(letGo)

function letGo(hold: Hold): void {
  const { owner, entry } = hold
  hold.entry = undefined
  if (entry !== undefined) owner.letGo(entry)
}

/**
 * The result of a task, on its way or on a worker, where it stays as long as there is a future of it. Put it
 * among the arguments of other tasks, as deep in arrays and plain objects as you like: they get the value.
 */
export class Future<T = unknown> {
  readonly #hold: Hold
  /** Only the type of the value. */
  declare protected readonly valueType: T

  /** By {@link Client.submit} and its like. */
  constructor(owner: FutureOwner, entry: FutureEntry) {
    this.#hold = { owner, entry }
    owner.hold(entry)
    // Without a token to take it back by, which takes longer than all else.
    unreachable.register(this, this.#hold)
  }

  /** Names the task: of equal calls of a pure function the same. */
  get key(): string {
    return this.entry.key
  }

  get status(): FutureStatus {
    return this.entry.status
  }

  /** Whether it is anything but pending. */
  get done(): boolean {
    return this.status !== 'pending'
  }

  get cancelled(): boolean {
    return this.status === 'cancelled'
  }

  /**
   * The value, a copy of one's own. Rejects with what the function threw, with CONNECTION_FAILURE when workers
   * were lost too often, with QUERY_CANCELED when it was cancelled.
   */
  result(options: WaitOptions = {}): Promise<T> {
    return this.#hold.owner.valueOf(this.entry, options) as Promise<T>
  }

  /** What {@link result} would reject with; undefined where there is a value. */
  exception(options: WaitOptions = {}): Promise<unknown> {
    return this.#hold.owner.errorOf(this.entry, options)
  }

  /** Stops the task and everything that depends on it, for all futures of this client. */
  cancel(): void {
    this.#hold.owner.cancelEntries([this.entry])
  }

  /** Runs it again, if it failed. */
  retry(): void {
    this.#hold.owner.retryEntries([this.entry])
  }

  /** Nobody needs it any more: without another future, or a task that reads it, it is stopped and dropped. */
  release(): void {
    letGo(this.#hold)
  }

  /** For the client. Throws UNDEFINED_OBJECT after {@link release}. */
  get entry(): FutureEntry {
    const { entry } = this.#hold
    if (entry !== undefined) return entry
    throw new QueryError('UNDEFINED_OBJECT', 'a future was used after its release')
  }

  /** Whether it is one of this client's. */
  isOf(owner: FutureOwner): boolean {
    return this.#hold.owner === owner
  }
}

/** A value, or something with futures in place of values. */
export type Given<T> =
  | T
  | Future<T>
  | (T extends readonly unknown[] | Readonly<Record<string, unknown>>
      ? { readonly [K in keyof T]: Given<T[K]> }
      : never)

/** The futures among values, as deep as they stand in arrays and plain objects. */
export function futuresOf(value: unknown): readonly Future[] {
  const found = new Set<Future>()
  replaced(value, (future) => found.add(future))
  return [...found]
}

/** A value with every future replaced, in arrays and plain objects; the same where there is none. */
export function replaced(value: unknown, by: (future: Future) => unknown): unknown {
  if (value instanceof Future) return by(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => replaced(element, by))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, replaced(held, by)]))
}
