/** How often a worker process may be started anew. */
export interface RestartLimits {
  /** Restarts within {@link windowMs} at most; the next one waits until the oldest is that long ago. */
  readonly restartsMax: number
  readonly windowMs: number
  /** Waited before the second restart within the window; doubled before each further one, up to the window. */
  readonly backoffMs: number
}

/** How long nothing may be heard of a worker unless told otherwise. */
export const heartbeatTimeoutDefaultMs = 10_000

export const restartDefaults: RestartLimits = {
  restartsMax: 5,
  windowMs: 60_000,
  backoffMs: 100,
}

export interface Restart {
  /** Infinite where nothing is ever started anew. */
  readonly delayMs: number
  /** The limit is reached: nobody should wait for this restart. */
  readonly isHeldBack: boolean
}

/** When the restarts of one process were, and when the next may be. */
export class RestartTimes {
  readonly #limits: RestartLimits
  /** Of the latest restarts, oldest first. */
  readonly #times: number[] = []

  constructor(limits: RestartLimits) {
    this.#limits = limits
  }

  /** Books a restart for a process that ended at `nowMs`. */
  next(nowMs: number): Restart {
    const { restartsMax, windowMs, backoffMs } = this.#limits
    if (restartsMax === 0) return { delayMs: Number.POSITIVE_INFINITY, isHeldBack: true }
    while (this.#times.length > 0 && nowMs - this.#times[0]! >= windowMs) this.#times.shift()
    const recent = this.#times.length
    const isHeldBack = recent >= restartsMax
    const backoff = recent === 0 ? 0 : Math.min(backoffMs * 2 ** (recent - 1), windowMs)
    const delayMs = isHeldBack ? this.#times[0]! + windowMs - nowMs : backoff
    if (isHeldBack) this.#times.shift()
    this.#times.push(nowMs + delayMs)
    return { delayMs, isHeldBack }
  }
}
