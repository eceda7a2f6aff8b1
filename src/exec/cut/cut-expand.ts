import { present } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { isTakenApartWhole } from '../../compile/wasm/scope/array-fields.ts'
import type { Expansion, RepeatStep } from '../../compile/model/pipeline.ts'
import { joinHeader, layOutRow, type FieldRequest } from '../../compile/model/row-layout.ts'
import type { ColumnId, Expression, RowsCall } from '../../plan/logical/expression.ts'
import type { PhysicalExpand } from '../../plan/physical/plan.ts'
import { seriesOf, type SeriesRows } from '../../plan/physical/series.ts'
import { closePipeline, nullableIn, openChunks, openRows, union, type Cutter } from './cutting.ts'
import { hoist, hoistAll, keepVolatile } from './hoist.ts'
import { addStep, columnIds, compute, define, referenceTo, type Open } from './open-pipeline.ts'

/**
 * Where kernels write all that functions give, rows are repeated as they flow. Else they are kept with the arguments of
 * the functions, and room for what these give: a row is repeated as it is for each, when the rows are read.
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
  if (isMadeByKernels(plan)) {
    for (const open of opens) {
      const values = yield* hoistAll(cutter, open, args)
      keepComputed(cutter, open, plan, required)
      addStep(open, repeatStep(cutter, plan, values))
    }
    return opens
  }
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

/** Long series of few rows are made in pieces, which threads share. */
const ROWS_SHARED_MAX = 256
const STEP_MAX = 2n ** 62n

/** Whether kernels write all rows that a plan gives for any of its input's. */
function isMadeByKernels({ calls, input }: PhysicalExpand): boolean {
  const [only, ...others] = calls
  if (only === undefined) return false
  if (only.fn.kernel === 'repeatRow') {
    const step = stepOf(only)
    const isExact = step !== undefined && step !== 0n && step < STEP_MAX && step > -STEP_MAX
    return others.length === 0 && isExact && input.rows > ROWS_SHARED_MAX
  }
  return calls.every(({ fn, args: [arg] }) => {
    return fn.kernel === 'arrayRows' && arg !== undefined && isTakenApartWhole(arg.type)
  })
}

/** How far integers of a series are apart, where that is a constant. */
function stepOf({ args: [, , step] }: RowsCall): bigint | undefined {
  if (step === undefined) return 1n
  if (step.kind !== 'literal') return undefined
  const { value } = step
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined
}

/** Computes what is read of a row once, however often it is repeated. */
function keepComputed(
  cutter: Cutter,
  open: Open,
  plan: PhysicalExpand,
  required: ReadonlySet<ColumnId>,
): void {
  keepVolatile(cutter, open)
  for (const { id } of plan.input.columns) {
    const expr = required.has(id) ? open.definitions.get(id) : undefined
    if (expr === undefined || expr.kind === 'column' || expr.kind === 'literal') continue
    const hoisted = hoist(cutter, open, expr)
    define(open, id, hoisted.kind === 'column' ? hoisted : compute(cutter, open, hoisted))
  }
}

/** `values`: the arguments of all calls. */
function repeatStep(
  cutter: Cutter,
  { calls, ordinality }: PhysicalExpand,
  values: readonly Expression[],
): RepeatStep {
  const requests: FieldRequest[] = []
  const field = (column: { readonly id: ColumnId; readonly type: DataType }): number =>
    requests.push({ id: column.id, type: column.type, nullable: true }) - 1
  const expansion = (): Expansion => {
    const [only] = calls
    const [first, last] = values
    if (only?.fn.kernel === 'repeatRow') {
      return {
        kind: 'integers',
        first: present(first, 'beginning of a series'),
        last: present(last, 'end of a series'),
        step: present(stepOf(only), 'step of a series'),
        value: field(present(only.outputs[0], 'column of a series')),
      }
    }
    const arrays = calls.map(({ outputs }, at) => {
      const arg = present(values[at], 'array that is taken apart')
      const array = field({ id: cutter.freshId(), type: arg.type })
      return { arg, array, element: field(present(outputs[0], 'column of elements')) }
    })
    return { kind: 'arrays', arrays }
  }
  const made = expansion()
  const position = ordinality === undefined ? undefined : field(ordinality)
  const layout = layOutRow(0, requests)
  return { kind: 'repeat', expansion: made, layout, ordinality: position }
}

/** A series that is all there is needs no rows to repeat: threads write its columns. */
function openSeries(cutter: Cutter, series: SeriesRows, required: ReadonlySet<ColumnId>): Open {
  const columns = series.columns.filter(({ id }) => required.has(id))
  cutter.inputs.push({ kind: 'series', series: { ...series, columns } })
  return openChunks(cutter, columns, false)
}
