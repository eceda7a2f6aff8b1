import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { decimal, float8, int4, int8, text, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { moduleCacheStatistics } from '../../src/exec/thread/module-cache.ts'
import type { Expression } from '../../src/plan/logical/expression.ts'
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
import { createEnvironment, runStage } from './running.ts'
import { randomTable, tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

function table(type: DataType, values: readonly Scalar[]): PhysicalPlan {
  const chunk = {
    rows: values.length,
    columns: [vectorFromScalars(arena, type, values)],
    statistics: undefined,
  }
  return scan(tableOf('t', [type], [chunk]))
}

function numbers(rows: number): PhysicalPlan {
  return table(
    int4,
    Array.from({ length: rows }, (_, at) => at),
  )
}

/** The rows, and whether code was made or found for them. */
async function run(
  plan: PhysicalPlan,
  stage = stageOf(plan),
): Promise<{ readonly rows: Scalar[][]; readonly isCode: boolean }> {
  const looks = (): number => {
    const { hits, misses } = moduleCacheStatistics()
    return hits + misses
  }
  const before = looks()
  const bytes = env.heap.bytesInUse
  const [rows = []] = await runStage(env, stage, undefined, new Map(), 0, {
    evaluationsMax: 4_096,
  })
  expect(env.heap.bytesInUse).toBe(bytes)
  return { rows, isCode: looks() > before }
}

describe('few rows', () => {
  test('are filtered, computed, joined and grouped without code', async () => {
    const input = numbers(4)
    const n = column(input, 0)
    const some = filter(input, compare('>', n, literal(int4, 1)))
    expect(await run(project(some, [call('+(int4,int4)', int4, n, n)]))).toEqual({
      rows: [[4], [6]],
      isCode: false,
    })
    const [probe, build] = [numbers(3), numbers(2)]
    const keys = [[column(probe, 0), column(build, 0)]] as const
    expect(await run(hashJoin(probe, build, { joinKind: 'left', keys }))).toEqual({
      rows: [
        [0, 0],
        [1, 1],
        [2, null],
      ],
      isCode: false,
    })
    expect(await run(aggregate(input, [], [{ accumulator: 'sum', arg: n }]))).toEqual({
      rows: [[6n]],
      isCode: false,
    })
  })

  test('may be none', async () => {
    expect(await run(numbers(0))).toEqual({ rows: [], isCode: false })
  })

  test('of which each meets many are no longer few', async () => {
    const pairs = (rows: number): PhysicalPlan =>
      nestedLoop(numbers(rows), numbers(rows), 'inner', undefined)
    expect(await run(pairs(10))).toMatchObject({ isCode: false })
    const many = await run(pairs(100))
    expect(many.rows.length).toBe(10_000)
    expect(many.isCode).toBe(true)
    expect((await run(numbers(5_000))).isCode).toBe(true)
  })

  test('are answered by code when a plan with much to compute comes again and again', async () => {
    const computed = (rows: number): PhysicalPlan => {
      const input = numbers(rows)
      const n = column(input, 0)
      return project(input, [call('*(int4,int4)', int4, n, call('+(int4,int4)', int4, n, n))])
    }
    const waysOf = async (plan: PhysicalPlan): Promise<readonly boolean[]> => {
      const ways: boolean[] = []
      const stage = stageOf(plan)
      for (let times = 0; times < 20; times++) {
        // Values in the place of parameters make another plan.
        ways.push((await run(plan, { ...stage, root: { ...plan } })).isCode)
      }
      return ways
    }
    expect(await waysOf(computed(3))).toEqual(Array.from({ length: 20 }, () => false))
    const ways = await waysOf(computed(400))
    expect(ways[0]).toBe(false)
    expect(ways.at(-1)).toBe(true)
    expect(ways).toEqual(ways.toSorted((left, right) => Number(left) - Number(right)))
  })

  test('that are long are read by code, and given by it', async () => {
    const long = table(text, ['x'.repeat(100_000)])
    expect(await run(project(long, [call('length(text)', int4, column(long, 0))]))).toEqual({
      rows: [[100_000]],
      isCode: true,
    })
    const short = table(text, ['x'])
    const times = (count: number): Promise<{ isCode: boolean }> =>
      run(project(short, [call('repeat(text,int4)', text, column(short, 0), literal(int4, count))]))
    expect(await times(10)).toMatchObject({ rows: [['x'.repeat(10)]], isCode: false })
    expect(await times(100_000)).toMatchObject({ rows: [['x'.repeat(100_000)]], isCode: true })
  })

  test('may be computed by what is nested deeply', async () => {
    const input = numbers(1)
    let deep = column(input, 0)
    for (let at = 0; at < 1_500; at++) deep = call('+(int4,int4)', int4, deep, literal(int4, 1))
    expect(await run(project(input, [deep]))).toMatchObject({ rows: [[1_500]] })
  })

  test('fail as code does, which says where', async () => {
    const input = table(int4, [1, 0])
    const one = literal(int4, 1)
    const divided = {
      ...call('/(int4,int4)', int4, one, column(input, 0)),
      span: { start: 7, end: 10 },
    }
    await expect(run(project(input, [divided]))).rejects.toMatchObject({
      code: 'DIVISION_BY_ZERO',
      details: { span: { start: 7, end: 10 } },
    })
  })

  test('with sums that decimals have no room for fail', async () => {
    const wide = decimal(38, 0)
    const input = table(wide, [9n * 10n ** 37n, 9n * 10n ** 37n])
    const sum = aggregate(input, [], [{ accumulator: 'sum', arg: column(input, 0), type: wide }])
    await expect(run(sum)).rejects.toMatchObject({ code: 'NUMERIC_OUT_OF_RANGE' })
  })

  test('are left to code where another evaluation, or another order of adding, gives another value', async () => {
    const input = numbers(2)
    expect(await run(project(input, [call('random()', float8)]))).toMatchObject({ isCode: true })
    const floats = table(float8, [1e16, 1, -1e16])
    const sum = aggregate(floats, [], [{ accumulator: 'sum', arg: column(floats, 0) }])
    expect(await run(sum)).toEqual({ rows: [[1]], isCode: true })
    const counted = aggregate(floats, [], [{ accumulator: 'count-star', type: int8 }])
    expect(await run(counted)).toEqual({ rows: [[3n]], isCode: false })
  })

  const types: readonly DataType[] = [
    float8,
    { kind: 'float4' },
    { kind: 'numeric' },
    decimal(9, 2),
    int8,
    { kind: 'interval' },
    { kind: 'bpchar' },
    { kind: 'timetz' },
    text,
  ]
  test.each(types.map((type) => [type.kind, type] as const))(
    'of %s give the very same as code does',
    async (_kind, type) => {
      for (let seed = 1; seed <= 12; seed++) {
        const random = seededRandom(seed)
        const own = scan(randomTable(random, arena, 'r', [type, int4], 1 + (seed % 9)))
        const other = scan(randomTable(random, arena, 's', [type], seed % 5))
        const [value, small] = [column(own, 0), column(own, 1)]
        const keys = [[value, column(other, 0)]] as const
        const isFloat = type.kind === 'float8' || type.kind === 'float4'
        const plans = [
          own,
          filter(own, compare('<', value, value)),
          aggregate(own, [value], [{ accumulator: 'count-star', type: int8 }]),
          aggregate(
            own,
            [],
            (['min', 'max', 'any-value', 'count'] as const).map((accumulator) => {
              return { accumulator, arg: value, type: accumulator === 'count' ? int8 : type }
            }),
          ),
          aggregate(
            own,
            [small],
            [{ accumulator: 'count', arg: value, type: int8, distinct: true }],
          ),
          ...(
            ['inner', 'left', 'right', 'full', 'semi', 'anti', 'right-semi', 'right-anti'] as const
          ).map((joinKind) => hashJoin(own, other, { joinKind, keys })),
          ...(isFloat
            ? [
                project(own, [arithmetic(type, value)]),
                aggregate(own, [], [{ accumulator: 'sum', arg: value }]),
              ]
            : []),
          ...(type === float8
            ? [aggregate(own, [], [{ accumulator: 'deviation', arg: value, type: float8 }])]
            : []),
        ]
        for (const plan of plans) {
          const [few, code] = [await bitsOf(plan, 1e9), await bitsOf(plan, 0)]
          expect(few, `${plan.kind} of seed ${seed}`).toEqual(code)
        }
      }
    },
  )
})

function arithmetic(type: DataType, value: Expression): Expression {
  const { kind } = type
  const product = call(`*(${kind},${kind})`, type, value, value)
  return call(`-(${kind},${kind})`, type, call(`+(${kind},${kind})`, type, product, value), value)
}

/** The rows in an order of their own, every value with all that tells it from equal ones. */
async function bitsOf(plan: PhysicalPlan, evaluationsMax: number): Promise<readonly string[]> {
  const [rows = []] = await runStage(env, stageOf(plan), undefined, new Map(), 0, {
    evaluationsMax,
  })
  return rows.map((row) => row.map(bits).join(' | ')).sort()
}

function bits(value: Scalar): string {
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Uint8Array) return value.join('.')
  return typeof value === 'object' && value !== null
    ? Object.values(value).join(' ')
    : `${typeof value} ${String(value)}`
}
