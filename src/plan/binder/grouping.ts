import { notSupported, QueryError } from '../../base/errors.ts'
import { columnReference } from '../logical/build.ts'
import { carryDeclared, type DeclaredCasts } from '../logical/declared.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type {
  ColumnId,
  ColumnReference,
  Expression,
  NamedExpression,
} from '../logical/expression.ts'
import { mapExpressionChildren, mapRelationChildren, visitExpression } from '../logical/walk.ts'
import type { ChildMapper } from '../logical/walk.ts'
import type { QueryLevel } from './context.ts'

/**
 * What stands above an Aggregate: grouping expressions become references to its keys, and any other column of
 * the query's FROM is an error. `below`: functions whose rows are repeated below the groups; `declared`: where it is told what
 * expressions were declared. Errors: GROUPING_ERROR.
 */
export function aboveGrouping(
  level: QueryLevel,
  keys: readonly NamedExpression[],
  below: ReadonlySet<ColumnId>,
  declared: DeclaredCasts,
): (expr: Expression) => Expression {
  const references = new Map<string, ColumnReference>()
  for (const key of keys) {
    const reference = columnReference({ id: key.id, name: key.name, type: key.expr.type })
    references.set(expressionKey(key.expr), reference)
  }
  const mapper = (inSubquery: boolean): ChildMapper => {
    const to: ChildMapper = {
      expression: (expr) => {
        const key = expr.kind === 'literal' ? undefined : references.get(expressionKey(expr))
        if (key !== undefined) return expr.span ? { ...key, span: expr.span } : key
        if (expr.kind === 'column' && below.has(expr.id)) throw twice(expr)
        if (expr.kind === 'column') checkGrouped(level, expr, inSubquery)
        const mapped = mapExpressionChildren(expr, to.expression, inner().relation)
        carryDeclared(declared, expr, mapped, to.expression)
        return mapped
      },
      relation: (relation) => mapRelationChildren(relation, to),
    }
    const inner = (): ChildMapper => (inSubquery ? to : mapper(true))
    return to
  }
  return mapper(false).expression
}

/** The rows of a function are repeated once, below the groups or above them. */
function twice({ span }: ColumnReference): QueryError {
  return notSupported('a set-returning function both in GROUP BY and beside it', span)
}

/** Whether an expression refers to an aggregate of this query. */
export function hasAggregate(level: QueryLevel, expr: Expression): boolean {
  const ids = new Set(level.aggregates.map((call) => call.id))
  let found = false
  visitExpression(expr, {
    expression: (inner) => {
      found ||= inner.kind === 'column' && ids.has(inner.id)
    },
  })
  return found
}

function checkGrouped(level: QueryLevel, column: ColumnReference, inSubquery: boolean): void {
  const name = level.columnNames.get(column.id)
  if (name === undefined) return
  const message = inSubquery
    ? `subquery uses ungrouped column "${name}" from outer query`
    : `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`
  throw new QueryError('GROUPING_ERROR', message, { ...(column.span && { span: column.span }) })
}
