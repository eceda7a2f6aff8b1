import type { Clock } from '../../base/world.ts'

/**
 * How long the rest of a job takes one thread, by the morsels that it took. The first is left out: code
 * is compiled in it that nobody ran before.
 */
export class RestOfJob {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #morsels: number
  #begun: { readonly morsels: number; readonly atMs: number } | undefined
  #restMs: number | undefined

  constructor(clock: Pick<Clock, 'nowMs'>, morsels: number) {
    this.#clock = clock
    this.#morsels = morsels
  }

  /** So many morsels were taken by now, the last of which may not be done. */
  took(morsels: number): void {
    if (morsels < 2) return
    const nowMs = this.#clock.nowMs()
    this.#begun ??= { morsels, atMs: nowMs }
    const done = morsels - this.#begun.morsels
    if (done === 0) return
    const eachMs = (nowMs - this.#begun.atMs) / done
    this.#restMs = Math.max(0, this.#morsels - morsels + 1) * eachMs
  }

  /** Undefined before two morsels were done. */
  get ms(): number | undefined {
    return this.#restMs
  }
}
