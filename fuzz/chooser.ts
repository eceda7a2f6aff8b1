import { seededRandom, type Random } from '#heddle/base/world.js'

/** Choices of a fuzzer, all of which follow from one seed. */
export class Chooser {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** Uniform over low to high, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#random.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length - 1)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  /** `low` to `high` things made one by one. */
  some<T>(low: number, high: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.between(low, high) }, (_, index) => make(index))
  }
}
