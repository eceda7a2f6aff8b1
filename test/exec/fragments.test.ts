import { describe, expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { evaluate } from '../../src/plan/logical/evaluate.ts'
import { rangeBounds, rangeNumber } from '../../src/plan/physical/range-partition.ts'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { date, int2, int4, int8, text, type DataType } from '../../src/data/types/data-type.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import { choosesBuild } from '../../src/plan/physical/plan.ts'
import type { PhysicalJoinKind, PhysicalPlan, Stage } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  hashJoin,
  limit,
  literal,
  project,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, referenceRows, rowText, runStage } from './running.ts'
import { randomTable } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const types: readonly DataType[] = [int4, int2, text, date, int8]
const table = randomTable(seededRandom(11), arena, 't', types, 900)
const small = randomTable(seededRandom(12), arena, 's', types, 60)
const tuning = { batchRows: 16, morselRows: 50, poolRowsMin: 0 }

async function check(stage: Stage): Promise<void> {
  const expected = referenceRows(env, stage).map(rowText).sort()
  for (const threads of [1, 2, 4]) {
    const pool = inlinePool(env, threads)
    const rows = (await runStage(env, stage, pool, new Map(), 0, tuning)).flat().map(rowText)
    expect(rows.sort()).toEqual(expected)
  }
}

describe('an output that is split keeps every row exactly once', () => {
  test.each([1, 2, 3, 8])('into %s partitions', async (outputPartitions) => {
    const s = scan(table)
    for (const output of [
      { kind: 'hash', keys: [column(s, 2), column(s, 0)] },
      { kind: 'round-robin' },
    ] as const) {
      const stage = stageOf(s, { output, outputPartitions })
      const partitions = await runStage(env, stage, inlinePool(env, 2), new Map(), 0, tuning)
      expect(partitions.length).toBe(outputPartitions)
      const rows = partitions.flat().map(rowText).sort()
      expect(rows).toEqual(referenceRows(env, stage).map(rowText).sort())
      if (output.kind !== 'hash') continue
      const homes = new Map<string, number>()
      partitions.forEach((part, at) =>
        part.forEach((row) => {
          const key = rowText([row[2]!, row[0]!])
          expect(homes.get(key) ?? at).toBe(at)
          homes.set(key, at)
        }),
      )
    }
  })
})

test('an output that is split by a number has each row in the piece of its number', async () => {
  const s = scan(table)
  const keys = [2, 0].map((at, key) => ({
    expr: column(s, at),
    descending: key === 0,
    nullsFirst: false,
  }))
  const all = referenceRows(env, stageOf(s, {}))
  const sample = all.slice(0, 50).map((row) => ({ values: [row[2]!, row[0]!], weight: 1 }))
  const number = rangeNumber(keys, rangeBounds(sample, keys, 5))
  const stage = stageOf(s, { output: { kind: 'numbered', number }, outputPartitions: 5 })
  const pieces = await runStage(env, stage, inlinePool(env, 2), new Map(), 0, tuning)
  expect(pieces.flat().map(rowText).sort()).toEqual(all.map(rowText).sort())
  expect(pieces.filter((rows) => rows.length > 0).length).toBeGreaterThan(1)
  const ids = s.columns.map(({ id }) => id)
  for (const [piece, rows] of pieces.entries()) {
    for (const row of rows) expect(evaluate(number, (id) => row[ids.indexOf(id)]!)).toBe(piece)
  }
})

test.each([false, true])(
  'partitions of a scan read each chunk once; in runs: %s',
  async (readsRuns) => {
    const stage = stageOf(scan(table), { partitions: 3, readsRuns })
    const parts = [0, 1, 2].map((part) => runStage(env, stage, undefined, new Map(), part))
    const rows = (await Promise.all(parts)).flat(2).map(rowText).sort()
    expect(rows).toEqual(referenceRows(env, stage).map(rowText).sort())
  },
)

/** Bounds that hold for these columns of the random tables. */
function boundsOf(plan: PhysicalPlan): Stage['bounds'] {
  return new Map([
    [plan.columns[3]!.id, { min: 10_000n, max: 10_040n }],
    [plan.columns[1]!.id, { min: -32768n, max: 32767n }],
  ])
}

const kinds: readonly PhysicalJoinKind[] = [
  'inner',
  'left',
  'right',
  'full',
  'semi',
  'anti',
  'right-semi',
  'right-anti',
  'mark',
]

test.each(kinds)('%s join over a rank index', async (joinKind) => {
  for (const at of [1, 3]) {
    const [p, b] = [scan(table), scan(small)]
    const keys = [[column(p, at), column(b, at)]] as const
    const bounds = new Map([...boundsOf(p), ...boundsOf(b)])
    await check(stageOf(hashJoin(p, b, { joinKind, keys }), { bounds }))
    const residual = compare('<', column(p, 0), column(b, 0))
    await check(stageOf(hashJoin(p, b, { joinKind, keys, residual }), { bounds }))
    if (joinKind !== 'anti' && joinKind !== 'mark') continue
    await check(stageOf(hashJoin(p, b, { joinKind, keys, nullAware: true }), { bounds }))
  }
})

