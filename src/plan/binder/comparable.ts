import { shownType } from '../../data/types/coercion.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { QueryError } from '../../base/errors.ts'
import { isComparable } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Expression } from '../logical/expression.ts'
import { columnReference } from '../logical/build.ts'
import type { Relation } from '../logical/relation.ts'
import { visitRelation } from '../logical/walk.ts'

/**
 * Refuses a query that groups, sorts or compares values of a type of which nothing says when two are
 * equal. Looked for in the whole plan, as many clauses do one of these. Throws UNDEFINED_FUNCTION.
 */
export function checkComparable(relation: Relation): void {
  const sameKind = (what: string, expr: Expression, type = expr.type): void => {
    if (isComparable(type)) return
    const name = shownType(type)
    const message = `could not identify ${what} for type ${name}`
    throw new QueryError('UNDEFINED_FUNCTION', message, spanDetail(expr.span))
  }
  visitRelation(relation, {
    relation(node) {
      if (node.kind === 'sort') {
        for (const { expr } of node.keys) sameKind('an ordering operator', expr)
      }
      if (node.kind === 'window') {
        for (const { expr } of node.orderBy) sameKind('an ordering operator', expr)
        for (const expr of node.partitionBy) sameKind('an equality operator', expr)
      }
      if (node.kind === 'recursion' && node.isDistinct) {
        for (const column of node.columns) {
          sameKind('an equality operator', columnReference(column))
        }
      }
      if (node.kind !== 'aggregate') return
      for (const { expr } of node.keys) sameKind('an equality operator', expr)
      for (const { fn, distinct, args, orderBy = [] } of node.aggregates) {
        if (fn.name === 'min' || fn.name === 'max') {
          for (const arg of args) sameKind('a comparison function', arg, elementOf(arg.type))
        }
        for (const { expr } of orderBy) sameKind('an ordering operator', expr)
        if (distinct) for (const arg of args) sameKind('an equality operator', arg)
      }
    },
    expression(expr) {
      if (expr.kind === 'in-list' || expr.kind === 'in-set') {
        if (expr.arg.type.kind !== 'array') checkOperator('=', expr.arg, expr)
        else if (!isNull(expr.arg) && !(expr.kind === 'in-list' && expr.list.every(isNull))) {
          sameKind('an equality operator', expr.arg, elementOf(expr.arg.type))
        }
      }
      if (expr.kind !== 'call') return
      const { name, comparison } = expr.fn
      const [arg] = expr.args
      if (arg === undefined) return
      const isDistinct = name === 'is_distinct_from' || name === 'is_not_distinct_from'
      if (arg.type.kind === 'array' && (isDistinct || comparison !== undefined)) {
        if (expr.args.some(isNull)) return
        const isOrder = comparison?.startsWith('<') === true || comparison?.startsWith('>') === true
        sameKind(
          isOrder && comparison !== '<>' ? 'a comparison function' : 'an equality operator',
          arg,
          elementOf(arg.type),
        )
      } else if (isDistinct) checkOperator('=', arg, expr)
      else if (name === 'greatest' || name === 'least') sameKind('a comparison function', arg)
    },
  })
}

/** Operators of arrays are there, and look for those of the elements as they compare: errors name these. */
function elementOf(type: DataType): DataType {
  return type.kind === 'array' ? type.element : type
}

/** Whether it is NULL whatever the rows are: nothing is compared with it, as PostgreSQL looks for operators of elements late. */
function isNull(expr: Expression): boolean {
  return expr.kind === 'cast' ? isNull(expr.arg) : expr.kind === 'literal' && expr.value === null
}

function checkOperator(operator: string, arg: Expression, at: Expression): void {
  if (isComparable(arg.type)) return
  const name = shownType(arg.type)
  const message = `operator does not exist: ${name} ${operator} ${name}`
  throw new QueryError('UNDEFINED_FUNCTION', message, {
    ...spanDetail(at.span),
    hint:
      'No operator matches the given name and argument types. ' +
      'You might need to add explicit type casts.',
  })
}
