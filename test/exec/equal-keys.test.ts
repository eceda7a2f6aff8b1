import { expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { float4, float8, interval, numeric, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { aggregate, column, compare, filter, hashJoin, nestedLoop, scan, stageOf } from './plans.ts'
import { createEnvironment, inlinePool, runStage } from './running.ts'
import { tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const n = (unscaled: bigint, scale: number): Scalar => ({ unscaled, scale })
const hours = 3_600_000_000n

/** Two unlike spellings of one value, and one of another. */
const cases: readonly (readonly [string, DataType, Scalar, Scalar, Scalar])[] = [
  ['numeric', numeric, n(1n, 0), n(100n, 2), n(101n, 2)],
  ['numeric zero', numeric, n(0n, 0), n(0n, 12), n(1n, 12)],
  ['negative numeric', numeric, n(-15n, 1), n(-1_500_000n, 6), n(15n, 1)],
  ['large numeric', numeric, n(10n ** 29n, 0), n(10n ** 35n, 6), n(10n ** 29n + 1n, 0)],
  ['wide numeric', numeric, n(10n ** 60n, 0), n(10n ** 80n, 20), n(10n ** 60n + 1n, 0)],
  ['numeric of many zeros', numeric, n(12n, 1), n(12n * 10n ** 400n, 401), n(13n, 1)],
  ['zero of many places', numeric, n(0n, 0), n(0n, 300), n(1n, 300)],
  ['whole zeros', numeric, n(10n ** 35n, 0), n(10n ** 66n, 31), n(10n ** 36n, 0)],
  ['float8 zero', float8, 0, -0, Number.MIN_VALUE],
  ['float4 zero', float4, -0, 0, 1],
  ['float8 NaN', float8, NaN, -NaN, Infinity],
  ['float4 NaN', float4, NaN, -NaN, -Infinity],
  [
    'interval',
    interval,
    { months: 1, days: 0, micros: 0n },
    { months: 0, days: 29, micros: 24n * hours },
    { months: 0, days: 31, micros: 0n },
  ],
]

test.each(cases)('%s: values that are equal are one key', async (_name, type, a, b, other) => {
  const tableWith = (values: readonly Scalar[]) =>
    tableOf(
      'keys',
      [type],
      // A chunk each, so that threads see unlike spellings.
      values.map((value) => {
        const vector = vectorFromScalars(arena, type, [value])
        return { rows: 1, columns: [vector], statistics: undefined }
      }),
    )
  const table = tableWith([a, b, a, other])
  const tuning = { poolRowsMin: 0, morselRows: 1 }
  const count = [{ accumulator: 'count-star' }] as const
  const [s, p, q] = [scan(table), scan(table), scan(tableWith([b, b]))]
  const keys = [[column(p, 0), column(q, 0)]] as const
  const equal = compare('=', column(p, 0), column(q, 0))
  const join = { joinKind: 'inner', keys } as const
  const numbers = async (plan: Parameters<typeof stageOf>[0], threads: number) => {
    const pool = inlinePool(env, threads)
    const rows = (await runStage(env, stageOf(plan), pool, new Map(), 0, tuning)).flat()
    return rows.map((row) => Number(row.at(-1))).toSorted()
  }
  for (const threads of [1, 3]) {
    expect(await numbers(aggregate(s, [column(s, 0)], count), threads)).toEqual([1, 3])
    const distinct = [{ accumulator: 'count', arg: column(s, 0), distinct: true }] as const
    expect(await numbers(aggregate(s, [], distinct), threads)).toEqual([2])
    for (const plan of [hashJoin(p, q, join), nestedLoop(p, q, 'inner', equal)]) {
      expect(await numbers(aggregate(plan, [], count), threads)).toEqual([6])
    }
    const semi = hashJoin(p, q, { ...join, joinKind: 'semi' })
    expect(await numbers(aggregate(semi, [], count), threads)).toEqual([3])
    const self = filter(s, compare('=', column(s, 0), column(s, 0)))
    expect(await numbers(aggregate(self, [], count), threads)).toEqual([4])
  }
  const output = { kind: 'hash', keys: [column(s, 0)] } as const
  const stage = stageOf(s, { output, outputPartitions: 7 })
  const parts = await runStage(env, stage, undefined)
  expect(
    parts
      .map((rows) => rows.length)
      .toSorted()
      .slice(-2),
  ).toSatisfy(([, most]: number[]) => most === 3 || most === 4)
})
