import { conjuncts } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import type { Aggregate, Relation } from '../logical/relation.ts'
import { replaceColumns } from '../logical/walk.ts'

/** Groups below projections and filters. */
export interface GroupedLeaf {
  readonly aggregate: Aggregate
  /** An expression over the leaf's columns as one over the columns of the aggregate. */
  readonly lower: (expr: Expression) => Expression
  /** What is asked of the groups, over the columns of the aggregate. */
  readonly having: readonly Expression[]
}

/** The leaf of a join as groups by keys; undefined for any other. */
export function groupedLeaf(leaf: Relation): GroupedLeaf | undefined {
  const projected: ReadonlyMap<ColumnId, Expression>[] = []
  const lower = (expr: Expression, from = 0): Expression =>
    projected
      .slice(from)
      .reduce((lowered, exprs) => replaceColumns(lowered, (id) => exprs.get(id)), expr)
  const filters: { readonly predicate: Expression; readonly depth: number }[] = []
  let relation = leaf
  while (relation.kind === 'project' || relation.kind === 'filter') {
    if (relation.kind === 'filter') {
      filters.push({ predicate: relation.predicate, depth: projected.length })
    } else projected.push(new Map(relation.exprs.map(({ id, expr }) => [id, expr])))
    relation = relation.input
  }
  if (relation.kind !== 'aggregate' || relation.keys.length === 0) return undefined
  const having = filters.flatMap(({ predicate, depth }) => conjuncts(lower(predicate, depth)))
  return { aggregate: relation, lower, having }
}
