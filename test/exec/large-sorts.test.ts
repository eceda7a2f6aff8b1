import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  date,
  float8,
  int4,
  int8,
  numeric,
  text,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { Stage } from '../../src/plan/physical/plan.ts'
import { aggregate, column, limit, scan, sort, stageOf } from './plans.ts'
import { createEnvironment, inlinePool, runStage } from './running.ts'
import { tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const ROWS = 70_000
const SEED = 20_261
const random = seededRandom(SEED)
const pick = (n: number): number => Math.floor(random.next() * n)
const decimal: DataType = { kind: 'decimal', precision: 38, scale: 2 }

/** Columns that sort in unlike ways; the last is the row's number. */
const types: readonly DataType[] = [int8, date, text, float8, numeric, decimal, numeric, int4]
const makers: readonly ((row: number) => Scalar)[] = [
  () => (pick(10) === 0 ? null : BigInt(pick(1_000_000)) - 500_000n),
  () => pick(300),
  () => `name ${pick(5_000)}`,
  () => [NaN, Infinity, -Infinity, -0, 0][pick(40)] ?? random.next() * 1e6 - 5e5,
  () => ({ unscaled: BigInt(pick(2_000_000)) - 1_000_000n, scale: 0 }),
  () => (pick(3) === 0 ? 10n ** 30n : 1n) * BigInt(pick(1_000) - 500),
  () => ({ unscaled: BigInt(pick(500)), scale: pick(3) }),
  (row) => row,
]

const columns = makers.map((make) => Array.from({ length: ROWS }, (_, row) => make(row)))
const chunks = [0, 1, 2].map((part): Chunk => {
  const rows = part === 2 ? ROWS - 60_000 : 30_000
  const values = columns.map((all) => all.slice(part * 30_000, part * 30_000 + rows))
  const vectors = values.map((all, at) => vectorFromScalars(arena, types[at]!, all))
  return { rows, columns: vectors, statistics: undefined }
})
const table: TableEntry = tableOf('sorted', types, chunks)

function orderOf(a: Scalar, b: Scalar): number {
  const [x, y] = [sortable(a), sortable(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** A value in an order that JavaScript has too. */
function sortable(value: Scalar): number | bigint | string {
  if (typeof value === 'number') return Number.isNaN(value) ? Number.MAX_VALUE * 2 : value + 0
  if (typeof value === 'object' && value !== null && 'unscaled' in value) {
    return value.unscaled * 10n ** BigInt(4 - value.scale)
  }
  return value as bigint | string
}

interface Key {
  readonly at: number
  readonly descending?: boolean
  readonly nullsFirst?: boolean
}

function expectOrder(rows: readonly (readonly Scalar[])[], keys: readonly Key[], seen: number) {
  expect(rows.length, `seed ${SEED}`).toBe(seen)
  for (let row = 1; row < rows.length; row++) {
    for (const { at, descending = false, nullsFirst = false } of keys) {
      const [a, b] = [rows[row - 1]![at]!, rows[row]![at]!]
      const nulls = (a === null ? 1 : 0) - (b === null ? 1 : 0)
      const values = nulls !== 0 || a === null ? 0 : orderOf(a, b) * (descending ? -1 : 1)
      const isNaNs = Number.isNaN(a) && Number.isNaN(b)
      const order = nulls !== 0 ? (nullsFirst ? -nulls : nulls) : isNaNs ? 0 : values
      if (order > 0) expect.fail(`row ${row} of seed ${SEED}: ${String(a)} before ${String(b)}`)
      if (order < 0) break
    }
  }
}

async function run(stage: Stage, threads: number): Promise<Scalar[][]> {
  const pool = threads === 0 ? undefined : inlinePool(env, threads)
  return (await runStage(env, stage, pool)).flat()
}

/** NaN and Infinity are one for `orderOf`; the float column's NaN come last in a test of their own. */
const cases: readonly (readonly Key[])[] = [
  [{ at: 0 }],
  [{ at: 0, descending: true, nullsFirst: true }, { at: 7 }],
  [{ at: 1, descending: true }, { at: 0 }],
  [{ at: 2 }, { at: 7, descending: true }],
  [{ at: 3, descending: true }],
  [{ at: 4 }, { at: 1 }],
  [{ at: 5, descending: true }, { at: 7 }],
  [{ at: 6 }, { at: 2 }],
]

test.each(cases)('rows are in order, each once: %j', async (...keys: Key[]) => {
  const s = scan(table)
  const exprs = keys.map((key) => ({
    expr: column(s, key.at),
    descending: key.descending ?? false,
    nullsFirst: key.nullsFirst ?? false,
  }))
  const before = env.heap.bytesInUse
  for (const threads of [0, 1, 3]) {
    const rows = await run(stageOf(sort(s, exprs)), threads)
    expectOrder(rows, keys, ROWS)
    expect(new Set(rows.map((row) => row[7])).size).toBe(ROWS)
  }
  // Without the other columns rows are narrow and are moved; a limit ends within a bucket.
  const required = aggregate(limit(sort(s, exprs), 40_000, 17), [], [{ accumulator: 'count-star' }])
  expect(await run(stageOf(required), 3)).toEqual([[40_000n]])
  const first = await run(stageOf(sort(s, exprs, 33_333)), 3)
  expectOrder(first, keys, 33_333)
  expect(env.heap.bytesInUse).toBe(before)
})

test.each([
  ['a common start', (row: number) => `Customer number ${(row * 7919) % ROWS}`],
  ['one text', () => 'all the same text'],
  [
    'a start that is a text',
    (row: number) => (row % 9 === 0 ? 'start' : `start${(row * 31) % 997}`),
  ],
  ['few values of several lengths', (row: number) => `kind ${(row * 7919) % 37}`],
  ['as many values as have ranks', (row: number) => `value ${(row * 7919) % 1_024}`],
  ['one value more', (row: number) => `value ${(row * 7919) % 1_025}`],
  [
    'few values, one of them long',
    (row: number) => (row % 50 === 7 ? 'l'.repeat(300) : `m${row % 9}`),
  ],
  ['many short values', (row: number) => `${(row * 7919) % 30_000}`],
  ['NULL and empty texts', (row: number) => [null, '', 'zzz', 'zz', `zz${row % 77}`][row % 5]!],
])('texts with %s', async (_name, make) => {
  const rows = 40_000
  const parts = [0, 1, 2, 3].map((part): Chunk => {
    const numbers = Array.from({ length: rows / 4 }, (_, row) => part * (rows / 4) + row)
    const texts = vectorFromScalars(arena, text, numbers.map(make))
    const vectors = [texts, vectorFromScalars(arena, int4, numbers)]
    return { rows: rows / 4, columns: vectors, statistics: undefined }
  })
  const s = scan(tableOf('texts', [text, int4], parts))
  for (const descending of [false, true]) {
    const key = { expr: column(s, 0), descending, nullsFirst: descending }
    const then = { expr: column(s, 1), descending: !descending, nullsFirst: false }
    for (const threads of [1, 3]) {
      const found = await run(stageOf(sort(s, [key, then])), threads)
      const keys = [
        { at: 0, descending, nullsFirst: descending },
        { at: 1, descending: !descending },
      ]
      expectOrder(found, keys, rows)
      expect(new Set(found.map((row) => row[1])).size).toBe(rows)
    }
  }
})

test('narrow rows are moved to their bucket', async () => {
  const narrow = tableOf(
    'narrow',
    [int8, int4],
    chunks.map((chunk) => ({ ...chunk, columns: [chunk.columns[0]!, chunk.columns[7]!] })),
  )
  for (const descending of [false, true]) {
    for (const nullsFirst of [false, true]) {
      const s = scan(narrow)
      const stage = stageOf(sort(s, [{ expr: column(s, 0), descending, nullsFirst }]))
      for (const threads of [1, 4]) {
        const rows = await run(stage, threads)
        expectOrder(rows, [{ at: 0, descending, nullsFirst }], ROWS)
        expect(new Set(rows.map((row) => row[1])).size).toBe(ROWS)
      }
      const bounded: Stage = {
        ...stage,
        bounds: new Map([[s.columns[0]!.id, { min: -500_000n, max: 500_000n }]]),
      }
      expectOrder(await run(bounded, 2), [{ at: 0, descending, nullsFirst }], ROWS)
    }
  }
})

test.each([
  ['one bucket, by an exact prefix', (row: number) => BigInt((row * 7919) % 1_000)],
  ['one bucket, by more than a prefix', (row: number) => BigInt((row * 7919) % 3) * 10n ** 30n],
])('skewed values make %s, which is sorted in pieces', async (_name, make) => {
  const rows = 140_000
  const type = make(1) > 1_000_000n ? decimal : int8
  const parts = [0, 1].map((part): Chunk => {
    const numbers = Array.from({ length: rows / 2 }, (_, row) => part * (rows / 2) + row)
    // One value far away leaves a single bucket to all others.
    const values = numbers.map((row) => (row === 5 ? 10n ** 18n : make(row)))
    const vectors = [
      vectorFromScalars(arena, type, values),
      vectorFromScalars(arena, int4, numbers),
    ]
    return { rows: rows / 2, columns: vectors, statistics: undefined }
  })
  const s = scan(tableOf('skewed', [type, int4], parts))
  const before = env.heap.bytesInUse
  const found = await run(
    stageOf(sort(s, [{ expr: column(s, 0), descending: false, nullsFirst: false }])),
    2,
  )
  expectOrder(found, [{ at: 0 }], rows)
  expect(new Set(found.map((row) => row[1])).size).toBe(rows)
  expect(env.heap.bytesInUse).toBe(before)
})

test('a bucket of most rows, as floats make one, is split again', async () => {
  const rows = 150_000
  const parts = [0, 1, 2].map((part): Chunk => {
    const numbers = Array.from({ length: rows / 3 }, (_, row) => part * (rows / 3) + row)
    const values = numbers.map((row) => {
      if (row % 1_000 === 0) return [null, NaN, -0, 0, -5e-9][(row / 1_000) % 5]!
      return 70_000 + ((row * 7_919) % 30_011) / 7
    })
    const vectors = [
      vectorFromScalars(arena, float8, values),
      vectorFromScalars(arena, int4, numbers),
    ]
    return { rows: rows / 3, columns: vectors, statistics: undefined }
  })
  const s = scan(tableOf('uneven', [float8, int4], parts))
  const before = env.heap.bytesInUse
  for (const descending of [false, true]) {
    const keys = [
      { expr: column(s, 0), descending, nullsFirst: descending },
      { expr: column(s, 1), descending, nullsFirst: false },
    ]
    const order = [
      { at: 0, descending, nullsFirst: descending },
      { at: 1, descending },
    ]
    for (const threads of [1, 4]) {
      for (const used of [1, 2]) {
        const found = await run(stageOf(sort(s, keys.slice(0, used))), threads)
        expectOrder(found, order.slice(0, used), rows)
        expect(new Set(found.map((row) => row[1])).size).toBe(rows)
      }
    }
  }
  expect(env.heap.bytesInUse).toBe(before)
})
