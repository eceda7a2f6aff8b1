import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { bool } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { AstExists, AstIn, AstQuantified, AstRow } from '../../sql/ast/expression.ts'
import type { AstSubquery } from '../../sql/ast/expression.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import {
  and,
  caseOf,
  columnReference,
  falseLiteral,
  filter,
  literal,
  named,
  or,
  project,
} from '../logical/build.ts'
import { trueLiteral } from '../logical/build.ts'
import type { Expression, Subquery } from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import type { Relation } from '../logical/relation.ts'
import { coerce, settle, typedCall, typedComparison } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { bindExpression, bindSubquery } from './context.ts'
import type { Scope } from './context.ts'
import { shared } from './shared-value.ts'
import { fieldOf } from './whole-row.ts'
import { bindNot, compareTuples } from './operator.ts'

/** `(SELECT ...)` as a value. Errors: SYNTAX_ERROR unless it has one column. */
export function bindScalarSubquery(scope: Scope, ast: AstSubquery): Expression {
  const input = relationOf(scope, ast.query)
  const [column] = input.columns
  if (column === undefined || input.columns.length !== 1) {
    throw new QueryError('SYNTAX_ERROR', 'subquery must return only one column', { span: ast.span })
  }
  return { kind: 'subquery', form: 'scalar', input, type: column.type, span: ast.span }
}

export function bindExists(scope: Scope, ast: AstExists): Expression {
  const input = relationOf(scope, ast.query)
  return { kind: 'subquery', form: 'exists', input, type: bool, span: ast.span }
}

/** A comparison with a subquery, and the word or operator in it. */
type OperatorPlace = Pick<AstIn, 'span' | 'operatorSpan'>

const isMember = { operator: '=', quantifier: 'any' } as const

/** `x IN (SELECT ...)` is `x = ANY (SELECT ...)`. */
export function bindInSubquery(scope: Scope, ast: AstIn, query: SelectStatement): Expression {
  const test =
    ast.arg.kind === 'row'
      ? bindRowIn(scope, ast.arg, query, ast)
      : compareWithAny(scope, bindExpression(scope, ast.arg), isMember, query, ast)
  return ast.negated ? bindNot(scope, test, ast.span) : test
}

export function bindQuantified(scope: Scope, ast: AstQuantified): Expression {
  const query = ast.right as SelectStatement
  const { operator } = ast
  if (ast.left.kind === 'row') {
    if (ast.quantifier === 'any') return bindRowIn(scope, ast.left, query, ast, operator)
    const opposite = opposites[operator]
    if (opposite !== undefined) {
      return bindNot(scope, bindRowIn(scope, ast.left, query, ast, opposite), ast.span)
    }
  }
  const left = bindExpression(scope, ast.left)
  return compareWithAny(scope, left, ast, query, ast)
}

function compareWithAny(
  scope: Scope,
  left: Expression,
  { operator, quantifier }: Pick<AstQuantified, 'operator' | 'quantifier'>,
  query: SelectStatement,
  at: OperatorPlace,
): Expression {
  const { binder } = scope.environment
  const draft = bindSubquery(scope, query)
  const [output] = draft.exprs
  if (output === undefined || draft.exprs.length !== 1) {
    throw otherColumns(draft.exprs.length > 1, { span: at.span })
  }
  const outputType = settledType(output.type, left.type)
  const right = { ...output, type: outputType }
  const compared = typedComparison(binder, operator, left, right, at.operatorSpan)
  const input = draft.finish([coerce(binder, output, compared.rightType)])
  return {
    kind: 'subquery',
    form: quantifier,
    input,
    arg: compared.left,
    fn: compared.fn,
    type: bool,
    span: at.span,
  }
}

/** What holds of a row for all others where this holds for none of them. */
const opposites: Readonly<Record<string, string>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

/**
 * `(a, b) IN (SELECT ...)`, or with another operator `(a, b) < ANY (SELECT ...)`, in three-valued logic: TRUE if it holds for
 * some row, else NULL if for some row the comparison is unknown, else FALSE.
 */
