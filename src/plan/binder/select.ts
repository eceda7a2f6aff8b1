import { isOverdue } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import { QueryError } from '../../base/errors.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type { GroupByClause, SelectCore, SelectStatement } from '../../sql/ast/select.ts'
import { and, columnReference, conjuncts, distinct, filter, isTrue } from '../logical/build.ts'
import { named } from '../logical/build.ts'
import { expand, project, sort } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  NamedExpression,
  RowsCall,
} from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import { firstRows } from '../logical/ranked-rows.ts'
import type { Relation } from '../logical/relation.ts'
import { coerceToBoolean, settle } from '../logical/typing.ts'
import { forEachColumn } from './column-choice.ts'
import { bindIn, isLong, newLevel, stepsIn } from './context.ts'
import type { Binder, Draft, QueryEnvironment, QueryLevel, Scope } from './context.ts'
import { bindDistinctOn, checkDistinctOn } from './distinct-on.ts'
import { bindFrom } from './from.ts'
import { aboveGrouping, hasAggregate } from './grouping.ts'
import { groupedBySets, groupingSets, isPlain, type Grouping } from './grouping-sets.ts'
import { bindLimit } from './limit.ts'
import { checkLocking } from './locking.ts'
import { bindOrderBy, outputNamed, positionIn } from './order-by.ts'
import type { OrderKey } from './order-by.ts'
import { outputName } from './output-name.ts'
import { sampled } from './sample.ts'
import { ownColumn, scopeOf } from './scope.ts'
import { bindSelectList, checkEntries } from './select-list.ts'
import type { OutputItem } from './select-list.ts'
import { directArguments } from '../../functions/aggregates/ordered-sets.ts'
import { hasWindow, overWindows, windowExpressions } from './window.ts'
import { checkWindows, defineWindows } from './window-definition.ts'
import { rowsCallsOf } from './level-rows.ts'
import { columnsUsed } from '../logical/walk.ts'

/** Binds SELECT ... FROM ... with the ORDER BY and LIMIT of its statement, which see its columns. */
export function* bindSelect(
  environment: QueryEnvironment,
  core: SelectCore,
  statement: SelectStatement,
): Steps<Draft> {
  const { binder } = environment
  const level = newLevel()
  level.clause = 'FROM'
  const from = yield* bindFrom(environment, level, core.from)
  const scope = scopeOf(from.namespace, level, environment)
  let rows = core.sample ? sampled(scope, from.relation, core.sample) : from.relation
  if (core.where !== undefined) {
    const ast = core.where
    const where = isLong(ast)
      ? [yield* stepsIn(scope, 'WHERE', ast)]
      : forEachColumn(scope, () => bindIn(scope, 'WHERE', ast)).map(({ expr }) => expr)
    const condition = and(where.map((expr) => coerceToBoolean(binder, expr, 'WHERE')))
    rows = filter(rows, and(conjuncts(condition).map(whereTrue)))
  }
  defineWindows(level, core.windows)
  level.clause = 'SELECT'
  const outputs = yield* bindSelectList(scope, core.items)
  const grouping = bindGroupBy(scope, core.groupBy, outputs)
  const { keys } = grouping
  const having =
    core.having && coerceToBoolean(binder, yield* stepsIn(scope, 'HAVING', core.having), 'HAVING')
  const orderBy = bindOrderBy(scope, statement, outputs)
  const distinctOn = bindDistinctOn(scope, core.distinct ?? [], outputs)
  const qualify = core.qualify && bindQualify(scope, core.qualify, outputs)
  checkWindows(scope)
  const limited = bindLimit(scope, statement)
  refuseAggregates(level)
  const isGrouped = groups(level) || core.groupBy !== undefined || having !== undefined
  const repeated = new RepeatedRows(level)
  const keyExprs = keys.map(({ expr }) => expr)
  const below = repeated.readBy(keyExprs)
  rows = repeated.before(rows, below, asIs)
  const above = isGrouped ? aboveGrouping(level, keys, below, binder.declared) : asIs
  for (const call of level.aggregates) checkDirectArguments(call, above)
  const exprs: Expression[] = []
  for (const { expr } of outputs) {
    if (isOverdue()) yield
    exprs.push(constantKey(grouping, expr) ?? above(expr))
  }
  if (isGrouped) {
    const { columnIds } = binder.ctx
    const calls = [...level.aggregates]
    rows = yield* groupedBySets(columnIds, rows, grouping, calls, level.groupings)
    if (having !== undefined) rows = filter(rows, above(having))
  }
  rows = repeated.before(rows, repeated.readBy(windowExpressions(level)), above)
  rows = overWindows(level, rows, above)
  if (qualify !== undefined) rows = filter(rows, above(qualify))
  const choice = { orderBy: keysAbove(orderBy, above), distinctOn: keysAbove(distinctOn, above) }
  const chosen = chosenFirst(binder, rows, { ...choice, exprs }, repeated)
  const parts: SelectParts = {
    rows: repeated.atLast(chosen ?? rows, above),
    names: outputs.map((output) => output.name),
    orderBy: choice.orderBy,
    distinct: core.distinct?.length === 0,
    distinctOn: chosen === undefined ? choice.distinctOn : [],
    limited,
  }
  checkDistinctOrder(parts)
  checkLocking(environment, level, core, statement.locking)
  checkDistinctOn(distinctOn, core.distinct ?? [], orderBy)
  return { names: parts.names, exprs, finish: (outs) => finish(environment, parts, outs) }
}

