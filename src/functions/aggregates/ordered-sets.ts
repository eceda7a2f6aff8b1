import type { Span } from '../../base/span.ts'
import { QueryError } from '../../base/errors.ts'
import { float8, int8, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import type { AggregateForm, CollectedRows } from '../aggregate-form.ts'
import { percentiles } from './percentiles.ts'

/** The value that most rows have; of several, the first in order. */
function mostFrequent(rows: CollectedRows): Scalar {
  let [best, bestCount] = [0, 0]
  for (let start = 0; start < rows.count;) {
    let end = start + 1
    while (end < rows.count && !rows.startsAnew(end)) end++
    if (end - start > bestCount) [best, bestCount] = [start, end - start]
    start = end
  }
  return rows.count === 0 ? null : rows.value(best, 0)
}

const mode = aggregate({
  name: 'mode',
  args: ['any'],
  directArgs: 0,
  returns: (args) => args[0] ?? text,
  emptyValue: null,
  form: {
    kind: 'collected',
    required: [0],
    order: 'within-group',
    picked: { what: 'mode' },
    finish: mostFrequent,
  },
  doc: 'The most frequent value; of several, the first in order.',
  example: 'mode() within group (order by x) over 1, 2, 2 -- 2',
})

interface Ranking {
  readonly name: string
  readonly returns: DataType
  readonly doc: string
  readonly example: string
  readonly emptyValue: Scalar
  readonly form: AggregateForm
}

/** Different rows that come before the direct arguments, and one more. */
function denseRank(rows: CollectedRows): Scalar {
  if (rows.count === 0) return 1n
  const width = rows.types.length / 2
  const valuesOf = (row: number, from: number): readonly Scalar[] =>
    Array.from({ length: width }, (_, index) => rows.value(row, from + index))
  const wanted = valuesOf(0, 0)
  let [before, behind] = [0, rows.count]
  while (before < behind) {
    const middle = (before + behind) >>> 1
    if (rows.compare(valuesOf(middle, width), wanted) < 0) before = middle + 1
    else behind = middle
  }
  let rank = 1
  for (let row = 0; row < before; row++) if (rows.startsAnew(row)) rank++
  return BigInt(rank)
}

/** All but the dense rank are counts: no row is kept. */
const rankings: readonly Ranking[] = [
  {
    name: 'rank',
    returns: int8,
    doc: 'The rank that a row would have among those of the group, with gaps.',
    example: 'rank(3) within group (order by x) over 1, 1, 4 -- 3',
    emptyValue: 1n,
    form: {
      kind: 'composed',
      compose: (parts) => parts.call('+', [parts.standing('before'), parts.one()]),
    },
  },
  {
    name: 'dense_rank',
    returns: int8,
    doc: 'The rank that a row would have among those of the group, without gaps.',
    example: 'dense_rank(3) within group (order by x) over 1, 1, 4 -- 2',
    emptyValue: 1n,
    form: {
      kind: 'collected',
      required: [],
      order: 'within-group',
      picked: { what: 'rank' },
      finish: denseRank,
    },
  },
  {
    name: 'percent_rank',
    returns: float8,
    doc: 'The part of the rows that a row would stand behind.',
    example: 'percent_rank(3) within group (order by x) over 1, 2, 4, 5 -- 0.5',
    emptyValue: 0,
    form: {
      kind: 'composed',
      compose: (parts) =>
        parts.call('percent_rank_final', [parts.standing('before'), parts.rows()]),
    },
  },
  {
    name: 'cume_dist',
    returns: float8,
    doc: 'The part of the rows, the row itself among them, that it would not stand before.',
    example: 'cume_dist(3) within group (order by x) over 1, 2, 4 -- 0.75',
    emptyValue: 1,
    form: {
      kind: 'composed',
      compose: (parts) => {
        const counts = [parts.standing('not-after'), parts.rows()]
        const more = counts.map((count) => parts.call('+', [count, parts.one()]))
        return parts.call(
          '/',
          more.map((count) => parts.cast(count, float8)),
        )
      },
    },
  },
]

const hypothetical = rankings.map((ranking) =>
  aggregate({ ...ranking, args: ['any'], variadic: true, directArgs: 'as-sorted' }),
)

/** Aggregates over sorted rows: WITHIN GROUP (ORDER BY ...). */
export const orderedSetAggregates: readonly AggregateFunction[] = [
  ...percentiles,
  mode,
  ...hypothetical,
]

/** How many of a call's arguments are direct ones. */
export function directArguments(fn: AggregateFunction, args: number): number {
  const { directArgs = 0 } = fn
  return directArgs === 'as-sorted' ? args / 2 : directArgs
}

/** The error for an ordered-set aggregate that is called without an order. */
export function withinGroupRequired({ name }: AggregateFunction, span?: Span): QueryError {
  const message = `WITHIN GROUP is required for ordered-set aggregate ${name}`
  return new QueryError('WRONG_OBJECT_TYPE', message, span && { span })
}

/** Whether the aggregate is called with WITHIN GROUP. */
export function isOrderedSet(fn: AggregateFunction): boolean {
  return fn.directArgs !== undefined
}

/** The rows' arguments that WITHIN GROUP sorts by. */
export function sortedArguments(fn: AggregateFunction, args: number): readonly number[] {
  const first = directArguments(fn, args)
  return isOrderedSet(fn) ? Array.from({ length: args - first }, (_, i) => first + i) : []
}
