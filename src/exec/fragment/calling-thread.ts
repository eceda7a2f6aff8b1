import type { Deadline } from '../jobs/job-budget.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Nothing holds the calling thread longer than about this without letting others have a turn. */
const TURN_MS = 8
/** What a small job may take, code included: with less of a turn left it would begin for nothing. */
const SMALL_JOB_MS = 4

/** The thread that coordinates fragments: a server's event loop, which has others to serve. */
export class CallingThread {
  readonly #env: ThreadEnvironment

  constructor(env: ThreadEnvironment) {
    this.#env = env
  }

  /** So long after the end of the turn, whatever else was done in it; moves on with each turn. */
  deadline(graceMs = 0): Deadline {
    const end = (): number => this.#endMs + graceMs
    return {
      clock: this.#env.clock,
      get atMs() {
        return end()
      },
    }
  }

  /** The turn has been long enough: others wait. */
  get isOver(): boolean {
    return this.#env.clock.nowMs() > this.#endMs
  }

  /** Lets others have their turn if this one was long enough. */
  async pauseIfOver(): Promise<void> {
    if (this.isOver) await this.#env.turn?.pause()
  }

  /** Lets others have their turn if a small job had better not begin in this one. */
  async pauseIfLate(): Promise<void> {
    if (this.#env.clock.nowMs() > this.#endMs - SMALL_JOB_MS) await this.#env.turn?.pause()
  }

  /** Does all steps here, over as many turns as that takes. */
  async run<T>(steps: Steps<T>): Promise<T> {
    try {
      for (;;) {
        const { done, value } = steps.next()
        if (done === true) return value
        if (this.isOver) await this.#env.turn?.pause()
      }
    } finally {
      steps.return(undefined as T)
    }
  }

  get #endMs(): number {
    const { turn } = this.#env
    return turn === undefined ? Number.POSITIVE_INFINITY : turn.beganMs + TURN_MS
  }
}
