import type { Exchange, Partitioning, PhysicalPlan, PhysicalUnionAll } from '../plan.ts'
import type { Expression } from '../../logical/expression.ts'
import { bytesOf, single, spread, spreadOut, type Distributed } from '../distribution.ts'
import { unreachable } from '../../../base/assert.ts'
import { union } from '../value-bounds.ts'
import {
  mapInput,
  mapItems,
  setBounds,
  told,
  type Guarantees,
  type PhysicalOperator,
  type Placing,
} from './operator.ts'
import { partitioningText } from './texts.ts'

export const unionAll: PhysicalOperator<'union-all'> = {
  inputs: (plan, to) => {
    const inputs = plan.inputs.map(to)
    return inputs.every((input, i) => input === plan.inputs[i]) ? plan : { ...plan, inputs }
  },
  expressions: (plan) => plan,
  explain: () => ({ node: 'UnionAll', detail: 'stack' }),
  guarantees: unionGuarantees,
  place: placeUnion,
}

export const exchange: PhysicalOperator<'exchange'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({ ...plan, partitioning: mapPartitioning(plan.partitioning, to) }),
  explain: (plan) => {
    const cte = plan.cteId === undefined ? '' : ` of cte ${plan.cteId}`
    return { node: 'Exchange', detail: partitioningText(plan.partitioning) + cte }
  },
  keeps: (plan) => (plan.cteId === undefined ? 0 : bytesOf(plan)),
  guarantees: (plan, of) => {
    const input = of(plan.input)
    const bounds = new Map(input.bounds)
    for (const [i, { id }] of plan.columns.entries()) {
      const source = plan.input.columns[i]
      if (source !== undefined) setBounds(bounds, id, input.bounds.get(source.id))
    }
    return { rowsMax: input.rowsMax, bounds }
  },
  place: placeCte,
}

/** Replaces what says where rows go. */
export function mapPartitioning(
  partitioning: Partitioning,
  to: (expr: Expression) => Expression,
): Partitioning {
  switch (partitioning.kind) {
    case 'gather':
    case 'broadcast':
    case 'round-robin':
    case 'stay':
      return partitioning
    case 'hash':
      return { ...partitioning, keys: partitioning.keys.map(to) }
    case 'range':
      return { ...partitioning, keys: mapItems(partitioning.keys, to) }
    case 'numbered':
      return { ...partitioning, number: to(partitioning.number) }
    default:
      return unreachable(partitioning)
  }
}

function unionGuarantees(
  plan: PhysicalUnionAll,
  of: (input: PhysicalPlan) => Guarantees,
): Guarantees {
  const inputs = plan.inputs.map(of)
  const bounds = new Map(inputs.flatMap((input) => [...input.bounds]))
  for (const [position, { id }] of plan.columns.entries()) {
    const parts = inputs.map((input, i) => {
      const source = plan.inputColumns[i]?.[position]
      return source === undefined ? undefined : input.bounds.get(source)
    })
    let all = parts[0]
    for (const part of parts) all = all && part && union(all, part)
    setBounds(bounds, id, all)
  }
  let rowsMax: bigint | undefined = 0n
  for (const input of inputs) {
    rowsMax =
      rowsMax === undefined || input.rowsMax === undefined
        ? undefined
        : told(rowsMax + input.rowsMax)
  }
  return { rowsMax, bounds }
}

/** `stack`: every task has its part of every input; nothing moves. */
function placeUnion(plan: PhysicalUnionAll, placing: Placing): Distributed {
  const inputs = plan.inputs.map((input) => placing.place(input))
  const allSingle = inputs.every(({ distribution }) => distribution.kind === 'single')
  if (allSingle) {
    return { plan: { ...plan, inputs: inputs.map((input) => input.plan) }, distribution: single }
  }
  return { plan: { ...plan, inputs: inputs.map(spreadOut) }, distribution: spread }
}

/** The definition is placed once; its rows go round robin to as many tasks as there are. */
function placeCte(plan: Exchange, placing: Placing): Distributed {
  const { cteId } = plan
  let definition = cteId === undefined ? undefined : placing.definitions.get(cteId)
  definition ??= placing.place(plan.input)
  if (cteId !== undefined) placing.definitions.set(cteId, definition)
  const input = definition.plan
  return {
    plan: { ...plan, input, partitioning: { kind: 'round-robin' } },
    distribution: spread,
  }
}
