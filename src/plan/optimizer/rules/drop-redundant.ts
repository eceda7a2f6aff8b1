import { project } from '../../logical/build.ts'
import type { Aggregate, Relation } from '../../logical/relation.ts'
import { mapInputs } from '../../logical/walk.ts'
import { isOneRow } from '../properties.ts'
import type { Rule } from '../rule.ts'
import { ignoringRepeats } from '../../../functions/aggregate-form.ts'
import type { AggregateCall } from '../../logical/expression.ts'

/**
 * Work whose result nothing can see: a sort below an aggregate that does not tell the order, a join, a
 * union or another sort, as their results have no order or one of their own (a top-k sort decides which
 * rows there are and stays); DISTINCT over rows that differ already, being one row or groups whose keys
 * are all among the columns; and DISTINCT inside an aggregate that repeated values do not change.
 */
export const dropRedundant: Rule = {
  name: 'drop-redundant',
  order: 'bottom-up',
  about: ['aggregate', 'sort', 'join', 'union-all'],
  rewrite(relation) {
    if (relation.kind === 'aggregate') {
      if (isDistinctAlready(relation)) return project(relation.input, relation.keys)
      if (relation.aggregates.some(isDistinctInVain)) return withRepeats(relation)
      return relation.aggregates.some(takesRowsAsTheyCome) ? undefined : withoutSorts(relation)
    }
    const { kind } = relation
    const hasOwnOrder = kind === 'sort' || kind === 'join' || kind === 'union-all'
    return hasOwnOrder ? withoutSorts(relation) : undefined
  },
}

function isDistinctInVain({ fn: { form }, distinct }: AggregateCall): boolean {
  return distinct && form.kind === 'accumulator' && ignoringRepeats.has(form.accumulator)
}

function withRepeats(relation: Aggregate): Relation {
  const aggregates = relation.aggregates.map((call) =>
    isDistinctInVain(call) ? { ...call, distinct: false } : call,
  )
  return { ...relation, aggregates }
}

/** Whether the order of its input can be told from what an aggregate gives. */
function takesRowsAsTheyCome({ fn, orderBy, distinct }: AggregateCall): boolean {
  const { form } = fn
  const isGiven = form.kind === 'collected' && form.order === 'given'
  return isGiven && orderBy === undefined && !distinct
}

function withoutSorts(relation: Relation): Relation | undefined {
  const changed = mapInputs(relation, unsorted)
  return changed === relation ? undefined : changed
}

function unsorted(relation: Relation): Relation {
  const { kind } = relation
  if (kind === 'project' || kind === 'filter') return mapInputs(relation, unsorted)
  return kind === 'sort' && relation.limitRows === undefined ? unsorted(relation.input) : relation
}

function isDistinctAlready(relation: Aggregate): boolean {
  if (relation.aggregates.length > 0 || relation.keys.length === 0) return false
  if (isOneRow(relation.input)) return true
  const passed = new Set(
    relation.keys.flatMap(({ expr }) => (expr.kind === 'column' ? [expr.id] : [])),
  )
  let { input } = relation
  if (input.kind === 'project') {
    for (const { id, expr } of input.exprs) {
      if (passed.has(id) && expr.kind === 'column') passed.add(expr.id)
    }
    input = input.input
  }
  return (
    input.kind === 'aggregate' &&
    input.keys.length > 0 &&
    input.keys.every(({ id }) => passed.has(id))
  )
}
