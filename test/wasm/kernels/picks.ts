import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { layOutRow, laneBytes } from '../../../src/compile/model/row-layout.ts'
import {
  float4,
  float8,
  int4,
  interval,
  numeric,
  text,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../../src/data/types/scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { aggregateFunctions } from '../../../src/functions/aggregates/aggregates.ts'
import {
  aggregateRows,
  comparer,
  type TypedRows,
  type ValueOrder,
} from '../../../src/functions/aggregates/collect.ts'
import { fieldReader } from '../../../src/exec/rows/row-values.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import { sortKeysBytes, writeSortKeys } from '../../../src/exec/sort/sort-keys.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import {
  arena,
  below,
  call,
  conformance,
  heap,
  pick,
  place,
  placeIntegers,
  zeros,
} from './bench.ts'

const request = (type: DataType) => ({ id: 0 as ColumnId, type, nullable: true })

function aggregateOf(name: string, kind: DataType['kind']) {
  const found = aggregateFunctions.filter((fn) => fn.name === name && fn.args[0] !== 'array')
  return present(
    found.find(({ args }) => args.at(-1) === kind) ??
      found.find(({ args }) => args.at(-1) === 'any'),
    name,
  )
}

const makers: readonly (readonly [DataType, (random: Random) => NonNullable<Scalar>])[] = [
  [int4, (random) => below(random, 9) - 4],
  [float4, (random) => below(random, 9) / 4 - 1],
  [float8, (random) => pick(random, [0, -0, 1.5, Infinity, -Infinity, Number.NaN, 1e300, 0.1])],
  [
    interval,
    (random): IntervalValue => ({
      months: pick(random, [0, 0, 0, 1]),
      days: 0,
      micros: pick(random, [
        0n,
        1n,
        2n,
        3n,
        7_200_000_001n,
        -86_400_000_000n,
        2n ** 62n,
        -(2n ** 62n),
      ]),
    }),
  ],
  [
    numeric,
    (random): NumericValue => ({ unscaled: BigInt(below(random, 5)), scale: below(random, 3) }),
  ],
  [text, (random) => pick(random, ['', 'a', 'ab', 'longer than a word'])],
]

type Row = readonly Scalar[]

/** Rows of groups in order, as they lie in memory, and what kernels are told of them. */
function listed(typed: TypedRows, groups: readonly (readonly Row[])[]) {
  const layout = layOutRow(0, typed.types.map(request))
  const keeper = new WideNumerics(arena)
  const writers = layout.fields.map((field) => fieldWriter(heap, field, keeper))
  const compare = (a: Row, b: Row): number => {
    const valuesOf = (row: Row): Row => typed.order.map(({ field }) => row[field] ?? null)
    return comparer(typed)(valuesOf(a), valuesOf(b))
  }
  const sorted = groups.map((rows) => rows.toSorted(compare))
  const all = sorted.flat()
  const block = zeros(all.length * layout.rowBytes)
  const list = placeIntegers(
    all.map((row, number) => {
      const at = block + number * layout.rowBytes
      row.forEach((value, index) => writers[index]!(at, value))
      return at
    }),
    4,
  )
  const first = 5
  let end = first
  const ends = placeIntegers(
    sorted.map((rows) => (end += rows.length)),
    4,
  )
  const marks = place(
    sorted.flatMap((rows) =>
      rows.map((row, at) => Number(at === 0 || compare(rows[at - 1]!, row) !== 0)),
    ),
  )
  return { layout, sorted, list, ends, first, marks }
}

/** Groups of which some have no rows. */
function randomGroups(random: Random, make: () => Row): readonly (readonly Row[])[] {
  return Array.from({ length: 1 + below(random, 5) }, () =>
    Array.from({ length: pick(random, [0, 1, 2, 3, 10]) }, make),
  )
}

/** Where values go: rows of 32 bytes. */
function targetOf(type: DataType, count: number) {
  const field = present(layOutRow(8, [request(type)]).fields[0], 'field')
  const first = zeros(count * 32)
  heap.u8.fill(0x5a, first, first + count * 32)
  const given = [first, 32, field.lanes[0]!.offset, field.validOffset!] as const
  const read = fieldReader(heap, field)
  return { given, values: () => Array.from({ length: count }, (_, at) => read(first + at * 32)) }
}

const placeOf = (layout: ReturnType<typeof layOutRow>, field: number) => {
  const { lanes } = layout.fields[field]!
  const bytes = lanes.reduce((sum, { type }) => sum + laneBytes(type), 0)
  return [bytes, lanes[0]!.offset] as const
}

const ascending = (field: number): ValueOrder => ({ field, descending: false, nullsFirst: false })

conformance(['pickFractions'], () => {
  test('values at fractions are those of TypeScript, or left to it', () => {
    const random = seededRandom(1)
    const fractions = [0, 0.25, 0.3, 0.5, 1, undefined]
    const at = zeros(fractions.length * 8)
    fractions.forEach((fraction, index) => {
      heap.view.setFloat64(at + index * 8, fraction ?? Number.NaN, true)
    })
    let left = 0
    for (let round = 0; round < 400; round++) {
      const [type, make] = pick(random, makers)
      const isContinuous = (type === float8 || type === interval) && below(random, 2) === 1
      const fn = aggregateOf(isContinuous ? 'percentile_cont' : 'percentile_disc', type.kind)
      const order = [ascending(1)]
      const types = [float8, type]
      const base = { types, args: 2, order, distinct: false, result: type }
      const groups = randomGroups(random, () => [0, make(random)])
      const typed = { ...base, constants: [0] }
      const { layout, sorted, list, ends, first } = listed(typed, groups)
      const target = targetOf(type, groups.length * fractions.length)
      const how = isContinuous ? (type === float8 ? 1 : 2) : 0
      const rows = [list, ends, first, groups.length, at, fractions.length] as const
      const isMade = call('pickFractions', how, ...placeOf(layout, 1), ...rows, ...target.given)
      if (isMade === 0) {
        expect(how).toBe(2)
        left++
        continue
      }
      const expected = sorted.flatMap((group) =>
        fractions.map((given) => {
          const fraction = given ?? null
          const rows = group.map(([, value = null]) => [fraction, value])
          return aggregateRows(fn, { ...base, constants: [fraction] }, rows)
        }),
      )
      expect(target.values(), `${fn.id} of ${type.kind}`).toEqual(expected)
    }
    expect(left).toBeLessThan(60)
  })
})

conformance(['pickMode'], () => {
  test('the most frequent value', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 300; round++) {
      const [type, make] = pick(random, makers)
      const order = [{ ...ascending(0), descending: below(random, 2) === 1 }]
      const typed = { types: [type], args: 1, order, distinct: false, result: type, constants: [] }
      const groups = randomGroups(random, () => [make(random)])
      const { layout, sorted, list, ends, first, marks } = listed(typed, groups)
      const target = targetOf(type, groups.length)
      const rows = [list, marks, ends, first, groups.length] as const
      call('pickMode', ...placeOf(layout, 0), ...rows, ...target.given)
      const fn = aggregateOf('mode', type.kind)
      expect(target.values()).toEqual(sorted.map((group) => aggregateRows(fn, typed, group)))
    }
  })
})

