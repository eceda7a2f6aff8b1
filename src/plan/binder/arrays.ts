import { present } from '../../base/assert.ts'
import { typedCall, unresolved } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { castKind, postgresType, shownType } from '../../data/types/coercion.ts'
import {
  arrayOf,
  int4,
  numeric,
  sameType,
  text,
  type DataType,
  type ElementType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { SLICE_FROM_START, SLICE_TO_END } from '../../functions/array/subscripts.ts'
import { quantifiedName } from '../../functions/array/quantified.ts'
import { isResolved } from '../../functions/resolve.ts'
import type {
  AstArray,
  AstExpression,
  AstQuantified,
  AstSubscript,
  Subscript,
} from '../../sql/ast/expression.ts'
import { and, literal, or } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import { someExpression } from '../logical/walk.ts'
import { typedMembership } from '../logical/membership.ts'
import { raisesItself } from '../logical/raising.ts'
import { castExplicitly, coerce, unify } from '../logical/typing.ts'
import { bindArraySubquery } from './array-subquery.ts'
import { bindExpression } from './context.ts'
import type { Binder, Scope } from './context.ts'
import { bindNot, callOperator } from './operator.ts'

/** `ARRAY[a, b]`. `element`: what a cast around it makes of each of its members, before they are put together. */
export function bindArray(scope: Scope, ast: AstArray, element?: ElementType): Expression {
  const { binder } = scope.environment
  if (ast.query !== undefined) return bindArraySubquery(scope, ast, ast.query)
  const items = boundItems(scope, ast, element)
  if (items.length === 0) {
    if (element !== undefined) {
      return literal('{}', arrayOf(element), ast.span)
    }
    throw new QueryError('INDETERMINATE_DATATYPE', 'cannot determine type of empty array', {
      span: ast.span,
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    })
  }
  const member = items.some(({ type }) => type.kind === 'array')
    ? element && arrayOf(element)
    : element
  const members = items
    .map((item) => (member === undefined ? item : castExplicitly(binder, item, member, item.span)))
    // A numeric keeps its own scale in an array.
    .map((item) => {
      if (item.type.kind !== 'decimal') return item
      const coerced = coerce(binder, item, numeric)
      binder.declared.set(coerced, { as: item })
      return coerced
    })
  const unified = unify(binder, members, 'ARRAY')
  return typedCall(binder, 'array_of', unified, ast.span)
}

function boundItems(
  scope: Scope,
  { items = [] }: AstArray,
  element?: ElementType,
): readonly Expression[] {
  return items.map((item) =>
    item.kind === 'array' ? bindArray(scope, item, element) : bindExpression(scope, item),
  )
}

/** `a[i]`, `a[i:j]`, and of jsonb `j['key']`. */
export function bindSubscript(scope: Scope, ast: AstSubscript): Expression {
  const { binder } = scope.environment
  const chain = [ast]
  for (let step = ast; step.follows && step.arg.kind === 'subscript'; step = step.arg) {
    chain.unshift(step.arg)
  }
  const base = present(chain[0], 'subscript').arg
  const arg = bindExpression(scope, base)
  const { type } = arg
  if (type.kind === 'jsonb') return bindMember(scope, arg, chain)
  if (type.kind !== 'array') {
    throw new QueryError(
      'DATATYPE_MISMATCH',
      `cannot subscript type ${shownType(type)} because it does not support subscripting`,
      { span: ast.span },
    )
  }
  const bind = (expr: AstExpression): Expression => bindExpression(scope, expr)
  if (!chain.some(({ slice }) => slice)) {
    const indexes = chain.map(({ lower }) => subscriptOf(binder, lower, bind))
    return typedCall(binder, 'array_element', [arg, ...indexes], ast.span)
  }
  return typedCall(binder, 'array_slice', [arg, ...sliceBounds(binder, chain, bind)], ast.span)
}

type Bind = (expr: AstExpression) => Expression

/** The number of an element, or a bound of a slice; one that is left out is that of the array. */
export function subscriptOf(
  binder: Binder,
  expr: AstExpression | undefined,
  bind: Bind,
  omitted = SLICE_FROM_START,
): Expression {
  if (expr === undefined) return literal(omitted, int4)
  const index = bind(expr)
  const kind = castKind(index.type, int4)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, index, int4)
  throw new QueryError('DATATYPE_MISMATCH', 'array subscript must have type integer', {
    ...spanDetail(index.span ?? expr.span),
  })
}

/** Two bounds of each dimension; beside a slice, a single subscript is a slice from 1 on. */
export function sliceBounds(
  binder: Binder,
  subscripts: readonly Subscript[],
  bind: Bind,
): readonly Expression[] {
  return subscripts.flatMap(({ slice, lower, upper }) => [
    slice ? subscriptOf(binder, lower, bind) : literal(1, int4),
    subscriptOf(binder, slice ? upper : lower, bind, SLICE_TO_END),
  ])
}

/** `j['a'][0]`, a path through a jsonb. */
function bindMember(scope: Scope, arg: Expression, chain: readonly AstSubscript[]): Expression {
  const { binder } = scope.environment
  const bind = (expr: AstExpression): Expression => bindExpression(scope, expr)
  const steps = chain.map((one) => memberStep(binder, one, bind))
  const span = chain.at(-1)?.span ?? { start: 0, end: 0 }
  return typedCall(binder, '#>', [arg, typedCall(binder, 'array_of', steps, span)], span)
}

/** A step into a jsonb, as a text. */
export function memberStep(
  binder: Binder,
  { slice, lower, span }: Subscript,
  bind: Bind,
): Expression {
  if (slice || lower === undefined) {
    throw new QueryError('DATATYPE_MISMATCH', 'jsonb subscript does not support slices', { span })
  }
  const step = bind(lower)
  if (!isNumber(step.type) && step.type.kind !== 'text' && step.type.kind !== 'unknown') {
    const message = `subscript type ${shownType(step.type)} is not supported`
    throw new QueryError('DATATYPE_MISMATCH', message, { span })
  }
  return coerce(binder, step, text)
}

