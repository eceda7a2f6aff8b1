import { shownType } from '../../data/types/coercion.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import {
  date,
  float8,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  type DataType,
} from '../../data/types/data-type.ts'
import { functionNames } from '../../functions/catalogue.ts'
import { catalogFunctions } from '../../functions/catalogs/functions.ts'
import { sequenceFunctions } from '../../functions/sequences.ts'
import { sessionFunctions } from '../../functions/session.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { AstExpression, AstFunction } from '../../sql/ast/expression.ts'
import { caseOf, literal } from '../logical/build.ts'
import type { Case, Expression } from '../logical/expression.ts'
import { castInSession } from '../logical/in-session.ts'
import { coerce, saidToBe, typedCall, unify, unresolved } from '../logical/typing.ts'
import { bindAggregate } from './aggregate-call.ts'
import { bindCollationFor } from './collation.ts'
import { bindExpression } from './context.ts'
import type { Binder, Scope } from './context.ts'
import { isRepeated, repeated, shared } from './shared-value.ts'
import { bindVariadicCall } from './variadic.ts'
import { bindWindowCall, withoutOver } from './window.ts'
import { isTypeName } from './type-name.ts'
import { functionNameOf } from './function-name.ts'
import { bindRoutineRows, bindRowsFunction } from './table-function.ts'
import { withoutRows } from './level-rows.ts'
import type { BoundCall } from './routines/body.ts'
import { routineCall, routineValue } from './routines/call.ts'

/** A call in function notation: special forms, session functions, aggregates, then the catalogue. */
export function bindFunction(scope: Scope, ast: AstFunction): Expression {
  const routine = routineCall(scope, ast)
  if (routine !== undefined) return bindRoutine(scope, ast, routine)
  const name = functionNameOf(ast)
  const { functions } = scope.environment.binder
  if (functions.window.has(name) && ast.withinGroup === undefined) {
    if (ast.over === undefined) throw withoutOver(name, ast)
    return bindWindowCall(scope, ast, false)
  }
  if (functions.aggregate.has(name)) {
    if (ast.args.length === 0 && !ast.star) {
      const message = `${name}(*) must be used to call a parameterless aggregate function`
      if (name === 'count') {
        throw new QueryError('WRONG_OBJECT_TYPE', message, { span: ast.name.span })
      }
    }
    return ast.over === undefined
      ? bindAggregate(scope, ast, name)
      : bindWindowCall(scope, ast, true)
  }
  if (aggregatesNotOffered.has(name)) throw notSupported(`aggregate ${name}`, ast.name.span)
  if (ast.over !== undefined) throw notOverWindow(scope, ast, name)
  checkPlain(scope, ast, name)
  const special = Object.hasOwn(specialForms, name) ? specialForms[name] : undefined
  if (special !== undefined) return special(scope, ast)
  if (functions.table.has(name)) return bindRowsFunction(scope, ast)
  const variadic = bindVariadicCall(scope, ast, name)
  if (variadic !== undefined) return variadic
  const session = sessionFunction(scope, ast, name)
  if (session !== undefined) return session
  const asCast = castByName(scope, ast, name)
  if (asCast !== undefined) return asCast
  const isOfSequence = sequenceNames.has(name)
  const isOfRelation = relationFunctions.has(name)
  const args = ast.args.map((arg, at) => {
    if (isOfRelation && at === 0 && arg.kind === 'string') return bindRelation(scope, arg)
    return bindExpression(scope, isOfSequence ? nameOf(arg) : arg)
  })
  const { binder } = scope.environment
  const call = typedCall(binder, name, args, ast.span, ast.name.span)
  if (ofSession.has(call.fn)) binder.needed.surroundings = true
  const own = ofCatalog.has(call.fn) ? binder.ctx.catalogFunction?.(call.fn) : undefined
  const known = own === undefined ? call : { ...call, fn: own }
  if (nameFunctions.has(name)) binder.declared.set(known, { name: 'name' })
  return known
}

/** A call of a function that a statement has made. */
function bindRoutine(scope: Scope, ast: AstFunction, call: BoundCall): Expression {
  const { name } = call.entry
  const { span } = ast.name
  if (ast.over !== undefined) throw overPlain(name, span)
  refuseClauses(ast, name)
  return call.entry.returnsSet ? bindRoutineRows(scope, ast, call) : routineValue(call, scope)
}

/** Functions of which only the session knows the values. */
const ofSession: ReadonlySet<ScalarFunction> = new Set([...sessionFunctions, ...sequenceFunctions])

const ofCatalog: ReadonlySet<ScalarFunction> = new Set(catalogFunctions)

/** Functions that give names, to clients. */
const nameFunctions: ReadonlySet<string> = new Set([
  'pg_get_userbyid',
  'current_schemas',
  'pg_encoding_to_char',
])

/** Functions that take relations, which a text names. */
const relationFunctions: ReadonlySet<string> = new Set([
  'pg_relation_size',
  'pg_table_size',
  'pg_indexes_size',
  'pg_total_relation_size',
  'pg_relation_filenode',
  'pg_relation_is_publishable',
  'pg_relation_is_updatable',
  'pg_column_is_updatable',
  'pg_sequence_last_value',
])

