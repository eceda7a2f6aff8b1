import type { Clock } from '../base/world.ts'
import { RestartTimes, type RestartLimits } from './restart-times.ts'
import { startWorkerChild, type WorkerChild } from './worker-child.ts'
import type { WorkerProcessOptions } from './worker-process.ts'

export interface WorkerCrewOptions {
  readonly workers: number
  readonly child: WorkerProcessOptions
  readonly entry: URL | undefined
  readonly clock: Clock
  readonly restarts: RestartLimits
  /** A process that has not joined by then is ended. */
  readonly startTimeoutMs: number
  /** Called for each process that ends while the crew is not closing, with what it last wrote. */
  readonly ended: (reason: string) => void
}

/** One process after another. */
interface Place {
  readonly restarts: RestartTimes
  child: WorkerChild | undefined
  /** Of the join that is awaited, or of the next start. */
  timer: NodeJS.Timeout | undefined
  isHeldBack: boolean
}

/** Keeps a number of worker processes running: one that ends is replaced, as often as the limits allow. */
export class WorkerCrew {
  readonly #options: WorkerCrewOptions
  readonly #places: readonly Place[]
  #isClosing = false

  constructor(options: WorkerCrewOptions) {
    this.#options = options
    this.#places = Array.from({ length: options.workers }, () => ({
      restarts: new RestartTimes(options.restarts),
      child: undefined,
      timer: undefined,
      isHeldBack: false,
    }))
  }

  /** Whether another process is on its way, or was started already. */
  get isHopeful(): boolean {
    return this.#places.some((place) => place.child !== undefined || !place.isHeldBack)
  }

  start(): void {
    for (const place of this.#places) this.#launch(place)
  }

  joined(processId: number): void {
    const place = this.#placeOf(processId)
    clearTimeout(place?.timer)
    if (place !== undefined) place.isHeldBack = false
  }

  /** Ends a process at once, also one that is stopped; another takes its place. */
  end(processId: number): void {
    this.#placeOf(processId)?.child?.kill()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const { timer } of this.#places) clearTimeout(timer)
    await Promise.all(this.#places.flatMap(({ child }) => child?.stop() ?? []))
  }

  #placeOf(processId: number): Place | undefined {
    return this.#places.find((place) => place.child?.processId === processId)
  }

  #launch(place: Place): void {
    const { child: options, entry, startTimeoutMs } = this.#options
    const child = startWorkerChild(options, entry)
    place.child = child
    place.timer = setTimeout(() => child.kill(), startTimeoutMs).unref()
    void child.exited.then((reason) => this.#ended(place, reason))
  }

  #ended(place: Place, reason: string): void {
    if (this.#isClosing) return
    clearTimeout(place.timer)
    place.child = undefined
    const { delayMs, isHeldBack } = place.restarts.next(this.#options.clock.nowMs())
    place.isHeldBack = isHeldBack
    if (Number.isFinite(delayMs)) {
      place.timer = setTimeout(() => this.#launch(place), delayMs).unref()
    }
    this.#options.ended(reason)
  }
}
