import { notSupported, QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { finishSteps } from '../../../base/steps.ts'
import { int8 } from '../../../data/types/data-type.ts'
import { bareQuery, bareSelect } from '../../../sql/ast/bare-select.ts'
import type { SelectCore, SelectStatement } from '../../../sql/ast/select.ts'
import type { Statement } from '../../../sql/ast/statement.ts'
import { parseExpression, parseStatements } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import { shownRoutine, type RoutineEntry } from '../../catalog/routine.ts'
import {
  and,
  caseOf,
  columnReference,
  crossJoin,
  filter,
  limit,
  literal,
  named,
  oneRow,
  or,
  project,
} from '../../logical/build.ts'
import { hasSubquery, isVolatile } from '../../logical/expression-size.ts'
import type { Expression, LetBinding } from '../../logical/expression.ts'
import type { Relation } from '../../logical/relation.ts'
import { typedCall } from '../../logical/typing.ts'
import { newLevel, type Binder, type QueryEnvironment } from '../context.ts'
import { combine } from '../join.ts'
import { emptyNamespace, scopeOf } from '../scope.ts'
import { bindSelectList } from '../select-list.ts'
import { isRepeated, named as withNames, repeated } from '../shared-value.ts'
import { rowsCallsOf } from '../level-rows.ts'
import { enteredRoutine } from './arguments.ts'
import type { RoutineScope } from './routine-scope.ts'
import { asReturned, valueReturned, type RoutineShape } from './shape.ts'

/** A call with what it gives to each input of the function. */
export interface BoundCall {
  readonly entry: RoutineEntry
  readonly args: readonly Expression[]
  readonly shape: RoutineShape
  readonly span: Span
}

/** A call as a value: of a simple body the expression that this is, of another a subquery over the arguments. */
export function bodyAsValue(binder: Binder, call: BoundCall): Expression {
  const { entry, shape, span } = call
  const query = placedAt(queryOf(entry, span), span)
  return inContext(call, () => {
    const core = simpleCore(query)
    const inlined = core && inlinedBody(binder, call, core)
    if (inlined !== undefined) return inlined
    const given = call.args.find(isVolatile)
    if (given !== undefined)
      throw notSupported('volatile arguments of a function over tables', span)
    const body = bodyRelation(binder, call, query)
    const relation = isOneRow(body.relation) ? body.relation : limit(body.relation, firstRow)
    const exprs = relation.columns.map((column) => columnReference(column))
    const value = valueReturned(binder, shape, exprs)
    const input = project(body.over(relation), [named(binder.ctx.columnIds, entry.name, value)])
    const found: Expression = { kind: 'subquery', form: 'scalar', input, type: value.type, span }
    return strictly(binder, call, found, call.args)
  })
}

const firstRow = { limit: literal(1n, int8) }

/** A call as rows. */
export function bodyAsRows(binder: Binder, call: BoundCall): Relation {
  const query = placedAt(queryOf(call.entry, call.span), call.span)
  return inContext(call, () => {
    const { relation, over } = bodyRelation(binder, call, query)
    const rows = over(relation)
    if (!call.entry.strict || call.args.length === 0) return rows
    const isGiven = call.args.map((arg) =>
      typedCall(binder, 'is_not_null', [repeated(binder, arg)()], call.span),
    )
    return filter(rows, and(isGiven))
  })
}

const parsed = new WeakMap<RoutineEntry, readonly Statement[]>()

/** The statements of a body. Errors: SYNTAX_ERROR. */
export function statementsOf(entry: RoutineEntry): readonly Statement[] {
  const known = parsed.get(entry)
  if (known !== undefined) return known
  const { style, text } = entry.body
  const statements = style === 'expression' ? [queryOfExpression(text)] : parseStatements(text)
  parsed.set(entry, statements)
  return statements
}

function queryOfExpression(text: string): SelectStatement {
  const expr = parseExpression(text)
  const { span } = expr
  return bareQuery(bareSelect([{ expr, alias: undefined, span }], [], span), span)
}

/** The one query that a body is. Errors: FEATURE_NOT_SUPPORTED. */
function queryOf(entry: RoutineEntry, span: Span): SelectStatement {
  const statements = statementsOf(entry)
  const [only] = statements
  if (only?.kind === 'select' && statements.length === 1) return only
  const what = statements.length === 1 ? 'changes of rows' : 'several statements'
  throw notSupported(`function ${entry.name} of ${what} within a query`, span)
}

/** The select list of a query that has no more than that. */
function simpleCore(query: SelectStatement): SelectCore | undefined {
  const { body } = query
  const isBare =
    query.with === undefined &&
    query.orderBy.length === 0 &&
    !query.orderByAll &&
    query.limit === undefined &&
    query.offset === undefined &&
    query.locking.length === 0
  if (!isBare || body.kind !== 'core') return undefined
  const { from, where, groupBy, having, qualify, distinct, windows } = body
  const isPlain = from.length === 0 && windows.length === 0 && distinct === undefined
  const conditions = [where, groupBy, having, qualify]
  return isPlain && conditions.every((one) => one === undefined) ? body : undefined
}

/** Undefined where the select list has aggregates and the like, or arguments would be worked out several times. */
function inlinedBody(binder: Binder, call: BoundCall, core: SelectCore): Expression | undefined {
  const { entry, args, shape, span } = call
  const { columnIds } = binder.ctx
  const bindings: LetBinding[] = []
  const reads = args.map((arg): (() => Expression) => {
    if (isRepeated(arg)) return repeated(binder, arg)
    const id = columnIds.next()
    bindings.push({ id, value: arg })
    return () => columnReference({ id, name: 'argument', type: arg.type }, span)
  })
  const inner = bodyBinder(
    binder,
    enteredRoutine(binder, entry, (index) => reads[index]!()),
  )
  const level = newLevel()
  const scope = scopeOf(emptyNamespace, level, environmentOf(inner))
  const outputs = finishSteps(bindSelectList(scope, core.items)).map(({ expr }) => expr)
  leave(binder, inner)
  const isSimple =
    level.aggregates.length + level.windows.length + level.groupings.length === 0 &&
    rowsCallsOf(level).length === 0
  if (!isSimple) return undefined
  const value = valueReturned(binder, shape, asReturned(binder, entry, shape, outputs))
  if (bindings.length > 0 && hasSubquery(value)) return undefined
  const whole = strictly(
    binder,
    call,
    value,
    reads.map((read) => read()),
  )
  return withNames(bindings, whole)
}

/** NULL where an argument is, of a function that is STRICT. */
function strictly(
  binder: Binder,
  { entry, span }: BoundCall,
  value: Expression,
  args: readonly Expression[],
): Expression {
  if (!entry.strict) return value
  const open = args.filter((arg) => !isNullFor(value, arg))
  const tests = open.map((arg) => typedCall(binder, 'is_null', [repeated(binder, arg)()], span))
  if (tests.length === 0) return value
  return caseOf([{ when: or(tests), then: literal(null, value.type, span) }], value, span)
}

/** Whether a value is NULL anyway where an argument is, or the argument never is. */
function isNullFor(value: Expression, arg: Expression): boolean {
  if (arg.kind === 'literal') return arg.value !== null
  if (arg.kind !== 'column') return false
  if (value.kind === 'column') return value.id === arg.id
  if (value.kind === 'cast') return isNullFor(value.arg, arg)
  if (value.kind !== 'call' || value.fn.nulls !== 'strict') return false
  return value.args.some((one) => isNullFor(one, arg))
}

interface BodyRelation {
  readonly relation: Relation
  /** What is made of it, beside the arguments where these are worked out once. */
  over(relation: Relation): Relation
}

function bodyRelation(binder: Binder, call: BoundCall, query: SelectStatement): BodyRelation {
  const { entry, args, shape } = call
  const { columnIds } = binder.ctx
  const isOnce = !args.every(isRepeated)
  const given = isOnce ? args.map((arg) => named(columnIds, 'argument', arg)) : []
  const beside = project(oneRow(), given)
  const reads = isOnce
    ? beside.columns.map((column) => () => columnReference(column))
    : args.map((arg) => repeated(binder, arg))
  const inner = bodyBinder(
    binder,
    enteredRoutine(binder, entry, (index) => reads[index]!()),
  )
  const draft = finishSteps(inner.query(query, environmentOf(inner)))
  const relation = draft.finish(asReturned(inner, entry, shape, draft.exprs))
  leave(binder, inner)
  const names = shape.kind === 'row' ? shape.type.fields.map(({ name }) => name) : draft.names
  const columns = relation.columns.map((column, at) =>
    named(columnIds, names[at] ?? column.name, columnReference(column)),
  )
  return {
    relation: project(relation, columns),
    over(rows) {
      if (!isOnce) return rows
      const both = combine('inner', beside, rows) ?? crossJoin(beside, rows)
      return project(
        both,
        rows.columns.map((column) => named(columnIds, column.name, columnReference(column))),
      )
    },
  }
}

/** Binds what stands in the body of a function: it sees nothing of the call but its arguments. */
export function bodyBinder(binder: Binder, routine: RoutineScope): Binder {
  const { searchPath } = routine.entry
  const { expression, expressionSteps, query } = binder.unrestricted ?? binder
  return {
    ...binder,
    expression,
    expressionSteps,
    query,
    ctx: searchPath === undefined ? binder.ctx : { ...binder.ctx, searchPath },
    views: [],
    parameters: [],
    routine,
    needed: {
      relations: [],
      files: [],
      models: [],
      types: new Map(),
      functions: new Set(),
      surroundings: false,
    },
  }
}

export function environmentOf(binder: Binder): QueryEnvironment {
  return { binder, parent: undefined, ctes: undefined }
}

/** What a body needs of the session, its caller does. */
function leave(binder: Binder, inner: Binder): void {
  if (inner.needed.surroundings) binder.needed.surroundings = true
}

/** Whether a relation has one row by its kind: an aggregate over all rows, or values. */
function isOneRow(relation: Relation): boolean {
  if (relation.kind === 'project') return isOneRow(relation.input)
  if (relation.kind === 'aggregate') return relation.keys.length === 0
  return relation.kind === 'values' && relation.rows.length === 1
}

/** Errors of a body are where it is called. */
function inContext<T>({ entry, span }: BoundCall, bind: () => T): T {
  try {
    return bind()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { detail } = error.details
    const place = `in ${entry.routine} ${shownRoutine(entry)}`
    if (detail?.endsWith(place) === true) throw error
    const told = [detail, place].filter(Boolean).join('\n')
    throw new QueryError(error.code, error.message, { ...error.details, span, detail: told })
  }
}
