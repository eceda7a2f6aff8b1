import { project } from '../../logical/build.ts'
import type { Aggregate, Relation } from '../../logical/relation.ts'
import { mapInputs } from '../../logical/walk.ts'
import { isOneRow } from '../properties.ts'
import type { Rule } from '../rule.ts'

/**
 * Work whose result nothing can see: a sort below an aggregate without ordered arguments, a join, a
 * union or another sort, as their results have no order or one of their own (a top-k sort decides which
 * rows there are and stays); DISTINCT over rows that differ already, being one row or groups whose keys
 * are all among the columns.
 */
export const dropRedundant: Rule = {
  name: 'drop-redundant',
  order: 'bottom-up',
  rewrite(relation) {
    switch (relation.kind) {
      case 'aggregate': {
        if (isDistinctAlready(relation)) return project(relation.input, relation.keys)
        const ordered = relation.aggregates.some(({ orderBy }) => orderBy !== undefined)
        return ordered ? undefined : withoutSorts(relation)
      }
      case 'sort':
      case 'join':
      case 'union-all':
        return withoutSorts(relation)
      default:
        return undefined
    }
  },
}

function withoutSorts(relation: Relation): Relation | undefined {
  const changed = mapInputs(relation, unsorted)
  return changed === relation ? undefined : changed
}

function unsorted(relation: Relation): Relation {
  switch (relation.kind) {
    case 'sort':
      return relation.limitRows === undefined ? unsorted(relation.input) : relation
    case 'project':
    case 'filter':
      return mapInputs(relation, unsorted)
    default:
      return relation
  }
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
