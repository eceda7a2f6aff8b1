import { EventLoop } from '../base/event-loop.ts'
import type { Clock } from '../base/world.ts'

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1_000n,
}

/** Resolves when everything that waits for this thread has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** The turns of this process's event loop. */
export const systemEventLoop = new EventLoop(systemClock, (go) => void setImmediate(go))
