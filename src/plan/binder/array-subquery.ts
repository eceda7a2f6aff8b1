import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { AstArray } from '../../sql/ast/expression.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { aggregate, caseOf, columnReference, literal, named, project } from '../logical/build.ts'
import type { AggregateCall, Expression, SortKey } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { settle, typedAggregate, typedCall } from '../logical/typing.ts'
import { bindSubquery } from './context.ts'
import type { Binder, Scope } from './context.ts'

/**
 * `ARRAY(SELECT ...)`: the values in the order of the query, an empty array for no rows. Errors: SYNTAX_ERROR
 * unless it has one column.
 */
export function bindArraySubquery(
  scope: Scope,
  { span }: AstArray,
  query: SelectStatement,
): Expression {
  const { binder } = scope.environment
  const draft = bindSubquery(scope, query)
  if (draft.exprs.length !== 1) {
    throw new QueryError('SYNTAX_ERROR', 'subquery must return only one column', { span })
  }
  return arrayOfRelation(
    binder,
    draft.finish(draft.exprs.map((expr) => settle(binder, expr))),
    span,
  )
}

/** The values of the one column of a relation, in its order, as an array. */
export function arrayOfRelation(binder: Binder, relation: Relation, span: Span): Expression {
  const { columnIds } = binder.ctx
  const { rows, value, orderBy } = inOrder(relation)
  const { fn, args, type } = typedAggregate(binder, 'array_agg', [value], span)
  const call: AggregateCall = {
    id: columnIds.next(),
    name: 'array',
    type,
    fn,
    args,
    distinct: false,
    ...(orderBy.length > 0 && { orderBy }),
    span,
  }
  const found = columnReference(call)
  const branches = [{ when: typedCall(binder, 'is_not_null', [found], span), then: found }]
  const whole = caseOf(branches, literal('{}', type, span), span)
  // An array is what its elements were declared.
  binder.declared.set(whole, { as: value, over: rows })
  const input = project(aggregate(rows, [], [call]), [named(columnIds, 'array', whole)])
  return { kind: 'subquery', form: 'scalar', input, type, span }
}

/** The one column of a query with the order of its rows, which is then the aggregate's: a sort may go. */
function inOrder(relation: Relation): {
  readonly rows: Relation
  readonly value: Expression
  readonly orderBy: readonly SortKey[]
} {
  const shown = relation.kind === 'project' && isOrdered(relation.input)
  const rows = shown ? relation.input : relation
  const value = shown ? relation.exprs[0]!.expr : columnReference(relation.columns[0]!)
  if (rows.kind === 'sort') return { rows: rows.input, value, orderBy: rows.keys }
  const below = rows.kind === 'limit' ? rows.input : rows
  return { rows, value, orderBy: below.kind === 'sort' ? below.keys : [] }
}

function isOrdered({ kind }: Relation): boolean {
  return kind === 'sort' || kind === 'limit'
}
