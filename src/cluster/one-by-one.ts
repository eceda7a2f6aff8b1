/** Runs what belongs to one key one after another, in the order in which it comes. */
export class OneByOne<K> {
  readonly #last = new Map<K, Promise<unknown>>()

  async run<T>(key: K, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const own = before === undefined ? work() : before.then(work, work)
    this.#last.set(key, own)
    try {
      return await own
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key)
    }
  }
}
