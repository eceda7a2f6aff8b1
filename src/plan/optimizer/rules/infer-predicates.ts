import { and, conjuncts, filter, join } from '../../logical/build.ts'
import { sameType } from '../../../data/types/data-type.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { ColumnId, ColumnReference, Expression } from '../../logical/expression.ts'
import type { Join, JoinKind, Relation } from '../../logical/relation.ts'
import { columnIdSet, dependsOnlyOn, mapInputs } from '../../logical/walk.ts'
import { hasExactEquality } from '../conditions.ts'
import { factAbout, factsOn } from '../facts.ts'
import { innerJoins, isInnerJoin, mapLeaves } from '../inner-joins.ts'
import type { Rule } from '../rule.ts'
import { comparisonOf } from '../../logical/predicates.ts'

/**
 * `a = b AND p(a)` implies `p(b)`: what is known of a column is asked of those that conjuncts of joins set
 * equal to it, so that less is read and grouped; the rows that it drops have no partner. Of other joins
 * than inner ones only a side that gives no row without a partner is asked. Adds nothing that is known there.
 */
export const inferPredicates: Rule = {
  name: 'infer-predicates',
  order: 'whole',
  about: ['join'],
  rewrite: inferRelation,
}

function inferRelation(relation: Relation): Relation {
  if (!isInnerJoin(relation)) {
    const inner = mapInputs(relation, inferRelation)
    return inner.kind === 'join' ? inferSides(inner) : inner
  }
  const { leaves, conjuncts: parts } = innerJoins(relation)
  const added = implied(leaves, classes(parts))
  const inner = mapLeaves(relation, inferRelation)
  if (added.length === 0 || inner.kind !== 'join') return inner
  const condition = and([...conjuncts(inner.condition), ...added])
  return join('inner', inner.left, inner.right, condition)
}

type EqualColumns = ReadonlyMap<ColumnId, ReadonlySet<ColumnReference>>

/** For each column, the columns that must equal it. */
function classes(parts: readonly Expression[]): EqualColumns {
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

/** What is known of a column in one of the relations, of those in others that must equal it. */
function implied(leaves: readonly Relation[], groups: EqualColumns): readonly Expression[] {
  const known = new Set<string>()
  const facts: (readonly [column: ColumnReference, fact: Expression])[] = []
  for (const leaf of leaves) {
    const own = columnIdSet(leaf.columns)
    for (const group of new Set(groups.values())) {
      for (const column of group) {
        if (!own.has(column.id)) continue
        for (const fact of factsOn(leaf, column)) {
          known.add(expressionKey(fact))
          facts.push([column, fact])
        }
      }
    }
  }
  const added: Expression[] = []
  for (const [column, fact] of facts) {
    for (const other of groups.get(column.id) ?? []) {
      const copy = factAbout(fact, other)
      const key = expressionKey(copy)
      if (known.has(key)) continue
      known.add(key)
      added.push(copy)
    }
  }
  return added
}

/** Of the sides of a join, those that give a row only where it has a partner. */
const askedSides: Readonly<Record<JoinKind, { left: boolean; right: boolean }>> = {
  inner: { left: true, right: true },
  left: { left: false, right: true },
  right: { left: true, right: false },
  full: { left: false, right: false },
  semi: { left: true, right: true },
  anti: { left: false, right: true },
  mark: { left: false, right: true },
  single: { left: false, right: true },
}

function inferSides(relation: Join): Relation {
  // A member that is NULL decides about rows that have no partner.
  if (relation.nullAware === true) return relation
  const groups = classes(conjuncts(relation.condition))
  if (groups.size === 0) return relation
  const { left, right } = relation
  const parts = implied([left, right], groups)
  if (parts.length === 0) return relation
  const asked = askedSides[relation.joinKind]
  const sides = {
    left: asked.left ? askedOf(left, parts) : left,
    right: asked.right ? askedOf(right, parts) : right,
  }
  return sides.left === left && sides.right === right ? relation : { ...relation, ...sides }
}

/** A side, asked what is about its columns. */
function askedOf(side: Relation, parts: readonly Expression[]): Relation {
  const own = columnIdSet(side.columns)
  const asked = parts.filter((part) => dependsOnlyOn(part, own))
  return asked.length === 0 ? side : filter(side, and(asked))
}
