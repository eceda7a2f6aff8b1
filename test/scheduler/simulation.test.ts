import { describe, expect, test } from 'vitest'
import { simulate, type SimulationOptions, type SimulationOutcome } from './simulation.ts'

const SEEDS = 300

const calm = {
  errorRate: 0,
  cancelRate: 0,
  lossRate: 0,
  silenceRate: 0,
  retriesMin: 0,
  retriesMax: 2,
}

const worlds: readonly (readonly [
  string,
  Partial<SimulationOptions>,
  mustHappen: readonly (keyof SimulationOutcome)[],
  mustNot: readonly (keyof SimulationOutcome)[],
])[] = [
  ['only delays', {}, ['inMemory', 'fetches'], ['failed', 'reruns']],
  ['tasks that fail', { errorRate: 0.1 }, ['inMemory', 'failed'], []],
  ['graphs cancelled', { errorRate: 0.05, cancelRate: 0.5 }, ['cancelledGraphs'], []],
  [
    'workers lost, few retries',
    { errorRate: 0.02, cancelRate: 0.2, lossRate: 0.03 },
    ['losses', 'failed', 'reruns'],
    [],
  ],
  [
    'workers lost, enough retries',
    { lossRate: 0.03, retriesMin: 255, retriesMax: 255 },
    ['losses', 'reruns', 'inMemory'],
    ['failed'],
  ],
  [
    'workers stopped',
    { cancelRate: 0.1, silenceRate: 0.02, lossRate: 0.01 },
    ['silences', 'reruns', 'inMemory'],
    [],
  ],
]

describe('scheduler and workers in a simulated world', () => {
  for (const [name, options, mustHappen, mustNot] of worlds) {
    test(`${name}: every wanted task ends, the books return to zero`, () => {
      const totals: Record<string, number> = {}
      for (let seed = 1; seed <= SEEDS; seed++) {
        for (const [what, count] of Object.entries(runSeed({ ...calm, ...options, seed }))) {
          totals[what] = (totals[what] ?? 0) + count
        }
      }
      for (const what of mustHappen) expect(totals[what], what).toBeGreaterThan(100)
      for (const what of mustNot) expect(totals[what], what).toBe(0)
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
