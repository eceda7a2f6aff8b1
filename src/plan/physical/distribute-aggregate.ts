import { assert } from '../../base/assert.ts'
import { bytea, type DataType } from '../../data/types/data-type.ts'
import { columnReference } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import {
  exchange,
  gathered,
  hashedBy,
  hashedPositions,
  single,
  type Distributed,
} from './distribution.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import type { HashAggregate, PhysicalAggregateCall, PhysicalPlan } from './plan.ts'

/** A partial step that leaves more than this part of its rows is not worth its work. */
const PARTIAL_REDUCTION_MAX = 0.5

/** So few groups are merged by one task: spreading them over several would cost another stage. */
const GATHERED_GROUPS_MAX = 10_000

/** What merges the partial values of an accumulator. */
const mergers: Readonly<Record<Exclude<Accumulator, 'fold' | 'collect'>, Accumulator>> = {
  'count-star': 'sum-zero',
  count: 'sum-zero',
  sum: 'sum',
  'sum-zero': 'sum-zero',
  min: 'min',
  max: 'max',
  'bool-and': 'bool-and',
  'bool-or': 'bool-or',
  'any-value': 'any-value',
  'sum-squares': 'sum',
  'bit-and': 'bit-and',
  'bit-or': 'bit-or',
  'bit-xor': 'bit-xor',
  deviation: 'deviation-merge',
  'deviation-merge': 'deviation-merge',
}

function mergerOf(accumulator: Accumulator): Accumulator {
  assert(accumulator !== 'fold' && accumulator !== 'collect', 'kept rows are moved, not merged')
  return mergers[accumulator]
}

/**
 * Aggregates where the rows are, moves the groups and merges them: partial -> exchange by keys -> final.
 * Rows that lie together by their keys are aggregated in place. The rows themselves move where the
 * partial step would not make them fewer, and for DISTINCT and for aggregates that
 * keep rows, as partial results cannot be merged then.
 */
export function distributeAggregate(plan: HashAggregate, input: Distributed): Distributed {
  const keyExprs = plan.keys.map(({ expr }) => expr)
  if (input.distribution.kind === 'single') {
    return { plan: { ...plan, input: input.plan }, distribution: single }
  }
  const outputKeys = plan.keys.map((key) => columnReference({ ...key, type: key.expr.type }))
  const positions = hashedPositions(input.distribution, keyExprs)
  if (plan.keys.length > 0 && positions !== undefined) {
    const keys = positions.flatMap((position) => outputKeys[position] ?? [])
    return { plan: { ...plan, input: input.plan }, distribution: hashedBy(keys) }
  }
  const mergeable = plan.aggregates.every((call) => !call.distinct && call.kept === undefined)
  const reduces = plan.rows <= input.plan.rows * PARTIAL_REDUCTION_MAX
  if (mergeable && (reduces || plan.keys.length === 0)) return partialAndFinal(plan, input.plan)
  if (plan.keys.length === 0) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const moved = exchange(input.plan, { kind: 'hash', keys: keyExprs })
  return { plan: { ...plan, input: moved }, distribution: hashedBy(outputKeys) }
}

function partialAndFinal(plan: HashAggregate, input: PhysicalPlan): Distributed {
  const types = new Map(plan.aggregates.map((call) => [call.id, partialType(call)]))
  const partial: HashAggregate = {
    ...plan,
    input,
    aggregates: plan.aggregates.map((call) => ({ ...call, type: partialType(call) })),
    columns: plan.columns.map((column) => ({
      ...column,
      type: types.get(column.id) ?? column.type,
    })),
    phase: 'partial',
  }
  const keyColumns = plan.keys.map((key) => columnReference({ ...key, type: key.expr.type }))
  const grouped = plan.keys.length > 0 && plan.rows > GATHERED_GROUPS_MAX
  const moved = exchange(partial, grouped ? { kind: 'hash', keys: keyColumns } : { kind: 'gather' })
  const final: HashAggregate = {
    ...plan,
    input: moved,
    keys: plan.keys.map((key, i) => ({ ...key, expr: keyColumns[i] ?? key.expr })),
    aggregates: plan.aggregates.map(merging),
    phase: 'final',
  }
  return { plan: final, distribution: grouped ? hashedBy(keyColumns) : single }
}

/** A state of several numbers is passed on as its bytes. */
function partialType({ accumulator, type }: PhysicalAggregateCall): DataType {
  return mergerOf(accumulator) === 'deviation-merge' ? bytea : type
}

/** The partial values come under the same column ids as the final ones. */
function merging(call: PhysicalAggregateCall): PhysicalAggregateCall {
  const { id, name, type } = call
  const arg: Expression = columnReference({ ...call, type: partialType(call) })
  const accumulator = mergerOf(call.accumulator)
  const { fitsInt64 } = call
  return { id, name, type, accumulator, arg, distinct: false, filter: undefined, fitsInt64 }
}
