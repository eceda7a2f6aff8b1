/** How much the latest call counts. */
const WEIGHT = 0.25

/** How long calls of functions take, as far as it is known. */
export class CallTimes {
  readonly #functionsMax: number
  readonly #meanMs = new Map<string, number>()

  /** Of more functions none is known. */
  constructor(functionsMax: number) {
    this.#functionsMax = functionsMax
  }

  expectedMs(identity: string): number | undefined {
    return this.#meanMs.get(identity)
  }

  add(identity: string, tookMs: number): void {
    const mean = this.#meanMs.get(identity)
    if (mean === undefined && this.#meanMs.size >= this.#functionsMax) this.#meanMs.clear()
    // The first call compiles, and one that takes longer than most counts at once.
    const next =
      mean === undefined || tookMs > mean
        ? Math.max(tookMs, mean ?? 0)
        : mean + WEIGHT * (tookMs - mean)
    this.#meanMs.set(identity, next)
  }
}
