import { describe, expect, test } from 'vitest'
import { byLot } from '../by-lot.ts'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  arrayOf,
  bpchar,
  jsonb,
  bytea,
  uuid,
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  numeric,
  text,
  time,
  timestamp,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { Expression } from '../../src/plan/logical/expression.ts'
import type { PhysicalJoinKind, PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  filter,
  hashJoin,
  limit,
  literal,
  nestedLoop,
  project,
  scan,
  sort,
  stageOf,
  unionAll,
} from './plans.ts'
import { createEnvironment, inlinePool, referenceRows, rowText, runStage } from './running.ts'
import { randomTable } from './tables.ts'

const types: readonly DataType[] = [
  int4,
  int8,
  text,
  float8,
  bool,
  int2,
  date,
  decimal(10, 2),
  decimal(30, 3),
  numeric,
  interval,
  float4,
  time,
  timestamp,
  bytea,
  uuid,
  arrayOf({ kind: 'numeric' }),
  jsonb,
  bpchar,
]
const [INT4, INT8, TEXT, FLOAT8, BOOL, INT2, DATE, DECIMAL, WIDE] = types.map((_, at) => at) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]

const env = createEnvironment()
const arena = new Arena(env.heap)
const tables: readonly TableEntry[] = [0, 1, 40, 300].map((rows, at) =>
  randomTable(seededRandom(at + 1), arena, `t${at}`, types, rows),
)
const tunings = [
  {},
  { batchRows: 1, morselRows: 7, poolRowsMin: 0 },
  { batchRows: 3, morselRows: 100, poolRowsMin: 0 },
  { batchRows: 1024, morselRows: 64, poolRowsMin: 0 },
  { batchRows: 3, morselRows: 100, poolRowsMin: 0, interpretation: 'always' },
] as const

/** Says which of two a plan's tuning runs on: one thread, or two. */
const coin = seededRandom(9)

/** Runs a plan over generated code in several ways; the rows must be the reference's. */
async function check(plan: PhysicalPlan, ordered = false): Promise<void> {
  const stage = stageOf(plan)
  const order = (rows: string[]): string[] => (ordered ? rows : rows.sort())
  const expected = order(referenceRows(env, stage).map(rowText))
  for (const tuning of tunings) {
    const threads = coin.next() < 0.5 ? 1 : 2
    const before = env.heap.bytesInUse
    const pool = inlinePool(env, threads)
    const partitions = await runStage(env, stage, pool, new Map(), 0, tuning)
    const rows = order(partitions.flat().map(rowText))
    expect(rows, JSON.stringify({ tuning, threads })).toEqual(expected)
    expect(env.heap.bytesInUse).toBe(before)
  }
}

type Build = (plan: PhysicalPlan) => PhysicalPlan

const scans: Readonly<Record<string, Build>> = {
  scan: (s) => s,
  'filter of integers': (s) => filter(s, compare('>', column(s, INT4), literal(int4, 1))),
  'filter of text': (s) => filter(s, compare('<', column(s, TEXT), literal(text, 'b'))),
  'filters and projection': (s) => {
    const kept = filter(s, {
      kind: 'and',
      type: bool,
      args: [
        compare('<=', column(s, FLOAT8), literal(float8, 2.5)),
        compare('<>', column(s, INT8), literal(int8, 2n)),
      ],
    })
    const sum = call('+(int2,int2)', int2, literal(int2, 1), literal(int2, 2))
    return project(kept, [column(s, TEXT), compare('=', column(s, BOOL), literal(bool, true)), sum])
  },
  'call-outs': (s) => {
    const named = project(s, [call('reverse(text)', text, column(s, TEXT)), column(s, INT4)])
    return filter(named, compare('<>', column(named, 0), literal(text, 'a')))
  },
  'limit 0': (s) => limit(s, 0),
  union: (s) =>
    unionAll(s, filter(scan(tables[2]!), compare('=', literal(int4, 1), literal(int4, 1)))),
}

describe.each(Object.entries(scans))('%s', (_name, build) => {
  test.each(tables)('of $name', (table) => check(build(scan(table))))
})

describe('group by each type', () => {
  test.each(types.map((type, at) => ({ name: type.kind, at })))('$name', async ({ at }) => {
    for (const table of tables) {
      const s = scan(table)
      const specs = [
        { accumulator: 'count-star' },
        { accumulator: 'sum', arg: column(s, INT4) },
        { accumulator: 'count', arg: column(s, TEXT) },
      ] as const
      // Equal keys may look different (1.0 and 1.00): only the states are compared.
      const grouped = aggregate(s, [column(s, at)], specs)
      await check(
        project(
          grouped,
          [1, 2, 3].map((index) => column(grouped, index)),
        ),
      )
    }
  })
})

