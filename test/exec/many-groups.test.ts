import { expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4, int8, text, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
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
import { createEnvironment, inlinePool, rowsOfChunks, rowText, runStage } from './running.ts'
import { tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const ROWS = 60_000
const GROUPS = 20_011

/** Row i has the keys i * 7919 modulo the number of groups, as int8 and as text, and i. */
function manyRows(): TableEntry {
  const types: readonly DataType[] = [int8, text, int4]
  const numbers = Array.from({ length: ROWS }, (_, row) => row)
  const key = (row: number): number => (row * 7919) % GROUPS
  const columns: readonly Scalar[][] = [
    numbers.map((row) => BigInt(key(row))),
    numbers.map((row) => `customer number ${key(row)}`),
    numbers,
  ]
  const vectors = types.map((type, at) => vectorFromScalars(arena, type, columns[at]!))
  return tableOf('many', types, [{ rows: ROWS, columns: vectors, statistics: undefined }])
}

const table = manyRows()

test.each([1, 4])('directories grow and threads merge (%s threads)', async (threads) => {
  const pool = inlinePool(env, threads)
  for (const at of [0, 1]) {
    const s = scan(table)
    const specs = [
      { accumulator: 'count-star' },
      { accumulator: 'sum', arg: column(s, 2) },
    ] as const
    const grouped = aggregate(s, [column(s, at)], specs)
    const rows = (await runStage(env, stageOf(grouped), pool)).flat()
    expect(rows.length).toBe(GROUPS)
    expect(rows.reduce((total, row) => total + Number(row[1]), 0)).toBe(ROWS)
    expect(rows.reduce((total, row) => total + Number(row[2]), 0)).toBe((ROWS * (ROWS - 1)) / 2)
    expect(new Set(rows.map((row) => rowText([row[0]!]))).size).toBe(GROUPS)
  }
})

test.each([1, 4])('joins of many rows find every partner (%s threads)', async (threads) => {
  const pool = inlinePool(env, threads)
  for (const at of [0, 1]) {
    const p = scan(table)
    const all = scan(table)
    const b = filter(all, compare('<', column(all, 2), literal(int4, GROUPS)))
    const keys = [[column(p, at), column(b, at)]] as const
    const join = hashJoin(p, b, { joinKind: 'inner', keys })
    const counted = aggregate(
      join,
      [],
      [{ accumulator: 'count-star' }, { accumulator: 'sum', arg: column(p, 2) }],
    )
    const rows = (await runStage(env, stageOf(counted), pool)).flat()
    expect(rows.map((row) => row.map((value) => rowText([value])))).toEqual([
      [`${ROWS}`, `${(ROWS * (ROWS - 1)) / 2}`],
    ])
  }
})

test('large sorts are in order and keep every row', async () => {
  for (const at of [0, 1]) {
    const s = scan(table)
    const keys = [{ expr: column(s, at), descending: at === 0, nullsFirst: false }]
    const cancel = arena.allocateZeroed(4)
    const task = {
      queryId: 'sort',
      stage: stageOf(sort(s, keys)),
      partition: 0,
      inputs: new Map(),
      cancel,
    }
    const output = await runFragment(task, inlinePool(env, 2), env)
    const rows = rowsOfChunks(env, output.partitions.flat())
    output.release()
    const values = rows.map((row) => row[at]!)
    const expected = values.toSorted((a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0))
    expect(values).toEqual(at === 0 ? expected.toReversed() : expected)
    expect(new Set(rows.map((row) => row[2])).size).toBe(ROWS)
  }
})

test.each([1, 2])(
  'tables with too many groups are emptied and merged (%s threads)',
  async (threads) => {
    const rows = 400_000
    const groups = 199_999
    const keys = Array.from({ length: rows }, (_, row) => BigInt((row * 7919) % groups))
    const vector = vectorFromScalars(arena, int8, keys)
    const chunk = { rows, columns: [vector], statistics: undefined }
    const s = scan(tableOf('more', [int8], [chunk]))
    const counted = aggregate(s, [column(s, 0)], [{ accumulator: 'count-star' }])
    const total = aggregate(
      counted,
      [],
      [
        { accumulator: 'count-star' },
        { accumulator: 'sum', arg: column(counted, 1) },
        { accumulator: 'max', arg: column(counted, 1) },
        { accumulator: 'sum', arg: column(counted, 0) },
      ],
    )
    const before = env.heap.bytesInUse
    const found = (await runStage(env, stageOf(total), inlinePool(env, threads))).flat()
    const sum = (BigInt(groups) * BigInt(groups - 1)) / 2n
    expect(found.map((row) => row.map((value) => rowText([value])))).toEqual([
      [`${groups}`, `${rows}e-0`, '3', `${sum}e-0`],
    ])
    expect(env.heap.bytesInUse).toBe(before)
  },
)
