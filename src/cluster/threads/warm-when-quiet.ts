import type { ThreadPool } from '../../exec/jobs/thread.ts'

/**
 * Threads start when work first wants them, or so long after the process has begun: they take time from
 * its first statements, which most often are small, and from other processes. What lives longer has
 * them at hand.
 */
const THREADS_START_MS = 250

/** A first statement that takes longer, as on a busy machine, is let end, for so many times as long. */
const POSTPONED_MAX = 4

/** Of the time before, what the calling thread worked when it was busy. */
const BUSY_SHARE = 0.5

/** Starts threads as soon as the calling thread has been idle for most of a while; gives what stops that. */
export function warmWhenQuiet(pool: Pick<ThreadPool, 'warm'>): () => void {
  let timer: NodeJS.Timeout
  const wait = (postponed: number): void => {
    const before = performance.eventLoopUtilization()
    timer = setTimeout(() => {
      const isBusy = performance.eventLoopUtilization(before).utilization > BUSY_SHARE
      if (isBusy && postponed < POSTPONED_MAX) wait(postponed + 1)
      else pool.warm()
    }, THREADS_START_MS)
    timer.unref()
  }
  wait(0)
  return () => clearTimeout(timer)
}
