import { present } from '../../base/assert.ts'
import type { ColumnIds } from './build.ts'
import { columnReference } from './build.ts'
import { sizeOf } from './expression-size.ts'
import type { ColumnId, Expression } from './expression.ts'
import { mapOwnIds } from './own-ids.ts'
import type { OutputColumn, Relation } from './relation.ts'
import { replaceColumnsIn, rewriteAllRelations, rewriteExpression, visitRelation } from './walk.ts'

/** A copy of a relation that shares no column and no CTE with it. */
export interface FreshCopy {
  readonly relation: Relation
  /** The copy's column for each column made inside the relation. */
  readonly columns: ReadonlyMap<ColumnId, ColumnId>
}

/**
 * The same relation with a fresh id for every column that it makes, inside its subqueries too, and for
 * every CTE and recursion; columns of enclosing relations keep theirs. A plan that holds a relation twice needs this
 * for one of them.
 */
export function freshCopy(ids: ColumnIds, relation: Relation, nextCteId: () => number): FreshCopy {
  const columns = new Map<ColumnId, ColumnId>()
  const outputs = new Map<ColumnId, OutputColumn>()
  const ctes = new Map<number, number>()
  visitRelation(relation, {
    relation: (node) => {
      for (const column of node.columns) {
        outputs.set(column.id, column)
        if (!columns.has(column.id)) columns.set(column.id, ids.next())
      }
      if (node.kind === 'with') ctes.set(node.cteId, nextCteId())
      if (node.kind === 'recursion') ctes.set(node.recursionId, nextCteId())
    },
  })
  const renamed = rewriteAllRelations(relation, (node) => {
    const made = mapOwnIds(node, (id) => columns.get(id) ?? id)
    if (made.kind === 'with' || made.kind === 'cte-reference') {
      return { ...made, cteId: ctes.get(made.cteId) ?? made.cteId }
    }
    if (made.kind !== 'recursion' && made.kind !== 'working-table') return made
    return { ...made, recursionId: ctes.get(made.recursionId) ?? made.recursionId }
  })
  const copy = replaceColumnsIn(renamed, (id) => {
    const fresh = columns.get(id)
    if (fresh === undefined) return undefined
    return columnReference({ ...present(outputs.get(id), 'a column without a maker'), id: fresh })
  })
  return { relation: copy, columns }
}

/** The copy alone, its CTEs numbered with the columns. */
export function withFreshColumns(ids: ColumnIds, relation: Relation): Relation {
  return freshCopy(ids, relation, () => ids.next()).relation
}

/** A second copy of an expression: its subqueries make columns of their own. */
export function duplicate(ids: ColumnIds, expr: Expression): Expression {
  if (!sizeOf(expr).hasSubquery) return expr
  return rewriteExpression(expr, (node) =>
    node.kind === 'subquery' ? { ...node, input: withFreshColumns(ids, node.input) } : node,
  )
}
