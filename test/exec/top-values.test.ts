import { describe, expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { float8, int4, int8, text, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  call,
  column,
  compare,
  filter,
  hashJoin,
  limit,
  literal,
  project,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, runStage } from './running.ts'
import { statisticsOf, tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

/** Chunks of one column; what is claimed of a chunk may be a lie, which shows whether it is read. */
function claims(
  type: DataType,
  ...chunks: readonly (readonly [claimed: readonly Scalar[], values: readonly Scalar[]])[]
): TableEntry {
  return tableOf(
    't',
    [type],
    chunks.map(([claimed, values]) => ({
      rows: values.length,
      columns: [vectorFromScalars(arena, type, values)],
      statistics: [statisticsOf(claimed)],
    })),
  )
}

async function top(plan: PhysicalPlan, rows: number, descending: boolean, nullsFirst = descending) {
  const sorted = sort(plan, [{ expr: column(plan, 0), descending, nullsFirst }], rows)
  const answers = []
  for (const threads of [1, 2]) {
    const pool = inlinePool(env, threads)
    const before = env.heap.bytesInUse
    answers.push((await runStage(env, stageOf(sorted), pool)).flat().map(([value]) => value))
    expect(env.heap.bytesInUse).toBe(before)
  }
  expect(answers[1]).toEqual(answers[0])
  return answers[0]
}

const honest = [10, 20, 30]

describe('a chunk that cannot hold a wanted value is not looked at', () => {
  test.each([int4, int8])('descending, $kind', async (type) => {
    const values = type.kind === 'int8' ? honest.map(BigInt) : honest
    const secret = type.kind === 'int8' ? 99n : 99
    const table = claims(type, [values, values], [values.slice(0, 1), [secret]])
    expect(await top(scan(table), 2, true)).toEqual([values[2], values[1]])
    expect(await top(scan(table), 3, true)).toEqual(values.toReversed())
    expect(await top(scan(table), 4, true)).toEqual([secret, ...values.toReversed()])
  })

  test('ascending', async () => {
    const table = claims(int4, [[30], [-5]], [honest, honest])
    expect(await top(scan(table), 2, false)).toEqual([10, 20])
  })

  test('the most promising chunk comes first', async () => {
    const table = claims(
      int4,
      [
        [1, 5],
        [1, 77],
      ],
      [
        [40, 50],
        [40, 50],
      ],
      [
        [2, 9],
        [2, 78],
      ],
    )
    expect(await top(scan(table), 2, true)).toEqual([50, 40])
  })

  test('by the column behind filters, joins and projections', async () => {
    const table = claims(int4, [honest, honest], [[1], [99]])
    const one = claims(int4, [
      [10, 20, 30, 99],
      [10, 20, 30, 99],
    ])
    const kept = filter(scan(table), compare('>', column(scan(table), 0), literal(int4, 0)))
    expect(kept.kind).toBe('filter')
    const source = scan(table)
    const [probe, build] = [
      filter(source, compare('>', column(source, 0), literal(int4, 0))),
      scan(one),
    ]
    const keys = [[column(probe, 0), column(build, 0)]] as const
    for (const joinKind of ['inner', 'left', 'semi'] as const) {
      const joined = hashJoin(probe, build, { joinKind, keys })
      const named = project(joined, [column(joined, 0)])
      expect(await top(named, 2, true), joinKind).toEqual([30, 20])
    }
  })
})

describe('every chunk is looked at', () => {
  const table = claims(int4, [honest, honest], [[1], [99]])

  test('below a limit: which rows it takes must not depend on their values', async () => {
    expect(await top(limit(scan(table), 4), 2, true)).toEqual([99, 30])
  })

  test.each([
    ['full', [99, 30]],
    ['right', [99]],
  ] as const)('in a %s join: rows would seem unmatched', async (joinKind, expected) => {
    const [probe, build] = [scan(table), scan(claims(int4, [[99], [99]]))]
    const keys = [[column(probe, 0), column(build, 0)]] as const
    const joined = hashJoin(probe, build, { joinKind, keys })
    expect(await top(joined, 2, true, false)).toEqual(expected)
  })

  test('to sort by what is computed', async () => {
    const source = scan(table)
    const named = project(source, [call('abs(int4)', int4, column(source, 0))])
    expect(await top(named, 2, true)).toEqual([99, 30])
  })

  test('of floats: NaN is no bound', async () => {
    const floats = claims(
      float8,
      [
        [10, 20, 30],
        [10, 20, 30],
      ],
      [[1], [Number.NaN]],
    )
    expect(await top(scan(floats), 2, true)).toEqual([Number.NaN, 30])
  })
})

describe('NULLs', () => {
  test('that come first are looked for', async () => {
    const table = claims(
      int4,
      [honest, honest],
      [
        [null, 1],
        [null, 99],
      ],
    )
    expect(await top(scan(table), 2, true, true)).toEqual([null, 99])
  })

  test('that come last are not', async () => {
    const table = claims(
      int4,
      [honest, honest],
      [
        [null, 1],
        [null, 99],
      ],
    )
    expect(await top(scan(table), 2, true, false)).toEqual([30, 20])
  })

  test('that fill what is kept leave all others out', async () => {
    const table = claims(
      int4,
      [
        [null, null],
        [null, null],
      ],
      [honest, honest],
    )
    expect(await top(scan(table), 2, true, true)).toEqual([null, null])
    expect(await top(scan(table), 4, false, false)).toEqual([10, 20, 30, null])
  })

  test.each([
    [int4, [1, 2]],
    [float8, [1.5, Number.NaN]],
    [text, ['a', 'b']],
  ] as const)(
    'that come first and fill what is kept leave all others out, $kind',
    async (type, values) => {
      const table = claims(
        type,
        [values, [null, null, null]],
        [
          [null, ...values],
          [null, ...values],
        ],
      )
      // The second chunk would give a third NULL, which is as good as what is kept.
      expect(await top(scan(table), 3, false, true)).toEqual([null, null, null])
      expect(await top(scan(table), 5, false, true)).toEqual([null, null, null, null, values[0]])
    },
  )

  test('that come first are looked for where another key decides among them', async () => {
    const rows = (values: readonly (readonly [Scalar, number])[]): Chunk => ({
      rows: values.length,
      columns: [0, 1].map((at) =>
        vectorFromScalars(
          arena,
          int4,
          values.map((row) => row[at]!),
        ),
      ),
      statistics: [0, 1].map((at) => statisticsOf(values.map((row) => row[at]!))),
    })
    const chunks = [
      [
        [null, 7],
        [null, 8],
        [1, 0],
      ],
      [
        [5, -1],
        [6, -2],
      ],
      [
        [2, 0],
        [null, 3],
      ],
    ] as const
    const plan = scan(tableOf('t', [int4, int4], chunks.map(rows)))
    const keys = [0, 1].map((at) => ({
      expr: column(plan, at),
      descending: false,
      nullsFirst: true,
    }))
    const answer = (await runStage(env, stageOf(sort(plan, keys, 2)), inlinePool(env, 1))).flat()
    expect(answer).toEqual([
      [null, 3],
      [null, 7],
    ])
  })

  test('that are the last kept and come last leave no value out', async () => {
    const table = claims(int4, [[null], [null, null]], [[7], [null, 7]])
    expect(await top(scan(table), 2, false, false)).toEqual([7, null])
    expect(await top(scan(table), 2, true, false)).toEqual([7, null])
  })

  test('values like the last that is kept are not looked for where no other key decides', async () => {
    const table = claims(int4, [[5], [5, 5]], [[5], [4]], [[null], [null]])
    expect(await top(scan(table), 2, false, false)).toEqual([5, 5])
    expect(await top(scan(table), 2, false, true)).toEqual([null, 5])
  })
})
