import { assert } from '../../base/assert.ts'
import { bytea, type DataType } from '../../data/types/data-type.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import { columnReference } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { exchange, hashedBy, single, type Distributed } from './distribution.ts'
import type { HashAggregate, PhysicalAggregateCall, PhysicalPlan } from './plan.ts'

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

/** What merges what tasks found of their rows. */
export function mergerOf(accumulator: Accumulator): Accumulator {
  assert(accumulator !== 'fold' && accumulator !== 'collect', 'kept rows are moved, not merged')
  return mergers[accumulator]
}

/** Up to `gatheredMax` groups are merged by one task. */
export function partialAndFinal(
  plan: HashAggregate,
  input: PhysicalPlan,
  gatheredMax: number,
): Distributed {
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
  const grouped = plan.keys.length > 0 && plan.rows > gatheredMax
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
