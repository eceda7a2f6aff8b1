import { and, conjuncts, filter, isTrue, join, project } from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import type { Join, Project, Relation } from '../../logical/relation.ts'
import { columnsUsed, freeColumns, replaceColumns } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'

/** An independent relation and what was taken out of it: rows that satisfy `correlation` belong. */
export interface PulledUp {
  readonly relation: Relation
  readonly correlation: readonly Expression[]
  /** What computed columns stand for that could not stay below; empty unless allowed. */
  readonly computed: ReadonlyMap<ColumnId, Expression>
}

/**
 * Moves the conjuncts that refer to outer columns out of a relation, through filters, projections and
 * inner joins: `Filter(p AND c, X) = c over Filter(p, X)`, and a projection passes the columns on that
 * `c` needs. Undefined where something else depends on outer columns. With `computedAllowed` (the
 * relation's columns are used by a join condition alone) a projection at the top may itself depend on
 * outer columns: its expressions are handed back to be put into that condition.
 */
export function pullUp(
  relation: Relation,
  outer: ReadonlySet<ColumnId>,
  computedAllowed: boolean,
): PulledUp | undefined {
  if (!isDependent(relation, outer)) return { relation, correlation: [], computed: new Map() }
  switch (relation.kind) {
    case 'filter': {
      const inner = pullUp(relation.input, outer, computedAllowed)
      if (inner === undefined) return undefined
      const parts = conjuncts(relation.predicate).map((part) =>
        replaceColumns(part, (id) => inner.computed.get(id)),
      )
      const kept = parts.filter((part) => !uses(part, outer))
      const correlation = [...inner.correlation, ...parts.filter((part) => uses(part, outer))]
      const input = kept.length === 0 ? inner.relation : filter(inner.relation, and(kept))
      return { ...inner, relation: input, correlation }
    }
    case 'project':
      return pullUpProject(relation, outer, computedAllowed)
    case 'join':
      return pullUpJoin(relation, outer)
    case 'sort':
      return pullUp(relation.input, outer, computedAllowed)
    case 'scan':
    case 'values':
    case 'apply':
    case 'aggregate':
    case 'window':
    case 'limit':
    case 'union-all':
    case 'with':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
    case 'expand':
      return undefined
  }
}

export function isDependent(relation: Relation, outer: ReadonlySet<ColumnId>): boolean {
  for (const id of freeColumns(relation)) if (outer.has(id)) return true
  return false
}

export function uses(expr: Expression, columns: ReadonlySet<ColumnId>): boolean {
  for (const id of columnsUsed(expr)) if (columns.has(id)) return true
  return false
}

function pullUpProject(
  relation: Project,
  outer: ReadonlySet<ColumnId>,
  computedAllowed: boolean,
): PulledUp | undefined {
  const inner = pullUp(relation.input, outer, computedAllowed)
  if (inner === undefined) return undefined
  const exprs = relation.exprs.map((item) => ({
    ...item,
    expr: replaceColumns(item.expr, (id) => inner.computed.get(id)),
  }))
  const dependent = exprs.filter(({ expr }) => uses(expr, outer))
  if (dependent.length > 0) {
    if (!computedAllowed) return undefined
    const computed = new Map(exprs.map(({ id, expr }) => [id, expr]))
    return { relation: inner.relation, correlation: inner.correlation, computed }
  }
  const made = new Set(exprs.map(({ id }) => id))
  const needed = new Set(inner.correlation.flatMap((part) => [...columnsUsed(part)]))
  const extra = inner.relation.columns.filter(({ id }) => needed.has(id) && !made.has(id))
  const input = project(inner.relation, [...exprs, ...passedOn(extra)])
  return { relation: input, correlation: inner.correlation, computed: new Map() }
}

function pullUpJoin(relation: Join, outer: ReadonlySet<ColumnId>): PulledUp | undefined {
  const { joinKind } = relation
  const inner = joinKind === 'inner'
  const leftOnly = joinKind === 'left' || joinKind === 'semi' || joinKind === 'anti'
  if (!inner && !leftOnly) return undefined
  const left = pullUp(relation.left, outer, false)
  const right = inner ? pullUp(relation.right, outer, false) : undefined
  if (left === undefined || (inner && right === undefined)) return undefined
  const parts = conjuncts(relation.condition)
  const dependent = parts.filter((part) => uses(part, outer))
  if (!inner && (dependent.length > 0 || isDependent(relation.right, outer))) return undefined
  const condition = inner ? and(parts.filter((part) => !uses(part, outer))) : relation.condition
  const options = relation.nullAware === undefined ? {} : { nullAware: relation.nullAware }
  const newRight = right?.relation ?? relation.right
  const joined = join(joinKind, left.relation, newRight, condition, options)
  const correlation = [...left.correlation, ...(right?.correlation ?? []), ...dependent]
  return {
    relation: joined,
    correlation: correlation.filter((c) => !isTrue(c)),
    computed: new Map(),
  }
}
