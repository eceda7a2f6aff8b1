import type { Deadline } from '../jobs/job-budget.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { LoopShare } from '../../base/event-loop.ts'

/** Nothing holds the calling thread longer than about this without letting others have a turn. */
const TURN_MS = 8
/** What a small job may take, code included: with less of a turn left it would begin for nothing. */
const SMALL_JOB_MS = 4

/**
 * The thread that coordinates a fragment, for that fragment: a server's event loop, which has others to
 * serve.
 */
export class CallingThread {
  readonly #clock: ThreadEnvironment['clock']
  readonly #share: LoopShare | undefined

  constructor({ clock, eventLoop }: ThreadEnvironment) {
    this.#clock = clock
    this.#share = eventLoop?.share()
  }

  /** So long after the end of the turn, whatever else was done in it; moves on with each turn. */
  deadline(graceMs = 0): Deadline {
    const end = (): number => this.#endMs + graceMs
    return {
      clock: this.#clock,
      get atMs() {
        return end()
      },
    }
  }

  /** The turn has been long enough: others wait. */
  get isOver(): boolean {
    return this.#clock.nowMs() > this.#endMs
  }

  /** Lets others have their turn if this one was long enough. */
  async pauseIfOver(): Promise<void> {
    if (this.isOver) await this.#share?.next()
  }

  /** Lets others have their turn if a small job had better not begin in this one. */
  async pauseIfLate(): Promise<void> {
    if (this.#clock.nowMs() > this.#endMs - SMALL_JOB_MS) await this.#share?.next()
  }

  /** Does all steps here, over as many turns as that takes. */
  async run<T>(steps: Steps<T>): Promise<T> {
    try {
      for (;;) {
        const { done, value } = steps.next()
        if (done === true) return value
        if (this.isOver) await this.#share?.next()
      }
    } finally {
      steps.return(undefined as T)
    }
  }

  get #endMs(): number {
    const share = this.#share
    return share === undefined ? Number.POSITIVE_INFINITY : share.turnBeganMs + TURN_MS
  }
}
