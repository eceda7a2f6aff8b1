import { explainExpression, frameText } from '../../logical/explain.ts'
import type { Expression, Frame, FrameBound } from '../../logical/expression.ts'
import {
  exchange,
  gathered,
  hashedBy,
  hashedPositions,
  single,
  type Distributed,
} from '../distribution.ts'
import type { PhysicalPlan, PhysicalWindow, PhysicalWindowCall } from '../plan.ts'
import { windowInParts } from '../window-in-parts.ts'
import { mapCall } from '../map-call.ts'
import { accumulated, callText } from './aggregate.ts'
import {
  mapInput,
  mapItems,
  setBounds,
  type Guarantees,
  type PhysicalOperator,
  type Placing,
  rowsKept,
} from './operator.ts'
import { columnText, sortKeyText } from './texts.ts'

export const window: PhysicalOperator<'window'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({
    ...plan,
    partitionBy: plan.partitionBy.map(to),
    orderBy: mapItems(plan.orderBy, to),
    calls: plan.calls.map((call) => mapWindowCall(call, to)),
  }),
  explain: (plan) => {
    const partition = plan.partitionBy.map(explainExpression).join(', ')
    const order = plan.orderBy.map(sortKeyText).join(', ')
    const parts = [
      ...(partition === '' ? [] : [`by ${partition}`]),
      ...(order === '' ? [] : [`order ${order}`]),
      plan.calls.map(windowCallText).join(', '),
    ]
    return { node: 'Window', detail: parts.join(' ') }
  },
  keeps: rowsKept,
  guarantees: windowGuarantees,
  place: placeWindow,
}

function mapWindowCall(
  call: PhysicalWindowCall,
  to: (expr: Expression) => Expression,
): PhysicalWindowCall {
  const frame = mapFrame(call.frame, to)
  if (call.kind === 'aggregate') return { ...call, frame, aggregate: mapCall(call.aggregate, to) }
  return { ...call, frame, args: call.args.map(to) }
}

function mapFrame(frame: Frame, to: (expr: Expression) => Expression): Frame {
  const bound = (given: FrameBound): FrameBound =>
    given.offset === undefined ? given : { ...given, offset: to(given.offset) }
  return { ...frame, start: bound(frame.start), end: bound(frame.end) }
}

function windowCallText(call: PhysicalWindowCall): string {
  const frame = frameText(call.frame, explainExpression)
  if (call.kind === 'aggregate') return `${callText(call.aggregate)}${frame}`
  const { name } = call.fn
  return `${columnText(call)} = ${name}(${call.args.map(explainExpression).join(', ')})${frame}`
}

/** A frame is a part of the input: what holds of aggregates over all of it, holds over each. */
function windowGuarantees(
  plan: PhysicalWindow,
  of: (input: PhysicalPlan) => Guarantees,
): Guarantees {
  const input = of(plan.input)
  const bounds = new Map(input.bounds)
  for (const call of plan.calls) {
    if (call.kind !== 'aggregate') continue
    setBounds(bounds, call.aggregate.id, accumulated(call.aggregate, input))
  }
  return { rowsMax: input.rowsMax, bounds }
}

/** Partitions are in one task each; without them all rows are, unless they can be divided otherwise. */
function placeWindow(plan: PhysicalWindow, placing: Placing): Distributed {
  const input = placing.place(plan.input)
  const divided = placing.isInParts ? windowInParts(plan, input, placing) : undefined
  if (divided !== undefined) return divided
  const { partitionBy } = plan
  const isWhole = input.distribution.kind === 'single' && !placing.isInParts
  if (partitionBy.length === 0 || isWhole) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  if (hashedPositions(input.distribution, partitionBy) !== undefined) {
    return { plan: { ...plan, input: input.plan }, distribution: input.distribution }
  }
  const moved = exchange(input.plan, { kind: 'hash', keys: partitionBy })
  return { plan: { ...plan, input: moved }, distribution: hashedBy(partitionBy) }
}
