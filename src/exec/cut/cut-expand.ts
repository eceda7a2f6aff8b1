import type { Steps } from '../../base/steps.ts'
import { joinHeader, layOutRow, type FieldRequest } from '../../compile/model/row-layout.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import type { PhysicalExpand } from '../../plan/physical/plan.ts'
import { seriesOf, type SeriesRows } from '../../plan/physical/series.ts'
import { closePipeline, nullableIn, openChunks, openRows, union, type Cutter } from './cutting.ts'
import { hoistAll } from './hoist.ts'
import { columnIds, referenceTo, type Open } from './open-pipeline.ts'

/**
 * Keeps rows with the arguments of the functions, and room for what these give: a row is repeated as it is
 * for each, when the rows are read.
 */
export function* cutExpand(
  cutter: Cutter,
  plan: PhysicalExpand,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const series = seriesOf(plan)
  if (series !== undefined) return [openSeries(cutter, series, required)]
  const args = plan.calls.flatMap((call) => call.args)
  const opens = yield* cutter.open(plan.input, union(required, columnIds(args)))
  const nullable = nullableIn(plan.input)
  const carried = plan.input.columns.filter(({ id }) => required.has(id))
  const values: Expression[] = [...carried.map(referenceTo), ...args]
  const requests = values.map((expr, index): FieldRequest => ({
    id: carried[index]?.id ?? cutter.freshId(),
    type: expr.type,
    nullable: nullable(expr),
    bounds: index < carried.length ? cutter.stage.bounds.get(carried[index]!.id) : undefined,
  }))
  let next = carried.length
  const calls = plan.calls.map(({ outputs, fn, args: own }) => {
    const given = own.map(() => next++)
    const made = outputs.map(({ id, type }) => requests.push({ id, type, nullable: true }) - 1)
    return { fn, args: given, outputs: made }
  })
  const { ordinality } = plan
  const position =
    ordinality === undefined ? undefined : requests.push({ ...ordinality, nullable: true }) - 1
  const layout = layOutRow(joinHeader.bytes, requests)
  const breaker = cutter.breakers++
  for (const open of opens) {
    const kept = yield* hoistAll(cutter, open, values)
    closePipeline(cutter, open, {
      kind: 'expand',
      breaker,
      layout,
      values: kept,
      calls,
      ordinality: position,
    })
  }
  return [openRows(breaker, layout)]
}

/** A series that is all there is needs no rows to repeat: threads write its columns. */
function openSeries(cutter: Cutter, series: SeriesRows, required: ReadonlySet<ColumnId>): Open {
  const columns = series.columns.filter(({ id }) => required.has(id))
  cutter.inputs.push({ kind: 'series', series: { ...series, columns } })
  return openChunks(cutter, columns, false)
}
