import { columnReference } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import { replaceColumns } from '../logical/walk.ts'
import { addsToLastRow, canBeAcross, counted, isInRangesOf, overAllRows } from './across-tasks.ts'
import { partialAndFinal } from './distribute-aggregate.ts'
import { exchange, spread, type Distributed } from './distribution.ts'
import { mapCall } from './operators/aggregate.ts'
import type {
  Exchange,
  HashAggregate,
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalWindow,
} from './plan.ts'

/**
 * A window without PARTITION BY over more rows than one task has room for. Aggregates of all rows are computed
 * beside these, and joined with each. Others are computed range by range of the order, and what the ranges before add is
 * added; without an order the rows stay in the order in which they come. Undefined where neither can be.
 */
export function windowInParts(plan: PhysicalWindow, input: Distributed): Distributed | undefined {
  const aggregates = overAllRows(plan)
  if (aggregates !== undefined) return besideAll(plan, aggregates, input)
  const isInOneTask = input.distribution.kind === 'single' && plan.orderBy.length === 0
  if (isInOneTask || !canBeAcross(plan)) return undefined
  const window: PhysicalWindow = { ...plan, input: inOrder(plan, input.plan), isAcross: true }
  return {
    plan: addsToLastRow(window) ? exchange(window, { kind: 'stay' }) : window,
    distribution: spread,
  }
}

/** The rows, so that each task has those of a range of the order, or some that follow one another. */
function inOrder({ orderBy }: PhysicalWindow, input: PhysicalPlan): PhysicalPlan {
  if (orderBy.length === 0) return counted(input)
  if (isInRangesOf(input, orderBy)) return counted(input)
  const dealt = exchange(input, { kind: 'round-robin' })
  return exchange(dealt, { kind: 'range', keys: orderBy })
}

/** Ids of what is read a second time, and of the exchange that both read. Those of the query are positive. */
const SECOND_IDS_BEGIN = -3_000_000_000

/** Each row with the aggregates of all: the rows are kept as they are made, and read twice. */
function besideAll(
  plan: PhysicalWindow,
  aggregates: readonly PhysicalAggregateCall[],
  input: Distributed,
): Distributed | undefined {
  const [first] = aggregates
  if (first === undefined) return undefined
  const cteId = SECOND_IDS_BEGIN - first.id
  const rows: Exchange = { ...exchange(input.plan, { kind: 'stay' }), cteId }
  const columns = rows.columns.map((column) => {
    return { ...column, id: (SECOND_IDS_BEGIN - column.id) as ColumnId }
  })
  const read = new Map(rows.columns.map(({ id }, at) => [id, columnReference(columns[at]!)]))
  const again = (expr: Expression): Expression => replaceColumns(expr, (id) => read.get(id))
  const made = plan.columns.filter(({ id }) => aggregates.some((call) => call.id === id))
  const all: HashAggregate = {
    kind: 'hash-aggregate',
    input: { ...rows, columns },
    keys: [],
    aggregates: aggregates.map((call) => mapCall(call, again)),
    phase: 'single',
    columns: made,
    rows: 1,
  }
  const merged = partialAndFinal(all, all.input, 0)
  return {
    plan: {
      kind: 'nested-loop-join',
      joinKind: 'inner',
      probe: rows,
      build: exchange(merged.plan, { kind: 'broadcast' }),
      condition: undefined,
      nullAware: false,
      markColumn: undefined,
      columns: plan.columns,
      rows: plan.rows,
    },
    distribution: input.distribution.kind === 'single' ? input.distribution : spread,
  }
}
