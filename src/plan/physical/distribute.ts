import { unreachable } from '../../base/assert.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { ColumnId } from '../logical/expression.ts'
import { DEFAULT_BROADCAST_BYTES_MAX, type PhysicalContext } from './context.ts'
import { distributeAggregate } from './distribute-aggregate.ts'
import { distributeJoin } from './distribute-join.ts'
import {
  exchange,
  gathered,
  single,
  spread,
  spreadOut,
  type Distributed,
  type Distribution,
} from './distribution.ts'
import type {
  Exchange,
  PhysicalLimit,
  PhysicalPlan,
  PhysicalProject,
  PhysicalSort,
  PhysicalUnionAll,
} from './plan.ts'

/** What placing needs to know and remember. */
interface Distributor {
  readonly workers: number
  readonly broadcastBytesMax: number
  /** Placed definitions of CTEs. */
  readonly definitions: Map<number, Distributed>
}

/**
 * Places exchanges so that the plan runs on `ctx.workers` tasks a stage and ends in one; one worker
 * needs none. Rows move only where they must: an input that is already hashed by the keys stays.
 */
export function distribute(plan: PhysicalPlan, ctx: PhysicalContext): PhysicalPlan {
  if (ctx.workers <= 1) return plan
  const broadcastBytesMax = ctx.broadcastBytesMax ?? DEFAULT_BROADCAST_BYTES_MAX
  const state = { workers: ctx.workers, broadcastBytesMax, definitions: new Map() }
  return gathered(place(state, plan))
}

function place(state: Distributor, plan: PhysicalPlan): Distributed {
  switch (plan.kind) {
    case 'scan':
      return { plan, distribution: spread }
    case 'values':
      return { plan, distribution: single }
    case 'filter': {
      const input = place(state, plan.input)
      return { ...input, plan: { ...plan, input: input.plan } }
    }
    case 'project':
      return placeProject(state, plan)
    case 'hash-join':
    case 'nested-loop-join':
      return distributeJoin(plan, place(state, plan.probe), place(state, plan.build), state)
    case 'hash-aggregate':
      return distributeAggregate(plan, place(state, plan.input))
    case 'sort':
      return placeSort(place(state, plan.input), plan)
    case 'limit':
      return placeLimit(place(state, plan.input), plan)
    case 'union-all':
      return placeUnion(
        plan.inputs.map((input) => place(state, input)),
        plan,
      )
    case 'exchange':
      return placeCte(state, plan)
    case 'stage-input':
      return { plan, distribution: single }
    default:
      return unreachable(plan)
  }
}

/** Hash keys survive where the projection passes their columns on. */
function placeProject(state: Distributor, plan: PhysicalProject): Distributed {
  const input = place(state, plan.input)
  const placed = { ...plan, input: input.plan }
  if (input.distribution.kind !== 'hash') return { ...input, plan: placed }
  const passed = new Map<string, string>()
  for (const { id, expr } of plan.exprs) passed.set(expressionKey(expr), columnKey(id))
  const keys = input.distribution.keys.flatMap((list) => {
    const renamed = list.map((key) => passed.get(key))
    return renamed.every((key) => key !== undefined) ? [renamed] : []
  })
  const distribution: Distribution = keys.length > 0 ? { kind: 'hash', keys } : spread
  return { plan: placed, distribution }
}

function columnKey(id: ColumnId): string {
  return expressionKey({ kind: 'column', id, name: '', type: { kind: 'unknown' } })
}

/** Each task keeps its own top rows, one task the top of those; a full sort is one task's. */
function placeSort(input: Distributed, plan: PhysicalSort): Distributed {
  if (input.distribution.kind === 'single' || plan.limitRows === undefined) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const partial = { ...plan, input: input.plan }
  return { plan: { ...plan, input: exchange(partial, { kind: 'gather' }) }, distribution: single }
}

function placeLimit(input: Distributed, plan: PhysicalLimit): Distributed {
  if (input.distribution.kind === 'single' || plan.limitRows === undefined) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const limitRows = plan.limitRows + plan.offsetRows
  const partial = { ...plan, input: input.plan, limitRows, offsetRows: 0 }
  return { plan: { ...plan, input: exchange(partial, { kind: 'gather' }) }, distribution: single }
}

/** `stack`: every task has its part of every input; nothing moves. */
function placeUnion(inputs: readonly Distributed[], plan: PhysicalUnionAll): Distributed {
  const allSingle = inputs.every(({ distribution }) => distribution.kind === 'single')
  if (allSingle) {
    return { plan: { ...plan, inputs: inputs.map((input) => input.plan) }, distribution: single }
  }
  return { plan: { ...plan, inputs: inputs.map(spreadOut) }, distribution: spread }
}

/** The definition is placed once; its rows go round robin to as many tasks as there are. */
function placeCte(state: Distributor, plan: Exchange): Distributed {
  const { cteId } = plan
  let definition = cteId === undefined ? undefined : state.definitions.get(cteId)
  definition ??= place(state, plan.input)
  if (cteId !== undefined) state.definitions.set(cteId, definition)
  const input = definition.plan
  return {
    plan: { ...plan, input, partitioning: { kind: 'round-robin' } },
    distribution: spread,
  }
}
