import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { sourceOf, type AnyFunction } from '../../../src/cluster/user-functions/function-code.ts'
import {
  FunctionPool,
  type RunningCall,
} from '../../../src/cluster/user-functions/function-pool.ts'
import { decodeValue } from '../../../src/cluster/values/decode-value.ts'
import { encodeValue } from '../../../src/cluster/values/encode-value.ts'
import { SimulatedThreads } from './simulated-threads.ts'

const options = { bytesMax: 1 << 20, what: 'a value' }

declare global {
  /** What the functions of a simulation do, which run on this thread. */
  var simulated: {
    readonly begun: number[]
    readonly open: Map<number, (value: number) => void>
    readonly stopped: Set<number>
    takeMs: (ms: number) => void
  }
}

const functions: readonly AnyFunction[] = [
  (n: number) => {
    simulated.begun.push(n)
    return n
  },
  (n: number) => {
    simulated.begun.push(n)
    simulated.takeMs(7)
    return n
  },
  // Large enough to have no room on the board.
  (n: number) => {
    simulated.begun.push(n)
    return [n, 'x'.repeat(5_000)]
  },
  (n: number) => {
    simulated.begun.push(n)
    throw new RangeError(`no ${n}`)
  },
  function (this: { readonly signal: AbortSignal }, n: number) {
    simulated.begun.push(n)
    const { signal } = this
    return new Promise((resolve) => {
      simulated.open.set(n, resolve)
      signal.addEventListener('abort', () => {
        simulated.stopped.add(n)
        simulated.open.delete(n)
        resolve('late')
      })
    })
  },
  // Goes on after it is cancelled.
  (n: number) => {
    simulated.begun.push(n)
    return new Promise((resolve) => {
      simulated.open.set(n, resolve)
    })
  },
]

type Outcome = { readonly value: unknown } | { readonly error: unknown }

interface Started {
  readonly kind: number
  readonly call: RunningCall
  outcome: Outcome | undefined
  isCancelled: boolean
}

function start(pool: FunctionPool, random: Random, n: number): Started {
  const kind = Math.floor(random.next() * functions.length)
  const asInput = random.next() < 0.3
  const call = pool.run({
    code: sourceOf(functions[kind]!),
    args: asInput ? argsOfInput() : encodeValue([n], options),
    inputs: asInput ? [encodeValue(n, options)] : [],
    urgency: { priority: Math.floor(random.next() * 3), rank: n },
  })
  const started: Started = { kind, call, outcome: undefined, isCancelled: false }
  call.result.then(
    ({ bytes }) => (started.outcome = { value: decodeValue(bytes) }),
    (error: unknown) => (started.outcome = { error }),
  )
  return started
}

function argsOfInput(): Uint8Array {
  const future = {}
  return encodeValue([future], {
    ...options,
    inputOf: (value) => (value === future ? 0 : undefined),
  })
}

function check(started: Started, n: number, deaths: number): void {
  const { kind, outcome, isCancelled } = started
  const message = 'error' in outcome! ? String((outcome.error as Error).message) : ''
  if (isCancelled && message.startsWith('cancelled')) return
  if (deaths > 0 && message === 'the thread ended') return
  if (kind === 3) expect(message).toBe(`RangeError: no ${n}`)
  else expect(outcome).toEqual({ value: kind === 2 ? [n, 'x'.repeat(5_000)] : n })
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Every call ends once, as it should; none begins twice, unless its thread ended. */
async function simulate(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const threads = new SimulatedThreads(random)
  globalThis.simulated = {
    begun: [],
    open: new Map(),
    stopped: new Set(),
    takeMs: (ms) => (threads.nowMs += ms),
  }
  const pool = new FunctionPool({
    threads: 3,
    start: threads.start,
    after: threads.after,
    cancelGraceMs: 20,
  })
  const deathPart = seed % 3 === 0 ? 0.004 : 0
  const calls: Started[] = []
  const total = 150
  for (
    let steps = 0;
    calls.length < total || calls.some(({ outcome }) => outcome === undefined);
    steps++
  ) {
    expect(steps, `seed ${seed}: calls that never end`).toBeLessThan(60_000)
    expect(threads.running).toBeLessThanOrEqual(3)
    if (calls.length < total && random.next() < 0.3) calls.push(start(pool, random, calls.length))
    const chosen = calls[Math.floor(random.next() * calls.length)]
    if (chosen !== undefined && random.next() < 0.02) {
      chosen.isCancelled = true
      chosen.call.cancel(new QueryError('QUERY_CANCELED', 'cancelled by the test'))
    }
    threads.step(deathPart)
    const [open] = simulated.open
    if (open !== undefined && random.next() < 0.1) {
      simulated.open.delete(open[0])
      open[1](open[0])
    }
    if (steps % 4 === 0) await turn()
  }
  for (const [n, started] of calls.entries()) check(started, n, threads.deaths)
  expect(new Set(simulated.begun).size, `seed ${seed}`).toBe(simulated.begun.length)
  pool.close()
}

describe('functions in threads, simulated', () => {
  for (let seed = 1; seed <= 12; seed++) {
    test(`seed ${seed}`, () => simulate(seed))
  }

  test('the most urgent of those that wait is next', async () => {
    const threads = new SimulatedThreads(seededRandom(1))
    globalThis.simulated = { begun: [], open: new Map(), stopped: new Set(), takeMs: () => {} }
    const pool = new FunctionPool({ threads: 1, start: threads.start, after: threads.after })
    const code = sourceOf(functions[1]!)
    const run = (n: number, priority: number, rank: number) =>
      pool.run({ code, args: encodeValue([n], options), inputs: [], urgency: { priority, rank } })
    const calls = [run(0, 5, 0), run(1, 5, 2), run(2, 5, 1), run(3, -1, 9)]
    const all = Promise.all(calls.map(({ result }) => result))
    const ended: unknown[] = []
    void all.then((results) => ended.push(results))
    while (ended.length === 0) {
      threads.step(0)
      await turn()
    }
    expect(simulated.begun).toEqual([0, 3, 2, 1])
  })

  test('threads that end before they begin anything are not started for ever', async () => {
    let starts = 0
    const pool = new FunctionPool({
      threads: 2,
      after: () => () => {},
      start: (_board, events) => {
        starts++
        setImmediate(() => events.died(new QueryError('FUNCTION_FAILED', 'no such file')))
        return { post: () => {}, hold: () => {}, end: () => {} }
      },
    })
    const args = encodeValue([1], options)
    const code = sourceOf(functions[0]!)
    const { result } = pool.run({ code, args, inputs: [], urgency: { priority: 0, rank: 0 } })
    await expect(result).rejects.toThrow('no such file')
    expect(starts).toBeLessThanOrEqual(4)
  })
})
