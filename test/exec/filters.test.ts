import { describe, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  date,
  decimal,
  int2,
  int4,
  int8,
  text,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import type { Expression } from '../../src/plan/logical/expression.ts'
import type { PhysicalPlan } from '../../src/plan/physical/plan.ts'
import { aggregate, call, column, compare, filter, literal, scan, stageOf } from './plans.ts'
import { checkByReference, createEnvironment } from './running.ts'
import { randomTable } from './tables.ts'

const types: readonly DataType[] = [text, int4, int2, date, decimal(10, 2), int8, text, date]
const env = createEnvironment()
const arena = new Arena(env.heap)
const seeds = [1, 2, 3, 4, 5, 6]
const tables = seeds.map((seed) =>
  randomTable(seededRandom(seed), arena, `t${seed}`, types, seed * 90, seed % 3 === 0 ? 0 : 5),
)
const tunings = [{}, { batchRows: 3, morselRows: 20 }, { batchRows: 1024, morselRows: 17 }]

type Column = (index: number) => Expression

const and = (...args: Expression[]): Expression => ({ kind: 'and', type: bool, args })
const or = (...args: Expression[]): Expression => ({ kind: 'or', type: bool, args })
const not = (arg: Expression): Expression => call('not(bool)', bool, arg)
const is = (arg: Expression, value: Scalar): Expression => compare('=', arg, literal(text, value))
const like = (arg: Expression, pattern: string): Expression =>
  call('like(text,text)', bool, arg, literal(text, pattern))
const oneOf = (arg: Expression, ...members: Scalar[]): Expression => ({
  kind: 'in-list',
  type: bool,
  arg,
  list: members.map((member) => literal(arg.type, member)),
})

const money = (unscaled: bigint, scale = 2): Expression => literal(decimal(6, scale), unscaled)
const int = (value: number): Expression => literal(int4, value)

const predicates: Readonly<Record<string, (c: Column) => Expression>> = {
  'text equals': (c) => is(c(0), 'a'),
  'text differs': (c) => compare('<>', c(0), literal(text, 'a')),
  'text equals NULL': (c) => is(c(0), null),
  'text in a list': (c) => oneOf(c(0), 'a', 'zz'),
  'text in a list with NULL': (c) => oneOf(c(0), 'a', null),
  'text not in a list with NULL': (c) => not(oneOf(c(0), 'a', null)),
  'text is NULL': (c) => call('is_null(any)', bool, c(0)),
  'text is NULL or like': (c) => or(call('is_null(any)', bool, c(0)), like(c(0), 'ab%')),
  'text like': (c) => like(c(0), '%b%'),
  'text not like': (c) => not(like(c(0), 'a_')),
  'texts of two columns': (c) => and(is(c(0), 'ab'), or(is(c(6), 'ab'), like(c(6), 'z%'))),
  'text or integer': (c) => or(is(c(0), 'a'), compare('>', c(1), literal(int4, 2))),
  'text and integers': (c) =>
    and(oneOf(c(0), 'a', 'ab'), compare('>', c(1), literal(int4, -3)), not(is(c(6), 'zz'))),
  'integer equals': (c) => compare('=', c(1), int(3)),
  'integer differs': (c) => compare('<>', c(1), int(3)),
  'integer beyond its layout': (c) => compare('=', c(1), int(1_000_000)),
  'integer differs from what no layout holds': (c) => compare('<>', c(1), int(1_000_000)),
  'integer below what no layout holds': (c) => compare('<', c(1), int(1_000_000)),
  'extreme integer': (c) => compare('>=', c(1), int(2_147_483_647)),
  'smallest integer': (c) => compare('<=', c(1), int(-2_147_483_648)),
  'never below the smallest': (c) => compare('<', c(1), int(-2_147_483_648)),
  'integers in a range': (c) => and(compare('>=', c(1), int(-2)), compare('<', c(1), int(4))),
  'integers in an empty range': (c) => and(compare('>', c(1), int(4)), compare('<', c(1), int(4))),
  'range of one': (c) => and(compare('>=', c(1), int(2)), compare('<=', c(1), int(2))),
  'constant first': (c) => compare('>', int(2), c(1)),
  'small integers': (c) => compare('<', c(2), literal(int2, 1)),
  'integer compared with NULL': (c) => compare('<', c(2), literal(int2, null)),
  dates: (c) => and(compare('>=', c(3), literal(date, 10_003)), compare('<', c(3), c(7))),
  'dates differ': (c) => compare('<>', c(3), c(7)),
  'decimals of another scale': (c) =>
    and(compare('<', c(4), money(50n, 1)), compare('>=', c(4), money(-3n, 0))),
  'decimals of a finer scale': (c) => compare('<', c(4), money(505n, 3)),
  bigints: (c) => compare('<=', c(5), literal(int8, 2n)),
  'everything at once': (c) =>
    and(
      compare('>=', c(1), int(-5)),
      compare('<', c(2), literal(int2, 3)),
      compare('<>', c(3), literal(date, 10_001)),
      compare('>', c(4), money(-900n)),
      compare('<>', c(5), literal(int8, 0n)),
      compare('<>', c(0), literal(text, 'zz')),
    ),
}

const check = (plan: PhysicalPlan): Promise<void> => checkByReference(env, stageOf(plan), tunings)

describe.each(tables.map((table) => [table.name, table] as const))('over %s', (_name, table) => {
  test.each(Object.entries(predicates))('a filter: %s', async (_label, build) => {
    const s = scan(table)
    await check(
      filter(
        s,
        build((index) => column(s, index)),
      ),
    )
  })

  test.each(Object.entries(predicates))(
    'counted, in CASE and FILTER: %s',
    async (_label, build) => {
      const s = scan(table)
      const predicate = build((index) => column(s, index))
      const when: Expression = {
        kind: 'case',
        type: int8,
        branches: [{ when: predicate, then: literal(int8, 1n) }],
        otherwise: column(s, 5),
      }
      await check(
        aggregate(
          s,
          [column(s, 2)],
          [
            { accumulator: 'min', arg: when },
            { accumulator: 'count', arg: predicate },
            { accumulator: 'count-star', filter: predicate },
          ],
        ),
      )
      await check(aggregate(filter(s, predicate), [], [{ accumulator: 'count-star' }]))
    },
  )
})
