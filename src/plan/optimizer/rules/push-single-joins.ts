import { and, conjuncts, filter, isTrue, join } from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import type { Join, Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, mapInputs } from '../../logical/walk.ts'
import { isInnerJoin } from '../inner-joins.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'

/**
 * `p(A, S) over (A join B) single S = (p(A, S) over A single S) join B`: the row of a subquery that
 * depends on nothing stands beside every row, so it can stand beside those of A already, where the
 * conjuncts that need no more than A and it make A smaller before it is joined. It sinks to the relation
 * that the conjuncts read, through inner joins and the sides that other joins preserve.
 */
export const pushSingleJoins: Rule = {
  name: 'push-single-joins',
  order: 'top-down',
  about: ['filter'],
  rewrite(relation) {
    let sunk: Relation | undefined
    for (;;) {
      const next = sinkOne(sunk ?? relation)
      if (next === undefined) return sunk
      sunk = next
    }
  },
}

/** Sinks the single join below a filter; undefined where no conjunct leads it anywhere. */
function sinkOne(relation: Relation): Relation | undefined {
  if (relation.kind !== 'filter' || relation.input.kind !== 'join') return undefined
  const { input } = relation
  if (input.joinKind !== 'single' || !isTrue(input.condition)) return undefined
  const looked = columnIdSet(input.right.columns)
  const parts = conjuncts(relation.predicate)
  const needs = (part: Expression): readonly ColumnId[] | undefined => {
    const used = [...columnsUsed(part)]
    if (isVolatile(part) || !used.some((id) => looked.has(id))) return undefined
    return used.filter((id) => !looked.has(id))
  }
  const first = parts.map(needs).find((ids) => ids !== undefined && ids.length > 0)
  if (first === undefined) return undefined
  const place = placeOf(input.left, first)
  if (place === undefined) return undefined
  const [below, above] = [[] as Expression[], [] as Expression[]]
  for (const part of parts) {
    const ids = needs(part)
    const fits = ids !== undefined && covers(place, ids)
    ;(fits ? below : above).push(part)
  }
  const placed = filter(join('single', place, input.right, input.condition), and(below))
  const left = replaced(input.left, place, placed)
  return above.length === 0 ? left : filter(left, and(above))
}

/**
 * The smallest relation that has the columns and can be filtered instead of the whole. Undefined unless a
 * join that is not single lies between: two of them over one relation would take turns below each other.
 */
function placeOf(relation: Relation, ids: readonly ColumnId[]): Relation | undefined {
  if (relation.kind === 'filter') {
    return isVolatile(relation.predicate) ? undefined : placeOf(relation.input, ids)
  }
  if (relation.kind !== 'join') return undefined
  const side = preservedInputs(relation).find((input) => covers(input, ids))
  if (side === undefined) return undefined
  const below = placeOf(side, ids)
  if (below !== undefined || relation.joinKind === 'single') return below
  // Between two relations of a region it would stand in the way of their order.
  const isSplit = isInnerJoin(side) && preservedInputs(side).every((input) => !covers(input, ids))
  return isSplit ? undefined : side
}

function preservedInputs({ joinKind, left, right }: Join): readonly Relation[] {
  switch (joinKind) {
    case 'inner':
      return [left, right]
    case 'left':
    case 'semi':
    case 'anti':
    case 'mark':
    case 'single':
      return [left]
    case 'right':
      return [right]
    case 'full':
      return []
  }
}

function covers(relation: Relation, ids: readonly ColumnId[]): boolean {
  const own = columnIdSet(relation.columns)
  return ids.every((id) => own.has(id))
}

function replaced(relation: Relation, place: Relation, by: Relation): Relation {
  if (relation === place) return by
  return relation.kind === 'filter' || relation.kind === 'join'
    ? mapInputs(relation, (input) => replaced(input, place, by))
    : relation
}
