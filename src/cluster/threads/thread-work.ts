import { errorToData } from '../../base/errors.ts'
import type { Clock } from '../../base/world.ts'
import type { Steps } from '../../exec/jobs/steps.ts'
import type { ThreadEnvironment } from '../../exec/jobs/thread.ts'
import type { ThreadReply, ThreadRequest } from './thread-messages.ts'
import { Turns } from './turns.ts'

/** Begins a share of a job; its result is posted back by structured clone. */
export type StartJob = (env: ThreadEnvironment, job: unknown) => Steps<unknown>

export interface ThreadWorkOptions {
  readonly env: ThreadEnvironment
  readonly startJob: StartJob
  readonly clock: Pick<Clock, 'nowMs'>
  readonly post: (reply: ThreadReply) => void
}

/** Short steps of one share run on for so long before others are looked for. */
const SLICE_MS = 0.5

interface Share {
  readonly run: number
  readonly steps: Steps<unknown>
}

/** The shares that a thread works on, side by side. */
export class ThreadWork {
  readonly #options: ThreadWorkOptions
  readonly #turns = new Turns<Share>()

  constructor(options: ThreadWorkOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#turns.size === 0
  }

  accept({ run, share, job }: ThreadRequest): void {
    const { env, startJob, post } = this.#options
    try {
      this.#turns.add({ run, steps: startJob({ ...env, threadIndex: share }, job) })
    } catch (error) {
      post({ kind: 'error', run, error: errorToData(error) })
    }
  }

  /** Goes on with the share whose turn it is, for a slice of time or one step if that is longer. */
  turn(): void {
    const share = this.#turns.next()
    if (share === undefined) return
    const { clock, post } = this.#options
    const { run, steps } = share
    const beganMs = clock.nowMs()
    try {
      let nowMs = beganMs
      while (nowMs - beganMs < SLICE_MS) {
        const { done, value } = steps.next()
        nowMs = clock.nowMs()
        if (done !== true) continue
        this.#turns.remove(share)
        return post({ kind: 'report', run, report: value })
      }
      this.#turns.served(share, nowMs - beganMs)
    } catch (error) {
      this.#turns.remove(share)
      post({ kind: 'error', run, error: errorToData(error) })
    }
  }
}
