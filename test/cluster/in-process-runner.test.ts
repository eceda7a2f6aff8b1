import { afterEach, describe, expect, test, vi } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { inProcessRunner, type QueryRunner } from '../../src/cluster/in-process-runner.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { PartitionsLease } from '../../src/data/vectors/chunk-lease.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import { spend, STEPS_A_CHECK } from '../../src/base/budget.ts'
import type { FragmentTask } from '../../src/exec/fragment/fragment-task.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { shapedPlan } from './plans.ts'

const heap = new Heap(Heap.createMemory(16 << 20))
const kernels = loadKernels(heap)

type Fragment = (task: FragmentTask) => Promise<readonly (readonly Chunk[])[]>

/** A runner whose fragments are `fragment`, counting outputs that are not released. */
function runnerOf(
  fragment: Fragment,
  executingMax?: number,
): { runner: QueryRunner; held: () => number } {
  let held = 0
  const runner = inProcessRunner({
    heap,
    kernels,
    pool: undefined,
    ...(executingMax === undefined ? {} : { executingMax }),
    async runFragment(task): Promise<PartitionsLease> {
      const partitions = await fragment(task)
      held++
      return new PartitionsLease(partitions, () => void held--)
    },
  })
  return { runner, held: () => held }
}

/** Chunks without columns are enough to follow rows: their number says where they come from. */
function rowsChunk(rows: number): Chunk {
  return { rows, columns: [], statistics: undefined }
}

function rowsOf(chunks: readonly Chunk[] | undefined): readonly number[] {
  return (chunks ?? []).map((chunk) => chunk.rows)
}

/** Resolves when the fragment's cancel word is set, as a fragment would notice between morsels. */
async function untilStopped(task: FragmentTask): Promise<never> {
  while (Atomics.load(heap.i32, task.cancel >>> 2) === 0) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
}

const bytesAtStart = heap.bytesInUse
const runners: QueryRunner[] = []

afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close()
  expect(heap.bytesInUse).toBe(bytesAtStart)
})