function groups({ aggregates, groupings }: QueryLevel): boolean {
  return aggregates.length > 0 || groupings.length > 0
}

function keysAbove(keys: readonly OrderKey[], above: Mapped): readonly OrderKey[] {
  return keys.map((key) => ({ ...key, expr: above(key.expr) }))
}

/** A constant that is grouped by, where a set may lack it: as an output alone it is NULL there. */
function constantKey(grouping: BoundGrouping, expr: Expression): Expression | undefined {
  const key = grouping.keys[grouping.constants.get(expr) ?? -1]
  if (key === undefined || isPlain(grouping)) return undefined
  return columnReference({ id: key.id, name: key.name, type: key.expr.type }, expr.span)
}

/** What is given once for a group cannot vary within it. Errors: GROUPING_ERROR. */
function checkDirectArguments(call: AggregateCall, above: (expr: Expression) => Expression): void {
  const direct = directArguments(call.fn, call.args.length)
  try {
    call.args.slice(0, direct).forEach(above)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new QueryError(error.code, error.message, {
      ...error.details,
      detail: 'Direct arguments of an ordered-set aggregate must use only grouped columns.',
    })
  }
}

/** The functions of a query that give rows: rows are repeated for what they give, as late as can be. */
class RepeatedRows {
  #waiting: readonly RowsCall[]

  constructor(level: QueryLevel) {
    this.#waiting = rowsCallsOf(level)
  }

