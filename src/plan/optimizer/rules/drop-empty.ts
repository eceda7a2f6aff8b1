import { present } from '../../../base/assert.ts'
import { columnReference, conjuncts, literal, noRows, project } from '../../logical/build.ts'
import { unionAllColumns } from '../../logical/columns-of.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Join, Recursion, Relation, UnionAll } from '../../logical/relation.ts'
import { passedOn } from '../output-columns.ts'
import type { Rule } from '../rule.ts'

/**
 * What surely has no rows becomes VALUES without rows, and takes with it what needs it: a filter on
 * FALSE or NULL, LIMIT 0, inner joins with it, groups of it (a scalar aggregate keeps its one row). An
 * outer join with it becomes a projection of NULLs, an anti join its left side, a union loses it.
 */
export const dropEmpty: Rule = { name: 'drop-empty', order: 'bottom-up', rewrite: reduced }

export function isEmpty(relation: Relation): boolean {
  return relation.kind === 'values' && relation.rows.length === 0
}

function neverTrue(expr: Expression): boolean {
  return conjuncts(expr).some((part) => part.kind === 'literal' && part.value !== true)
}

function reduced(relation: Relation): Relation | undefined {
  switch (relation.kind) {
    case 'scan': {
      if (relation.filters.some(neverTrue)) return noRows(relation.columns)
      const filters = relation.filters.filter((part) => conjuncts(part).length > 0)
      return filters.length === relation.filters.length ? undefined : { ...relation, filters }
    }
    case 'filter': {
      if (isEmpty(relation.input) || neverTrue(relation.predicate)) return noRows(relation.columns)
      return conjuncts(relation.predicate).length === 0 ? relation.input : undefined
    }
    case 'project':
    case 'window':
    case 'expand':
    case 'sort':
      return isEmpty(relation.input) ? noRows(relation.columns) : undefined
    case 'limit': {
      const { limit } = relation
      const none = limit?.kind === 'literal' && limit.value !== null && Number(limit.value) === 0
      return none || isEmpty(relation.input) ? noRows(relation.columns) : undefined
    }
    case 'aggregate': {
      const empty = relation.keys.length > 0 && isEmpty(relation.input)
      return empty ? noRows(relation.columns) : undefined
    }
    case 'join':
      return reducedJoin(relation)
    case 'union-all':
      return reducedUnion(relation)
    case 'recursion':
      return reducedRecursion(relation)
    case 'working-table':
    case 'values':
    case 'apply':
    case 'with':
    case 'cte-reference':
      return undefined
  }
}

/** Without rows to begin with there are none; a step that gives none leaves those of the base. */
function reducedRecursion(relation: Recursion): Relation | undefined {
  const { base, step, columns, inputColumns, isDistinct } = relation
  if (isEmpty(base)) return noRows(columns)
  if (!isEmpty(step) || isDistinct) return undefined
  const made = new Map(base.columns.map((column) => [column.id, column]))
  const exprs = columns.map(({ id, name }, at) => {
    const column = present(made.get(present(inputColumns[0][at], 'column')), 'column of a base')
    return { id, name, expr: columnReference(column) }
  })
  return project(base, exprs)
}

function reducedJoin(relation: Join): Relation | undefined {
  const { joinKind, left, right, columns, condition } = relation
  const noLeft = isEmpty(left)
  const noMatch = isEmpty(right) || neverTrueFor(relation, condition)
  switch (joinKind) {
    case 'inner':
      return noLeft || noMatch ? noRows(columns) : undefined
    case 'semi':
      return noLeft || noMatch ? noRows(columns) : undefined
    case 'anti':
      return noLeft ? noRows(columns) : noMatch ? left : undefined
    case 'left':
    case 'single':
      return noLeft ? noRows(columns) : noMatch ? withNulls(left, relation) : undefined
    case 'right':
      return isEmpty(right) ? noRows(columns) : noLeft ? withNulls(right, relation) : undefined
    case 'full':
      if (noLeft && isEmpty(right)) return noRows(columns)
      return noLeft
        ? withNulls(right, relation)
        : isEmpty(right)
          ? withNulls(left, relation)
          : undefined
    case 'mark': {
      if (noLeft) return noRows(columns)
      const { markColumn } = relation
      if (!isEmpty(right) || markColumn === undefined) return undefined
      const { id, name, type } = markColumn
      return project(left, [...passedOn(left.columns), { id, name, expr: literal(false, type) }])
    }
  }
}

/** FALSE matches nothing; a NULL condition only where it does not count in three-valued logic. */
function neverTrueFor(relation: Join, condition: Expression): boolean {
  return relation.nullAware !== true && neverTrue(condition)
}

function withNulls(kept: Relation, relation: Join): Relation {
  const made = new Set(kept.columns.map(({ id }) => id))
  const exprs = relation.columns.map((column) => {
    const { id, name, type } = column
    return { id, name, expr: made.has(id) ? columnReference(column) : literal(null, type) }
  })
  return project(kept, exprs)
}

function reducedUnion(relation: UnionAll): Relation | undefined {
  const kept = relation.inputs.map((input) => !isEmpty(input))
  if (relation.inputs.length > 1 && kept.every(Boolean)) return undefined
  const inputs = relation.inputs.filter((_, i) => kept[i])
  const inputColumns = relation.inputColumns.filter((_, i) => kept[i])
  const [only] = inputs
  if (only === undefined) return noRows(relation.columns)
  if (inputs.length > 1) {
    const columns = unionAllColumns(inputs, inputColumns, relation.columns)
    return { ...relation, inputs, inputColumns, columns }
  }
  const sources = new Map(only.columns.map((column) => [column.id, column]))
  const exprs = relation.columns.flatMap(({ id, name }, position) => {
    const source = sources.get(inputColumns[0]![position]!)
    return source === undefined ? [] : [{ id, name, expr: columnReference(source) }]
  })
  return project(only, exprs)
}
