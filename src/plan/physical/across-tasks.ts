import { unreachable } from '../../base/assert.ts'
import { canBeAdded } from '../../functions/operators/arithmetic.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { Frame, SortKey } from '../logical/expression.ts'
import { exchange } from './distribution.ts'
import type {
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalWindow,
  PhysicalWindowCall,
} from './plan.ts'

/**
 * What a task of a window without PARTITION BY, whose rows are those of one range of its order, needs to know of the ranges before its
 * own: nothing, how many rows there are, or what their last row was given. Undefined: other rows than that.
 */
export type Need = 'nothing' | 'counts' | 'last row'

/** A call's need; see {@link Need}. */
export function needOf(call: PhysicalWindowCall): Need | undefined {
  return call.kind === 'aggregate' ? aggregateNeed(call) : functionNeed(call)
}

function functionNeed({
  fn,
  args,
  frame,
}: PhysicalWindowCall & { readonly kind: 'window' }): Need | undefined {
  switch (fn.name) {
    case 'row_number':
    case 'rank':
    case 'percent_rank':
    case 'cume_dist':
      return 'counts'
    case 'ntile':
      // What is wrong with the number is told by the function itself.
      return isPositive(args[0]) ? 'counts' : undefined
    case 'dense_rank':
      return 'last row'
    case 'first_value':
      return isRunning(frame) ? 'last row' : undefined
    case 'last_value':
      return isRunning(frame) ? 'nothing' : undefined
    default:
      return undefined
  }
}

function isPositive(arg: PhysicalCallArgument | undefined): boolean {
  return arg?.kind === 'literal' && typeof arg.value === 'number' && arg.value > 0
}

type PhysicalCallArgument = (PhysicalWindowCall & { readonly kind: 'window' })['args'][number]

function aggregateNeed({
  aggregate,
  frame,
}: PhysicalWindowCall & { readonly kind: 'aggregate' }): Need | undefined {
  const { accumulator, filter, kept, distinct, type } = aggregate
  if (!isRunning(frame) || kept !== undefined || distinct) return undefined
  switch (accumulator) {
    case 'count-star':
      return filter === undefined ? 'counts' : 'last row'
    case 'count':
    case 'min':
    case 'max':
    case 'bool-and':
    case 'bool-or':
      return 'last row'
    case 'sum':
    case 'sum-zero':
      return canBeAdded(type.kind) ? 'last row' : undefined
    case 'any-value':
    case 'sum-squares':
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
    case 'deviation':
    case 'deviation-merge':
    case 'fold':
    case 'collect':
      return undefined
    default:
      return unreachable(accumulator)
  }
}

/** Whether a frame is all rows up to the row itself, or up to those that are equal to it. */
function isRunning({ start, end, exclude }: Frame): boolean {
  const isFromFirst = start.kind === 'unbounded-preceding' && end.kind === 'current-row'
  return isFromFirst && exclude === 'no-others'
}

/** Whether a window can be computed range by range. */
export function canBeAcross({ calls, partitionBy }: PhysicalWindow): boolean {
  return partitionBy.length === 0 && calls.every((call) => needOf(call) !== undefined)
}

/** Whether tasks of a stage are to run in their order, as each adds to the last row of the one before. */
export function addsToLastRow(root: PhysicalPlan): boolean {
  if (root.kind !== 'window' || root.isAcross !== true) return false
  return root.calls.some((call) => needOf(call) === 'last row')
}

/** What all calls are where each is an aggregate over all rows that can be made of parts; undefined otherwise. */
export function overAllRows({
  calls,
  partitionBy,
  orderBy,
}: PhysicalWindow): readonly PhysicalAggregateCall[] | undefined {
  if (partitionBy.length > 0) return undefined
  const aggregates: PhysicalAggregateCall[] = []
  for (const call of calls) {
    if (call.kind !== 'aggregate' || !isOfAll(call.frame, orderBy)) return undefined
    const { kept, distinct } = call.aggregate
    if (kept !== undefined || distinct) return undefined
    aggregates.push(call.aggregate)
  }
  return aggregates
}

/** Whether a frame is all rows, whichever the row is. */
function isOfAll({ unit, start, end, exclude }: Frame, orderBy: readonly SortKey[]): boolean {
  if (start.kind !== 'unbounded-preceding' || exclude !== 'no-others') return false
  if (end.kind === 'unbounded-following') return true
  // Without an order all rows are equal in it.
  return end.kind === 'current-row' && unit !== 'rows' && orderBy.length === 0
}

/** The exchange whose rows a plan gives one for one, each task those of its piece; undefined where it gives others. */
export function exchangeBelow(
  plan: PhysicalPlan,
): (PhysicalPlan & { readonly kind: 'exchange' }) | undefined {
  if (plan.kind === 'exchange') return plan
  const isOneForOne = plan.kind === 'project' || plan.kind === 'sort' || plan.kind === 'window'
  return isOneForOne ? exchangeBelow(plan.input) : undefined
}

/** A plan of whose rows each task has some, so that it is known how many each has. */
export function counted(plan: PhysicalPlan): PhysicalPlan {
  const kind = exchangeBelow(plan)?.partitioning.kind
  return kind === 'range' || kind === 'stay' ? plan : exchange(plan, { kind: 'stay' })
}

/** Whether a plan gives each task a range of the order of some keys, one range after another. */
export function isInRangesOf(plan: PhysicalPlan, keys: readonly SortKey[]): boolean {
  const below = exchangeBelow(plan)
  if (below?.partitioning.kind === 'stay') return isInRangesOf(below.input, keys)
  if (below?.partitioning.kind !== 'range') return false
  // Rows that are equal in the first keys are in one range.
  const first = below.partitioning.keys
  return first.length <= keys.length && first.every((key, at) => isSameKey(key, keys[at]!))
}

function isSameKey(left: SortKey, right: SortKey): boolean {
  return (
    left.descending === right.descending &&
    left.nullsFirst === right.nullsFirst &&
    expressionKey(left.expr) === expressionKey(right.expr)
  )
}
