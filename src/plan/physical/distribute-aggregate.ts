import { columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import {
  exchange,
  gathered,
  hashedBy,
  hashedPositions,
  single,
  type Distributed,
} from './distribution.ts'
import { distinctInParts } from './distinct-in-parts.ts'
import { mergerOf, partialAndFinal } from './partial-and-final.ts'
import { wantedOfSorted } from './sorted-in-parts.ts'
import type { Placing } from './operators/operator.ts'
import type { HashAggregate, PhysicalAggregateCall, PhysicalPlan } from './plan.ts'

/** A partial step that leaves more than this part of its rows is not worth its work. */
const PARTIAL_REDUCTION_MAX = 0.5

/** So few groups are merged by one task: spreading them over several would cost another stage. */
const GATHERED_GROUPS_MAX = 10_000

function isDistinct({ distinct }: PhysicalAggregateCall): boolean {
  return distinct
}

/** Whether rows are divided for a call also where they are of one group. */
function isApart(call: PhysicalAggregateCall): boolean {
  return call.distinct || wantedOfSorted(call) !== undefined
}

type AggregateContext = Pick<
  Placing,
  'isInParts' | 'workers' | 'broadcastBytesMax' | 'attempt' | 'fresh'
>

/**
 * Aggregates where the rows are, moves the groups and merges them: partial -> exchange by keys -> final.
 * Rows that lie together by their keys are aggregated in place. The rows themselves move where the
 * partial step would not make them fewer, and for DISTINCT and for aggregates that
 * keep rows, as partial results cannot be merged then.
 */
export function distributeAggregate(
  plan: HashAggregate,
  input: Distributed,
  ctx: AggregateContext,
): Distributed {
  const { isInParts, workers, broadcastBytesMax } = ctx
  const keyExprs = plan.keys.map(({ expr }) => expr)
  const isSpread = isInParts && (plan.keys.length > 0 || plan.aggregates.some(isApart))
  if (input.distribution.kind === 'single' && !isSpread) {
    return { plan: { ...plan, input: input.plan }, distribution: single }
  }
  const outputKeys = plan.keys.map((key) => columnReference({ ...key, type: key.expr.type }))
  const positions = hashedPositions(input.distribution, keyExprs)
  if (plan.keys.length > 0 && positions !== undefined) {
    const keys = positions.flatMap((position) => outputKeys[position] ?? [])
    return { plan: { ...plan, input: input.plan }, distribution: hashedBy(keys) }
  }
  if (isInParts && plan.keys.length === 0) {
    const apart = distinctApart(plan, input.plan)
    if (apart !== undefined) return partialAndFinal(apart, apart.input, 0)
  }
  // Groups of many rows are divided once it was seen that they do not fit.
  if (isInParts && (plan.keys.length === 0 || broadcastBytesMax === 0)) {
    const several = distinctInParts(plan, input.plan, ctx, (part, rows) =>
      distributeAggregate(part, rows, ctx),
    )
    if (several !== undefined) return several
    const value = distinctValue(plan)
    if (value !== undefined) {
      const keys = [...keyExprs, value]
      return partialAndFinal(plan, exchange(input.plan, { kind: 'hash', keys }), 0)
    }
  }
  const mergeable = plan.aggregates.every((call) => !call.distinct && call.kept === undefined)
  // A part that has few rows of each group would only be one more that is full.
  const rowsAtOnce = isInParts ? input.plan.rows / workers : input.plan.rows
  // Rows of a key that very many have do not come together as they are; a step that is in vain is given up as it shows.
  const isTriedAgain = isInParts && broadcastBytesMax === 0
  const reduces = isTriedAgain || plan.rows <= rowsAtOnce * PARTIAL_REDUCTION_MAX
  if (mergeable && (reduces || plan.keys.length === 0)) {
    const gatheredMax = isInParts ? 0 : GATHERED_GROUPS_MAX
    return partialAndFinal(plan, input.plan, gatheredMax)
  }
  if (plan.keys.length === 0) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const moved = exchange(input.plan, { kind: 'hash', keys: keyExprs })
  return { plan: { ...plan, input: moved }, distribution: hashedBy(outputKeys) }
}

/**
 * Aggregates over all rows that want each value of one expression once, as aggregates over its groups: these
 * can be in any number of tasks. Undefined where the aggregates are others.
 */
function distinctApart(plan: HashAggregate, input: PhysicalPlan): HashAggregate | undefined {
  const [first] = plan.aggregates
  const value = first?.arg
  if (first === undefined || value === undefined) return undefined
  const key = expressionKey(value)
  const areAlike = plan.aggregates.every(
    ({ distinct, filter, kept, arg }) =>
      distinct &&
      filter === undefined &&
      kept === undefined &&
      arg !== undefined &&
      expressionKey(arg) === key,
  )
  if (!areAlike) return undefined
  // A column that nobody else has: ids of the query are positive, those made while cutting count down from -1.
  const id = (DISTINCT_IDS_BEGIN - first.id) as ColumnId
  const column = { id, name: 'distinct', type: value.type, nullable: true }
  const groups: HashAggregate = {
    kind: 'hash-aggregate',
    input: exchange(input, { kind: 'hash', keys: [value] }),
    keys: [{ id, name: column.name, expr: value }],
    aggregates: [],
    phase: 'single',
    columns: [column],
    rows: input.rows,
  }
  const arg = columnReference(column)
  // As many rows at most: what is known of sums still holds.
  const aggregates = plan.aggregates.map((call) => ({ ...call, arg, distinct: false }))
  return { ...plan, input: groups, aggregates }
}

/**
 * The one value that aggregates want each once of: where equal values are in one task, what the tasks find of it is merged like
 * the other aggregates. Undefined where there is none or another, or something cannot be merged.
 */
function distinctValue({ aggregates }: HashAggregate): Expression | undefined {
  const isMerged = ({ kept, accumulator }: PhysicalAggregateCall): boolean =>
    kept === undefined && mergerOf(accumulator) !== 'deviation-merge'
  if (!aggregates.every(isMerged)) return undefined
  const [first, ...others] = aggregates.filter(isDistinct)
  const value = first?.arg
  if (value === undefined) return undefined
  const key = expressionKey(value)
  const areOfIt = others.every(({ arg }) => arg !== undefined && expressionKey(arg) === key)
  return areOfIt ? value : undefined
}

const DISTINCT_IDS_BEGIN = -1_000_000_000
