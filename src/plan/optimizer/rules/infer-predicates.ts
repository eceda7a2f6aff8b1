import { and, columnReference, conjuncts, join } from '../../logical/build.ts'
import { sameType } from '../../../data/types/data-type.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { ColumnId, ColumnReference, Expression } from '../../logical/expression.ts'
import type { Relation, Scan } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, mapInputs, replaceColumns } from '../../logical/walk.ts'
import { hasExactEquality } from '../conditions.ts'
import { innerJoins, isInnerJoin, mapLeaves } from '../inner-joins.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'
import { comparisonOf } from '../../logical/predicates.ts'

/**
 * `a = b AND p(a)` implies `p(b)`: within inner joins, a predicate on one column of a scan is put on the
 * scans of the columns that conjuncts set equal to it, so that they read less. The rows that it drops
 * have no partner. Adds nothing that a scan has already.
 */
export const inferPredicates: Rule = {
  name: 'infer-predicates',
  order: 'whole',
  about: ['join'],
  rewrite: inferRelation,
}

function inferRelation(relation: Relation): Relation {
  if (!isInnerJoin(relation)) return mapInputs(relation, inferRelation)
  const { leaves, conjuncts: parts } = innerJoins(relation)
  const added = implied(leaves, classes(parts))
  const inner = mapLeaves(relation, inferRelation)
  if (added.length === 0 || inner.kind !== 'join') return inner
  const condition = and([...conjuncts(inner.condition), ...added])
  return join('inner', inner.left, inner.right, condition)
}

/** For each column, the columns that must equal it. */
function classes(
  parts: readonly Expression[],
): ReadonlyMap<ColumnId, ReadonlySet<ColumnReference>> {
  const groups = new Map<ColumnId, Set<ColumnReference>>()
  for (const part of parts) {
    if (part.kind !== 'call' || comparisonOf(part) !== '=') continue
    const [left, right] = part.args
    if (left?.kind !== 'column' || right?.kind !== 'column') continue
    if (!sameType(left.type, right.type) || !hasExactEquality(left.type)) continue
    const merged = new Map<ColumnId, ColumnReference>()
    for (const column of [
      ...(groups.get(left.id) ?? [left]),
      ...(groups.get(right.id) ?? [right]),
    ]) {
      merged.set(column.id, column)
    }
    const group = new Set(merged.values())
    for (const id of merged.keys()) groups.set(id, group)
  }
  return groups
}

function implied(
  leaves: readonly Relation[],
  groups: ReadonlyMap<ColumnId, ReadonlySet<ColumnReference>>,
): readonly Expression[] {
  const scans = leaves.filter((leaf): leaf is Scan => leaf.kind === 'scan')
  const known = new Set(scans.flatMap(({ filters }) => filters.map(expressionKey)))
  const owned = scans.map((scan) => columnIdSet(scan.columns))
  const added: Expression[] = []
  for (const filter of scans.flatMap(({ filters }) => filters)) {
    const [only, ...others] = columnsUsed(filter)
    if (only === undefined || others.length > 0 || isVolatile(filter)) continue
    for (const column of groups.get(only) ?? []) {
      if (column.id === only || !owned.some((ids) => ids.has(column.id))) continue
      const copy = replaceColumns(filter, (id) =>
        id === only ? columnReference(column) : undefined,
      )
      const key = expressionKey(copy)
      if (known.has(key)) continue
      known.add(key)
      added.push(copy)
    }
  }
  return added
}
