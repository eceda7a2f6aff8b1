import { typeNamed } from './named-type.ts'
import { inRowsSteps } from './row-list.ts'
import { unreachable } from '../../base/assert.ts'
import type { Span } from '../../base/span.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { bool, numeric, text, unknown, varchar } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type {
  AstBinary,
  AstBranch,
  AstCase,
  AstCast,
  AstExpression,
  AstExtract,
  AstField,
  AstIn,
  AstRow,
  AstStar,
  TypeName,
} from '../../sql/ast/expression.ts'
import type { AstAtTimeZone, AstTypedLiteral } from '../../sql/ast/expression.ts'
import { caseOf, literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { castInSession } from '../logical/in-session.ts'
import {
  castExplicitly,
  checkCast,
  coerce,
  coerceToBoolean,
  saidToBe,
  settle,
  typedCall,
  unify,
} from '../logical/typing.ts'
import { parameter } from './assign.ts'
import { bindColumns } from './columns.ts'
import { bindExpression } from './context.ts'
import { bindCollate, checkCollations } from './collation.ts'
import type { Binder, Scope } from './context.ts'
import { bindFunction, transactionTime } from './function.ts'
import { bindGrouping } from './grouping-sets.ts'
import { intervalLiteral, numberLiteral } from './literal.ts'
import { bindArray, bindQuantifiedArray, bindSubscript } from './arrays.ts'
import {
  binarySteps,
  bindBetween,
  bindBinary,
  bindIs,
  bindLike,
  bindUnary,
  callOperator,
  inListSteps,
} from './operator.ts'
import { resolveColumn } from './scope.ts'
import { bindField, bindRow, rowOfTable } from './rows.ts'
import { shared } from './shared-value.ts'
import { compareWithSubquery } from './subquery.ts'
import { bindExists, bindInSubquery, bindQuantified, bindScalarSubquery } from './subquery.ts'
import { limitDigits } from './digit-limit.ts'
import { withinTimeLimit } from './time-limit.ts'
import { declaredType, digitLimit, lengthLimit, timeLimit } from './type-name.ts'
import type { DigitLimit } from '../../data/types/schema.ts'
import { withoutRows } from './level-rows.ts'

/** Binds one expression in a scope: names to columns, types to every node, overloads to every call. */
export function bindAnyExpression(scope: Scope, ast: AstExpression): Expression {
  const bound = boundNode(scope, ast)
  checkCollations(scope, ast)
  return bound
}

function boundNode(scope: Scope, ast: AstExpression): Expression {
  const { binder } = scope.environment
  switch (ast.kind) {
    case 'column':
      return resolveColumn(scope, ast.name)
    case 'columns':
      return bindColumns(scope, ast)
    case 'number':
      return numberLiteral(ast.text, ast.span)
    case 'string':
      return literal(ast.value, unknown, ast.span)
    case 'boolean':
      return literal(ast.value, bool, ast.span)
    case 'null':
      return literal(null, unknown, ast.span)
    case 'typed-literal':
      return bindTypedLiteral(binder, ast)
    case 'interval-literal':
      return intervalLiteral(ast, binder.ctx.locale)
    case 'parameter':
      return parameter(binder, ast.index - 1, ast.span)
    case 'unary':
      return bindUnary(scope, ast)
    case 'binary':
      return bindRowBinary(scope, ast) ?? bindBinary(scope, ast)
    case 'quantified':
      return ast.subquery ? bindQuantified(scope, ast) : bindQuantifiedArray(scope, ast)
    case 'between':
      return bindBetween(scope, ast)
    case 'in':
      return finishSteps(inSteps(scope, ast))
    case 'like':
      return bindLike(scope, ast)
    case 'is':
      return bindIs(scope, ast)
    case 'case':
      return bindCase(scope, ast)
    case 'cast':
      return bindCast(scope, ast)
    case 'function':
      return bindFunction(scope, ast)
    case 'extract':
      return bindExtract(scope, ast)
    case 'at-time-zone':
      return bindAtTimeZone(scope, ast)
    case 'subquery':
      return bindScalarSubquery(scope, ast)
    case 'exists':
      return bindExists(scope, ast)
    case 'grouping':
      return bindGrouping(scope, ast)
    case 'array':
      return bindArray(scope, ast)
    case 'subscript':
      return bindSubscript(scope, ast)
    case 'collate':
      return bindCollate(scope, ast)
    case 'row':
    case 'field':
    case 'star':
      return bindRowOf(scope, ast)
    case 'composite-star':
    case 'named-argument':
    case 'variadic-argument':
    case 'default':
      throw notOffered(ast)
  }
}

function bindExtract(scope: Scope, ast: AstExtract): Expression {
  const field = literal(ast.field, text, ast.span)
  const source = bindExpression(scope, ast.source)
  return typedCall(scope.environment.binder, 'extract', [field, source], ast.span)
}

function bindAtTimeZone(scope: Scope, ast: AstAtTimeZone): Expression {
  const { binder } = scope.environment
  const zone = bindExpression(scope, ast.zone)
  const arg = bindExpression(scope, ast.arg)
  // A time of day has the offset of now.
  const isOfDay = arg.type.kind === 'timetz' && zone.type.kind !== 'interval'
  const moment = isOfDay ? [transactionTime(binder, ast.span)] : []
  return typedCall(binder, 'timezone', [zone, arg, ...moment], ast.span)
}

/** As {@link bindAnyExpression}, in steps: chains of operators and lists of members may be long. */
export function* anyExpressionSteps(scope: Scope, ast: AstExpression): Steps<Expression> {
  if (ast.kind === 'binary') {
    const bound = bindRowBinary(scope, ast) ?? (yield* binarySteps(scope, ast))
    checkCollations(scope, ast)
    return bound
  }
  if (ast.kind === 'in') return yield* inSteps(scope, ast)
  return scope.environment.binder.expression(scope, ast)
}

/** A row beside a subquery. */
function bindRowBinary(scope: Scope, ast: AstBinary): Expression | undefined {
  const { operator, left, right } = ast
  if (left.kind !== 'row' || right.kind !== 'subquery') return undefined
  return compareWithSubquery(scope, operator, left, right, ast)
}

/** What has to do with rows as values. */
function bindRowOf(scope: Scope, ast: AstRow | AstField | AstStar): Expression {
  if (ast.kind === 'row') return bindRow(scope, ast)
  if (ast.kind === 'field') return bindField(scope, ast)
  if (ast.qualifier !== undefined) return rowOfTable(scope, ast.qualifier)
  throw new QueryError('SYNTAX_ERROR', 'a * is not allowed here', { span: ast.span })
}

type RefusedKind = 'composite-star' | 'named-argument' | 'variadic-argument' | 'default'
type Refused = Extract<AstExpression, { kind: RefusedKind }>

function notOffered(ast: Refused): QueryError {
  switch (ast.kind) {
    case 'composite-star':
      return new QueryError(
        'FEATURE_NOT_SUPPORTED',
        'row expansion via "*" is not supported here',
        { span: ast.span },
      )
    case 'named-argument':
    case 'variadic-argument':
      return notSupported('named and VARIADIC arguments', ast.span)
    case 'default':
      return new QueryError('SYNTAX_ERROR', 'DEFAULT is not allowed in this context', {
        span: ast.span,
      })
    default:
      return unreachable(ast)
  }
}

function* inSteps(scope: Scope, ast: AstIn): Steps<Expression> {
  if (ast.subquery !== undefined) return bindInSubquery(scope, ast, ast.subquery)
  const list = ast.list ?? []
  return (yield* inRowsSteps(scope, ast, list)) ?? (yield* inListSteps(scope, ast, list))
}

function bindCase(scope: Scope, ast: AstCase): Expression {
  return withoutRows(scope, 'CASE', ast.span, () => bindPlainCase(scope, ast))
}

function bindPlainCase(scope: Scope, ast: AstCase): Expression {
  const { binder } = scope.environment
  const operand = ast.operand && settle(binder, bindExpression(scope, ast.operand))
  const tests = ast.branches.map(({ when }) => {
    const bound = bindExpression(scope, when)
    return operand === undefined ? coerceToBoolean(binder, bound, 'CASE/WHEN') : bound
  })
  const thens = ast.branches.map(({ then }) => bindExpression(scope, then))
  const otherwise =
    ast.otherwise === undefined
      ? literal(null, unknown, ast.span)
      : bindExpression(scope, ast.otherwise)
  const [last, ...results] = unify(binder, [otherwise, ...thens], 'CASE')
  const whole = (test: (bound: Expression, branch: AstBranch) => Expression): Expression => {
    const branches = ast.branches.map((branch, index) => {
      return { when: test(tests[index]!, branch), then: results[index]! }
    })
    return caseOf(branches, last!, ast.span)
  }
  if (operand === undefined) return whole((bound) => bound)
  return shared(binder, operand, (read) =>
    whole((bound, { when: { span }, operatorSpan }) =>
      callOperator(scope, '=', read(), bound, { span, operatorSpan }),
    ),
  )
}

/** A cast; what it declares beyond a data type is noted for clients. */
function bindCast(scope: Scope, ast: AstCast): Expression {
  return noted(scope.environment.binder, bindPlainCast(scope, ast), ast.type)
}

/** A value of a type that clients know by more than its data type: a node of its own. */
function noted(binder: Binder, value: Expression, type: TypeName): Expression {
  const declared = declaredType(type)
  if (declared === undefined) {
    if (value.type.kind !== 'text' || binder.declared.has(value)) return value
    const asText = { ...value }
    binder.declared.set(asText, undefined)
    return asText
  }
  const own = declared.name === 'varchar' ? { ...saidToBe(value, varchar) } : { ...value }
  binder.declared.set(own, declared)
  return own
}

function bindPlainCast(scope: Scope, ast: AstCast): Expression {
  const { binder } = scope.environment
  const limit = digitLimit(ast.type)
  if (limit !== undefined) return limitedCast(scope, ast, limit)
  const type = typeNamed(binder, ast.type)
  // TRY_CAST is of the whole array: its members are not cast one by one.
  const isMemberwise = !ast.lenient || (ast.arg.kind === 'array' && ast.arg.items?.length === 0)
  const limited = intervalOfFields(scope, ast)
  if (limited !== undefined) return limited
  const arg =
    ast.arg.kind === 'array' && type.kind === 'array' && isMemberwise
      ? bindArray(scope, ast.arg, type.element)
      : bindExpression(scope, ast.arg)
  if (type.kind === 'bit' && isInteger(arg.type) && !ast.lenient) {
    const wanted = numberLiteral(String(lengthLimit(ast.type) ?? 1), ast.span)
    return typedCall(binder, 'bits_of_integer', [arg, wanted], ast.span)
  }
  const converted = ast.lenient
    ? lenientCast(binder, arg, type, ast)
    : castExplicitly(binder, arg, type, ast.span)
  if (isName(ast.type)) return typedCall(binder, 'cut_name', [converted], ast.span)
  if (isCharacter(ast.type)) return cutCharacter(binder, converted, ast.span)
  const length = lengthLimit(ast.type)
  if (length === undefined) {
    return withinTimeLimit(binder, converted, timeLimit(ast.type), ast.span)
  }
  return typedCall(
    binder,
    cutOf(type),
    [converted, numberLiteral(String(length), ast.span)],
    ast.span,
  )
}

/** A string that is cast to an interval of some fields: these say what its numbers count. */
function intervalOfFields({ environment }: Scope, { arg, type }: AstCast): Expression | undefined {
  if (type.fields === undefined || type.name !== 'interval' || arg.kind !== 'string')
    return undefined
  const [precision] = type.modifiers
  const { value, span } = arg
  const { fields } = type
  return intervalLiteral(
    { kind: 'interval-literal', value, valueSpan: span, fields, precision, span },
    environment.binder.ctx.locale,
  )
}

/** A name has no more than 63 bytes. */
const isName = ({ name, arrayDimensions }: TypeName): boolean =>
  name === 'name' && arrayDimensions === 0

/** "char" has one character. */
const isCharacter = ({ name, arrayDimensions }: TypeName): boolean =>
  name === 'char' && arrayDimensions === 0

function cutCharacter(binder: Binder, value: Expression, span: Span): Expression {
  return typedCall(binder, 'left', [value, numberLiteral('1', span)], span)
}

const isInteger = ({ kind }: DataType): boolean => kind === 'int4' || kind === 'int8'

const cuts: Readonly<Record<string, string>> = {
  bpchar: 'pad_characters',
  bit: 'pad_bits',
  varbit: 'cut_bits',
}

/** What brings a value to the length of its type. */
function cutOf({ kind }: DataType): string {
  if (kind === 'array') return 'cut_elements'
  return Object.hasOwn(cuts, kind) ? cuts[kind]! : 'left'
}

/** A cast to numeric(p, s) of more digits than decimals have: a numeric that is rounded and checked. */
function limitedCast(scope: Scope, ast: AstCast, limit: DigitLimit): Expression {
  const { binder } = scope.environment
  if (ast.lenient) {
    throw notSupported(`TRY_CAST to numeric(${limit.precision},${limit.scale})`, ast.span)
  }
  const value = castExplicitly(binder, bindExpression(scope, ast.arg), numeric, ast.span)
  return limitDigits(binder, value, limit, ast.span)
}

/** `varchar(3) 'abcdef'` is a cast: it cuts off what is too long. */
function bindTypedLiteral(binder: Binder, ast: AstTypedLiteral): Expression {
  const { valueSpan } = ast
  const limit = digitLimit(ast.type)
  if (limit !== undefined) {
    const long = coerce(binder, literal(ast.value, unknown, valueSpan), numeric)
    return limitDigits(binder, long, limit, valueSpan)
  }
  const value = coerce(binder, literal(ast.value, unknown, valueSpan), typeNamed(binder, ast.type))
  if (isName(ast.type)) {
    return noted(binder, typedCall(binder, 'cut_name', [value], valueSpan), ast.type)
  }
  if (isCharacter(ast.type)) return noted(binder, cutCharacter(binder, value, valueSpan), ast.type)
  const length = lengthLimit(ast.type)
  if (length === undefined) {
    return noted(binder, withinTimeLimit(binder, value, timeLimit(ast.type), valueSpan), ast.type)
  }
  const cut = [value, numberLiteral(String(length), valueSpan)]
  return noted(binder, typedCall(binder, cutOf(value.type), cut, valueSpan), ast.type)
}

function lenientCast(binder: Binder, arg: Expression, type: DataType, ast: AstCast): Expression {
  const source = arg.type.kind === 'unknown' ? { ...arg, type: text } : arg
  checkCast(source.type, type, ast.span)
  return castInSession(binder, source, type, ast.span, true)
}
