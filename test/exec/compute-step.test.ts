import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pipeline } from '../../src/compile/model/pipeline.ts'
import { cutFragment } from '../../src/exec/cut/cut-pipelines.ts'
import { connect, type Database } from '../../src/index.ts'
import { bindQuery } from '../../src/plan/binder/bind.ts'
import { optimize } from '../../src/plan/optimizer/optimize.ts'
import { planPhysical } from '../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../src/plan/physical/stages.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { bindContext } from '../plan/binder/binding.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

// Expressions that are too large for one function are computed in parts, one after another.

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
  await db.query(`create table t as
    select x::integer as a, (x / 2)::float8 as f, 's' || x % 3 as s, nullif(x % 5, 0)::bigint as b
    from (values (0), (1), (2), (3), (4), (5), (6), (7)) v(x)`)
})
afterAll(() => db.close())

const listed = (count: number, item: (at: number) => string, separator = ', '): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(separator)

const large: readonly (readonly [string, string, readonly (string | null)[]])[] = [
  [
    'operands that may overflow',
    listed(5_000, () => 'b::float8', ' + '),
    [null, '5000', '10000', '15000', '20000', null, '5000', '10000'],
  ],
  [
    'branches, the last of which decides',
    `case ${listed(4_000, (i) => `when a > ${4_010 - i} then ${i}`, ' ')} when a > 3 then -1 end`,
    [null, null, null, null, '-1', '-1', '-1', '-1'],
  ],
  [
    'branches, the first of which decides',
    `case ${listed(4_000, (i) => `when a < ${i} then ${i}`, ' ')} end`,
    ['1', '2', '3', '4', '5', '6', '7', '8'],
  ],
  [
    'conditions',
    `(${listed(2_000, (i) => `(a > ${i} or b < ${i - 2_000})`, ' and ')})`,
    [null, 'f', 'f', 'f', 'f', null, 'f', 'f'],
  ],
  [
    'conditions of which one may be unknown',
    `(${listed(2_000, (i) => `(a <= ${-i} and b > ${i - 2_000})`, ' or ')})`,
    [null, 'f', 'f', 'f', 'f', 'f', 'f', 'f'],
  ],
  [
    'arguments',
    `greatest(${listed(3_000, (i) => `a * ${i % 7} - ${i}`)})`,
    listed(8, String)
      .split(', ')
      .map((_, a) =>
        String(Math.max(...Array.from({ length: 3_000 }, (__, i) => a * (i % 7) - i))),
      ),
  ],
  [
    'a projection that is read twice',
    `(q.y + q.y) from (select a, ${listed(4_000, () => 'f', ' + ')} as y from t) q`,
    ['0', '0', '8000', '8000', '16000', '16000', '24000', '24000'],
  ],
  [
    'a part that must not be evaluated for every row',
    `case when a = 0 then -1 else ${listed(3_000, () => '6 / a', ' + ')} end`,
    ['-1', '18000', '9000', '6000', '3000', '3000', '3000', '0'],
  ],
]

describe('large expressions give what small ones would', () => {
  test.each(large)('%s', async (_, expr, expected) => {
    const from = expr.includes(' from ') ? '' : ' from t'
    const result = await db.query(`select ${expr}${from} order by a`)
    expect(result.texts().map(([value]) => value)).toEqual(expected)
  })

  test('text that is computed in parts is kept in groups', async () => {
    const long = listed(1_800, (i) => `case when a > ${i} then s else 'k${i % 10}' end`, ' || ')
    const rows = `select ${long} as l, a from t`
    const grouped = await db.query(
      `select count(*), max(length(l)), min(a) from (${rows}) q group by l order by 3`,
    )
    const plain = await db.query(`select 1, length(l), a from (${rows}) q order by a`)
    expect(grouped.texts()).toEqual(plain.texts())
  })

  test('what is computed flows through joins, filters and limits', async () => {
    const sum = listed(5_000, () => 'l.b::float8', ' + ')
    const result = await db.query(
      `select y, r.a from (select ${sum} as y, a from t l) q join t r on r.a = q.a + 1 and y > r.a where y < 16000 order by r.a limit 3`,
    )
    expect(result.texts()).toEqual([
      ['5000', '2'],
      ['10000', '3'],
      ['15000', '4'],
    ])
  })
})

const compiled: readonly (readonly [string, string])[] = [
  ['operands', `select ${listed(5_000, () => 'a::float8', ' + ')} from t`],
  ['branches', `select case ${listed(4_000, (i) => `when a > ${i} then ${i}`, ' ')} end from t`],
  ['keys', `select count(*) from t group by ${listed(1_600, (i) => `a + ${i}`)}`],
  ['sort keys', `select a from t order by ${listed(1_600, (i) => `a + ${i}`)}`],
]

function pipelinesOf(sql: string): readonly Pipeline[] {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error('not a query')
  const optimized = optimize(bindQuery(statement, bindContext()).relation, {
    functions: builtInFunctions,
  })
  const { stages } = cutStages(planPhysical(optimized, { workers: 1 }), { workers: 1 })
  return stages.flatMap((stage) => cutFragment(stage, 1_024).pipelines)
}

test.each(compiled)('thousands of %s are compiled, not called out', (_, sql) => {
  const steps = pipelinesOf(sql).flatMap((pipeline) => pipeline.steps)
  expect(steps.filter(({ kind }) => kind === 'call-out')).toEqual([])
  expect(steps.length).toBeLessThan(4)
})

test('windows share rows as long as none reads what another gives', () => {
  const over = (partition: string) => `sum(a) over (partition by ${partition} order by b)`
  const many = listed(100, (i) => over(`a + ${i}`))
  expect(pipelinesOf(`select ${many} from t`)).toHaveLength(2)
  const two = `${over('a')}, ${over('a + 1')}`
  expect(pipelinesOf(`select ${two}, ${over('a')}, rank() over (order by a) from t`)).toHaveLength(
    3,
  )
  const read = `select sum(a) over (order by s) from (select a, ${over('b')} as s from t) u`
  expect(pipelinesOf(read)).toHaveLength(3)
})
