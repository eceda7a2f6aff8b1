const WORDS_MIN = 1_024

/** Words one after another, of 32 bits each. Emptied, it keeps its room. */
export class WordBuffer {
  #words = new Int32Array(WORDS_MIN)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns the position of the word. */
  push(word: number): number {
    if (this.#length === this.#words.length) this.#grow()
    this.#words[this.#length] = word
    return this.#length++
  }

  at(position: number): number {
    return this.#words[position]!
  }

  set(position: number, word: number): void {
    this.#words[position] = word
  }

  view(from: number, to: number): Int32Array {
    return this.#words.subarray(from, to)
  }

  clear(): void {
    this.#length = 0
  }

  #grow(): void {
    const grown = new Int32Array(this.#words.length * 2)
    grown.set(this.#words)
    this.#words = grown
  }
}