const sequenceNames: ReadonlySet<string> = new Set(sequenceFunctions.map(({ name }) => name))

/** A text that names a relation. */
function bindRelation(scope: Scope, arg: AstExpression): Expression {
  const type = { name: 'regclass', modifiers: [], arrayDimensions: 0, span: arg.span }
  return bindExpression(scope, { kind: 'cast', arg, type, lenient: false, span: arg.span })
}

/** `'s'::regclass` is the name `'s'`: PostgreSQL writes the arguments of sequence functions so. */
function nameOf(arg: AstExpression): AstExpression {
  if (arg.kind === 'cast' && arg.type.name === 'regclass') return arg.arg
  if (arg.kind !== 'typed-literal' || arg.type.name !== 'regclass') return arg
  return { kind: 'string', value: arg.value, span: arg.valueSpan }
}

/** `float8(x)`: a cast, where a type and no function is called so. */
function castByName(scope: Scope, ast: AstFunction, name: string): Expression | undefined {
  const [arg] = ast.args
  if (arg === undefined || ast.args.length !== 1 || ast.star) return undefined
  const { functions } = scope.environment.binder
  if (functions.scalar.has(name) || !isTypeName(name)) return undefined
  const type = { name, modifiers: [], arrayDimensions: 0, span: ast.name.span }
  return bindExpression(scope, { kind: 'cast', arg, type, lenient: false, span: ast.span })
}

/** PostgreSQL's aggregates that are still to come; what DISTINCT, ORDER BY or FILTER says is for them. */
const aggregatesNotOffered: ReadonlySet<string> = new Set(['xmlagg'])

type SpecialForm = (scope: Scope, ast: AstFunction) => Expression

const specialForms: Readonly<Record<string, SpecialForm>> = {
  coalesce: (scope, ast) =>
    withoutRows(scope, 'COALESCE', ast.span, () => bindCoalesce(scope, ast)),
  nullif: bindNullIf,
  overlaps: bindOverlaps,
  pg_typeof: bindTypeOf,
  pg_collation_for: bindCollationOf,
}

/** OVER behind a function that is neither an aggregate nor a window function; or behind no function. */
function notOverWindow(scope: Scope, ast: AstFunction, name: string): QueryError {
  const { span } = ast.name
  if (!isKnown(scope, name)) {
    const args = ast.args.map((arg) => bindExpression(scope, arg))
    return unresolved(
      scope.environment.binder,
      name,
      args,
      { reason: 'unknown-name', candidates: [] },
      span,
    )
  }
  return overPlain(name, span)
}

function overPlain(name: string, span: Span): QueryError {
  const message = `OVER specified, but ${name} is not a window function nor an aggregate function`
  return new QueryError('WRONG_OBJECT_TYPE', message, { span })
}

/** DISTINCT, FILTER and the like belong to aggregates. */
function checkPlain(scope: Scope, ast: AstFunction, name: string): void {
  // What is no function at all is no function first.
  if (isKnown(scope, name)) refuseClauses(ast, name)
}

function refuseClauses(ast: AstFunction, name: string): void {
  const clauses: readonly (readonly [string, boolean])[] = [
    ['DISTINCT', ast.distinct],
    ['ORDER BY', ast.orderBy.length > 0],
    ['FILTER', ast.filter !== undefined],
    ['WITHIN GROUP', ast.withinGroup !== undefined],
  ]
  const clause = clauses.find(([, present]) => present)?.[0]
  if (clause === undefined) return
  const message = `${clause} specified, but ${name} is not an aggregate function`
  throw new QueryError('WRONG_OBJECT_TYPE', message, { span: ast.name.span })
}

/** Whether there is a function of the name, or a form that is written like one. */
function isKnown({ environment }: Scope, name: string): boolean {
  const { functions } = environment.binder
  return Object.hasOwn(specialForms, name) || functionNames(functions).includes(name)
}

type CaseBranch = Case['branches'][number]

/** COALESCE(a, b) is CASE WHEN a IS NOT NULL THEN a ELSE b END, each argument evaluated once. */
function bindCoalesce(scope: Scope, ast: AstFunction): Expression {
  const { binder } = scope.environment
  const bound = ast.args.map((arg) => bindExpression(scope, arg))
  const args = unify(binder, bound, 'COALESCE')
  let rest = args.at(-1)!
  // Of one CASE, last first: long lists are not deep, and no branch is copied for the one before it.
  let branches: CaseBranch[] = []
  const branchOf = (read: () => Expression): CaseBranch => {
    const then = read()
    return { when: typedCall(binder, 'is_not_null', [read()], ast.span), then }
  }
  for (const arg of args.slice(0, -1).toReversed()) {
    if (isRepeated(arg)) {
      branches.push(branchOf(repeated(binder, arg)))
      continue
    }
    const [after, otherwise] = [branches.toReversed(), rest]
    const made = shared(binder, arg, (read) =>
      caseOf([branchOf(read), ...after], otherwise, ast.span),
    )
    branches = made.kind === 'case' ? made.branches.toReversed() : []
    rest = made.kind === 'case' ? made.otherwise : made
  }
  return branches.length === 0 ? rest : caseOf(branches.toReversed(), rest, ast.span)
}

