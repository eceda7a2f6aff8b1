import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import * as planner from '../../src/engine/queries/plan-query.ts'
import * as binder from '../../src/plan/binder/bind.ts'
import { engineOfPipelines } from './pipelines.ts'

vi.mock('../../src/plan/binder/bind.ts', { spy: true })
vi.mock('../../src/engine/queries/plan-query.ts', { spy: true })

let engine: Engine
let session: Session
beforeAll(async () => {
  engine = await engineOfPipelines({ threads: 1 })
  session = new Session(engine)
  await session.query(
    'create table t (a int, b bigint, d numeric(9, 2), f float8, s text, day date)',
  )
  const rows = Array.from({ length: 60 }, (_, i) => {
    const values = [i - 20, (i % 7) * 1_000_000_007, `${i}.25`, i / 8, `'w${i % 9}'`]
    return i % 11 === 0
      ? '(null, null, null, null, null, null)'
      : `(${values}, date '2024-01-01' + ${i})`
  })
  await session.query(`insert into t values ${rows}`)
  await session.query('create table u (a int, s text)')
  await session.query("insert into u values (1, 'w1'), (2, 'w2')")
})
afterAll(() => engine.close())

type Value = string | number | bigint | boolean | null

/** What a query answers, or the code of its error. */
async function answerOf(text: string, parameters: readonly Value[] = []): Promise<unknown> {
  try {
    const result = await session.query(text, parameters)
    const texts = result.texts()
    result.release()
    return texts
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}

/** How often a query was bound and planned for its answer. */
async function workOf(text: string, parameters: readonly Value[]): Promise<readonly number[]> {
  const spies = [vi.mocked(binder.bindSteps), vi.mocked(planner.planQuery)]
  const before = spies.map(({ mock }) => mock.calls.length)
  await answerOf(text, parameters)
  return spies.map(({ mock }, i) => mock.calls.length - before[i]!)
}

test.each([
  ['select a, s from t where a = $1 and s <> $2', [3, 'w3'], [4, 'x']],
  ['select sum(b * $1), count(*) filter (where f > $2) from t', [2, 0.5], [3, 1.5]],
  [
    'select s, max(d + $1) from t where day >= $2::date group by s order by s limit 3',
    ['1.5', '2024-01-09'],
    [null, '2024-02-01'],
  ],
  ['select $1::int + 1', [1], [2]],
  ['select a from t where a in ($1, $2, 7) union all select $1::int', [1, 2], [3, null]],
])('%s is bound and planned once, for all values', async (text, first, second) => {
  expect((await workOf(text, first))[1]).toBe(1)
  expect(await workOf(text, second)).toEqual([0, 0])
})

test.each([
  ['select a from t order by a limit $1', [1], [2]],
  ['select t.a from t join u on t.a = u.a where u.s = $1', ['w1'], ['w2']],
  ['select a from t where a > (select min(a) from u where a > $1)', [0], [1]],
  ['select current_setting($1)', ['timezone'], ['datestyle']],
])('%s is planned for its values', async (text, first, second) => {
  await workOf(text, first)
  expect((await workOf(text, second))[1]).toBe(1)
})

test('a kept plan is not used for parameters of other types, nor after a change of the table', async () => {
  const text = 'select $1 as x'
  expect(await answerOf(text, [1])).toEqual([['1']])
  expect(await answerOf(text, ['one'])).toEqual([['one']])
  expect(await answerOf(text, [1.5])).toEqual([['1.5']])
  const counted = 'select count(*) from u where a >= $1'
  expect(await answerOf(counted, [1])).toEqual([['2']])
  await session.query("insert into u values (3, 'w3')")
  expect(await answerOf(counted, [1])).toEqual([['3']])
})

/** Where a value of a kind may stand: the text with `?`, in place of $1 or of a literal. */
const places = {
  int: [
    'select a from t where a = ?',
    'select a, b from t where a < ? or b > ?',
    'select a + ?, b * ?, a / ? from t where a between ? and 25',
    'select sum(a * ?), min(a - ?), count(?) from t',
    'select a % ? as m, count(*) from t group by 1 order by 1',
    'select case when a > ? then s else ?::text end from t where not (a = ?)',
    'select a from t where a in (1, ?, 5) and ? is not null',
    'select a from t where a is distinct from ? order by a + ? limit 5',
    'select s, a from (select s, a * ? as a from t where a > ?) x where a < ? order by 1, 2',
    'select a from t where b = ? union all select ? from t where a = 3',
    'select coalesce(a, ?), nullif(a, ?), greatest(a, ?), f * ? from t',
    'select distinct a > ? from t',
    'select s from t group by s having count(*) > ? order by s',
  ],
  text: [
    'select a from t where s = ?',
    'select s from t where s like ? or s > ?',
    "select s || ?, upper(?) from t where s in (?, 'w2')",
    'select count(distinct s || ?) from t where s <> ? or s is null',
    "select replace(s, ?, '_'), strpos(s, ?) from t where starts_with(s, ?)",
    'select max(s), min(?) from t where s >= ?',
  ],
} as const

const literals = {
  int: fc
    .option(fc.oneof(fc.integer({ min: -25, max: 45 }), fc.constantFrom(0, 1, 2_147_483_647)))
    .map((value) => ({
      value: value as Value,
      text: value === null ? 'null::int' : `(${value})::int`,
    })),
  text: fc.option(fc.constantFrom('', 'w', 'w1', 'w%', '_2', '%', "o'k", 'zzz')).map((value) => ({
    value: value as Value,
    text: value === null ? 'null::text' : `'${value.replaceAll("'", "''")}'::text`,
  })),
}

for (const kind of ['int', 'text'] as const) {
  test(
    `answers with ${kind} parameters are those with literals`,
    { timeout: 120_000 },
    async () => {
      const cases = fc.tuple(
        fc.constantFrom(...places[kind]),
        fc.array(literals[kind], { minLength: 2, maxLength: 3 }),
      )
      await fc.assert(
        fc.asyncProperty(cases, async ([place, values]) => {
          for (const { value, text } of values) {
            const given = await answerOf(place.replaceAll('?', `$1::${kind}`), [value])
            expect(given).toEqual(await answerOf(place.replaceAll('?', text)))
          }
        }),
        { numRuns: 60 },
      )
    },
  )
}
