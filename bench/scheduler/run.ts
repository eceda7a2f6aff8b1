import { schedulerCases, SchedulerWorld, type SchedulerCase } from './cases.ts'

export interface SchedulerBenchOptions {
  readonly tasks: number
  readonly runs: number
}

/**
 * Processor time of the scheduler's machine for each task, and memory of its columns: no messages, no workers
 * that work. There is no peer here.
 */
export function runSchedulerBench({ tasks, runs }: SchedulerBenchOptions): void {
  for (const load of schedulerCases(tasks)) {
    const times = Array.from({ length: runs + 1 }, () => measured(load))
    // The first one compiles.
    const sorted = times.slice(1).toSorted((a, b) => a.microseconds - b.microseconds)
    const [best, median] = [sorted[0]!, sorted[sorted.length >> 1]!]
    const micros = `${median.microseconds.toFixed(2)} us, at best ${best.microseconds.toFixed(2)} us`
    console.log(`${load.name}, ${load.tasks} tasks: ${micros}; ${Math.ceil(best.bytes)} bytes`)
  }
}

interface Cost {
  /** Each of a task. */
  readonly microseconds: number
  readonly bytes: number
}

function measured(load: SchedulerCase): Cost {
  const world = new SchedulerWorld()
  const before = process.cpuUsage()
  load.run(world)
  const { user, system } = process.cpuUsage(before)
  if (world.state.graphs.size > 0) throw new Error(`${load.name}: something is left`)
  return { microseconds: (user + system) / load.tasks, bytes: world.columnBytes / load.tasks }
}
