import { readFileSync } from 'node:fs'

/** How often the loop is asked for a turn. */
const PROBE_MS = 1

/** Notes for how long the loop had no turn, by the clock and by the processor time of its thread. */
export class LoopWatch {
  worstMs = 0
  worstProcessorMs = 0
  #lastMs = performance.now()
  #lastProcessorMs = ownProcessorMs()
  readonly #timer = setInterval(() => this.#look(), PROBE_MS)

  /** Forgets what was before, once the loop had a turn. */
  async begin(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 2 * PROBE_MS))
    this.worstMs = 0
    this.worstProcessorMs = 0
  }

  #look(): void {
    const [now, processor] = [performance.now(), ownProcessorMs()]
    this.worstMs = Math.max(this.worstMs, now - this.#lastMs - PROBE_MS)
    this.worstProcessorMs = Math.max(this.worstProcessorMs, processor - this.#lastProcessorMs)
    this.#lastMs = now
    this.#lastProcessorMs = processor
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

/** What the calling thread had of a processor, as Linux tells it; nothing elsewhere. */
function ownProcessorMs(): number {
  try {
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6
  } catch {
    return 0
  }
}
