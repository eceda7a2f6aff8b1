import type { Clock } from '../base/world.ts'

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1_000n,
}
