import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createThreadPool,
  type ClosableThreadPool,
} from '../../../src/cluster/threads/thread-pool.ts'
import { Turns } from '../../../src/cluster/threads/turns.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { SimulatedThreads, type SimulatedJob } from './simulated-threads.ts'

const heap = new Heap(Heap.createMemory(1 << 20))

function simulation(threads: number, activeJobsMax?: number) {
  const simulated = new SimulatedThreads()
  const pool = createThreadPool({
    heap,
    threads,
    startThread: simulated.start,
    ...(activeJobsMax === undefined ? {} : { activeJobsMax }),
  })
  return { simulated, pool }
}

function steps(name: string, count: number, ms = 1): SimulatedJob {
  return { name, stepsMs: Array.from({ length: count }, () => ms) }
}

type Outcome = readonly [name: string, result: string]

/** What became of a job, noted when it is known; lost reports are counted as well. */
async function noted(
  pool: ClosableThreadPool,
  job: SimulatedJob,
  threads: number,
  outcomes: Outcome[],
  lost: unknown[] = [],
): Promise<void> {
  const result = await pool
    .run(job, threads, (report) => lost.push(report))
    .then(
      (reports) => reports.join(', '),
      (error: { code: string }) => error.code,
    )
  outcomes.push([job.name, result])
}

/** Runs until all is done; after each turn what was resolved may give more to do. */
async function drain(simulated: SimulatedThreads, afterTurn: () => void = () => {}): Promise<void> {
  while (simulated.turn()) {
    await Promise.resolve()
    afterTurn()
  }
}

function endOf({ log }: SimulatedThreads, name: string): number {
  return log.findLast((entry) => entry.name === name)?.endMs ?? Number.NaN
}

