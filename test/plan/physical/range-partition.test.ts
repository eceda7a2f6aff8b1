import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareScalars } from '../../../src/data/types/compare-scalar.ts'
import { float8, text } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { columnReference } from '../../../src/plan/logical/build.ts'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import type { ColumnId, SortKey } from '../../../src/plan/logical/expression.ts'
import { rangeBounds, rangeNumber } from '../../../src/plan/physical/range-partition.ts'

const types = [float8, text] as const

function keysOf(flags: readonly { descending: boolean; nullsFirst: boolean }[]): SortKey[] {
  return types.map((type, at) => {
    const expr = columnReference({ id: (at + 1) as ColumnId, name: `k${at}`, type })
    return { expr, ...flags[at]! }
  })
}

/** The order of sorting, written anew. */
function before(keys: readonly SortKey[], left: readonly Scalar[], right: readonly Scalar[]) {
  for (const [at, key] of keys.entries()) {
    const [a, b] = [left[at]!, right[at]!]
    if (a === null && b === null) continue
    if (a === null) return key.nullsFirst
    if (b === null) return !key.nullsFirst
    const order = compareScalars(a, b, key.expr.type) * (key.descending ? -1 : 1)
    if (order !== 0) return order < 0
  }
  return false
}

const flag = fc.record({ descending: fc.boolean(), nullsFirst: fc.boolean() })
const row = fc.tuple(
  fc.option(fc.constantFrom(Number.NaN, -0, 0, 1, -1, Infinity, 1e300), { nil: null }),
  fc.option(fc.constantFrom('', 'a', 'b', 'ab', '\u{1F600}', '\uE000'), { nil: null }),
)

test('rows of a range all come before those of the next, equal ones are in one', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 40 }),
      fc.array(row, { maxLength: 30 }),
      fc.tuple(flag, flag),
      fc.integer({ min: 1, max: 9 }),
      (rows, sampled, flags, ranges) => {
        const keys = keysOf(flags)
        const sample = sampled.map((values) => ({ values, weight: 1 }))
        const bounds = rangeBounds(sample, keys, ranges)
        expect(bounds.length).toBeLessThan(ranges)
        const number = rangeNumber(keys, bounds)
        const numbers = rows.map((values) => evaluate(number, (id) => values[id - 1]!) as number)
        for (const [i, a] of rows.entries()) {
          expect(numbers[i]).toBeGreaterThanOrEqual(0)
          expect(numbers[i]).toBeLessThan(ranges)
          for (const [j, b] of rows.entries()) {
            if (before(keys, a, b)) expect(numbers[i]).toBeLessThanOrEqual(numbers[j]!)
            else if (!before(keys, b, a)) expect(numbers[i]).toBe(numbers[j])
          }
        }
      },
    ),
  )
})

test('ranges of different rows have about as many each, however unequally these were sampled', () => {
  const flags = [
    { descending: false, nullsFirst: false },
    { descending: false, nullsFirst: false },
  ]
  const keys = keysOf(flags)
  const sample = Array.from({ length: 1_000 }, (_, i) => ({
    values: [i, ''],
    weight: i < 500 ? 3 : 1,
  }))
  const bounds = rangeBounds(sample, keys, 4).map(([value]) => value as number)
  expect(bounds).toHaveLength(3)
  for (const [at, expected] of [166, 333, 500].entries()) {
    expect(Math.abs(bounds[at]! - expected)).toBeLessThan(3)
  }
})