conformance(['pickRank'], () => {
  test('how many different rows come before what is wanted', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 300; round++) {
      const keys = Array.from({ length: 1 + below(random, 2) }, () => pick(random, makers))
      const value = (make: (random: Random) => Scalar): Scalar =>
        below(random, 6) === 0 ? null : make(random)
      const types = [...keys, ...keys].map(([type]) => type)
      const order = keys.map((_, index) => ({
        field: keys.length + index,
        descending: below(random, 2) === 1,
        nullsFirst: below(random, 2) === 1,
      }))
      const result = { kind: 'int8' } as const
      const base = { types, args: types.length, order, distinct: false, result, constants: [] }
      // What is wanted is the same for all rows of a group.
      const groups = randomGroups(random, () => keys.map(([, make]) => value(make))).map((rows) => {
        const wanted = keys.map(([, make]) => value(make))
        return rows.map((row) => [...wanted, ...row])
      })
      const { layout, sorted, list, ends, first, marks } = listed(base, groups)
      const wanted = order.map((key) => ({ ...key, field: key.field - keys.length }))
      const sort = { layout, values: [], keys: [...order, ...wanted], limitRows: undefined }
      const described = arena.allocateZeroed(sortKeysBytes(sort))
      writeSortKeys(heap, sort, described)
      const target = targetOf(result, groups.length)
      const rows = [list, marks, ends, first, groups.length] as const
      call('pickRank', described, keys.length, ...rows, ...target.given)
      const fn = aggregateOf('dense_rank', 'int4')
      expect(target.values()).toEqual(sorted.map((group) => aggregateRows(fn, base, group)))
    }
  })
})
