import { checkBudget, isOverdue } from '../../../base/budget.ts'
import { notSupported } from '../../../base/errors.ts'
import type { Steps } from '../../../base/steps.ts'
import { bool, int8 } from '../../../data/types/data-type.ts'
import {
  and,
  call,
  caseOf,
  columnReference,
  conjuncts,
  filter,
  join,
  limit,
  literal,
  named as namedExpression,
  project,
  trueLiteral,
} from '../../logical/build.ts'
import { markColumnOf } from '../../logical/columns-of.ts'
import type { Expression, ExpressionOf } from '../../logical/expression.ts'
import type { Join, Relation } from '../../logical/relation.ts'
import {
  columnIdSet,
  columnsUsed,
  expressionChildrenOf,
  expressionsOf,
  freeColumns,
  inputsOf,
  mapExpressionChildren,
  mapInputs,
  withExpressions,
  withInputs,
} from '../../logical/walk.ts'
import { isOneRow } from '../properties.ts'
import { hasSubquery, isVolatile } from '../../logical/expression-size.ts'
import { passedOn, passing } from '../output-columns.ts'
import type { RuleContext } from '../rule.ts'
import { valuesAsUnion } from './values-as-union.ts'
import { eliminateApply, eliminateGated } from './eliminate-apply.ts'
import { gateOf } from './gated-subquery.ts'
import type { JoinShape } from './join-of-apply.ts'
import { byExtremes, isByExtremes } from './quantified-extremes.ts'
import { isNot, not, oppositeOf, tested } from '../../logical/predicates.ts'

type Subquery = ExpressionOf<'subquery'>

/** Replaces all subqueries and Applies of a tree by joins, innermost first, in steps. */
export function* unnestSteps(relation: Relation, ctx: RuleContext): Steps<Relation> {
  if (relation.kind === 'filter') {
    const input = yield* unnestSteps(relation.input, ctx)
    const same = input === relation.input && !hasSubquery(relation.predicate)
    return same ? relation : yield* unnestFilter(input, relation.predicate, ctx)
  }
  const inputs: Relation[] = []
  for (const input of inputsOf(relation)) inputs.push(yield* unnestSteps(input, ctx))
  const inner = withInputs(relation, inputs)
  if (inner.kind === 'apply') return yield* unnestApply(inner, ctx)
  if (!expressionsOf(inner).some(hasSubquery)) return inner
  switch (inner.kind) {
    case 'join':
      return yield* unnestJoin(inner, ctx)
    case 'values':
      return yield* unnestSteps(valuesAsUnion(ctx, inner), ctx)
    case 'project':
    case 'aggregate':
    case 'window':
    case 'expand':
    case 'sort': {
      const extraction = newExtraction(inner.input, ctx)
      const exprs: Expression[] = []
      for (const expr of expressionsOf(inner)) exprs.push(yield* extract(extraction, expr, []))
      const changed = withExpressions(inner, exprs)
      const { input } = extraction
      const rebuilt = mapInputs(changed, () => input)
      const passesOn = inner.kind === 'sort' || inner.kind === 'window' || inner.kind === 'expand'
      return passesOn ? passing(rebuilt, inner.columns) : rebuilt
    }
    case 'scan':
    case 'filter':
    case 'limit':
    case 'union-all':
    case 'with':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
      throw notSupported(
        `a subquery in ${inner.kind}`,
        expressionsOf(inner).find(hasSubquery)?.span,
      )
  }
}

function* unnestApply(
  apply: Extract<Relation, { kind: 'apply' }>,
  ctx: RuleContext,
): Steps<Relation> {
  if (!hasSubquery(apply.condition)) return eliminateApply(apply, apply.right, ctx)
  const right = yield* unnestFilter(apply.right, apply.condition, ctx)
  return eliminateApply({ ...apply, condition: trueLiteral }, right, ctx)
}

/**
 * Conjuncts without subqueries go first, as they make the joins smaller. EXISTS, IN and the quantified
 * comparisons become semi and anti joins where they stand as conjuncts (NULL drops the row as FALSE
 * does), marks and single joins elsewhere.
 */
function* unnestFilter(input: Relation, predicate: Expression, ctx: RuleContext): Steps<Relation> {
  const parts = conjuncts(predicate)
  const plain = parts.filter((part) => !hasSubquery(part))
  const rest = parts.filter(hasSubquery)
  if (rest.length === 0) return filter(input, predicate)
  let relation = plain.length === 0 ? input : filter(input, and(plain))
  const general: Expression[] = []
  for (const part of rest) {
    const direct = membershipOf(part, false)
    if (direct === undefined || isByExtremes(direct.subquery)) general.push(part)
    else relation = yield* applyMembership(relation, direct, ctx)
  }
  if (general.length > 0) {
    const extraction = newExtraction(relation, ctx)
    const predicates: Expression[] = []
    for (const part of general) predicates.push(yield* extract(extraction, part, []))
    relation = filter(extraction.input, and(predicates))
  }
  return relation.columns.length === input.columns.length
    ? relation
    : passing(relation, input.columns)
}

