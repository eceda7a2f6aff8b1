import type { Clock } from './world.ts'

/** How long work may hold the event loop in one turn before it lets others have it. */
export const TURN_MS = 5

/**
 * Shares one event loop among all that works on it. A turn is everything that is done between two looks at
 * timers and sockets, whoever does it: fifty short statements that come at once are as long as one that is
 * long. Whoever finds the turn over waits for one of its own. Each turn lets one waiter go on: by turns one
 * that comes in and one that has worked before, in order of coming, so that what is short is not behind all
 * that is long, and nothing starves.
 */
export class EventLoop {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #nextTurn: (go: () => void) => void
  readonly #entering: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  #isEnteringNext = true
  #beganMs: number | undefined
  #isDue = false

  /** `nextTurn` calls back in a later turn of the event loop (a macrotask). */
  constructor(clock: Pick<Clock, 'nowMs'>, nextTurn: (go: () => void) => void) {
    this.#clock = clock
    this.#nextTurn = nextTurn
  }

  /** When the present turn began, by the clock: when it was first asked for that. */
  get turnBeganMs(): number {
    if (this.#beganMs === undefined) {
      this.#beganMs = this.#clock.nowMs()
      this.#comeBack()
    }
    return this.#beganMs
  }

  /** Whether the turn was long enough: call {@link next} then. */
  get isOver(): boolean {
    // First, as a turn may begin here.
    const { turnBeganMs } = this
    return this.#clock.nowMs() - turnBeganMs >= TURN_MS
  }

  /** Resolves at the beginning of a later turn. */
  next(): Promise<void> {
    return this.#turnFor(this.#waiting)
  }

  /** As {@link next}, for work that comes in. */
  enter(): Promise<void> {
    return this.#turnFor(this.#entering)
  }

  #turnFor(list: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      list.push(resolve)
      this.#comeBack()
    })
  }

  #comeBack(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#nextTurn(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isDue = false
    this.#beganMs = undefined
    const [first, second] = this.#isEnteringNext
      ? [this.#entering, this.#waiting]
      : [this.#waiting, this.#entering]
    const list = first.length > 0 ? first : second
    this.#isEnteringNext = list !== this.#entering
    list.shift()?.()
    if (this.#entering.length + this.#waiting.length > 0) this.#comeBack()
  }
}