describe('sharing threads', () => {
  test('a short job comes through in about its own time while long ones run', async () => {
    const { simulated, pool } = simulation(2)
    const outcomes: Outcome[] = []
    const runs = [noted(pool, steps('long', 3_000), 2, outcomes)]
    for (let turn = 0; turn < 200; turn++) simulated.turn()
    const beganMs = simulated.nowMs
    runs.push(noted(pool, steps('short', 4), 2, outcomes))
    await drain(simulated)
    await Promise.all(runs)
    // Its own 4 ms, as much for the other, and the step that ran when it came.
    expect(endOf(simulated, 'short') - beganMs).toBeLessThanOrEqual(9)
    expect(outcomes).toEqual([
      ['short', 'short 0, short 1'],
      ['long', 'long 0, long 1'],
    ])
  })

  test('a stream of short jobs does not starve a long one', async () => {
    const { simulated, pool } = simulation(1)
    const outcomes: Outcome[] = []
    const runs = [noted(pool, steps('long', 100), 1, outcomes)]
    let made = 0
    const another = (): void => {
      if (outcomes.some(([name]) => name === 'long') || made > 10_000) return
      if (outcomes.length === made) runs.push(noted(pool, steps(`short ${++made}`, 1), 1, outcomes))
    }
    another()
    await drain(simulated, another)
    await Promise.all(runs)
    expect(endOf(simulated, 'long')).toBeLessThanOrEqual(210)
  })

  test('a short job has half of the threads beside a hundred long ones', async () => {
    const { simulated, pool } = simulation(2)
    const names = Array.from({ length: 100 }, (_, index) => `long ${index}`)
    const runs = names.map((name) => noted(pool, steps(name, 100), 2, []))
    while (simulated.nowMs < 1_500) simulated.turn()
    const beganMs = simulated.nowMs
    const outcomes: Outcome[] = []
    runs.push(noted(pool, steps('short', 8), 2, outcomes))
    while (outcomes.length === 0) {
      simulated.turn()
      await Promise.resolve()
    }
    expect(endOf(simulated, 'short') - beganMs).toBeLessThanOrEqual(18)
    await pool.close()
    await Promise.all(runs)
  })

  test('many short jobs leave a long one its share by heads', async () => {
    const { simulated, pool } = simulation(1)
    const runs = [noted(pool, steps('long', 100), 1, [])]
    for (let turn = 0; turn < 20; turn++) simulated.turn()
    const begins = simulated.log.length
    for (let index = 0; index < 9; index++) runs.push(noted(pool, steps(`s${index}`, 8), 1, []))
    for (let turn = 0; turn < 40; turn++) simulated.turn()
    const served = simulated.log.slice(begins).filter(({ name }) => name === 'long')
    expect(served).toHaveLength(4)
    await pool.close()
    await Promise.all(runs)
  })

  test('jobs of unequal steps are served equally long', async () => {
    const { simulated, pool } = simulation(1)
    const jobs = [steps('fine', 1_000, 0.25), steps('usual', 500, 1), steps('coarse', 60, 5)]
    const runs = jobs.map((job) => noted(pool, job, 1, []))
    const servedMs = new Map(jobs.map(({ name }) => [name, 0]))
    let last = 0
    for (let turn = 0; turn < 150; turn++) {
      simulated.turn()
      for (const { name, endMs } of simulated.log.splice(0)) {
        servedMs.set(name, (servedMs.get(name) ?? 0) + endMs - last)
        last = endMs
      }
      const times = [...servedMs.values()]
      // The one that is no longer brief first, with its coarse steps, stays ahead of the others by that.
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(25)
    }
    await pool.close()
    await Promise.all(runs)
  })

  test('jobs for few threads go to those that are least busy', async () => {
    const { simulated, pool } = simulation(3)
    const runs = ['a', 'b', 'c', 'd'].map((name) => noted(pool, steps(name, 2), 1, []))
    await drain(simulated)
    await Promise.all(runs)
    expect(new Set(simulated.log.map(({ thread }) => thread)).size).toBe(3)
  })

  test('no more jobs are worked on than are allowed; the others wait their turn', async () => {
    const { simulated, pool } = simulation(1, 2)
    const outcomes: Outcome[] = []
    const runs = ['a', 'b', 'c', 'd'].map((name) => noted(pool, steps(name, 3), 1, outcomes))
    await drain(simulated)
    await Promise.all(runs)
    const firstOf = (name: string): number => simulated.log.findIndex((step) => step.name === name)
    const lastOf = (name: string): number => simulated.log.findLastIndex((s) => s.name === name)
    expect(firstOf('c')).toBeGreaterThan(Math.min(lastOf('a'), lastOf('b')))
    expect(outcomes.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('failures', () => {
  test('reports of a job that fails on another thread are given back; others go on', async () => {
    const { simulated, pool } = simulation(3)
    const outcomes: Outcome[] = []
    const lost: unknown[] = []
    const fails = { share: 1, atStep: 5 }
    const runs = [
      noted(pool, steps('other', 20), 3, outcomes),
      noted(pool, { ...steps('failing', 6), fails }, 3, outcomes, lost),
    ]
    // The first share is done before the second fails.
    while (!simulated.log.some(({ name }) => name === 'failing')) simulated.turn()
    await drain(simulated)
    await Promise.all(runs)
    expect(new Map(outcomes).get('failing')).toBe('DIVISION_BY_ZERO')
    expect(new Map(outcomes).get('other')).toBe('other 0, other 1, other 2')
    expect(lost.every((report) => /^failing [02]$/.test(String(report)))).toBe(true)
  })

  test('a thread that dies fails the jobs that it worked for, and only those', async () => {
    const { simulated, pool } = simulation(2)
    const outcomes: Outcome[] = []
    const runs = ['a', 'b', 'c'].map((name) => noted(pool, steps(name, 5), 1, outcomes))
    runs.push(noted(pool, steps('both', 5), 2, outcomes))
    simulated.turn()
    simulated.kill(0)
    runs.push(noted(pool, steps('later', 5), 2, outcomes))
    await drain(simulated)
    await Promise.all(runs)
    expect(Object.fromEntries(outcomes)).toEqual({
      a: 'INTERNAL_ERROR',
      b: 'b 0',
      c: 'INTERNAL_ERROR',
      both: 'INTERNAL_ERROR',
      later: 'later 0, later 1',
    })
  })

  const scenario = fc.record({
    threads: fc.integer({ min: 1, max: 4 }),
    activeMax: fc.integer({ min: 1, max: 3 }),
    jobs: fc.array(
      fc.record({
        stepsMs: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 8 }),
        threads: fc.integer({ min: 1, max: 4 }),
        fails: fc.option(fc.record({ share: fc.nat({ max: 3 }), atStep: fc.nat({ max: 8 }) }), {
          nil: undefined,
        }),
        afterTurns: fc.nat({ max: 20 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    kills: fc.array(fc.record({ thread: fc.nat({ max: 3 }), afterTurns: fc.nat({ max: 40 }) }), {
      maxLength: 3,
    }),
  })

  test('whatever fails and dies, every job ends once and no report is in two hands', async () => {
    const property = fc.asyncProperty(scenario, async ({ threads, activeMax, jobs, kills }) => {
      const { simulated, pool } = simulation(threads, activeMax)
      const outcomes: Outcome[] = []
      const lost: unknown[] = []
      const runs: Promise<void>[] = []
      for (let turn = 0; turn <= 40 || simulated.turn(); turn++) {
        for (const [index, { afterTurns, stepsMs, fails, threads: wanted }] of jobs.entries()) {
          if (afterTurns !== turn) continue
          const job = { name: `${index}`, stepsMs, ...(fails === undefined ? {} : { fails }) }
          runs.push(noted(pool, job, Math.min(wanted, threads), outcomes, lost))
        }
        for (const kill of kills) if (kill.afterTurns === turn) simulated.kill(kill.thread)
        simulated.turn()
        await Promise.resolve()
      }
      await Promise.all(runs)
      expect(outcomes.map(([name]) => name).sort()).toEqual(
        jobs.map((_, index) => `${index}`).sort(),
      )
      const delivered = outcomes.flatMap(([name, result]) =>
        result === '' || /^\d/.test(result) ? [`${name}`] : [],
      )
      for (const report of lost) expect(delivered).not.toContain(String(report).split(' ')[0])
      expect(new Set(lost).size).toBe(lost.length)
    })
    await fc.assert(property, { numRuns: 100 })
  })
})

test('turns: who comes in is level with who was served least, whatever was before', () => {
  const turns = new Turns<string>()
  turns.add('old')
  turns.served('old', 5)
  turns.add('new')
  expect(turns.next()).toBe('old')
  turns.served('old', 1)
  expect(turns.next()).toBe('new')
  turns.remove('old')
  turns.remove('new')
  turns.add('later')
  turns.add('latest')
  turns.served('later', 0)
  expect(turns.next()).toBe('latest')
})

test('turns: what is long gets as much time as what is brief, and all of it when nothing else is', () => {
  const turns = new Turns<string>()
  turns.add('long')
  turns.served('long', 100)
  expect(turns.next()).toBe('long')
  turns.add('brief')
  const order = Array.from({ length: 6 }, () => {
    const item = turns.next()!
    turns.served(item, item === 'long' ? 2 : 1)
    return item
  })
  expect(order).toEqual(['brief', 'long', 'brief', 'brief', 'long', 'brief'])
  turns.remove('brief')
  expect(turns.next()).toBe('long')
})