interface Membership {
  readonly subquery: Subquery
  /** Rows are kept that have a match, or those that have none. */
  readonly wanted: 'match' | 'no-match'
  /** The comparison that makes a match; undefined for EXISTS. */
  readonly negated: boolean
}

/** Reads `[NOT] EXISTS`, `[NOT] x op ANY`, `[NOT] x op ALL` (which is NOT x negated-op ANY). */
function membershipOf(part: Expression, inverted: boolean): Membership | undefined {
  if (isNot(part)) {
    const [arg] = part.args
    return arg && membershipOf(arg, !inverted)
  }
  if (part.kind !== 'subquery' || part.form === 'scalar') return undefined
  if (part.arg !== undefined && hasSubquery(part.arg)) return undefined
  const negated = part.form === 'all'
  const wanted = inverted === negated ? 'match' : 'no-match'
  return { subquery: part, wanted, negated }
}

function* applyMembership(left: Relation, member: Membership, ctx: RuleContext): Steps<Relation> {
  const { subquery, wanted, negated } = member
  const right = yield* unnestSteps(subquery.input, ctx)
  const exists = subquery.form === 'exists'
  const condition = exists ? trueLiteral : comparison(subquery, right, negated)
  const joinKind = wanted === 'match' ? 'semi' : 'anti'
  const shape = { joinKind, left, condition, nullAware: joinKind === 'anti' && !exists } as const
  return eliminateApply(shape, exists ? existenceOf(right) : right, ctx)
}

/** Order does not matter to EXISTS, nor a LIMIT that lets a row pass; one row of many is enough. */
function existenceOf(right: Relation): Relation {
  let relation = right
  while (relation.kind === 'sort' || (relation.kind === 'limit' && passesOne(relation))) {
    relation = relation.input
  }
  const isIndependent = freeColumns(relation).size === 0
  return isIndependent ? limit(relation, { limit: literal(1n, int8) }) : relation
}

function passesOne(relation: Extract<Relation, { kind: 'limit' }>): boolean {
  if (relation.offset !== undefined) return false
  const rows = relation.limit
  if (rows === undefined) return true
  return rows.kind === 'literal' && (rows.value === null || Number(rows.value) >= 1)
}

function comparison(subquery: Subquery, right: Relation, negated: boolean): Expression {
  const { arg, fn } = subquery
  const [column] = right.columns
  if (arg === undefined || fn === undefined || column === undefined) {
    throw notSupported('a quantified comparison of rows', subquery.span)
  }
  const args = [arg, columnReference(column)]
  const matches = call(fn, args, bool, subquery.span)
  return negated ? (oppositeOf(matches) ?? not(matches, subquery.span)) : matches
}

/** An input that grows a join for each subquery taken out of the expressions over it. */
interface Extraction {
  input: Relation
  readonly ctx: RuleContext
}

function newExtraction(input: Relation, ctx: RuleContext): Extraction {
  return { input, ctx }
}

/**
 * The expression with columns in the place of its subqueries. `guards` are conditions under which the
 * subquery is wanted at all: behind a branch of CASE that is not taken, or an operand of AND or OR that
 * decides, it must raise no error.
 */
function* extract(
  extraction: Extraction,
  expr: Expression,
  guards: readonly Expression[],
): Steps<Expression> {
  if (!hasSubquery(expr)) return expr
  if (expr.kind === 'subquery') return yield* extractSubquery(extraction, expr, guards)
  if (expr.kind === 'and' || expr.kind === 'or')
    return yield* extractOperands(extraction, expr, guards)
  if (expr.kind !== 'case') {
    const children: Expression[] = []
    for (const child of expressionChildrenOf(expr)) {
      children.push(yield* extract(extraction, child, guards))
    }
    let next = 0
    return mapExpressionChildren(expr, () => children[next++]!)
  }
  let open = guards
  const branches: { when: Expression; then: Expression }[] = []
  for (const { when, then } of expr.branches) {
    open = inOneColumn(extraction, open)
    const condition = yield* extract(extraction, when, open)
    const taken = isVolatile(condition) ? open : [...open, condition]
    const result = yield* extract(extraction, then, taken)
    if (!isVolatile(condition)) {
      open = [...open, tested(condition, 'true', true)]
    }
    branches.push({ when: condition, then: result })
  }
  return { ...expr, branches, otherwise: yield* extract(extraction, expr.otherwise, open) }
}

/** So many conditions are repeated by who depends on them; more become a column, so that a long list of them is linear. */
const GUARDS_MAX = 8

function inOneColumn(extraction: Extraction, guards: readonly Expression[]): readonly Expression[] {
  if (guards.length <= GUARDS_MAX) return guards
  return [withColumn(extraction, 'open', tested(and(guards), 'true'))]
}

/** The input with a computed column more. */
function withColumn(extraction: Extraction, name: string, expr: Expression): Expression {
  const { input, ctx } = extraction
  const item = namedExpression(ctx.ids, name, expr)
  extraction.input = project(input, [...passedOn(input.columns), item])
  return columnReference({ ...item, type: expr.type })
}

