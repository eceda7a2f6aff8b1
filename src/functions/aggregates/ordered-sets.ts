import type { Span } from '../../base/span.ts'
import { QueryError } from '../../base/errors.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { float8, int8, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import type { CollectedRows } from '../aggregate-form.ts'
import { percentiles } from './percentiles.ts'

/** The value that most rows have; of several, the first in order. */
function mostFrequent(rows: CollectedRows): Scalar {
  const type: DataType = rows.types[0] ?? text
  let [best, bestCount] = [null as Scalar, 0]
  for (let start = 0; start < rows.count;) {
    const value = rows.value(start, 0)
    let end = start + 1
    while (end < rows.count && compareScalars(rows.value(end, 0), value, type) === 0) end++
    if (end - start > bestCount) [best, bestCount] = [value, end - start]
    start = end
  }
  return best
}

const mode = aggregate({
  name: 'mode',
  args: ['any'],
  directArgs: 0,
  returns: (args) => args[0] ?? text,
  emptyValue: null,
  form: { kind: 'collected', required: [0], order: 'within-group', finish: mostFrequent },
  doc: 'The most frequent value; of several, the first in order.',
  example: 'mode() within group (order by x) over 1, 2, 2 -- 2',
})

/** Where a row would stand among those of the group. */
interface Standing {
  readonly rows: number
  /** Rows that come before it. */
  readonly before: number
  /** Rows that come before it or are equal to it. */
  readonly notAfter: number
  /** Different rows that come before it. */
  readonly distinctBefore: number
}

function standingOf(rows: CollectedRows): Standing {
  const { count } = rows
  const width = rows.types.length / 2
  const valuesOf = (row: number, from: number): readonly Scalar[] =>
    Array.from({ length: width }, (_, index) => rows.value(row, from + index))
  let [before, notAfter, distinctBefore] = [0, 0, 0]
  if (count === 0) return { rows: 0, before, notAfter, distinctBefore }
  const wanted = valuesOf(0, 0)
  let last: readonly Scalar[] | undefined
  for (; notAfter < count; notAfter++) {
    const values = valuesOf(notAfter, width)
    const order = rows.compare(values, wanted)
    if (order > 0) break
    if (order < 0) {
      before++
      if (last === undefined || rows.compare(last, values) !== 0) distinctBefore++
      last = values
    }
  }
  return { rows: count, before, notAfter, distinctBefore }
}

interface Ranking {
  readonly name: string
  readonly returns: DataType
  readonly doc: string
  readonly example: string
  readonly value: (standing: Standing) => Scalar
}

const rankings: readonly Ranking[] = [
  {
    name: 'rank',
    returns: int8,
    doc: 'The rank that a row would have among those of the group, with gaps.',
    example: 'rank(3) within group (order by x) over 1, 1, 4 -- 3',
    value: ({ before }) => BigInt(before + 1),
  },
  {
    name: 'dense_rank',
    returns: int8,
    doc: 'The rank that a row would have among those of the group, without gaps.',
    example: 'dense_rank(3) within group (order by x) over 1, 1, 4 -- 2',
    value: ({ distinctBefore }) => BigInt(distinctBefore + 1),
  },
  {
    name: 'percent_rank',
    returns: float8,
    doc: 'The part of the rows that a row would stand behind.',
    example: 'percent_rank(3) within group (order by x) over 1, 2, 4, 5 -- 0.5',
    value: ({ rows, before }) => (rows === 0 ? 0 : before / rows),
  },
  {
    name: 'cume_dist',
    returns: float8,
    doc: 'The part of the rows, the row itself among them, that it would not stand before.',
    example: 'cume_dist(3) within group (order by x) over 1, 2, 4 -- 0.75',
    value: ({ rows, notAfter }) => (notAfter + 1) / (rows + 1),
  },
]

const hypothetical = rankings.map(({ value, ...ranking }) =>
  aggregate({
    ...ranking,
    args: ['any'],
    variadic: true,
    directArgs: 'as-sorted',
    emptyValue: value({ rows: 0, before: 0, notAfter: 0, distinctBefore: 0 }),
    form: {
      kind: 'collected',
      required: [],
      order: 'within-group',
      finish: (rows) => value(standingOf(rows)),
    },
  }),
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