/** NULLIF(a, b) is CASE WHEN a = b THEN NULL ELSE a END. */
function bindNullIf(scope: Scope, ast: AstFunction): Expression {
  const { binder } = scope.environment
  const args = ast.args.map((arg) => bindExpression(scope, arg))
  const [left, right] = args
  if (left === undefined || right === undefined || args.length !== 2) {
    throw new QueryError('SYNTAX_ERROR', 'NULLIF takes two arguments', { span: ast.span })
  }
  return shared(binder, left, (read) => {
    const when = typedCall(binder, '=', [read(), right], ast.span)
    const again = read()
    // What has no type by itself has that in which it is compared.
    const compared = when.kind === 'call' ? when.args[0]?.type : undefined
    const isUnknown = again.type.kind === 'unknown'
    const given = isUnknown ? (compared ?? text) : comparedAs(again.type, right.type)
    const value = given === undefined ? saidToBe(again, text) : coerce(binder, again, given)
    const chosen = caseOf([{ when, then: literal(null, value.type) }], value, ast.span)
    // Of varchar there is no `=`: it is compared, and given, as a text.
    binder.declared.set(
      chosen,
      given !== undefined ? undefined : { as: left, asCompared: left.type.kind === 'text' },
    )
    return chosen
  })
}

/** OVERLAPS of two periods, each given by its ends, or by one and a length. */
function bindOverlaps(scope: Scope, ast: AstFunction): Expression {
  const { binder } = scope.environment
  const args = ast.args.map((arg) => bindExpression(scope, arg))
  const ends = args.map((arg, index) => {
    const start = args[index - 1]
    const isLength = index % 2 === 1 && arg.type.kind === 'interval' && start !== undefined
    return isLength ? typedCall(binder, '+', [start, arg], ast.span) : arg
  })
  return typedCall(binder, 'overlaps', ends, ast.span, ast.name.span)
}

const integers: ReadonlySet<DataType['kind']> = new Set(['int2', 'int4', 'int8'])

/** The type in which a number is compared with another, and given by NULLIF, where there is no `=` of the two; else undefined. */
function comparedAs(type: DataType, other: DataType): DataType | undefined {
  const isExact = type.kind === 'decimal' || type.kind === 'numeric'
  if (!isExact && !integers.has(type.kind)) return undefined
  if (other.kind === 'float4' || other.kind === 'float8') return float8
  return !isExact && (other.kind === 'decimal' || other.kind === 'numeric') ? numeric : undefined
}

function bindCollationOf(scope: Scope, ast: AstFunction): Expression {
  const [arg] = ast.args
  if (arg !== undefined && ast.args.length === 1) return bindCollationFor(scope, arg)
  const args = ast.args.map((each) => bindExpression(scope, each))
  return typedCall(scope.environment.binder, 'pg_collation_for', args, ast.span, ast.name.span)
}

/** The type's name, known at once: `numeric` without precision, as PostgreSQL's regtype prints it. */
function bindTypeOf(scope: Scope, ast: AstFunction): Expression {
  const args = ast.args.map((arg) => bindExpression(scope, arg))
  const [arg] = args
  if (arg === undefined || args.length !== 1) {
    return typedCall(scope.environment.binder, 'pg_typeof', args, ast.span, ast.name.span)
  }
  return literal(shownType(arg.type), text, ast.span)
}

const nowFunctions: ReadonlySet<string> = new Set([
  'now',
  'current_timestamp',
  'transaction_timestamp',
])

const statementNowFunctions: ReadonlySet<string> = new Set([
  'statement_timestamp',
  'clock_timestamp',
])

const localNowTypes = { current_date: date, localtimestamp: timestamp, localtime: time } as const

/** now() */
export function transactionTime({ ctx }: Binder, span: Span): Expression {
  return literal(ctx.beganMicros('transaction'), timestamptz, span)
}

/** Functions whose value is the session's: the time of the transaction, names of user and database. */
function sessionFunction(scope: Scope, ast: AstFunction, name: string): Expression | undefined {
  const { ctx } = scope.environment.binder
  if (ast.args.length > 0) return undefined
  // Read where it is wanted only: a query that asks for the time is not planned once for all.
  const now = (): Expression => transactionTime(scope.environment.binder, ast.span)
  if (nowFunctions.has(name)) return now()
  if (statementNowFunctions.has(name)) {
    return literal(ctx.beganMicros('statement'), timestamptz, ast.span)
  }
  if (Object.hasOwn(localNowTypes, name)) {
    const type = localNowTypes[name as keyof typeof localNowTypes]
    return castInSession(scope.environment.binder, now(), type, ast.span)
  }
  if (name === 'current_time') {
    return castInSession(scope.environment.binder, now(), timetz, ast.span)
  }
  const value = ctx.sessionValue?.(name)
  if (value === undefined) return undefined
  const known = literal(value, text, ast.span)
  if (name !== 'version') scope.environment.binder.declared.set(known, { name: 'name' })
  return known
}
