/** A turn that is waited for. */
export interface Waiting<T = void> {
  /** Resolves when the turn has come; rejects with the reason of {@link leave}. */
  readonly turn: Promise<T>
  /** Gives up waiting. Nothing happens when the turn has come already. */
  leave(reason: unknown): void
}

/** So many at once: who finds no place free waits, first come first served. */
export class Places {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(count: number) {
    this.#free = count
  }

  /** Takes a place if one is free. */
  take(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** Waits for a place, which is then taken. */
  wait(): Waiting {
    let leave: Waiting['leave'] = () => {}
    const turn = new Promise<void>((resolve, reject) => {
      this.#waiting.add(resolve)
      leave = (reason) => {
        if (this.#waiting.delete(resolve)) reject(reason as Error)
      }
    })
    return { turn, leave: (reason) => leave(reason) }
  }

  /** Gives a place back, to who waits longest if anybody does. */
  giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }

  /** What `work` gives, in a place. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    if (!this.take()) await this.wait().turn
    try {
      return await work()
    } finally {
      this.giveBack()
    }
  }
}
