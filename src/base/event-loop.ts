import type { Clock } from './world.ts'

/** How long a piece of work may hold the event loop before it lets others have it. */
export const SLICE_MS = 5

/**
 * Shares one event loop among pieces of work that are long together: each works for a slice, then
 * waits for its turn. One waiter goes on in each turn of the loop, in order of coming, so that what
 * else the loop has to do (a short query, a cancel request, a closed socket) waits for one slice,
 * however many wait for turns.
 */
export class EventLoop {
  readonly #clock: Clock
  readonly #nextTurn: (go: () => void) => void
  readonly #waiting: (() => void)[] = []

  /** `nextTurn` calls back in a later turn of the event loop (a macrotask). */
  constructor(clock: Clock, nextTurn: (go: () => void) => void) {
    this.#clock = clock
    this.#nextTurn = nextTurn
  }

  /** Begins a slice now. */
  slice(): Slice {
    return new Slice(this.#clock, this)
  }

  /** Resolves in a later turn of the loop, after those who wait already. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#waiting.length === 1) this.#nextTurn(this.#turn)
    })
  }

  readonly #turn = (): void => {
    const [go] = this.#waiting
    go?.()
    this.#waiting.shift()
    if (this.#waiting.length > 0) this.#nextTurn(this.#turn)
  }
}

/** One piece of work's use of the event loop. */
export class Slice {
  readonly #clock: Clock
  readonly #loop: EventLoop
  #began: number

  constructor(clock: Clock, loop: EventLoop) {
    this.#clock = clock
    this.#loop = loop
    this.#began = clock.nowMs()
  }

  /** Whether the loop was held long enough: call {@link next} then. */
  get isOver(): boolean {
    return this.#clock.nowMs() - this.#began >= SLICE_MS
  }

  /** Lets others have the loop; a new slice has begun when it resolves. */
  async next(): Promise<void> {
    await this.#loop.next()
    this.restart()
  }

  /** The loop was free in between: the slice begins anew. */
  restart(): void {
    this.#began = this.#clock.nowMs()
  }
}