/** An operand is wanted where none before it decides: where those of AND are not FALSE, of OR not TRUE. */
function* extractOperands(
  extraction: Extraction,
  expr: ExpressionOf<'and'>,
  guards: readonly Expression[],
): Steps<Expression> {
  const decided = expr.kind === 'and' ? 'false' : 'true'
  const open = inOneColumn(extraction, guards)
  let done: Expression[] = []
  let before: Expression[] = []
  let subqueries = 0
  for (const [at, arg] of expr.args.entries()) {
    const isSubquery = hasSubquery(arg)
    const operand = isSubquery ? yield* extract(extraction, arg, [...open, ...before]) : arg
    done.push(operand)
    if (!isVolatile(operand)) before.push(tested(operand, decided, true))
    if (isSubquery) subqueries++
    const isLast = at === expr.args.length - 1
    if (isLast || (subqueries < GUARDS_MAX && before.length <= 2 * GUARDS_MAX)) continue
    if (!isSubquery) continue
    // What they came to as one column: the columns of the subqueries end here, the next ones depend on one.
    const value: Expression = { ...expr, args: done }
    const none = literal(null, bool)
    const wanted = open.length === 0 ? value : caseOf([{ when: and(open), then: value }], none)
    const soFar = withColumn(extraction, 'so_far', wanted)
    done = [soFar]
    before = [tested(soFar, decided, true)]
    subqueries = 0
  }
  return { ...expr, args: done }
}

function* extractSubquery(
  extraction: Extraction,
  expr: Subquery,
  guards: readonly Expression[],
): Steps<Expression> {
  const { ctx } = extraction
  // Each is much work for one node.
  checkBudget()
  if (isOverdue()) yield
  const arg = expr.arg && (yield* extract(extraction, expr.arg, guards))
  const subquery = arg === undefined ? expr : { ...expr, arg }
  const right = yield* unnestSteps(expr.input, ctx)
  const [column] = right.columns
  if (expr.form === 'scalar') {
    if (column === undefined) throw notSupported('a subquery without columns', expr.span)
    const condition = isOneRow(right) ? trueLiteral : and(guards)
    joinWhereWanted(extraction, { joinKind: 'single', condition }, right, guards)
    return columnReference({ ...column, type: expr.type }, expr.span)
  }
  const extreme = isByExtremes(subquery) ? byExtremes(subquery, right, ctx) : undefined
  if (extreme !== undefined) {
    const shape = { joinKind: 'single', condition: trueLiteral } as const
    joinWhereWanted(extraction, shape, extreme.row, guards)
    return extreme.value
  }
  const exists = expr.form === 'exists'
  const all = expr.form === 'all'
  const mark = markColumnOf(ctx.ids.next(), expr.form, !exists)
  const condition = exists ? trueLiteral : comparison(subquery, right, all)
  const shape = { joinKind: 'mark', condition, markColumn: mark, nullAware: !exists } as const
  joinWhereWanted(extraction, shape, exists ? existenceOf(right) : right, guards)
  const value = columnReference(mark, expr.span)
  return all ? not(value) : value
}

/** Joins a subquery's rows to the input; see {@link gateOf}. */
function joinWhereWanted(
  extraction: Extraction,
  shape: Omit<JoinShape, 'left'>,
  right: Relation,
  guards: readonly Expression[],
): void {
  const { input, ctx } = extraction
  const gate = gateOf(input, guards, { right, condition: shape.condition }, ctx)
  extraction.input =
    gate === undefined
      ? eliminateApply({ ...shape, left: input }, right, ctx)
      : eliminateGated({ ...shape, left: gate.left }, right, gate.wanted, ctx)
}

/** A subquery in a join's condition belongs to the side that it refers to, or makes the join an Apply. */
function* unnestJoin(relation: Join, ctx: RuleContext): Steps<Relation> {
  const { joinKind, left, right } = relation
  const parts = conjuncts(relation.condition)
  const plain = and(parts.filter((part) => !hasSubquery(part)))
  const rest = parts.filter(hasSubquery)
  if (joinKind === 'inner') {
    return yield* unnestFilter(join('inner', left, right, plain), and(rest), ctx)
  }
  if (joinKind === 'right') {
    const mirrored = yield* unnestJoin(join('left', right, left, relation.condition), ctx)
    return passing(mirrored, relation.columns)
  }
  if (joinKind !== 'left') throw notSupported(`a subquery in a ${joinKind} join's condition`)
  const rightIds = columnIdSet(right.columns)
  const leftIds = columnIdSet(left.columns)
  const ofRight = (part: Expression): boolean =>
    [...columnsUsed(part)].every((id) => rightIds.has(id) || !leftIds.has(id))
  const filtered = yield* unnestFilter(right, and(rest.filter(ofRight)), ctx)
  const others = rest.filter((part) => !ofRight(part))
  if (others.length === 0) return join('left', left, filtered, plain)
  const dependent = yield* unnestFilter(filtered, and(others), ctx)
  return eliminateApply({ joinKind: 'left', left, condition: plain }, dependent, ctx)
}
