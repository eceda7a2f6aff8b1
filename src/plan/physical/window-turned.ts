import { present } from '../../base/assert.ts'
import { valueFunctions } from '../../functions/windows/values.ts'
import type { Frame, FrameBound, SortKey } from '../logical/expression.ts'
import type { PhysicalWindowCall } from './plan.ts'

const fromFirst: FrameBound = { kind: 'unbounded-preceding' }
const here: FrameBound = { kind: 'current-row' }
const toLast: FrameBound = { kind: 'unbounded-following' }

/** Functions that give the row of the other one, where frames begin at their other end. */
const turnedNames: ReadonlyMap<string, string> = new Map([
  ['first_value', 'last_value'],
  ['last_value', 'first_value'],
])

/**
 * A call that is of the first or the last row of the partition, over rows up to or from its own: what the rest of its frame
 * is does not matter.
 */
export function ofNearestFrame(call: PhysicalWindowCall): PhysicalWindowCall {
  if (call.kind !== 'window') return call
  const { start, end, exclude } = call.frame
  if (exclude !== 'no-others') return call
  const isFromFirst = start.kind === 'unbounded-preceding' && hasRowItself(end.kind)
  const isToLast = end.kind === 'unbounded-following' && hasRowItself(start.kind)
  if (call.fn.name === 'first_value' && isFromFirst) {
    return { ...call, frame: { unit: 'rows', start: fromFirst, end: here, exclude } }
  }
  if (call.fn.name === 'last_value' && isToLast) {
    return { ...call, frame: { unit: 'rows', start: here, end: toLast, exclude } }
  }
  return call
}

/** Whether a frame that is all rows on its one side has the row itself, where its other side is of a kind. */
function hasRowItself(kind: FrameBound['kind']): boolean {
  return kind === 'current-row' || kind === 'unbounded-preceding' || kind === 'unbounded-following'
}

/**
 * `f(x) over (order by k rows between current row and unbounded following)` =
 * `f(x) over (order by k desc rows between unbounded preceding and current row)`: the call over the rows in the other order.
 * Undefined where its frame does not end with the partition, or rows that are equal in the order are not told apart by it.
 */
export function turned(call: PhysicalWindowCall): PhysicalWindowCall | undefined {
  const { unit, start, end, exclude } = call.frame
  if (start.kind !== 'current-row' || end.kind !== 'unbounded-following') return undefined
  const frame: Frame = { unit, start: fromFirst, end: here, exclude }
  if (call.kind === 'aggregate') return { ...call, frame }
  const name = turnedNames.get(call.fn.name)
  // The first of equal rows is the last of them in the other order only where their numbers tell.
  if (name === undefined || unit !== 'rows') return undefined
  const fn = present(
    valueFunctions.find((entry) => entry.name === name),
    name,
  )
  return { ...call, fn, frame }
}

/** Keys by which rows come in the other order. */
export function inOtherOrder(keys: readonly SortKey[]): readonly SortKey[] {
  return keys.map(({ expr, descending, nullsFirst }) => {
    return { expr, descending: !descending, nullsFirst: !nullsFirst }
  })
}
