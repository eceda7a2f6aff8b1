import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { warmWhenQuiet } from '../../../src/cluster/threads/warm-when-quiet.ts'

let utilization = 0
beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({
    idle: 0,
    active: 0,
    utilization,
  }))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** [what it is, how busy each quarter of a second is, after how many of them threads start] */
test.each<[string, readonly number[], number]>([
  ['idle', [0, 0, 0], 1],
  ['busy at first', [0.9, 0.8, 0.1, 0], 3],
  ['busy all the time', [1, 1, 1, 1, 1, 1, 1], 5],
])('a process that is %s', (_name, quarters, expected) => {
  let warmed = 0
  warmWhenQuiet({ warm: () => void warmed++ })
  const started = quarters.map((busy) => {
    utilization = busy
    vi.advanceTimersByTime(250)
    return warmed
  })
  expect(started.indexOf(1) + 1).toBe(expected)
  expect(warmed).toBe(1)
})

test('what is closed before starts none', () => {
  let warmed = 0
  const stop = warmWhenQuiet({ warm: () => void warmed++ })
  utilization = 1
  vi.advanceTimersByTime(300)
  stop()
  vi.advanceTimersByTime(5_000)
  expect(warmed).toBe(0)
})
