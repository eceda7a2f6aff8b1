import { assert, present } from '../../base/assert.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, int4 } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { and, caseOf, falseLiteral, literal, or } from '../logical/build.ts'
import type { Expression, SortKey } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'

/** The values of the keys of some row, and for how many rows it stands. */
export interface SampledRow {
  readonly values: readonly Scalar[]
  readonly weight: number
}

/**
 * Rows of a sample before which ranges begin, the first aside: fewer than `ranges`, in order, so that ranges
 * have about as many rows each. Equal ones are told apart by nothing, so that a range may stay empty.
 */
export function rangeBounds(
  sample: readonly SampledRow[],
  keys: readonly SortKey[],
  ranges: number,
): readonly (readonly Scalar[])[] {
  const rows = sample.toSorted((left, right) => compareRows(keys, left.values, right.values))
  const all = rows.reduce((sum, { weight }) => sum + weight, 0)
  const bounds: (readonly Scalar[])[] = []
  let before = 0
  for (const { values, weight } of rows) {
    before += weight
    if (bounds.length + 1 >= ranges || before < ((bounds.length + 1) * all) / ranges) continue
    const last = bounds.at(-1)
    if (last === undefined || compareRows(keys, last, values) < 0) bounds.push(values)
  }
  return bounds
}

/** The number of the range that a row is in, from 0 on, found by halving. */
export function rangeNumber(
  keys: readonly SortKey[],
  bounds: readonly (readonly Scalar[])[],
): Expression {
  const between = (from: number, to: number): Expression => {
    if (from === to) return literal(from, int4)
    const middle = (from + to) >> 1
    const when = comesBefore(keys, present(bounds[middle], 'bound of a range'))
    return caseOf([{ when, then: between(from, middle) }], between(middle + 1, to))
  }
  return between(0, bounds.length)
}

/** Whether a row comes before certain values of the keys. Never NULL. */
function comesBefore(keys: readonly SortKey[], values: readonly Scalar[]): Expression {
  return keys.reduceRight<Expression>((rest, key, at) => {
    const value = values[at] ?? null
    const isLast = at === keys.length - 1
    const before = precedes(key, value)
    return isLast ? before : or([before, and([equals(key, value), rest])])
  }, falseLiteral)
}

function precedes({ expr, descending, nullsFirst }: SortKey, value: Scalar): Expression {
  if (value === null) return nullsFirst ? falseLiteral : tested(expr, 'null', true)
  const isNull = { when: tested(expr, 'null'), then: literal(nullsFirst, bool) }
  return caseOf([isNull], compared(descending ? '>' : '<', expr, literal(value, expr.type)))
}

function equals({ expr }: SortKey, value: Scalar): Expression {
  if (value === null) return tested(expr, 'null')
  const isNull = { when: tested(expr, 'null'), then: falseLiteral }
  return caseOf([isNull], compared('=', expr, literal(value, expr.type)))
}

function compareRows(
  keys: readonly SortKey[],
  left: readonly Scalar[],
  right: readonly Scalar[],
): number {
  assert(left.length === keys.length && right.length === keys.length, 'a row of other keys')
  for (const [at, { expr, descending, nullsFirst }] of keys.entries()) {
    const [a, b] = [left[at] ?? null, right[at] ?? null]
    if (a === null || b === null) {
      if (a !== b) return (a === null) === nullsFirst ? -1 : 1
      continue
    }
    const order = compareScalars(a, b, expr.type)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}
