/** sfc32 (C. Doty-Humphrey, PractRand): small, fast, passes BigCrush; seeded by one number. */
export class Generator {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = Math.imul(seed, 0x9e3779b9)
    this.#c = 0x2545f491
    for (let i = 0; i < 12; i++) this.#next()
  }

  /** Uniform over low to high, both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.#next() / 4_294_967_296) * (high - low + 1))
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }
}