describe('a join with unique keys, of which some or none are missing,', () => {
  test.each([...kinds, 'single'] as const)('%s', async (joinKind) => {
    for (const [at, from] of [
      [3, table],
      [3, small],
      [1, small],
    ] as const) {
      const [p, s] = [scan(table), scan(from)]
      const specs = [
        { accumulator: 'min', arg: column(s, 2) },
        { accumulator: 'count-star' },
        { accumulator: 'max', arg: column(s, 0) },
      ] as const
      const b = aggregate(s, [column(s, at)], specs)
      const bounds = new Map([...boundsOf(p), ...boundsOf(s)])
      bounds.set(b.columns[0]!.id, present(bounds.get(s.columns[at]!.id), 'bounds'))
      const keys = [[column(p, at), column(b, 0)]] as const
      await check(stageOf(hashJoin(p, b, { joinKind, keys }), { bounds }))
      // Of one side nothing is read.
      const read = choosesBuild(joinKind)
        ? [column(b, 0), column(b, 3)]
        : [column(p, 0), column(p, at)]
      const rows = project(hashJoin(p, b, { joinKind, keys }), read)
      await check(stageOf(rows, { bounds }))
      const residual = compare('<', column(p, 0), column(b, 3))
      await check(stageOf(hashJoin(p, b, { joinKind, keys, residual }), { bounds }))
      if (joinKind !== 'anti' && joinKind !== 'mark') continue
      await check(stageOf(hashJoin(p, b, { joinKind, keys, nullAware: true }), { bounds }))
    }
  })
})

test('groups numbered by bounds', async () => {
  const s = scan(table)
  const specs = [{ accumulator: 'count-star' }, { accumulator: 'sum', arg: column(s, 0) }] as const
  await check(stageOf(aggregate(s, [column(s, 3)], specs), { bounds: boundsOf(s) }))
  await check(stageOf(aggregate(s, [column(s, 3), column(s, 2)], specs), { bounds: boundsOf(s) }))
})

describe('limit', () => {
  test.each([
    [0, 0, 0],
    [5, 0, 5],
    [5, 898, 2],
    [10_000, 100, 800],
    [1, 900, 0],
  ])('%s offset %s gives %s rows', async (rows, offset, expected) => {
    for (const threads of [1, 2]) {
      const stage = stageOf(limit(scan(table), rows, offset))
      const pool = inlinePool(env, threads)
      const found = (await runStage(env, stage, pool, new Map(), 0, tuning)).flat()
      expect(found.length).toBe(expected)
    }
  })

  test('of sorted rows keeps their order', async () => {
    const s = scan(table)
    const keys = [0, 1, 2, 3, 4].map((at) => ({
      expr: column(s, at),
      descending: false,
      nullsFirst: false,
    }))
    const stage = stageOf(limit(sort(s, keys), 20, 15))
    const found = (await runStage(env, stage, inlinePool(env, 2), new Map(), 0, tuning)).flat()
    expect(found.map(rowText)).toEqual(referenceRows(env, stage).map(rowText))
  })
})

test('top-k over more rows than it keeps', async () => {
  const large = randomTable(seededRandom(13), arena, 'large', [int8, text], 30_000)
  for (const descending of [false, true]) {
    const s = scan(large)
    const keys = [0, 1].map((at) => ({ expr: column(s, at), descending, nullsFirst: descending }))
    const stage = stageOf(sort(s, keys, 50))
    const found = (await runStage(env, stage, inlinePool(env, 2), new Map(), 0, tuning)).flat()
    expect(found.map(rowText)).toEqual(referenceRows(env, stage).map(rowText))
  }
})

describe('errors', () => {
  const divide = (s: PhysicalPlan): PhysicalPlan =>
    project(s, [call('/(int4,int4)', int4, literal(int4, 1), column(s, 0))])

  test('carry the code and the place, and leave no memory allocated', async () => {
    const s = scan(table)
    const span = { start: 7, end: 12 }
    const plan = project(s, [
      { ...call('/(int4,int4)', int4, literal(int4, 1), column(s, 0)), span },
    ])
    for (const threads of [1, 2]) {
      const before = env.heap.bytesInUse
      const pool = inlinePool(env, threads)
      const failing = runStage(env, stageOf(plan), pool, new Map(), 0, tuning)
      await expect(failing).rejects.toMatchObject({
        code: 'DIVISION_BY_ZERO',
        message: 'division by zero',
        details: { span },
      })
      expect(env.heap.bytesInUse).toBe(before)
    }
  })

  test('in a build side or behind a breaker leave no memory allocated', async () => {
    const before = env.heap.bytesInUse
    const p = scan(table)
    const b = divide(scan(small))
    const keys = [[column(p, 0), column(b, 0)]] as const
    const join = hashJoin(p, b, { joinKind: 'inner', keys })
    await expect(runStage(env, stageOf(join))).rejects.toThrow('division by zero')
    const grouped = divide(aggregate(p, [column(p, 0)], []))
    await expect(runStage(env, stageOf(grouped))).rejects.toThrow('division by zero')
    expect(env.heap.bytesInUse).toBe(before)
  })

  test('a set cancel word stops the fragment', async () => {
    const own = new Arena(env.heap)
    const cancel = own.allocateZeroed(4)
    const before = env.heap.bytesInUse
    env.heap.i32[cancel >>> 2] = 1
    const task = {
      queryId: 'q',
      stage: stageOf(scan(table)),
      partition: 0,
      inputs: new Map(),
      cancel,
      // What is done at once is not stopped any more.
      tuning: { evaluationsMax: 0 },
    }
    await expect(runFragment(task, inlinePool(env, 2), env)).rejects.toMatchObject({
      code: 'QUERY_CANCELED',
    })
    expect(env.heap.bytesInUse).toBe(before)
    own.release()
  })
})
