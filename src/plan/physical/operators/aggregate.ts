import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { mapCall } from '../map-call.ts'
import { unreachable } from '../../../base/assert.ts'
import { explainExpression } from '../../logical/explain.ts'
import { distributeAggregate } from '../distribute-aggregate.ts'
import type { HashAggregate, PhysicalAggregateCall, PhysicalPlan } from '../plan.ts'
import { expressionBounds, typeBounds } from '../value-bounds.ts'
import {
  mapInput,
  mapItems,
  setBounds,
  type Guarantees,
  type PhysicalOperator,
  rowsKept,
} from './operator.ts'
import { columnText, namedTexts } from './texts.ts'

export const hashAggregate: PhysicalOperator<'hash-aggregate'> = {
  inputs: mapInput,
  expressions: (plan, to) => {
    const aggregates = plan.aggregates.map((call) => mapCall(call, to))
    return { ...plan, keys: mapItems(plan.keys, to), aggregates }
  },
  explain: (plan) => ({ node: 'Aggregate', detail: aggregateText(plan) }),
  keeps: groupsKept,
  guarantees: aggregateGuarantees,
  place: (plan, placing) => distributeAggregate(plan, placing.place(plan.input), placing),
}

/** The groups, and the rows of aggregates that want each value once or all of them together. */
function groupsKept(plan: HashAggregate): number {
  const { aggregates, input, keys } = plan
  const keepsRows = aggregates.some(({ distinct, kept }) => distinct || kept !== undefined)
  return (keys.length === 0 ? 0 : rowsKept(plan)) + (keepsRows ? rowsKept(input) : 0)
}

function aggregateGuarantees(
  plan: HashAggregate,
  of: (input: PhysicalPlan) => Guarantees,
): Guarantees {
  const input = of(plan.input)
  const bounds = new Map(input.bounds)
  for (const { id, expr } of plan.keys) setBounds(bounds, id, expressionBounds(expr, input.bounds))
  for (const call of plan.aggregates) setBounds(bounds, call.id, accumulated(call, input))
  return { rowsMax: plan.keys.length === 0 ? 1n : input.rowsMax, bounds }
}

/** Bounds of an aggregate over an input of which so much is guaranteed. */
export function accumulated(
  call: PhysicalAggregateCall,
  input: Guarantees,
): ValueBounds | undefined {
  const arg = call.arg && expressionBounds(call.arg, input.bounds)
  switch (call.accumulator) {
    case 'count-star':
    case 'count':
      return input.rowsMax === undefined ? undefined : { min: 0n, max: input.rowsMax }
    case 'sum':
    case 'sum-zero': {
      if (arg === undefined || input.rowsMax === undefined) return undefined
      const rows = input.rowsMax
      // No value at all: what is known of one row holds, and is not upside down.
      if (rows === 0n) return arg
      const sum = {
        min: arg.min < 0n ? arg.min * rows : call.accumulator === 'sum' ? arg.min : 0n,
        max: arg.max > 0n ? arg.max * rows : call.accumulator === 'sum' ? arg.max : 0n,
      }
      const range = typeBounds(call.type)
      return range !== undefined && (sum.min < range.min || sum.max > range.max) ? range : sum
    }
    case 'min':
    case 'max':
    case 'any-value':
      return arg
    case 'sum-squares':
    case 'deviation':
    case 'deviation-merge':
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
    case 'fold':
    case 'collect':
      return undefined
    case 'bool-and':
    case 'bool-or':
      return { min: 0n, max: 1n }
    default:
      return unreachable(call.accumulator)
  }
}

function aggregateText(plan: HashAggregate): string {
  const phase = plan.phase === 'single' ? '' : plan.phase
  const keys = plan.keys.length === 0 ? '' : `by ${namedTexts(plan.keys)}`
  const calls = plan.aggregates.map(callText).join(', ')
  return [phase, keys, calls].filter((part) => part !== '').join(' ')
}

/** An aggregate as EXPLAIN shows it. */
export function callText(call: PhysicalAggregateCall): string {
  const { kept } = call
  const args = kept?.exprs.slice(0, kept.args) ?? (call.arg === undefined ? [] : [call.arg])
  const order = kept?.order.map(({ field, descending }) => {
    return `${explainExpression(kept.exprs[field]!)}${descending ? ' desc' : ''}`
  })
  const by = order === undefined || order.length === 0 ? '' : ` order by ${order.join(', ')}`
  const distinct = call.distinct || kept?.distinct === true
  const inside = `${distinct ? 'distinct ' : ''}${args.map(explainExpression).join(', ')}${by}`
  const name = kept === undefined ? call.accumulator : kept.fn.name
  const where = call.filter === undefined ? '' : ` where ${explainExpression(call.filter)}`
  const width = call.fitsInt64 ? ' in 64 bits' : ''
  return `${columnText(call)} = ${name}(${inside})${where}${width}`
}