function bindRowIn(
  scope: Scope,
  row: AstRow,
  query: SelectStatement,
  at: OperatorPlace,
  operator = '=',
): Expression {
  const { binder } = scope.environment
  const left = row.items.map((item) => settle(binder, bindExpression(scope, item)))
  return rowMembership(scope, left, () => relationOf(scope, query), { ...at, operator })
}

/**
 * Whether a row is among those of a relation, or stands to one of them as an operator says, in three-valued logic. `rows` makes the
 * relation anew each time.
 */
export function rowMembership(
  scope: Scope,
  left: readonly Expression[],
  rows: () => Relation,
  { operator = '=', ...at }: OperatorPlace & { readonly operator?: string },
): Expression {
  const { binder } = scope.environment
  const isNull = (expr: Expression): Expression => typedCall(binder, 'is_null', [expr], at.span)
  const own = (): readonly Expression[] => left.map((expr) => duplicate(binder.ctx.columnIds, expr))
  const exists = (test: (equal: Expression) => Expression): Subquery => {
    const input = rows()
    if (input.columns.length !== left.length) {
      throw otherColumns(input.columns.length > left.length, at)
    }
    const right = input.columns.map((column) => columnReference(column))
    const matching = filter(input, test(compareTuples(scope, operator, own(), right, at)))
    return { kind: 'subquery', form: 'exists', input: matching, type: bool, span: at.span }
  }
  const equals = exists((equal) => equal)
  const isUnclear = exists(isNull)
  // Where no row has a NULL, nothing is unclear but for a NULL on the left: few ask all rows.
  const isKnown = isUnclear.input.columns.every(({ nullable }) => !nullable)
  const unclear = isKnown ? and([or(own().map(isNull)), isUnclear]) : isUnclear
  const branches = [
    { when: equals, then: trueLiteral },
    { when: unclear, then: literal(null, bool) },
  ]
  return caseOf(branches, falseLiteral, at.span)
}

/** Of a subquery that has more columns than it is compared with, or fewer. */
function otherColumns(areMore: boolean, at: Partial<OperatorPlace>): QueryError {
  const message = areMore ? 'subquery has too many columns' : 'subquery has too few columns'
  return new QueryError('SYNTAX_ERROR', message, spanDetail(at.operatorSpan ?? at.span))
}

function relationOf(scope: Scope, query: SelectStatement): Relation {
  const { binder } = scope.environment
  const draft = bindSubquery(scope, query)
  return draft.finish(draft.exprs.map((expr) => settle(binder, expr)))
}

/** A string literal in the subquery's select list takes the type of what it is compared with. */
function settledType(type: DataType, other: DataType): DataType {
  if (type.kind !== 'unknown') return type
  return other.kind === 'unknown' ? { kind: 'text' } : other
}

/** `(a, b) = (SELECT x, y ...)`, of one row at most. Errors: SYNTAX_ERROR for another number of columns. */
export function compareWithSubquery(
  scope: Scope,
  operator: string,
  left: AstRow,
  right: AstSubquery,
  at: { readonly span: Span; readonly operatorSpan?: Span },
): Expression {
  const { binder } = scope.environment
  const items = left.items.map((item) => settle(binder, bindExpression(scope, item)))
  const draft = bindSubquery(scope, right.query)
  if (draft.exprs.length !== items.length) {
    throw otherColumns(draft.exprs.length > items.length, at)
  }
  const rows = draft.finish(draft.exprs.map((expr) => settle(binder, expr)))
  const row = typedCall(
    binder,
    'row',
    rows.columns.map((column) => columnReference(column)),
    right.span,
  )
  const input = project(rows, [named(binder.ctx.columnIds, 'row', row)])
  const found: Expression = {
    kind: 'subquery',
    form: 'scalar',
    input,
    type: row.type,
    span: right.span,
  }
  return shared(binder, found, (read) => {
    const fields = items.map((_, index) => fieldOf(binder, read(), index, right.span))
    return compareTuples(scope, operator, items, fields, at)
  })
}