describe('aggregates of each type', () => {
  const isNumber = (type: DataType): boolean => /int|dec|num|float/.test(type.kind)
  test.each(types.map((type, at) => ({ type, name: type.kind, at })))('$name', async (entry) => {
    const { type, at } = entry
    for (const table of tables) {
      const s = scan(table)
      const arg = column(s, at)
      const when = compare('>', column(s, INT2), literal(int2, 0))
      const specs = [
        { accumulator: 'count', arg },
        { accumulator: 'count', arg, distinct: true },
        { accumulator: 'count', arg, distinct: true, filter: when },
        ...(type.kind === 'bool'
          ? ([
              { accumulator: 'bool-and', arg },
              { accumulator: 'bool-or', arg, filter: when },
            ] as const)
          : []),
        ...(['bool', 'bytea', 'uuid', 'array', 'jsonb'].includes(type.kind)
          ? []
          : ([
              { accumulator: 'min', arg },
              { accumulator: 'max', arg, filter: when },
            ] as const)),
        ...(isNumber(type) && !type.kind.startsWith('float') && type.kind !== 'numeric'
          ? ([
              { accumulator: 'sum', arg },
              { accumulator: 'sum', arg, distinct: type.kind !== 'interval' },
              ...(type.kind === 'interval'
                ? []
                : [{ accumulator: 'sum-zero', arg, filter: when } as const]),
            ] as const)
          : []),
      ] as const
      await check(equalForms(aggregate(s, [], specs), type))
      await check(equalForms(aggregate(s, [column(s, BOOL)], specs), type))
      await check(equalForms(aggregate(s, [column(s, INT4), column(s, TEXT)], specs), type))
    }
  })

  /** Extremes that equal each other may be represented differently: left out for such types. */
  function equalForms(plan: PhysicalPlan, type: DataType): PhysicalPlan {
    if (type.kind !== 'numeric' && type.kind !== 'interval') return plan
    const kept = plan.columns.flatMap((c, at) =>
      c.type.kind === type.kind && c.name !== 'sum' ? [] : [at],
    )
    return project(
      plan,
      kept.map((at) => column(plan, at)),
    )
  }
})

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

const keyLists: readonly (readonly number[])[] = [
  [INT4],
  [INT8],
  [TEXT],
  [DECIMAL],
  [WIDE],
  [FLOAT8],
  [DATE, BOOL],
  [TEXT, INT2],
]

describe.each(byLot(kinds, 2))('%s hash join', (joinKind) => {
  test.each(keyLists)('on columns %s %s', async (...at) => {
    for (const [left, right] of [
      [2, 2],
      [2, 1],
      [1, 2],
      [2, 0],
      [0, 2],
    ] as const) {
      for (const nullSafe of [false, true]) {
        const p = scan(tables[left]!)
        const b = scan(tables[right]!)
        const keys = at
          .filter((key) => key !== undefined)
          .map((key): readonly [Expression, Expression] => [column(p, key), column(b, key)])
        const residual = compare('<=', column(p, INT2), column(b, INT2))
        await check(hashJoin(p, b, { joinKind, keys, nullSafe }))
        await check(hashJoin(p, b, { joinKind, keys, nullSafe, residual }))
      }
    }
  })

  test('nested loop', async () => {
    for (const [left, right] of [
      [2, 2],
      [2, 0],
      [0, 2],
      [1, 2],
    ] as const) {
      const p = scan(tables[left]!)
      const b = scan(tables[right]!)
      await check(nestedLoop(p, b, joinKind, compare('<', column(p, INT4), column(b, INT4))))
      if (joinKind === 'inner') await check(nestedLoop(p, b, joinKind, undefined))
    }
  })
})

test('a single join pairs each row with at most one, and refuses two', async () => {
  const p = scan(tables[2]!)
  const grouped = aggregate(scan(tables[2]!), [], [{ accumulator: 'count-star' }])
  const keys = [[column(p, INT8), column(grouped, 0)]] as const
  await check(hashJoin(p, grouped, { joinKind: 'single', keys }))
  await check(nestedLoop(p, grouped, 'single', undefined))
  const b = scan(tables[2]!)
  for (const plan of [
    hashJoin(p, b, { joinKind: 'single', keys: [[column(p, BOOL), column(b, BOOL)]] }),
    nestedLoop(p, b, 'single', undefined),
  ]) {
    await expect(runStage(env, stageOf(plan))).rejects.toMatchObject({
      code: 'CARDINALITY_VIOLATION',
    })
  }
})

describe.each(['anti', 'mark'] as const)('null-aware %s join', (joinKind) => {
  test.each([INT4, TEXT])('on column %s', async (at) => {
    const withNulls = tables[2]!
    for (const build of [withNulls, tables[0]!, tables[1]!]) {
      for (const onlyValues of [false, true]) {
        const p = scan(withNulls)
        const raw = scan(build)
        const b = onlyValues ? filter(raw, compare('=', column(raw, at), column(raw, at))) : raw
        const keys = [[column(p, at), column(b, at)]] as const
        await check(hashJoin(p, b, { joinKind, keys, nullAware: true }))
        const condition = compare('=', column(p, at), column(b, at))
        await check(nestedLoop(p, b, joinKind, condition, true))
      }
    }
  })
})

describe('sort', () => {
  const sortable = types.map((type, at) => ({ name: type.kind, at })).filter(({ at }) => at !== 14)
  test.each(sortable)('by $name', async ({ at }) => {
    for (const table of tables) {
      for (const descending of [false, true]) {
        for (const nullsFirst of [false, true]) {
          const s = scan(table)
          const sorted = sort(s, [{ expr: column(s, at), descending, nullsFirst }])
          await check(sorted)
          await checkOrder(sorted, at)
        }
      }
    }
  })

  test('by several keys', async () => {
    for (const table of tables) {
      const s = scan(table)
      const keys = [TEXT, FLOAT8, INT8, WIDE, DATE, INT4].map((at) => ({
        expr: column(s, at),
        descending: at % 2 === 0,
        nullsFirst: at % 3 === 0,
      }))
      await check(
        project(
          sort(s, keys),
          keys.map(({ expr }) => expr),
        ),
        true,
      )
      for (const rows of [0, 1, 5, 10_000]) {
        await check(
          project(
            sort(s, keys, rows),
            keys.map(({ expr }) => expr),
          ),
          true,
        )
      }
    }
  })

  /** Rows with equal keys may come in any order: only the key column is compared in order. */
  function checkOrder(sorted: PhysicalPlan, at: number): Promise<void> {
    const { kind } = types[at]!
    if (kind === 'numeric' || kind === 'interval') return Promise.resolve()
    return check(project(sorted, [column(sorted, at)]), true)
  }
})
