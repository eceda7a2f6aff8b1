import { expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4, text } from '../../src/data/types/data-type.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import type { ThreadPool } from '../../src/exec/jobs/thread.ts'
import type { Stage } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  calledOut,
  column,
  compare,
  filter,
  limit,
  literal,
  project,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, runStage, slowThread } from './running.ts'
import { tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

const [SMALL, LARGE] = [900, 3_000]

/** Counts rows by a function that is called out: from 1,000 rows on such a job is large. */
function countOfHashes(rows: number): Stage {
  const values = Array.from({ length: rows }, (_, row) => `text ${row}`)
  const chunk = { rows, columns: [vectorFromScalars(arena, text, values)], statistics: undefined }
  const s = scan(tableOf('t', [text], [chunk]))
  const hash = calledOut(column(s, 0))
  const some = filter(s, compare('<>', hash, literal(text, 'none')))
  return stageOf(aggregate(some, [], [{ accumulator: 'count-star' }]))
}

/** A pool that becomes ready when it has been asked so often whether it is. */
function startingPool(asksUntilReady: number) {
  const inner = inlinePool(env, 2)
  let [asks, warmed, runs] = [0, 0, 0]
  const pool: ThreadPool = {
    ...inner,
    get isReady() {
      return ++asks > asksUntilReady
    },
    warm: () => void warmed++,
    run(...job) {
      runs++
      return inner.run(...job)
    },
  }
  return { pool, asks: () => asks, told: () => ({ warmed: warmed > 0, runs: runs > 0 }) }
}

const never = Number.POSITIVE_INFINITY

test.each([
  ['a small job starts no threads, though it takes long', SMALL, never, 0.5, false, false],
  ['a small job that takes very long does', SMALL, never, 150, false, true],
  ['a large job that is soon done runs here', LARGE, never, 0.01, false, false],
  ['one that takes long starts them and runs here meanwhile', LARGE, never, 2, true, false],
  ['a single call that takes very long goes to them at once', LARGE, never, 150, false, true],
])('before there are threads, %s', async (_name, rows, asks, lookMs, warmed, runs) => {
  const { pool, told } = startingPool(asks)
  const before = env.heap.bytesInUse
  const stage = countOfHashes(rows)
  const held = env.heap.bytesInUse - before
  expect((await runStage(slowThread(env, lookMs).thread, stage, pool)).flat()).toEqual([
    [BigInt(rows)],
  ])
  expect(told()).toEqual({ warmed, runs })
  expect(env.heap.bytesInUse - before).toBe(held)
})

test.each([
  ['little is left when its code is compiled starts none', 0.001, false],
  ['much is left starts them', 1, true],
])('before there are threads, a job of which %s', async (_name, lookMs, warmed) => {
  const { pool, asks, told } = startingPool(never)
  const slow = slowThread(env, lookMs).thread
  // The first morsel takes more than there is patience for: until the pool is asked before the second.
  const clock = { nowMs: () => slow.clock.nowMs() + (asks() > 2 ? 60 : 0) }
  const tuning = { morselRows: 64, poolRowsMin: 1 }
  const stage = countOfHashes(LARGE)
  const rows = await runStage({ ...slow, clock }, stage, pool, new Map(), 0, tuning)
  expect(rows.flat()).toEqual([[BigInt(LARGE)]])
  expect(told()).toEqual({ warmed, runs: false })
})

test('a job that begins anew on threads begins with its first row', async () => {
  const values = Array.from({ length: LARGE }, (_, row) => `text ${row}`)
  const column0 = vectorFromScalars(arena, text, values)
  const chunk = { rows: LARGE, columns: [column0], statistics: undefined }
  const s = scan(tableOf('t', [text], [chunk]))
  const stage = stageOf(project(s, [calledOut(column(s, 0)), column(s, 0)]))
  const expected = (await runStage(env, stage)).flat()
  // One call takes longer than there is patience for, now early, now late.
  let begunAnew = 0
  for (const longAt of [1, 2, 5, 10, 20, 40, 80]) {
    const { pool, told } = startingPool(never)
    const slow = slowThread(env, 0.001).thread
    let looks = 0
    const clock = {
      nowMs: () => slow.clock.nowMs() + (++looks > longAt * 10 ? looks * 200 : 0),
    }
    const rows = (await runStage({ ...slow, clock }, stage, pool)).flat()
    expect(rows).toEqual(expected)
    if (told().runs) begunAnew++
  }
  expect(begunAnew).toBeGreaterThan(2)
})

const numbers = tableOf(
  'numbers',
  [int4],
  [0, 1_000, 2_000].map((start) => ({
    rows: 1_000,
    columns: [
      vectorFromScalars(
        arena,
        int4,
        Array.from({ length: 1_000 }, (_, row) => (start + row) * 7),
      ),
    ],
    statistics: undefined,
  })),
)

function grouped(): Stage {
  const s = scan(numbers)
  const key = call('%(int4,int4)', int4, column(s, 0), literal(int4, 10))
  const p = project(s, [key, column(s, 0)])
  const sum = { accumulator: 'sum', arg: column(p, 1) } as const
  return stageOf(aggregate(p, [column(p, 0)], [{ accumulator: 'count-star' }, sum]))
}

function sorted(): Stage {
  const s = scan(numbers)
  return stageOf(sort(s, [{ expr: column(s, 0), descending: true, nullsFirst: false }]))
}

/** Rows in many morsels, by the ways in which they reach what a pipeline makes. */
const plans: readonly (readonly [string, () => Stage])[] = [
  ['counted', () => countOfHashes(LARGE)],
  ['grouped', grouped],
  ['put out', () => stageOf(scan(numbers))],
  ['put out in order', () => ({ ...stageOf(scan(numbers)), inOrder: true })],
  ['sorted', sorted],
  ['limited', () => stageOf(limit(scan(numbers), 1_700, 100))],
]

test.each(plans)('rows %s are all there, once, whenever threads come', async (_name, stageHere) => {
  const tuning = { morselRows: 64, poolRowsMin: 1 }
  const stage = stageHere()
  const expected = (await runStage(env, stage)).flat()
  const isOrdered = stage.root.kind !== 'hash-aggregate'
  const before = env.heap.bytesInUse
  for (const asks of [0, 1, 2, 3, 5, 8, 13, 21, 34, 55]) {
    const { pool } = startingPool(asks)
    const rows = (
      await runStage(slowThread(env, 0.1).thread, stage, pool, new Map(), 0, tuning)
    ).flat()
    if (isOrdered) expect(rows).toEqual(expected)
    else expect(rows.map(String).toSorted()).toEqual(expected.map(String).toSorted())
    expect(env.heap.bytesInUse).toBe(before)
  }
})
