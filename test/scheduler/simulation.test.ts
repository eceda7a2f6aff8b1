import { describe, expect, test } from 'vitest'
import { simulate, type SimulationOptions, type SimulationOutcome } from './simulation.ts'

const SEEDS = 400

const worlds: readonly (readonly [string, Omit<SimulationOptions, 'seed'>, readonly string[]])[] = [
  ['only delays', { errorRate: 0, cancelRate: 0, lossRate: 0 }, ['inMemory', 'fetches']],
  ['tasks that fail', { errorRate: 0.1, cancelRate: 0, lossRate: 0 }, ['inMemory', 'failed']],
  ['graphs cancelled', { errorRate: 0.05, cancelRate: 0.5, lossRate: 0 }, ['cancelledGraphs']],
  ['workers lost', { errorRate: 0.02, cancelRate: 0.2, lossRate: 0.03 }, ['losses', 'failed']],
]

describe('scheduler and workers in a simulated world', () => {
  for (const [name, options, mustHappen] of worlds) {
    test(`${name}: every wanted task ends, the books return to zero`, () => {
      const totals: Record<string, number> = {}
      for (let seed = 1; seed <= SEEDS; seed++) {
        for (const [what, count] of Object.entries(runSeed({ ...options, seed }))) {
          totals[what] = (totals[what] ?? 0) + count
        }
      }
      for (const what of mustHappen) expect(totals[what], what).toBeGreaterThan(100)
    })
  }
})

function runSeed(options: SimulationOptions): SimulationOutcome {
  try {
    return simulate(options)
  } catch (error) {
    throw new Error(`seed ${options.seed} of ${JSON.stringify(options)}`, { cause: error })
  }
}
