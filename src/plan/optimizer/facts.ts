import { columnReference, conjuncts } from '../logical/build.ts'
import type { ColumnId, ColumnReference, Expression } from '../logical/expression.ts'
import { isVolatile } from '../logical/expression-size.ts'
import { raisesItself } from '../logical/raising.ts'
import type { Join, Relation } from '../logical/relation.ts'
import { columnsUsed, expressionChildrenOf, replaceColumns } from '../logical/walk.ts'

/** So many relations are looked through, so that a chain of joins is not walked again for each. */
const DEPTH_MAX = 48

/**
 * Predicates on one column alone that hold for every row of a relation, as its filters tell. None is
 * volatile, and none can end in an error: they may be asked of other rows than those that they are true of.
 */
export function factsOn(relation: Relation, column: ColumnReference): readonly Expression[] {
  return factsWithin(relation, column, DEPTH_MAX)
}

function factsWithin(
  relation: Relation,
  column: ColumnReference,
  depth: number,
): readonly Expression[] {
  if (depth === 0) return []
  switch (relation.kind) {
    case 'scan':
      return about(relation.filters, column)
    case 'filter': {
      const own = about(conjuncts(relation.predicate), column)
      return [...own, ...factsWithin(relation.input, column, depth - 1)]
    }
    case 'project':
      return renamed(relation.input, source(relation.exprs, column.id), column, depth)
    case 'aggregate':
      return renamed(relation.input, source(relation.keys, column.id), column, depth)
    case 'join':
      return factsOfJoin(relation, column, depth)
    case 'window':
    case 'expand':
    case 'sort':
    case 'limit':
    case 'with': {
      const passes = relation.input.columns.some(({ id }) => id === column.id)
      return passes ? factsWithin(relation.input, column, depth - 1) : []
    }
    case 'values':
    case 'apply':
    case 'union-all':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
      return []
  }
}

/** What is known of the columns of a side, unless they may be NULL where the other side has no match. */
function factsOfJoin(
  relation: Join,
  column: ColumnReference,
  depth: number,
): readonly Expression[] {
  const { joinKind, left, right, condition } = relation
  const isLeft = left.columns.some(({ id }) => id === column.id)
  if (!isLeft && !right.columns.some(({ id }) => id === column.id)) return []
  const keeps = isLeft
    ? joinKind !== 'right' && joinKind !== 'full'
    : joinKind === 'inner' || joinKind === 'right'
  if (!keeps) return []
  const own = joinKind === 'inner' || (joinKind === 'semi' && isLeft) ? conjuncts(condition) : []
  return [...about(own, column), ...factsWithin(isLeft ? left : right, column, depth - 1)]
}

function source(
  exprs: readonly { readonly id: ColumnId; readonly expr: Expression }[],
  column: ColumnId,
): ColumnReference | undefined {
  const expr = exprs.find(({ id }) => id === column)?.expr
  return expr?.kind === 'column' ? expr : undefined
}

function renamed(
  input: Relation,
  from: ColumnReference | undefined,
  to: ColumnReference,
  depth: number,
): readonly Expression[] {
  if (from === undefined) return []
  return factsWithin(input, from, depth - 1).map((fact) => factAbout(fact, to))
}

/** A predicate on one column, said of another. */
export function factAbout(fact: Expression, column: ColumnReference): Expression {
  return replaceColumns(fact, () => columnReference(column))
}

function about(parts: readonly Expression[], column: ColumnReference): readonly Expression[] {
  return parts.filter((part) => {
    const [only, ...others] = columnsUsed(part)
    return only === column.id && others.length === 0 && !isVolatile(part) && !mayRaise(part)
  })
}

function mayRaise(expr: Expression): boolean {
  return raisesItself(expr) || expressionChildrenOf(expr).some(mayRaise)
}