describe('in-process runner', () => {
  test('ends a query whose fragment does not let go of the event loop', async () => {
    const { runner } = runnerOf(() => {
      // No timer can fire; only what it spends is looked at.
      for (;;) spend(STEPS_A_CHECK)
    })
    runners.push(runner)
    const plan = shapedPlan([{ partitions: 1 }])
    const ended = runner.run(plan, { queryId: 'q', timeoutMs: 1 })
    await expect(ended).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
  })

  test('a task that is done at once needs no timer and no listener', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const { signal } = new AbortController()
    const listeners = vi.spyOn(signal, 'addEventListener')
    const runner = inProcessRunner({
      heap,
      kernels,
      pool: undefined,
      runFragment: () => new PartitionsLease([[rowsChunk(2)]], () => {}),
    })
    runners.push(runner)
    const options = { queryId: 'q', timeoutMs: 1_000, signal }
    const output = await runner.run(shapedPlan([{ partitions: 1 }]), options)
    expect(output.rows).toBe(2)
    expect([timers.mock.calls.length, listeners.mock.calls.length]).toEqual([0, 0])
    output.release()
    vi.restoreAllMocks()
  })

  test('hands the last stage over by reference and lets go on release', async () => {
    const chunk = rowsChunk(3)
    const { runner, held } = runnerOf(async () => [[chunk]])
    runners.push(runner)
    const output = await runner.run(shapedPlan([{ partitions: 1 }]), { queryId: 'q' })
    expect(output.chunks[0]).toBe(chunk)
    expect(output.rows).toBe(3)
    expect(held()).toBe(1)
    output.release()
    expect(held()).toBe(0)
  })

  const exchanges = [
    ['gather', { kind: 'gather' }, 1, [[10, 11, 12]]],
    [
      'broadcast',
      { kind: 'broadcast' },
      2,
      [
        [10, 11, 12],
        [10, 11, 12],
      ],
    ],
    [
      'hash',
      { kind: 'hash', keys: [] },
      2,
      [
        [10, 11, 12],
        [20, 21, 22],
      ],
    ],
    [
      'round-robin',
      { kind: 'round-robin' },
      2,
      [
        [10, 11, 12],
        [20, 21, 22],
      ],
    ],
  ] as const
  for (const [name, output, consumers, expected] of exchanges) {
    test(`${name}: consumers read their share of every producer, in order`, async () => {
      const seen: (readonly number[])[] = []
      const isSplit = output.kind === 'hash' || output.kind === 'round-robin'
      const { runner, held } = runnerOf(async ({ stage, partition, inputs }) => {
        const pieces = [[rowsChunk(10 + partition)], [rowsChunk(20 + partition)]]
        if (stage.id === 0) return isSplit ? pieces : pieces.slice(0, 1)
        if (stage.id === 1) seen[partition] = rowsOf(inputs.get(0))
        return [[]]
      })
      runners.push(runner)
      const plan = shapedPlan([
        { partitions: 3, output, outputPartitions: isSplit ? 2 : 1 },
        { partitions: consumers, inputs: [0] },
        { partitions: 1, inputs: [1] },
      ])
      const result = await runner.run(plan, { queryId: 'q' })
      expect(seen).toEqual(expected)
      expect(held()).toBe(1)
      result.release()
      expect(held()).toBe(0)
    })
  }

  test('the first error stops the siblings, is thrown, and nothing stays', async () => {
    const { runner, held } = runnerOf(async (task) => {
      if (task.stage.id === 1) return [[]]
      if (task.partition === 0) return [[rowsChunk(1)]]
      if (task.partition === 1) return untilStopped(task)
      throw new QueryError('DIVISION_BY_ZERO', 'division by zero')
    })
    runners.push(runner)
    const plan = shapedPlan([{ partitions: 3 }, { partitions: 1, inputs: [0] }])
    const run = runner.run(plan, { queryId: 'q' })
    await expect(run).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO' })
    expect(held()).toBe(0)
  })

  const stops = [
    ['abort', () => ({ signal: abortSoon() }), 'canceling statement due to user request'],
    [
      'abort before',
      () => ({ signal: AbortSignal.abort() }),
      'canceling statement due to user request',
    ],
    ['timeout', () => ({ timeoutMs: 5 }), 'canceling statement due to statement timeout'],
  ] as const
  for (const [name, options, message] of stops) {
    test(`${name}: QUERY_CANCELED once nothing runs any more`, async () => {
      let running = 0
      const { runner, held } = runnerOf(async (task) => {
        running++
        await untilStopped(task).finally(() => running--)
        return []
      })
      runners.push(runner)
      const run = runner.run(shapedPlan([{ partitions: 20 }, { partitions: 1, inputs: [0] }]), {
        queryId: 'q',
        ...options(),
      })
      await expect(run).rejects.toMatchObject({ code: 'QUERY_CANCELED', message })
      expect(running).toBe(0)
      expect(held()).toBe(0)
    })
  }

  test('a task waits for a place, and may be stopped meanwhile', async () => {
    const begun: string[] = []
    const { runner, held } = runnerOf(async (task) => {
      begun.push(task.queryId)
      return task.queryId === 'first' ? untilStopped(task) : [[rowsChunk(1)]]
    }, 1)
    runners.push(runner)
    const task = shapedPlan([{ partitions: 1 }])
    const graph = shapedPlan([{ partitions: 1 }, { partitions: 1, inputs: [0] }])
    const stop = new AbortController()
    const first = runner.run(task, { queryId: 'first', signal: stop.signal })
    const others = Promise.allSettled([
      runner.run(task, { queryId: 'stopped', signal: abortSoon() }),
      runner.run(task, { queryId: 'late', timeoutMs: 5 }),
    ])
    const last = Promise.all([
      runner.run(task, { queryId: 'task' }),
      runner.run(graph, { queryId: 'graph' }),
    ])
    for (const { status } of await others) expect(status).toBe('rejected')
    expect(begun).toEqual(['first'])
    stop.abort()
    await expect(first).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    for (const output of await last) output.release()
    expect(begun).toEqual(['first', 'task', 'graph', 'graph'])
    expect(held()).toBe(0)
  })

  test('what is short waits for none of as many long ones as a server has clients', async () => {
    const { runner } = runnerOf(async (task) => {
      if (task.queryId !== 'short') await untilStopped(task)
      return [[rowsChunk(1)]]
    })
    runners.push(runner)
    const plan = shapedPlan([{ partitions: 1 }])
    const stops = Array.from({ length: 200 }, () => new AbortController())
    const long = stops.map(({ signal }) => runner.run(plan, { queryId: 'long', signal }))
    const short = await runner.run(plan, { queryId: 'short', timeoutMs: 60_000 })
    short.release()
    for (const stop of stops) stop.abort()
    const ends = await Promise.allSettled(long)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('an error without a code is an internal one, whatever a task is a part of', async () => {
    const { runner } = runnerOf(() => {
      throw new TypeError('no such thing')
    })
    runners.push(runner)
    const run = runner.run(shapedPlan([{ partitions: 1 }]), { queryId: 'q' })
    await expect(run).rejects.toMatchObject({ code: 'INTERNAL_ERROR' })
  })

  test('closing stops what runs', async () => {
    const { runner, held } = runnerOf(untilStopped)
    const run = runner.run(shapedPlan([{ partitions: 1 }]), { queryId: 'q' })
    const ended = expect(run).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
    await runner.close()
    await ended
    expect(held()).toBe(0)
  })
})

function abortSoon(): AbortSignal {
  const controller = new AbortController()
  setImmediate(() => controller.abort())
  return controller.signal
}
