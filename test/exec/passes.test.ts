import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { float8, int4, int8, numeric, text, type DataType } from '../../src/data/types/data-type.ts'
import type { PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  filter,
  hashJoin,
  literal,
  nestedLoop,
  project,
  scan,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, referenceRows, rowText, runStage } from './running.ts'
import { randomTable } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const types: readonly DataType[] = [int4, text, int8, float8, numeric]
const [INT4, TEXT, INT8] = [0, 1, 2] as const
const table = randomTable(seededRandom(71), arena, 't', types, 300)
const [none, one, few, some] = [0, 1, 5, 90].map((rows) =>
  randomTable(seededRandom(72 + rows), arena, `b${rows}`, types, rows),
) as [typeof table, typeof table, typeof table, typeof table]
const builds = [none, one, few, some]

const pairs = (p: PhysicalPlan, b: PhysicalPlan) => nestedLoop(p, b, 'inner', undefined)

/** What is asked of pairs: no order of theirs shows, so that each build row may have a pass of its own. */
const asked = (plan: PhysicalPlan, numbers: readonly number[], keys: readonly number[] = []) =>
  aggregate(
    plan,
    keys.map((at) => column(plan, at)),
    [
      { accumulator: 'count-star' },
      ...numbers.flatMap((at) => [
        { accumulator: 'sum' as const, arg: column(plan, at) },
        { accumulator: 'count' as const, arg: column(plan, at) },
      ]),
    ],
  )

async function check(plan: PhysicalPlan): Promise<void> {
  const stage = stageOf(plan)
  const expected = referenceRows(env, stage).map(rowText).sort()
  for (const tuning of [
    {},
    { batchRows: 3, morselRows: 100, poolRowsMin: 0 },
    { batchRows: 1024, morselRows: 64, poolRowsMin: 0 },
    { batchRows: 3, morselRows: 100, poolRowsMin: 0, interpretation: 'always' },
  ] as const) {
    const before = env.heap.bytesInUse
    const partitions = await runStage(env, stage, inlinePool(env, 2), new Map(), 0, tuning)
    expect(partitions.flat().map(rowText).sort(), JSON.stringify(tuning)).toEqual(expected)
    expect(env.heap.bytesInUse).toBe(before)
  }
}

describe.each(builds)('pairs with $name', (build) => {
  const width = types.length
  test('of a table', async () => {
    const plan = pairs(scan(table), scan(build))
    await check(asked(plan, [INT4, width + INT4]))
    await check(asked(plan, [INT8], [TEXT, width + TEXT]))
    await check(plan)
  })
  test('of filtered rows, filtered again', async () => {
    const p = scan(table)
    const plan = pairs(filter(p, compare('>', column(p, INT4), literal(int4, 0))), scan(build))
    const kept = filter(plan, compare('<', column(plan, INT4), column(plan, width + INT4)))
    const again = filter(kept, compare('<>', column(kept, TEXT), column(kept, width + TEXT)))
    await check(asked(again, [INT4, width + INT4], [TEXT]))
  })
  test('with two tables', async () => {
    const inner = pairs(scan(table), scan(build))
    const plan = pairs(inner, scan(few))
    const kept = filter(
      plan,
      compare('<=', column(plan, width + INT4), column(plan, 2 * width + INT4)),
    )
    await check(asked(kept, [INT4, width + INT4, 2 * width + INT4]))
  })
  test('between joins by keys', async () => {
    const [p, b] = [scan(table), scan(some)]
    const first = hashJoin(p, b, { joinKind: 'left', keys: [[column(p, INT4), column(b, INT4)]] })
    const plan = pairs(first, scan(build))
    const last = scan(few)
    const keys = [[column(plan, 2 * width + INT8), column(last, INT8)]] as const
    const joined = hashJoin(plan, last, { joinKind: 'inner', keys })
    await check(asked(joined, [INT4, width + INT4, 3 * width + INT4], [width + TEXT]))
  })
  test('with texts made of both, and with call-outs', async () => {
    const plan = pairs(scan(table), scan(build))
    const both = call('||(text,text)', text, column(plan, TEXT), column(plan, width + TEXT))
    await check(asked(project(plan, [both, column(plan, INT4)]), [1], [0]))
    const reversed = call('reverse(text)', text, both)
    await check(asked(project(plan, [reversed, column(plan, INT4)]), [1], [0]))
  })
})
