import { EventLoop } from '../../base/event-loop.ts'
import type { Clock } from '../../base/world.ts'
import type { Turn } from '../../exec/jobs/thread.ts'

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1_000n,
}

/** The turns of this process's event loop, as tasks see them. */
export function eventLoopTurn(): Turn {
  return {
    get beganMs() {
      return systemEventLoop.turnBeganMs
    },
    pause: () => systemEventLoop.next(),
  }
}

/** This process's event loop: there is one, whatever number of engines. */
export const systemEventLoop = new EventLoop(systemClock, (go) => void setImmediate(go))