/** Whether a step into a jsonb is the number of an item. */
export function isNumberStep(subscript: Subscript | undefined, bind: Bind): boolean {
  return subscript?.lower !== undefined && isNumber(bind(subscript.lower).type)
}

function isNumber({ kind }: DataType): boolean {
  return kind === 'int2' || kind === 'int4'
}

/** `x op ANY (array)` and ALL. */
export function bindQuantifiedArray(scope: Scope, ast: AstQuantified): Expression {
  const { binder } = scope.environment
  const { right } = ast
  const left = bindExpression(scope, ast.left)
  // Members are compared as they are; what becomes elements would lose its digits' number.
  if ('items' in right && right.kind === 'array' && right.items?.every(isNoArray) === true) {
    const items = boundItems(scope, right)
    if (items.length > 0 && items.every(({ type }) => type.kind !== 'array')) {
      return compareWithMembers(scope, ast, left, unify(binder, items, 'ARRAY'))
    }
  }
  const array = bindExpression(scope, right as AstExpression)
  const members = writtenOut(array)
  if (members === undefined) return compareWithElements(binder, ast, left, array)
  return compareWithMembers(scope, ast, left, members)
}

function isNoArray({ kind }: AstExpression): boolean {
  return kind !== 'array'
}

/** The members of `ARRAY[...]::type[]`, each of which was cast. */
function writtenOut(array: Expression): readonly Expression[] | undefined {
  if (array.kind !== 'call' || array.fn.name !== 'array_of') return undefined
  return array.args.every(({ type }) => type.kind !== 'array') ? array.args : undefined
}

/** No member is asked about before all of them are known: an error in one counts whatever the others are. */
function compareWithMembers(
  scope: Scope,
  ast: AstQuantified,
  left: Expression,
  members: readonly Expression[],
): Expression {
  const { binder } = scope.environment
  const canFail = members.slice(1).some((member) => someExpression(member, raisesItself))
  if (canFail && binder.functions.scalar.has(quantifiedName(ast.operator, ast.quantifier))) {
    return compareWithElements(binder, ast, left, typedCall(binder, 'array_of', members))
  }
  return bindMembers(scope, ast, left, members)
}

/** Whether `op ANY` and `op ALL` say what IN and NOT IN do. */
function isMembership({ operator, quantifier }: AstQuantified): boolean {
  return quantifier === 'any' ? operator === '=' : operator === '<>' || operator === '!='
}

/** Whether values are compared as they are: of one type, or exact numbers. */
function comparesAsIs(left: Expression, members: readonly Expression[]): boolean {
  const isExact = ({ type }: Expression): boolean => exactKinds.has(type.kind)
  return members.every(
    (member) => sameType(left.type, member.type) || (isExact(left) && isExact(member)),
  )
}

const exactKinds: ReadonlySet<TypeKind> = new Set(['int2', 'int4', 'int8', 'decimal', 'numeric'])

/** An array that is written out: one look-up in all members, or a comparison with each. */
function bindMembers(
  scope: Scope,
  ast: AstQuantified,
  left: Expression,
  members: readonly Expression[],
): Expression {
  const { binder } = scope.environment
  if (isMembership(ast) && comparesAsIs(left, members)) {
    // What has no such operator is refused.
    callOperator(scope, ast.operator, left, present(members[0], 'member'), ast)
    const list = typedMembership(binder, left, members, ast.span)
    if (list !== undefined) return ast.quantifier === 'any' ? list : bindNot(scope, list, ast.span)
  }
  const { columnIds } = binder.ctx
  const tests = members.map((member, index) => {
    const arg = index === 0 ? left : duplicate(columnIds, left)
    const test = callOperator(scope, ast.operator, arg, member, ast)
    if (test.type.kind !== 'bool') throw noTruthValue(ast.span)
    return test
  })
  return ast.quantifier === 'any' ? or(tests) : and(tests)
}

function compareWithElements(
  binder: Binder,
  ast: AstQuantified,
  left: Expression,
  array: Expression,
): Expression {
  const { operator, quantifier } = ast
  const isOpen = array.type.kind === 'unknown'
  if (!isOpen && array.type.kind !== 'array') {
    const message = 'op ANY/ALL (array) requires array on right side'
    throw new QueryError('WRONG_OBJECT_TYPE', message, { span: ast.span })
  }
  const element: DataType = array.type.kind === 'array' ? array.type.element : { kind: 'unknown' }
  const { scalar } = binder.functions
  const types = [postgresType(left.type), postgresType(element)]
  const outcome = scalar.resolve(operator, types, binder.digits)
  if (!isResolved(outcome)) {
    throw unresolved(binder, operator, [left, { ...array, type: element }], outcome, ast.span)
  }
  if (outcome.resultType.kind !== 'bool') throw noTruthValue(ast.span)
  const name = quantifiedName(operator, quantifier)
  if (!scalar.has(name)) {
    throw notSupported(`${operator} ${quantifier.toUpperCase()} (array)`, ast.span)
  }
  const [wanted = text, member = wanted] = outcome.argTypes
  const type = arrayOf(member.kind === 'array' ? { kind: 'text' } : member)
  const args = [coerce(binder, left, wanted), coerce(binder, array, type)]
  return typedCall(binder, name, args, ast.span)
}

function noTruthValue(span: Span): QueryError {
  const message = 'op ANY/ALL (array) requires operator to yield boolean'
  return new QueryError('WRONG_OBJECT_TYPE', message, { span })
}
