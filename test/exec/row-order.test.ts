import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  decimal,
  float8,
  int4,
  int8,
  numeric,
  text,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  column,
  compare,
  filter,
  hashJoin,
  limit,
  literal,
  project,
  scan,
  stageOf,
  unionAll,
} from './plans.ts'
import { createEnvironment, interleavedPool, referenceRows, rowText, runStage } from './running.ts'
import { randomTable } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const types: readonly DataType[] = [int4, text, bool, decimal(30, 4), float8, numeric, int8]
const table = randomTable(seededRandom(31), arena, 't', types, 900)
const other = randomTable(seededRandom(32), arena, 's', types, 130)

/** Plans whose answer has one order, if rows keep that of their tables. */
const plans: Readonly<Record<string, () => PhysicalPlan>> = {
  'a table': () => scan(table),
  'few of its rows': () => {
    const s = scan(table)
    return filter(s, compare('=', column(s, 0), literal(int4, 3)))
  },
  'computed columns of many rows': () => {
    const s = scan(table)
    const kept = filter(s, compare('<', column(s, 0), literal(int4, 5)))
    return project(kept, [column(s, 5), column(s, 1), column(s, 2)])
  },
  'rows with a partner': () => {
    const [p, b] = [scan(table), scan(other)]
    return hashJoin(p, b, { joinKind: 'semi', keys: [[column(p, 0), column(b, 0)]] })
  },
  'two tables, one behind the other': () => unionAll(scan(table), scan(other)),
  'some rows of two tables, each with a limit of its own': () =>
    unionAll(limit(scan(table), 20, 5), limit(scan(other), 30)),
}

const runs = fc.record({
  name: fc.constantFrom(...Object.keys(plans)),
  limited: fc.option(
    fc.tuple(fc.oneof(fc.nat(40), fc.nat(1_200)), fc.oneof(fc.constant(0), fc.nat(1_100))),
  ),
  threads: fc.integer({ min: 1, max: 5 }),
  morselRows: fc.constantFrom(1, 7, 64, 300),
  batchRows: fc.constantFrom(3, 64),
  seed: fc.nat(),
})

test('rows come in the order of their table, in whichever order threads get on', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async ({ name, limited, threads, seed, ...sizes }) => {
      const plan = plans[name]!()
      const stage = stageOf(limited === null ? plan : limit(plan, ...limited))
      const random = seededRandom(seed)
      const pool = interleavedPool(env, threads, () => random.next())
      const before = env.heap.bytesInUse
      const tuning = { ...sizes, poolRowsMin: 0 }
      const rows = (await runStage(env, stage, pool, new Map(), 0, tuning)).flat()
      expect(rows.map(rowText)).toEqual(referenceRows(env, stage).map(rowText))
      expect(env.heap.bytesInUse).toBe(before)
    }),
    { numRuns: 40 },
  )
})
