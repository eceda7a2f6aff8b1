import { EventLoop } from '../../base/event-loop.ts'
import type { Clock } from '../../base/world.ts'
import type { Turn } from '../../exec/jobs/thread.ts'

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1_000n,
}

/** The turns of this process's event loop. */
export function eventLoopTurn(): Turn {
  let beganMs: number | undefined
  return {
    get beganMs() {
      if (beganMs === undefined) {
        beganMs = systemClock.nowMs()
        setImmediate(() => (beganMs = undefined))
      }
      return beganMs
    },
    pause: () =>
      new Promise((resolve) => {
        setImmediate(resolve)
      }),
  }
}

/** The turns of this process's event loop. */
export const systemEventLoop = new EventLoop(systemClock, (go) => void setImmediate(go))
