import { expressionKey } from '../logical/expression-key.ts'
import type { ColumnId, Frame, SortKey } from '../logical/expression.ts'
import { accumulatorParts } from './accumulator-parts.ts'
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
  const { isCount, added, isAdded } = accumulatorParts[accumulator]
  if (isCount === true && filter === undefined) return 'counts'
  return added !== undefined && isAdded?.(type) !== false ? 'last row' : undefined
}

/** Whether a frame is all rows up to the row itself, or up to those that are equal to it. */
function isRunning({ start, end, exclude }: Frame): boolean {
  const isFromFirst = start.kind === 'unbounded-preceding' && end.kind === 'current-row'
  return isFromFirst && exclude === 'no-others'
}

export function callId(call: PhysicalWindowCall): ColumnId {
  return call.kind === 'aggregate' ? call.aggregate.id : call.id
}

/** The column of row_number among the calls. */
export function rowNumberOf(calls: readonly PhysicalWindowCall[]): ColumnId | undefined {
  for (const call of calls)
    if (call.kind === 'window' && call.fn.name === 'row_number') return call.id
  return undefined
}

/** Whether a call can be computed range by range of the partitions and their order. */
export function isRunningCall(call: PhysicalWindowCall, { partitionBy }: PhysicalWindow): boolean {
  if (needOf(call) === undefined) return false
  // How many rows a partition has is not known before its last range.
  return partitionBy.length === 0 || call.kind === 'aggregate' || !ofPartitionRows.has(call.fn.name)
}

/** Window functions that are told of all rows of a partition. */
const ofPartitionRows: ReadonlySet<string> = new Set(['percent_rank', 'cume_dist', 'ntile'])

/** Whether tasks of a stage are to run in their order, as each adds to the last row of the one before. */
export function addsToLastRow(root: PhysicalPlan): boolean {
  if (root.kind !== 'window' || root.isAcross !== true) return false
  // Which partition a task's first rows are in, the rows before tell.
  if (root.partitionBy.length > 0) return root.reach === undefined
  return root.calls.some((call) => needOf(call) === 'last row')
}

/** The aggregate that a call is over all rows of its partition, where that can be made of parts; undefined otherwise. */
export function overAllRows(
  call: PhysicalWindowCall,
  { orderBy }: PhysicalWindow,
): PhysicalAggregateCall | undefined {
  if (call.kind !== 'aggregate' || !isOfAll(call.frame, orderBy)) return undefined
  const { kept, distinct } = call.aggregate
  return kept !== undefined || distinct ? undefined : call.aggregate
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
