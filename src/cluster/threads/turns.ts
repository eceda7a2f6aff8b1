/** Whose turn it is, by the time that each has had. */
interface Waiting<T> {
  readonly item: T
  servedMs: number
}

/** Even what costs nothing measurable has had its turn. */
const SERVED_MS_MIN = 0.001

/**
 * Shares a thread's time among what it works on: the item served least goes on next; of those served
 * equally long, the one that waited longest. One that comes in begins level with the one served least:
 * it neither waits for the others to end nor makes them wait until it has caught up with them, so
 * that none starves, however many come in.
 */
export class Turns<T> {
  // In the order in which they were served last.
  readonly #waiting: Waiting<T>[] = []
  #levelMs = 0

  get size(): number {
    return this.#waiting.length
  }

  add(item: T): void {
    this.#waiting.push({ item, servedMs: this.#level() })
  }

  /** Whose turn it is; it keeps its place until it is {@link served}. */
  next(): T | undefined {
    return this.#least()?.item
  }

  /** An item had so much of the thread's time. */
  served(item: T, ms: number): void {
    const at = this.#waiting.findIndex((waiting) => waiting.item === item)
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (waiting === undefined) return
    waiting.servedMs += Math.max(ms, SERVED_MS_MIN)
    this.#waiting.push(waiting)
  }

  remove(item: T): void {
    const at = this.#waiting.findIndex((waiting) => waiting.item === item)
    if (at < 0) return
    this.#levelMs = this.#level()
    this.#waiting.splice(at, 1)
  }

  #level(): number {
    return Math.max(this.#levelMs, this.#least()?.servedMs ?? 0)
  }

  #least(): Waiting<T> | undefined {
    let least: Waiting<T> | undefined
    for (const waiting of this.#waiting) {
      if (least === undefined || waiting.servedMs < least.servedMs) least = waiting
    }
    return least
  }
}
