import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { shownType } from '../../data/types/coercion.ts'
import { text } from '../../data/types/data-type.ts'
import type { Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { checkCast, coerce } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { castKindOf } from '../logical/row-casts.ts'
import { rewriteAllExpressions } from '../logical/walk.ts'
import type { Binder, BindTarget } from './context.ts'
import { numberedArgument } from './routines/arguments.ts'

/** Brings a value to the type of the column that it is stored in. Errors: DATATYPE_MISMATCH. */
export function assign(binder: Binder, expr: Expression, target: BindTarget): Expression {
  const kind = castKindOf(binder.rowItems, expr, target.type)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, expr, target.type)
  // A row of no name is of any type to PostgreSQL, until its fields are looked at.
  const isRow = expr.type.kind === 'record' && expr.type.name === undefined
  if (isRow && target.type.kind === 'record') checkCast(expr.type, target.type, expr.span)
  const [expected, found] = [shownType(target.type), shownType(expr.type)]
  const what = target.part === undefined ? 'column' : 'subfield'
  throw new QueryError(
    'DATATYPE_MISMATCH',
    target.part === 'element'
      ? `subscripted assignment to "${target.name}" requires type ${expected} but expression is of type ${found}`
      : `${what} "${target.name}" is of type ${expected} but expression is of type ${found}`,
    {
      ...spanDetail(expr.span),
      expected,
      found,
      hint: 'You will need to rewrite or cast the expression.',
    },
  )
}

/** Gives the parameters of a finished plan that were left open the type that their other uses told. */
export function settleParameters(binder: Binder, relation: Relation): Relation {
  if (binder.parameters.length === 0) return relation
  return rewriteAllExpressions(relation, (expr) => {
    if (expr.kind !== 'parameter' || expr.type.kind !== 'unknown') return expr
    return { ...expr, type: binder.parameters[expr.index] ?? text }
  })
}

/** `$n` in a place that tells nothing of its type yet, or with the type that is known by now. */
export function parameter(binder: Binder, index: number, span: Span): Expression {
  const { routine } = binder
  if (routine !== undefined) return numberedArgument(routine, index, span)
  const type = binder.parameters[index]
  if (index >= binder.parameters.length) binder.parameters[index] = undefined
  return { kind: 'parameter', index, type: type ?? { kind: 'unknown' }, span }
}

/** More values than a row that is inserted has columns for. */
export function surplusExpressions(span: Span | undefined): QueryError {
  const message = 'INSERT has more expressions than target columns'
  return new QueryError('SYNTAX_ERROR', message, { ...(span && { span }) })
}
