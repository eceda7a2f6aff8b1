import { expect, test } from 'vitest'
import { RestartTimes } from '../../src/cluster/restart-times.ts'

const limits = { restartsMax: 3, windowMs: 1_000, backoffMs: 10 }

test('restarts: at once, then later and later, then no more than the limit in any window', () => {
  const times = new RestartTimes(limits)
  const ends: readonly (readonly [endedMs: number, delayMs: number, isHeldBack: boolean])[] = [
    [0, 0, false],
    [100, 10, false],
    [200, 20, false],
    // Those of 0, 110 and 220 are in the window: it waits until the first is not.
    [300, 700, true],
    [1_050, 60, true],
    // After a quiet time it begins anew.
    [9_000, 0, false],
    [9_001, 10, false],
  ]
  for (const [endedMs, delayMs, isHeldBack] of ends) {
    expect(times.next(endedMs), `${endedMs}`).toEqual({ delayMs, isHeldBack })
  }
})

test('no restarts at all: nothing is started anew, however late', () => {
  const times = new RestartTimes({ ...limits, restartsMax: 0 })
  for (const endedMs of [0, 10, 1e9]) {
    expect(times.next(endedMs)).toEqual({ delayMs: Infinity, isHeldBack: true })
  }
})

test('the wait before a restart is never longer than the window', () => {
  const times = new RestartTimes({ ...limits, restartsMax: 1_000 })
  for (let n = 0; n < 900; n++) expect(times.next(0).delayMs).toBeLessThanOrEqual(limits.windowMs)
})
