import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4, int8, float8, text } from '../../src/data/types/data-type.ts'
import {
  aggregate,
  column,
  compare,
  filter,
  hashJoin,
  literal,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, referenceRows, rowText, runStage } from './running.ts'
import { randomTable } from './tables.ts'

const env = createEnvironment()
const table = randomTable(
  seededRandom(1),
  new Arena(env.heap),
  't',
  [int4, int8, text, float8],
  500,
)

async function check(plan: Parameters<typeof stageOf>[0]): Promise<void> {
  const stage = stageOf(plan)
  const rows = (await runStage(env, stage)).flat().map(rowText).sort()
  expect(rows).toEqual(referenceRows(env, stage).map(rowText).sort())
}
test('scan', () => check(scan(table)))
test('filter', () => {
  const s = scan(table)
  return check(filter(s, compare('>', column(s, 0), literal(int4, 1))))
})
test('count', () => {
  const s = scan(table)
  return check(
    aggregate(
      s,
      [],
      [
        { accumulator: 'count-star' },
        { accumulator: 'sum', arg: column(s, 0) },
        { accumulator: 'sum', arg: column(s, 1) },
        { accumulator: 'min', arg: column(s, 2) },
      ],
    ),
  )
})
test('group', () => {
  const s = scan(table)
  return check(
    aggregate(
      s,
      [column(s, 2)],
      [
        { accumulator: 'count-star' },
        { accumulator: 'sum', arg: column(s, 0) },
        { accumulator: 'max', arg: column(s, 1) },
      ],
    ),
  )
})
test('join', () => {
  const [a, b] = [scan(table), scan(table)]
  return check(
    hashJoin(a, b, {
      joinKind: 'inner',
      keys: [
        [column(a, 1), column(b, 1)],
        [column(a, 2), column(b, 2)],
      ],
    }),
  )
})
test('sort', () => {
  const s = scan(table)
  return check(
    sort(s, [
      { expr: column(s, 2), descending: false, nullsFirst: false },
      { expr: column(s, 0), descending: true, nullsFirst: true },
    ]),
  )
})
