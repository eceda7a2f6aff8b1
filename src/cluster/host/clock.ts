import { EventLoop } from '../../base/event-loop.ts'
import type { Clock } from '../../base/world.ts'

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1_000n,
}

/** This process's event loop: there is one, whatever number of engines. */
export const systemEventLoop = new EventLoop(systemClock, (go) => void setImmediate(go))
