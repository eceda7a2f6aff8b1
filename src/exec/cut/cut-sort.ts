import type { Steps } from '../../base/steps.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import { layOutRow, type FieldRequest } from '../../compile/model/row-layout.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import type { PhysicalSort } from '../../plan/physical/plan.ts'
import { closePipeline, nullableIn, union, type Cutter } from './cutting.ts'
import { hoistAll } from './hoist.ts'
import { columnIds, openPipeline, referenceTo, type Open } from './open-pipeline.ts'

/** Keeps rows with the keys to sort them by; they are read in order. */
export function* cutSort(
  cutter: Cutter,
  plan: PhysicalSort,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const keyExprs = plan.keys.map(({ expr }) => expr)
  const opens = yield* cutter.open(plan.input, union(required, columnIds(keyExprs)))
  const nullable = nullableIn(plan.input)
  const carried = plan.columns.filter(({ id }) => required.has(id))
  const requests: FieldRequest[] = carried.map(({ id, type }) => ({
    id,
    type,
    nullable: nullable(referenceTo({ id, type, name: '' })),
    bounds: cutter.stage.bounds.get(id),
  }))
  const values: Expression[] = carried.map(referenceTo)
  const keys = plan.keys.map(({ expr, descending, nullsFirst }) => {
    let field = expr.kind === 'column' ? requests.findIndex(({ id }) => id === expr.id) : -1
    if (field < 0) {
      requests.push({ id: cutter.freshId(), type: expr.type, nullable: nullable(expr) })
      field = values.push(expr) - 1
    }
    return { field, descending, nullsFirst }
  })
  const layout = layOutRow(0, requests)
  const breaker = cutter.breakers++
  for (const open of opens) {
    const sort: SortShape = {
      layout,
      values: yield* hoistAll(cutter, open, values),
      keys,
      limitRows: plan.limitRows,
    }
    closePipeline(cutter, open, { kind: 'sort', breaker, sort })
  }
  return [openPipeline({ kind: 'sorted', breaker, layout }, true)]
}