  /** Those that expressions are made of. */
  readBy(exprs: readonly Expression[]): ReadonlySet<ColumnId> {
    if (this.#waiting.length === 0) return new Set()
    const read = new Set(exprs.flatMap((expr) => [...columnsUsed(expr)]))
    // Those that take others' rows stand behind these.
    for (const { outputs, args } of this.#waiting.toReversed()) {
      if (!outputs.some(({ id }) => read.has(id))) continue
      for (const arg of args) for (const used of columnsUsed(arg)) read.add(used)
    }
    const ids = this.#waiting.flatMap(({ outputs }) => outputs.map(({ id }) => id))
    return new Set(ids.filter((id) => read.has(id)))
  }

  /** The rows repeated for some, before what reads these. */
  before(input: Relation, ids: ReadonlySet<ColumnId>, above: Mapped): Relation {
    if (this.#waiting.length === 0) return input
    const isRead = ({ outputs }: RowsCall): boolean => outputs.some(({ id }) => ids.has(id))
    const calls = this.#waiting.filter(isRead)
    this.#waiting = this.#waiting.filter((call) => !isRead(call))
    return expanded(input, calls, above)
  }

  waits(): boolean {
    return this.#waiting.length > 0
  }

  /** The rows repeated for all others. */
  atLast(input: Relation, above: Mapped): Relation {
    return expanded(input, this.#waiting, above)
  }
}

/**
 * The first rows by DISTINCT ON of a query that sorts them, before functions repeat each of these; undefined where what rows
 * are told apart or sorted by is made of what such functions give, or nothing repeats them.
 */
function chosenFirst(
  binder: Binder,
  rows: Relation,
  { orderBy, distinctOn, exprs }: Pick<SelectParts, 'orderBy' | 'distinctOn'> & ExprsOf,
  repeated: RepeatedRows,
): Relation | undefined {
  if (distinctOn.length === 0 || orderBy.length === 0) return undefined
  const { columnIds } = binder.ctx
  const keyOf = ({ output, expr }: OrderKey): Expression =>
    settle(binder, duplicate(columnIds, output === undefined ? expr : exprs[output]!))
  const partitionBy = distinctOn.map(keyOf)
  const sortKeys = orderBy.map((key) => ({ ...key, expr: keyOf(key) }))
  const read = repeated.readBy([...partitionBy, ...sortKeys.map(({ expr }) => expr)])
  if (read.size > 0 || !repeated.waits()) return undefined
  return firstRows({ typing: binder, ids: columnIds }, rows, { partitionBy, orderBy: sortKeys })
}

interface ExprsOf {
  /** What the outputs are. */
  readonly exprs: readonly Expression[]
}

type Mapped = (expr: Expression) => Expression

const asIs: Mapped = (expr) => expr

/** The rows, repeated for what functions give: those that take others' rows behind these. */
function expanded(input: Relation, given: readonly RowsCall[], above: Mapped): Relation {
  let rows = input
  let calls: readonly RowsCall[] = given.map((call) => ({ ...call, args: call.args.map(above) }))
  while (calls.length > 0) {
    const waiting = new Set(calls.flatMap(({ outputs }) => outputs.map(({ id }) => id)))
    const waits = ({ args }: RowsCall): boolean => args.some((arg) => usesAny(arg, waiting))
    rows = expand(
      rows,
      calls.filter((call) => !waits(call)),
    )
    calls = calls.filter(waits)
  }
  return rows
}

function usesAny(expr: Expression, ids: ReadonlySet<ColumnId>): boolean {
  return [...columnsUsed(expr)].some((id) => ids.has(id))
}

interface SelectParts {
  readonly rows: Relation
  readonly names: readonly string[]
  readonly orderBy: readonly OrderKey[]
  readonly distinct: boolean
  /** By what rows are told apart of which the first is given; none: all of them are. */
  readonly distinctOn: readonly OrderKey[]
  readonly limited: (relation: Relation) => Relation
}

/**
 * What decides whether a conjunct of WHERE holds: CASE WHEN a THEN TRUE WHEN b THEN NULL ELSE FALSE, the
 * form of a row IN a subquery, holds where a does.
 */
function whereTrue(conjunct: Expression): Expression {
  if (conjunct.kind !== 'case') return conjunct
  const [first, ...rest] = conjunct.branches
  const otherwise = [...rest.map(({ then }) => then), conjunct.otherwise]
  const never = otherwise.every((expr) => expr.kind === 'literal' && expr.value !== true)
  return first !== undefined && isTrue(first.then) && never ? first.when : conjunct
}

/** Project, then DISTINCT, ORDER BY and LIMIT; sort keys beside the outputs are dropped at the end. */
function finish(
  environment: QueryEnvironment,
  parts: SelectParts,
  exprs: readonly Expression[],
): Relation {
  const { binder } = environment
  const { columnIds } = binder.ctx
  const outputs = exprs.map((expr, index) => named(columnIds, parts.names[index]!, expr))
  const extra = new Map<OrderKey, NamedExpression>()
  for (const key of [...parts.distinctOn, ...parts.orderBy]) {
    if (key.output !== undefined) continue
    extra.set(key, named(columnIds, 'sort key', settle(binder, key.expr)))
  }
  let relation: Relation = project(parts.rows, [...outputs, ...extra.values()])
  if (parts.distinct) relation = distinct(columnIds, relation)
  const { columns } = relation
  const byId = new Map(columns.map((column) => [column.id, column]))
  const valueOf = (key: OrderKey): Expression => {
    const id = extra.get(key)?.id
    return columnReference((id === undefined ? columns[key.output!] : byId.get(id))!)
  }
  const sortKeys = parts.orderBy.map((key) => {
    const { descending, nullsFirst } = key
    return { expr: valueOf(key), descending, nullsFirst }
  })
  if (parts.distinctOn.length > 0) {
    const spec = { partitionBy: parts.distinctOn.map(valueOf), orderBy: sortKeys }
    relation = firstRows({ typing: binder, ids: columnIds }, relation, spec)
  }
  if (sortKeys.length > 0) relation = sort(relation, sortKeys)
  relation = parts.limited(relation)
  if (extra.size === 0) return relation
  const kept = relation.columns.slice(0, outputs.length)
  return project(
    relation,
    kept.map((column) => named(columnIds, column.name, columnReference(column))),
  )
}

function refuseAggregates({ isRecursive, aggregates: [first] }: QueryLevel): void {
  if (!isRecursive || first === undefined) return
  throw new QueryError(
    'INVALID_RECURSION',
    "aggregate functions are not allowed in a recursive query's recursive term",
    { ...(first.span && { span: first.span }) },
  )
}

/** QUALIFY, the WHERE of rows with their windows: it sees names of the select list behind columns. */
function bindQualify(scope: Scope, ast: AstExpression, outputs: readonly OutputItem[]): Expression {
  const known = new Set(scope.columns.map(({ name }) => name))
  const named = outputs.filter(({ name }) => !known.has(name))
  const wider = { ...scope, columns: [...scope.columns, ...named] }
  const { binder } = scope.environment
  return coerceToBoolean(binder, bindIn(wider, 'QUALIFY', ast), 'QUALIFY')
}

function checkDistinctOrder(parts: SelectParts): void {
  const outside = parts.orderBy.find((key) => key.output === undefined)
  if (!parts.distinct || outside === undefined) return
  throw new QueryError(
    'INVALID_COLUMN_REFERENCE',
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
    { ...(outside.expr.span && { span: outside.expr.span }) },
  )
}

interface BoundGrouping extends Grouping {
  /** Outputs that are constants and keys, by the number of their key. */
  readonly constants: ReadonlyMap<Expression, number>
}

function bindGroupBy(
  scope: Scope,
  clause: GroupByClause | undefined,
  outputs: readonly OutputItem[],
): BoundGrouping {
  const { binder } = scope.environment
  const keys: NamedExpression[] = []
  const positions = new Map<string, number>()
  const add = (name: string, expr: Expression): number => {
    const key = expressionKey(expr)
    const known = positions.get(key)
    if (known !== undefined) return known
    checkEntries(keys.length + 1)
    const position = keys.push(named(binder.ctx.columnIds, name, expr)) - 1
    positions.set(key, position)
    return position
  }
  const constants = new Map<Expression, number>()
  if (clause === undefined) return { keys, sets: [[]], constants }
  if (clause.all) {
    const plain = outputs.filter(
      ({ expr }) => !hasAggregate(scope.level, expr) && !hasWindow(scope.level, expr),
    )
    const set = plain.map(({ name, expr }) => add(name, settle(binder, expr)))
    return { keys, sets: [set], constants }
  }
  // What stands in several sets is bound once.
  const bound = new Map<AstExpression, number>()
  const positionOf = (ast: AstExpression): number => {
    const known = bound.get(ast)
    if (known !== undefined) return known
    const expr = bindGroupingExpression(scope, ast, outputs)
    const position = add(outputName(ast), settle(binder, expr))
    const output = expr.kind === 'literal' ? sameOutput(outputs, expr) : undefined
    if (output !== undefined) constants.set(output, position)
    bound.set(ast, position)
    return position
  }
  const sets = groupingSets(clause).map((set) => [...new Set(set.map(positionOf))])
  if (!clause.distinct) return { keys, sets, constants }
  const byMembers = new Map(sets.map((set) => [set.toSorted((x, y) => x - y).join(), set]))
  return { keys, sets: [...byMembers.values()], constants }
}

/** The output that a key is, or the first that says the same. */
function sameOutput(outputs: readonly OutputItem[], key: Expression): Expression | undefined {
  const named = outputs.find(({ expr }) => expr === key)
  const wanted = expressionKey(key)
  return (named ?? outputs.find(({ expr }) => expressionKey(expr) === wanted))?.expr
}

/** GROUP BY, as PostgreSQL has it: a name is a column's first and an output's second. */
function bindGroupingExpression(
  scope: Scope,
  ast: AstExpression,
  outputs: readonly OutputItem[],
): Expression {
  const own = ast.kind === 'column' ? ownColumn(scope, ast.name) : undefined
  if (own !== undefined) return own
  const position =
    positionIn('GROUP BY', ast, outputs.length) ?? outputNamed(ast, outputs, 'GROUP BY')
  if (position === undefined) return bindIn(scope, 'GROUP BY', ast)
  const { expr } = outputs[position]!
  if (hasWindow(scope.level, expr)) {
    throw new QueryError('WINDOWING_ERROR', 'window functions are not allowed in GROUP BY', {
      ...(expr.span && { span: expr.span }),
    })
  }
  if (hasAggregate(scope.level, expr)) {
    throw new QueryError('GROUPING_ERROR', 'aggregate functions are not allowed in GROUP BY', {
      ...(expr.span && { span: expr.span }),
    })
  }
  return expr
}
