import { expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { float4, float8, int4, text, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import type { ThreadPool } from '../../src/exec/jobs/thread.ts'
import type { PhysicalPlan, Stage } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  calledOut,
  column,
  compare,
  filter,
  freshId,
  hashJoin,
  limit,
  literal,
  nestedLoop,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, runStage, slowThread } from './running.ts'
import { chunksHere, tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

function tableWith(type: DataType, values: readonly Scalar[]) {
  const vector = vectorFromScalars(arena, type, values)
  const chunk = { rows: values.length, columns: [vector], statistics: undefined }
  return tableOf('t', [type], [chunk])
}

const same = tableWith(
  int4,
  Array.from({ length: 2_000 }, () => 7),
)

/** Every row of one side meets every row of the other: four million pairs. */
function explosions(): readonly PhysicalPlan[] {
  const [p, b] = [scan(same), scan(same)]
  const keys = [[column(p, 0), column(b, 0)]] as const
  return [hashJoin(p, b, { joinKind: 'inner', keys }), nestedLoop(p, b, 'inner', undefined)]
}

/** A pool that notes how often it is asked, and may set a cancel word before it runs. */
function watchedPool(cancel?: number): { readonly pool: ThreadPool; readonly runs: unknown[] } {
  const inner = inlinePool(env, 2)
  const runs: unknown[] = []
  const run: ThreadPool['run'] = (job, threads, lost) => {
    runs.push(job)
    if (cancel !== undefined) env.heap.i32[cancel >>> 2] = 1
    return inner.run(job, threads, lost)
  }
  return { pool: { ...inner, run }, runs }
}

test('a join from few rows that makes many goes on in the pool, from the beginning', async () => {
  for (const plan of explosions()) {
    const { pool, runs } = watchedPool()
    const total = aggregate(plan, [], [{ accumulator: 'count-star' }])
    const before = env.heap.bytesInUse
    expect((await runStage(env, stageOf(total), pool)).flat()).toEqual([[4_000_000n]])
    expect(runs.length).toBeGreaterThan(0)
    expect(env.heap.bytesInUse).toBe(before)
    const limited = limit(plan, 1_500_000, 100)
    const counted = aggregate(limited, [], [{ accumulator: 'count-star' }])
    expect((await runStage(env, stageOf(counted), pool)).flat()).toEqual([[1_500_000n]])
  }
})

test('few rows that stay few do not bother the pool', async () => {
  const { pool, runs } = watchedPool()
  const s = scan(same)
  const keys = [{ expr: column(s, 0), descending: false, nullsFirst: false }]
  await runStage(env, stageOf(sort(s, keys)), pool)
  expect(runs.length).toBe(0)
})

test('a cancel that arrives while a join explodes ends it', async () => {
  for (const plan of explosions()) {
    const own = new Arena(env.heap)
    const cancel = own.allocateZeroed(4)
    const before = env.heap.bytesInUse
    const { pool } = watchedPool(cancel)
    const stage = stageOf(aggregate(plan, [], [{ accumulator: 'count-star' }]))
    const task = { queryId: 'q', stage, partition: 0, inputs: new Map(), cancel }
    await expect(runFragment(task, pool, env)).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    expect(env.heap.bytesInUse).toBe(before)
    own.release()
  }
})

const texts = tableWith(
  text,
  Array.from({ length: 900 }, (_, row) => `text ${row}`),
)

function countOfHashes(): Stage {
  const s = scan(texts)
  const hash = calledOut(column(s, 0))
  const some = filter(s, compare('<>', hash, literal(text, 'none')))
  return stageOf(aggregate(some, [], [{ accumulator: 'count-star' }]))
}

test.each([
  ['stays on the calling thread while its turn lasts', 0.001, 0],
  ['begins anew on the pool when the turn is over', 1, 1],
])('a job whose rows may cost much %s', async (_name, stepMs, expected) => {
  const { thread } = slowThread(env, stepMs)
  const { pool, runs } = watchedPool()
  const before = env.heap.bytesInUse
  expect((await runStage(thread, countOfHashes(), pool)).flat()).toEqual([[900n]])
  expect(runs.length).toBe(expected)
  expect(env.heap.bytesInUse).toBe(before)
})

test('one batch of plain rows stays on the calling thread, whatever the clock says', async () => {
  const { thread } = slowThread(env, 5)
  const { pool, runs } = watchedPool()
  const s = scan(texts)
  const stage = stageOf(aggregate(s, [], [{ accumulator: 'count-star' }]))
  expect((await runStage(thread, stage, pool)).flat()).toEqual([[900n]])
  expect(runs.length).toBe(0)
})

test.each([
  ['late', 7, 1],
  ['early', 1, 0],
])('a small job that comes %s in a turn has time enough', async (_name, sinceMs, expected) => {
  const { thread, pauses } = slowThread(env, 0.1, sinceMs)
  const { pool, runs } = watchedPool()
  const s = scan(texts)
  const stage = stageOf(aggregate(s, [], [{ accumulator: 'count-star' }]))
  expect((await runStage(thread, stage, pool)).flat()).toEqual([[900n]])
  expect(runs.length).toBe(0)
  expect(pauses()).toBe(expected)
})

test('without a pool others have their turn while a job runs', async () => {
  const { thread, pauses } = slowThread(env, 5)
  expect((await runStage(thread, countOfHashes())).flat()).toEqual([[900n]])
  expect(pauses()).toBeGreaterThan(3)
})

test('chunks without number are made alike in turns', async () => {
  const { thread, pauses } = slowThread(env, 0.01)
  const chunk = chunksHere(texts)[0]!
  const one = { ...chunk, rows: 1, columns: chunk.columns.map((c) => ({ ...c, length: 1 })) }
  const many = tableOf(
    'many',
    [text],
    Array.from({ length: 130_000 }, () => one),
  )
  const s = scan(many)
  const stage = stageOf(aggregate(s, [], [{ accumulator: 'count-star' }]))
  const rows = await runStage(thread, stage, undefined, new Map(), 0, { uniformRowsMax: 4_096 })
  expect(rows.flat()).toEqual([[130_000n]])
  expect(pauses()).toBeGreaterThan(100)
})

test('a cancel that arrives in the middle of called out rows ends them', async () => {
  const own = new Arena(env.heap)
  const cancel = own.allocateZeroed(4)
  let looks = 0
  // Every step looks at the clock: the word is set during one of them.
  const clock = {
    nowMs() {
      if (++looks === 6) env.heap.i32[cancel >>> 2] = 1
      return looks
    },
  }
  const before = env.heap.bytesInUse
  const stage = countOfHashes()
  const task = { queryId: 'q', stage, partition: 0, inputs: new Map(), cancel }
  const run = runFragment(task, undefined, { ...env, clock })
  await expect(run).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
  // No more than the step in which it was set went on.
  expect(looks).toBeLessThan(12)
  expect(env.heap.bytesInUse).toBe(before)
  own.release()
})

test('VALUES that outgrow the turn are evaluated on the pool', async () => {
  const { thread } = slowThread(env, 10)
  const { pool, runs } = watchedPool()
  const id = freshId()
  const long = literal(text, 'x'.repeat(30_000))
  const root: PhysicalPlan = {
    kind: 'values',
    columns: [{ id, name: 'v', type: text, nullable: false }],
    rowExprs: [[call('quote_literal(text)', text, long)], [literal(text, 'second')]],
    rows: 2,
  }
  const rows = (await runStage(thread, stageOf(root), pool)).flat()
  expect(rows[1]).toEqual(['second'])
  expect(rows).toHaveLength(2)
  expect(runs.length).toBeGreaterThan(0)
})

const largest = Number.MAX_VALUE
const largest4 = Math.fround(3.4e38)

test.each<[string, DataType, Scalar[], number | 'overflow']>([
  ['finite values', float8, [largest, largest], 'overflow'],
  ['negative values', float8, [-largest, 1, -largest], 'overflow'],
  ['short values', float4, [largest4, largest4], 'overflow'],
  ['an infinite value', float8, [1, Infinity, largest], Infinity],
  ['both infinities', float8, [Infinity, -Infinity], NaN],
  ['an infinite short value', float4, [1, -Infinity], -Infinity],
  ['NaN', float8, [NaN, 1], NaN],
  ['values that fit', float8, [largest, -largest, 1], 1],
])('sum of %s', async (_name, type, values, expected) => {
  const s = scan(tableWith(type, values))
  const spec = { accumulator: 'sum', arg: column(s, 0), type } as const
  const total = runStage(env, stageOf(aggregate(s, [], [spec])))
  if (expected !== 'overflow') expect((await total).flat()).toEqual([[expected]])
  else {
    await expect(total).rejects.toMatchObject({
      code: 'NUMERIC_OUT_OF_RANGE',
      message: 'value out of range: overflow',
    })
  }
})
