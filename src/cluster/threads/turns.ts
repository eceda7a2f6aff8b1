interface Waiting<T> {
  readonly item: T
  servedMs: number
}

/** Even what costs nothing measurable has had its turn. */
const SERVED_MS_MIN = 0.001
/** What has had less of a thread's time goes before what has had more. */
const BRIEF_MS = 10

/**
 * Shares a thread's time among what it works on. What has had little of it goes first, so that a short job
 * ends soon however many long ones there are: those that have had less than {@link BRIEF_MS} get half of the
 * time together, or their share by heads where that is more, so that nothing starves (a feedback queue of
 * two levels, as `base/event-loop.ts`). Within a level it is shared equally, see {@link Level}.
 */
export class Turns<T> {
  readonly #brief = new Level<T>()
  readonly #long = new Level<T>()
  readonly #hadMs = new Map<T, number>()
  /** What the long ones are to get before the brief ones go on. */
  #owedMs = 0

  get size(): number {
    return this.#brief.size + this.#long.size
  }

  add(item: T): void {
    this.#hadMs.set(item, 0)
    this.#brief.add(item)
  }

  /** Whose turn it is; it keeps its place until it is {@link served}. */
  next(): T | undefined {
    return (this.#isLongDue ? this.#long.least : this.#brief.least)?.item
  }

  /** An item had so much of the thread's time. */
  served(item: T, ms: number): void {
    const beforeMs = this.#hadMs.get(item)
    if (beforeMs === undefined) return
    const hadMs = beforeMs + Math.max(ms, SERVED_MS_MIN)
    this.#hadMs.set(item, hadMs)
    const wasBrief = beforeMs < BRIEF_MS
    this.#owe(wasBrief, hadMs - beforeMs)
    if (!wasBrief) return this.#long.served(item, hadMs - beforeMs)
    if (hadMs < BRIEF_MS) return this.#brief.served(item, hadMs - beforeMs)
    this.#brief.remove(item)
    this.#long.add(item)
  }

  remove(item: T): void {
    this.#hadMs.delete(item)
    this.#brief.remove(item)
    this.#long.remove(item)
  }

  get #isLongDue(): boolean {
    return this.#brief.size === 0 || (this.#long.size > 0 && this.#owedMs > 0)
  }

  #owe(isToLong: boolean, ms: number): void {
    if (this.#brief.size === 0 || this.#long.size === 0) this.#owedMs = 0
    else if (isToLong) this.#owedMs += ms / Math.max(1, this.#brief.size / this.#long.size)
    else this.#owedMs -= ms
  }
}

/**
 * Who was served least goes on next; of those served equally long, who waited longest. One that comes in
 * begins level with the one served least: it neither waits for the others to end nor makes them wait until
 * it has caught up with them.
 */
class Level<T> {
  // In the order in which they were served last.
  readonly #waiting: Waiting<T>[] = []
  #levelMs = 0

  get size(): number {
    return this.#waiting.length
  }

  get least(): Waiting<T> | undefined {
    let least: Waiting<T> | undefined
    for (const waiting of this.#waiting) {
      if (least === undefined || waiting.servedMs < least.servedMs) least = waiting
    }
    return least
  }

  add(item: T): void {
    this.#waiting.push({ item, servedMs: this.#level })
  }

  served(item: T, ms: number): void {
    const at = this.#waiting.findIndex((waiting) => waiting.item === item)
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (waiting === undefined) return
    waiting.servedMs += ms
    this.#waiting.push(waiting)
  }

  remove(item: T): void {
    const at = this.#waiting.findIndex((waiting) => waiting.item === item)
    if (at < 0) return
    this.#levelMs = this.#level
    this.#waiting.splice(at, 1)
  }

  get #level(): number {
    return Math.max(this.#levelMs, this.least?.servedMs ?? 0)
  }
}
