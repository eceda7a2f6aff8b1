const FREE = 0
const TAKEN = 1
const AWAITED = 2
const TRIES = 64
const WAIT_MS = 10

/** A lock in one word of shared memory, held for short: it is tried some times before the thread waits. */
export class SharedLock {
  readonly #words: Int32Array
  readonly #word: number

  /** `word`: an index of a word that is 0 when nobody ever took the lock. */
  constructor(words: Int32Array, word: number) {
    this.#words = words
    this.#word = word
  }

  /** Takes it. Whoever holds it must not take it again. */
  take(): void {
    const [words, word] = [this.#words, this.#word]
    for (let tries = 0; tries < TRIES; tries++) {
      if (Atomics.compareExchange(words, word, FREE, TAKEN) === FREE) return
    }
    while (Atomics.exchange(words, word, AWAITED) !== FREE) {
      Atomics.wait(words, word, AWAITED, WAIT_MS)
    }
  }

  give(): void {
    if (Atomics.exchange(this.#words, this.#word, FREE) === AWAITED) {
      Atomics.notify(this.#words, this.#word, 1)
    }
  }
}
