import { describe, expect, test } from 'vitest'
import { schedulerCases, SchedulerWorld } from '../../bench/scheduler/cases.ts'

/** Of a scheduler's columns, edges included. */
const TASK_BYTES_MAX = 300

describe('loads of the scheduler', () => {
  for (const load of schedulerCases(20_000)) {
    test(`${load.name}: all is done, nothing is left, and a task takes few bytes`, () => {
      const world = new SchedulerWorld()
      load.run(world)
      expect(world.state.graphs.size).toBe(0)
      expect(world.state.slots.end).toBe(0)
      expect(world.done.length).toBeGreaterThan(0)
      expect(world.columnBytes / load.tasks).toBeLessThan(TASK_BYTES_MAX)
    })
  }
})
