import { QueryError, notSupported } from '../../base/errors.ts'
import { int4 } from '../../data/types/data-type.ts'
import { present } from '../../base/assert.ts'
import { resolveAggregate } from '../../functions/catalogue.ts'
import { isResolved } from '../../functions/resolve.ts'
import type { QueryBody, SetOperation } from '../../sql/ast/select.ts'
import {
  aggregate,
  and,
  columnReference,
  distinct,
  filter,
  literal,
  named,
  project,
  renamed,
  unionAll,
} from '../logical/build.ts'
import type { AggregateCall, Expression } from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { callFunction } from './call.ts'
import { coerce, commonTypeOf } from './coerce.ts'
import type { Draft, QueryEnvironment } from './context.ts'

/** UNION, INTERSECT and EXCEPT; column names are the left side's. */
export function bindSetOperation(
  environment: QueryEnvironment,
  operation: SetOperation,
  bindBody: (environment: QueryEnvironment, body: QueryBody) => Draft,
): Draft {
  const { binder } = environment
  const left = bindBody(environment, operation.left)
  const right = bindBody(environment, operation.right)
  const shown = operation.operator.toUpperCase()
  if (left.exprs.length !== right.exprs.length) {
    throw new QueryError(
      'SYNTAX_ERROR',
      `each ${shown} query must have the same number of columns`,
      { span: right.exprs[0]?.span ?? operation.right.span },
    )
  }
  const types = left.exprs.map((expr, i) => commonTypeOf(binder, [expr, right.exprs[i]!], shown))
  const side = (draft: Draft): Relation =>
    draft.finish(draft.exprs.map((expr, index) => coerce(binder, expr, types[index]!)))
  const relation = combined(environment, operation, side(left), side(right))
  return relationDraft(environment, relation, left.names)
}

/** A relation that is complete but for casts of its columns. */
export function relationDraft(
  environment: QueryEnvironment,
  relation: Relation,
  names: readonly string[],
): Draft {
  const exprs: readonly Expression[] = relation.columns.map((column) => columnReference(column))
  return {
    names,
    exprs,
    finish: (outputs) => {
      const { columnIds } = environment.binder.ctx
      if (outputs.every((expr, index) => expr === exprs[index])) return relation
      return project(
        relation,
        outputs.map((expr, index) => named(columnIds, names[index]!, expr)),
      )
    },
  }
}

function combined(
  environment: QueryEnvironment,
  operation: SetOperation,
  left: Relation,
  right: Relation,
): Relation {
  const { columnIds } = environment.binder.ctx
  if (operation.operator === 'union') {
    const all = unionAll(columnIds, [left, right])
    return operation.all ? all : distinct(columnIds, all)
  }
  if (operation.all) {
    throw notSupported(`${operation.operator.toUpperCase()} ALL`, operation.span)
  }
  return bySide(environment, operation.operator, left, right)
}

/**
 * INTERSECT and EXCEPT by grouping both sides together, so NULLs are equal: every row says its side (0 or
 * 1); a group on both sides has minimum 0 and maximum 1, one on the left alone has maximum 0.
 */
function bySide(
  environment: QueryEnvironment,
  operator: 'intersect' | 'except',
  left: Relation,
  right: Relation,
): Relation {
  const { binder } = environment
  const { columnIds } = binder.ctx
  const marked = [left, right].map((input, side) =>
    project(input, [
      ...renamed(columnIds, input.columns),
      named(columnIds, 'side', literal(side, int4)),
    ]),
  )
  const stacked = unionAll(columnIds, marked)
  const keys = renamed(columnIds, stacked.columns.slice(0, -1))
  const side = present(stacked.columns.at(-1), 'column side')
  const least = extreme(environment, 'min', side)
  const most = extreme(environment, 'max', side)
  const grouped = aggregate(stacked, keys, [least, most])
  const span = { start: 0, end: 0 }
  const is = (call: AggregateCall, value: number): Expression =>
    callFunction(binder, '=', [columnReference(call), literal(value, int4)], span)
  const wanted = operator === 'intersect' ? and([is(least, 0), is(most, 1)]) : is(most, 0)
  const kept = filter(grouped, wanted)
  return project(kept, renamed(columnIds, kept.columns.slice(0, keys.length)))
}

function extreme(
  environment: QueryEnvironment,
  name: 'min' | 'max',
  column: OutputColumn,
): AggregateCall {
  const outcome = resolveAggregate(name, [int4])
  const resolved = present(isResolved(outcome) ? outcome : undefined, `aggregate ${name}(integer)`)
  return {
    id: environment.binder.ctx.columnIds.next(),
    name,
    type: resolved.resultType,
    fn: resolved.fn.id,
    args: [columnReference(column)],
    distinct: false,
  }
}
