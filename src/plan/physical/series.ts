import { assert, present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { Series } from '../../functions/function.ts'
import type { ColumnId } from '../logical/expression.ts'
import type { NestedLoopJoin, PhysicalExpand } from './plan.ts'

/** A column of a series: its values, or the numbers of its rows. */
export interface SeriesColumn {
  readonly id: ColumnId
  readonly type: DataType
  readonly holds: 'values' | 'positions'
}

/** What a plan gives that is nothing but one series, known when it is planned. */
export interface SeriesRows {
  readonly columns: readonly SeriesColumn[]
  readonly series: Series
  /** How many rows there are: exactly for integers, about for moments. */
  readonly rows: number
}

/** The series that a plan gives; undefined where it gives anything else. Throws what is wrong with the arguments. */
export function seriesOf({ input, calls, ordinality }: PhysicalExpand): SeriesRows | undefined {
  const [call, another] = calls
  const [output] = call?.outputs ?? []
  if (call === undefined || output === undefined || another !== undefined) return undefined
  // Of a VALUES that anything could be wrong with, the rows must be evaluated.
  if (input.kind !== 'values' || input.rowExprs.length !== 1 || input.columns.length > 0) {
    return undefined
  }
  const args = call.args.flatMap((arg) => (arg.kind === 'literal' ? [arg.value] : []))
  if (args.length < call.args.length || args.includes(null)) return undefined
  const series = call.fn.series?.(args)
  if (series === undefined) return undefined
  const positions: readonly SeriesColumn[] =
    ordinality === undefined ? [] : [{ ...ordinality, holds: 'positions' }]
  return {
    columns: [{ ...output, holds: 'values' }, ...positions],
    series,
    rows: series.kind === 'integers' ? series.rows : call.fn.rowsOf(args),
  }
}

/** Shorter ones are as well written by one task, also where what is made of each row is long. */
const DIVIDED_ROWS_MIN = 8_192

/** Whether a plan is a series that several tasks can write, a part each. */
export function isDivisible(plan: PhysicalExpand): boolean {
  if (plan.ordinality !== undefined || plan.input.kind !== 'values') return false
  const found = seriesOf(plan)
  return found?.series.kind === 'integers' && found.rows >= DIVIDED_ROWS_MIN
}

/** The rows of one of the tasks that write a series. */
export function partOfSeries(
  { columns, series, rows }: SeriesRows,
  partition: number,
  partitions: number,
): SeriesRows {
  if (partitions === 1) return { columns, series, rows }
  const [from, to] = [partition, partition + 1].map((at) => Math.floor((rows * at) / partitions))
  const whole = { columns, series, rows }
  return rowsOfSeries(whole, present(from, 'beginning of a part'), present(to, 'end of a part'))
}

/** The rows of a series of integers from one on to before another, neither beyond its end. */
export function rowsOfSeries(
  { columns, series }: SeriesRows,
  from: number,
  to: number,
): SeriesRows {
  assert(series.kind === 'integers', 'a series that is not divisible')
  const rows = to - from
  const first = series.first + series.step * BigInt(from)
  return { columns, series: { ...series, first, rows }, rows }
}

/** A series of more rows is not kept to be read for each row of others. */
const SERIES_ROWS_KEPT_MAX = 4_096

/**
 * `Expand(X, generate_series(1, 3))` is every row of X beside every row of the series, in the same order:
 * rows are paired as they flow, while those that differ by row must be kept first.
 */
export function withSeriesApart(plan: PhysicalExpand): PhysicalExpand | NestedLoopJoin {
  const { input, columns } = plan
  const oneRow = { kind: 'values', rowExprs: [[]], columns: [], rows: 1 } as const
  const own = columns.slice(input.columns.length)
  const alone = { ...plan, input: oneRow, columns: own }
  if (input.kind === 'values' && input.columns.length === 0) return plan
  const { series, rows = 0 } = seriesOf(alone) ?? {}
  if (series?.kind !== 'integers' || rows > SERIES_ROWS_KEPT_MAX) return plan
  const solid = own.map((column) => ({ ...column, nullable: false }))
  return {
    kind: 'nested-loop-join',
    joinKind: 'inner',
    probe: input,
    build: { ...alone, columns: solid, rows },
    condition: undefined,
    nullAware: false,
    markColumn: undefined,
    columns: [...input.columns, ...solid],
    rows: plan.rows,
  }
}

/** What the values of a series lie in; undefined of no rows. */
export function seriesBounds(series: Series): ValueBounds | undefined {
  const { first } = series
  if (series.kind === 'moments') {
    const { last } = series
    return first < last ? { min: first, max: last } : { min: last, max: first }
  }
  if (series.rows === 0) return undefined
  const last = first + series.step * BigInt(series.rows - 1)
  return first < last ? { min: first, max: last } : { min: last, max: first }
}
