import { conjuncts, isTrue } from '../logical/build.ts'
import type { Call, ColumnId } from '../logical/expression.ts'
import { comparisonOf } from '../logical/predicates.ts'
import type { Apply, Join, Relation } from '../logical/relation.ts'
import { columnIdSet, columnsUsed } from '../logical/walk.ts'
import { isOneRow } from './properties.ts'

/** Whether a join gives every row of its left side exactly once, whatever the right side holds. */
export function keepsRowsOnce(relation: Join | Apply): boolean {
  const { joinKind, right, condition } = relation
  switch (joinKind) {
    case 'single':
    case 'mark':
      return true
    case 'left':
      return isOneRow(right) || matchesOnce(relation)
    case 'inner':
      return isOneRow(right) && isTrue(condition)
    case 'right':
    case 'full':
    case 'semi':
    case 'anti':
      return false
  }
}

/** Whether the condition sets columns that tell the right rows apart equal to what a left row gives. */
function matchesOnce({ right, condition }: Join | Apply): boolean {
  const keys = keysOf(right)
  if (keys === undefined) return false
  const rightIds = columnIdSet(right.columns)
  const bound = new Set<ColumnId>()
  for (const part of conjuncts(condition)) {
    if (part.kind !== 'call' || !isEquality(part)) continue
    for (const [index, arg] of part.args.entries()) {
      const other = part.args[1 - index]
      if (arg.kind !== 'column' || other === undefined) continue
      if ([...columnsUsed(other)].every((id) => !rightIds.has(id))) bound.add(arg.id)
    }
  }
  return keys.every((key) => bound.has(key))
}

function isEquality(call: Call): boolean {
  const comparison = comparisonOf(call)
  return comparison === '=' || comparison === 'not-distinct'
}

/** Columns by which no two rows are equal, as far as groups tell; undefined: none are known. */
function keysOf(relation: Relation): readonly ColumnId[] | undefined {
  switch (relation.kind) {
    case 'aggregate':
      return relation.keys.map(({ id }) => id)
    case 'filter':
    case 'sort':
    case 'limit':
    case 'with':
    case 'window':
      return keysOf(relation.input)
    case 'project': {
      const passed = new Map(
        relation.exprs.flatMap(({ id, expr }) => (expr.kind === 'column' ? [[expr.id, id]] : [])),
      )
      const keys = keysOf(relation.input)?.map((key) => passed.get(key))
      return keys?.every((key) => key !== undefined) ? keys : undefined
    }
    case 'join':
    case 'apply': {
      const { joinKind } = relation
      const isFewer = joinKind === 'semi' || joinKind === 'anti'
      return isFewer || keepsRowsOnce(relation) ? keysOf(relation.left) : undefined
    }
    case 'scan':
    case 'values':
    case 'expand':
    case 'union-all':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
      return undefined
  }
}
