import { explainExpression } from '../../logical/explain.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { ColumnId } from '../../logical/expression.ts'
import { counted } from '../across-tasks.ts'
import {
  bytesOf,
  exchange,
  gathered,
  single,
  spread,
  type Distributed,
  type Distribution,
} from '../distribution.ts'
import type { PhysicalLimit, PhysicalProject, PhysicalSort } from '../plan.ts'
import { expressionBounds } from '../value-bounds.ts'
import {
  least,
  mapInput,
  mapItems,
  setBounds,
  type PhysicalOperator,
  type Placing,
  rowsKept,
} from './operator.ts'
import { namedTexts, sortKeyText } from './texts.ts'

export const filter: PhysicalOperator<'filter'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({ ...plan, predicate: to(plan.predicate) }),
  explain: (plan) => ({ node: 'Filter', detail: explainExpression(plan.predicate) }),
  guarantees: (plan, of) => of(plan.input),
  place: (plan, placing) => {
    const input = placing.place(plan.input)
    return { ...input, plan: { ...plan, input: input.plan } }
  },
}

export const project: PhysicalOperator<'project'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({ ...plan, exprs: mapItems(plan.exprs, to) }),
  explain: (plan) => ({ node: 'Project', detail: namedTexts(plan.exprs) }),
  guarantees: (plan, of) => {
    const input = of(plan.input)
    const bounds = new Map(input.bounds)
    for (const { id, expr } of plan.exprs) {
      setBounds(bounds, id, expressionBounds(expr, input.bounds))
    }
    return { rowsMax: input.rowsMax, bounds }
  },
  place: placeProject,
}

export const sort: PhysicalOperator<'sort'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({ ...plan, keys: mapItems(plan.keys, to) }),
  explain: (plan) => {
    const top = plan.limitRows === undefined ? '' : ` top ${plan.limitRows}`
    return { node: 'Sort', detail: `${plan.keys.map(sortKeyText).join(', ')}${top}` }
  },
  keeps: (plan) =>
    rowsKept({ ...plan, rows: Math.min(plan.input.rows, plan.limitRows ?? Infinity) }),
  guarantees: (plan, of) => {
    const input = of(plan.input)
    return { ...input, rowsMax: least(input.rowsMax, plan.limitRows) }
  },
  place: placeSort,
}

export const limit: PhysicalOperator<'limit'> = {
  inputs: mapInput,
  expressions: (plan) => plan,
  explain: (plan) => {
    const offset = plan.offsetRows === 0 ? '' : ` offset ${plan.offsetRows}`
    return { node: 'Limit', detail: `${plan.limitRows ?? 'all'}${offset}` }
  },
  guarantees: (plan, of) => {
    const input = of(plan.input)
    return { ...input, rowsMax: least(input.rowsMax, plan.limitRows) }
  },
  place: (plan, placing) => placeLimit(placing.place(plan.input), plan, placing),
}

/** So many rows one task keeps of all, whatever their number. */
const TOP_ROWS_MAX = 65_536

/** Hash keys survive where the projection passes their columns on. */
function placeProject(plan: PhysicalProject, placing: Placing): Distributed {
  const input = placing.place(plan.input)
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

/**
 * Each task keeps its own top rows, one task the top of those; a full sort is one task's, or in parts one of
 * ranges of the rows: these are dealt out once, so that all of them are there when it is chosen from some of
 * them where ranges begin, and once more by their range.
 */
function placeSort(plan: PhysicalSort, placing: Placing): Distributed {
  const input = placing.place(plan.input)
  const isLarge = placing.isInParts && bytesOf(input.plan) > placing.broadcastBytesMax
  if (isLarge && (plan.limitRows === undefined || plan.limitRows > TOP_ROWS_MAX)) {
    const dealt = exchange(input.plan, { kind: 'round-robin' })
    const ranges = exchange(dealt, { kind: 'range', keys: plan.keys })
    return { plan: { ...plan, input: ranges }, distribution: spread }
  }
  if (input.distribution.kind === 'single' || plan.limitRows === undefined) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const partial = { ...plan, input: input.plan }
  return { plan: { ...plan, input: exchange(partial, { kind: 'gather' }) }, distribution: single }
}

/**
 * Few rows are one task's, of the first that each gives. Of many, in parts, each task gives those of its own that are among
 * them, once it is known how many come before.
 */
function placeLimit(input: Distributed, plan: PhysicalLimit, placing: Placing): Distributed {
  const wanted = plan.offsetRows + (plan.limitRows ?? Number.POSITIVE_INFINITY)
  if (placing.isInParts && input.distribution.kind !== 'single' && wanted > TOP_ROWS_MAX) {
    return { plan: { ...plan, input: counted(input.plan), isAcross: true }, distribution: spread }
  }
  if (input.distribution.kind === 'single' || plan.limitRows === undefined) {
    return { plan: { ...plan, input: gathered(input) }, distribution: single }
  }
  const limitRows = plan.limitRows + plan.offsetRows
  const partial = { ...plan, input: input.plan, limitRows, offsetRows: 0 }
  return { plan: { ...plan, input: exchange(partial, { kind: 'gather' }) }, distribution: single }
}
