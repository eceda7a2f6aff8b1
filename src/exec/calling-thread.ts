import type { Deadline } from './job-budget.ts'
import type { Steps } from './steps.ts'
import type { ThreadEnvironment } from './thread.ts'

/** Nothing holds the calling thread longer than about this without letting others have a turn. */
const TURN_MS = 8

/** The thread that coordinates a fragment: a server's event loop, which has others to serve. */
export class CallingThread {
  readonly #env: ThreadEnvironment
  #endMs: number

  constructor(env: ThreadEnvironment) {
    this.#env = env
    this.#endMs = env.clock.nowMs() + TURN_MS
  }

  /** So long after the end of the fragment's turn, however many jobs run in it; moves with the turn. */
  deadline(graceMs = 0): Deadline {
    const end = (): number => this.#endMs + graceMs
    return {
      clock: this.#env.clock,
      get atMs() {
        return end()
      },
    }
  }

  /** What is left of the turn is not worth beginning a job in. */
  get isOver(): boolean {
    return this.#env.clock.nowMs() > this.#endMs
  }

  /** Others had their turn meanwhile: a new one begins. */
  beginTurn(): void {
    this.#endMs = this.#env.clock.nowMs() + TURN_MS
  }

  /** Does all steps here, over as many turns as that takes. */
  async run<T>(steps: Steps<T>): Promise<T> {
    const { pause } = this.#env
    try {
      for (;;) {
        const { done, value } = steps.next()
        if (done === true) return value
        if (pause === undefined || !this.isOver) continue
        await pause()
        this.beginTurn()
      }
    } finally {
      steps.return(undefined as T)
    }
  }
}
