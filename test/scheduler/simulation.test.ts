import { describe, expect, test } from 'vitest'
import { simulate, type SimulationOptions, type SimulationOutcome } from './simulation.ts'

const SEEDS = 300
/** Their worlds are larger. */
const CONNECTED_SEEDS = 120

const calm = {
  clients: 1,
  graphs: 4,
  errorRate: 0,
  cancelRate: 0,
  lossRate: 0,
  silenceRate: 0,
  duplicateRate: 0,
  othersRate: 0,
  givenRate: 0,
  repeatableRate: 0,
  shareRate: 0,
  staleRate: 0,
  retryRate: 0,
  leaveRate: 0,
  retriesMin: 0,
  retriesMax: 2,
}

/** Graphs of several clients that read results of one another. */
const connected = {
  clients: 3,
  graphs: 8,
  othersRate: 0.2,
  shareRate: 0.4,
  repeatableRate: 0.5,
  duplicateRate: 0.1,
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
  ['clients that share results', connected, ['inMemory', 'fetches'], ['failed']],
  [
    'clients that share results, workers lost, enough retries',
    { ...connected, lossRate: 0.02, retriesMin: 255, retriesMax: 255 },
    ['losses', 'reruns', 'inMemory'],
    ['failed'],
  ],
  [
    'clients that cancel, retry, leave, and ask for what is gone',
    {
      ...connected,
      errorRate: 0.05,
      cancelRate: 0.3,
      givenRate: 0.2,
      staleRate: 0.2,
      retryRate: 0.5,
      leaveRate: 0.2,
    },
    ['cancelled', 'cancelledGraphs', 'failed', 'retried', 'given', 'inMemory'],
    [],
  ],
  [
    'all of it, workers lost and stopped',
    {
      ...connected,
      errorRate: 0.03,
      cancelRate: 0.2,
      givenRate: 0.2,
      staleRate: 0.1,
      retryRate: 0.5,
      leaveRate: 0.1,
      lossRate: 0.02,
      silenceRate: 0.02,
    },
    ['cancelled', 'failed', 'retried', 'given', 'losses', 'silences', 'reruns', 'inMemory'],
    [],
  ],
]

describe('scheduler and workers in a simulated world', () => {
  for (const [name, options, mustHappen, mustNot] of worlds) {
    test(`${name}: every wanted task ends, the books return to zero`, () => {
      const totals: Record<string, number> = {}
      const { clients } = { ...calm, ...options }
      const seeds = clients > 1 ? CONNECTED_SEEDS : SEEDS
      for (let seed = 1; seed <= seeds; seed++) {
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
