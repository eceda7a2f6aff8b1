import type { Clock } from './world.ts'

/** How long work may hold the event loop in one turn before it lets others have it. */
export const TURN_MS = 5
/** So many turns in a row go to what is brief while something long waits. */
const BRIEF_TURNS_MAX = 4

/**
 * Shares one event loop among all that works on it. A turn is everything that is done between two looks at
 * timers and sockets, whoever does it: fifty short statements that come at once are as long as one that is
 * long. Whoever finds the turn over waits for one of its own; each turn lets one waiter go on. What has had
 * less than one turn so far goes before what has had more, so that what is short never stands behind all
 * that is long (a feedback queue of two levels); within a level it is the order of coming, and one turn in
 * {@link BRIEF_TURNS_MAX} + 1 goes to the long ones, so that nothing starves.
 */
export class EventLoop {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #nextTurn: (go: () => void) => void
  readonly #brief: (() => void)[] = []
  readonly #long: (() => void)[] = []
  #briefInRow = 0
  #beganMs: number | undefined
  #isDue = false

  /** `nextTurn` calls back in a later turn of the event loop (a macrotask). */
  constructor(clock: Pick<Clock, 'nowMs'>, nextTurn: (go: () => void) => void) {
    this.#clock = clock
    this.#nextTurn = nextTurn
  }

  /** When the present turn began, by the clock: when it was first asked for that. */
  get turnBeganMs(): number {
    return this.#beganMs ?? this.#begin()
  }

  /** Whether the turn was long enough: wait for the next one of your {@link share} then. */
  get isOver(): boolean {
    if (this.#beganMs !== undefined) return this.#clock.nowMs() - this.#beganMs >= TURN_MS
    this.#begin()
    return false
  }

  /** The share of one piece of work that begins now: a text to read, a query to run, rows to send. */
  share(): LoopShare {
    return new LoopShare(this, this.#clock)
  }

  /** Resolves at the beginning of a later turn. `isBrief`: what has had less than a turn so far. */
  turnFor(isBrief: boolean): Promise<void> {
    return new Promise((resolve) => {
      const list = isBrief ? this.#brief : this.#long
      list.push(resolve)
      this.#comeBack()
    })
  }

  #begin(): number {
    const now = this.#clock.nowMs()
    this.#beganMs = now
    this.#comeBack()
    return now
  }

  #comeBack(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#nextTurn(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isDue = false
    this.#beganMs = undefined
    const isLongDue = this.#long.length > 0 && this.#briefInRow >= BRIEF_TURNS_MAX
    const isBrief = this.#brief.length > 0 && !isLongDue
    this.#briefInRow = isBrief ? this.#briefInRow + 1 : 0
    const list = isBrief ? this.#brief : this.#long
    list.shift()?.()
    if (this.#brief.length + this.#long.length > 0) this.#comeBack()
  }
}

/** What one piece of work has had of an event loop, by which it is served: see {@link EventLoop}. */
export class LoopShare {
  readonly #loop: EventLoop
  readonly #clock: Pick<Clock, 'nowMs'>
  #sinceMs: number
  #usedMs = 0

  constructor(loop: EventLoop, clock: Pick<Clock, 'nowMs'>) {
    this.#loop = loop
    this.#clock = clock
    this.#sinceMs = this.#now()
  }

  /** When the present turn of the loop began, by the clock. */
  get turnBeganMs(): number {
    return this.#loop.turnBeganMs
  }

  /** Whether the turn was long enough, whoever worked in it: call {@link next} then. */
  get isOver(): boolean {
    return this.#loop.isOver
  }

  /** Resolves in a later turn. */
  async next(): Promise<void> {
    // What it waited for in earlier turns was no work on this loop.
    this.#usedMs += this.#clock.nowMs() - Math.max(this.#sinceMs, this.#loop.turnBeganMs)
    await this.#loop.turnFor(this.#usedMs < TURN_MS)
    this.#sinceMs = this.#now()
  }

  /** The time, in a turn that has begun. */
  #now(): number {
    const { turnBeganMs } = this.#loop
    return Math.max(turnBeganMs, this.#clock.nowMs())
  }
}
