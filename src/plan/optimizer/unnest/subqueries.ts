import { notSupported } from '../../../base/errors.ts'
import { bool, int8 } from '../../../data/types/data-type.ts'
import {
  and,
  call,
  columnReference,
  conjuncts,
  filter,
  join,
  limit,
  literal,
  trueLiteral,
} from '../../logical/build.ts'
import { markColumnOf } from '../../logical/columns-of.ts'
import type { Expression, ExpressionOf } from '../../logical/expression.ts'
import type { Join, Relation } from '../../logical/relation.ts'
import {
  columnIdSet,
  columnsUsed,
  expressionsOf,
  freeColumns,
  mapExpressionChildren,
  mapExpressions,
  mapInputs,
} from '../../logical/walk.ts'
import { isOneRow } from '../properties.ts'
import { hasSubquery, isVolatile } from '../../logical/expression-size.ts'
import { passing } from '../output-columns.ts'
import type { RuleContext } from '../rule.ts'
import { valuesAsUnion } from './dependent-join.ts'
import { eliminateApply, eliminateGated } from './eliminate-apply.ts'
import { gated } from './gated-subquery.ts'
import type { JoinShape } from './join-of-apply.ts'
import { isNot, not, oppositeOf, tested } from '../../logical/predicates.ts'

type Subquery = ExpressionOf<'subquery'>

/** Replaces all subqueries and Applies of a tree by joins, innermost first. */
export function unnest(relation: Relation, ctx: RuleContext): Relation {
  if (relation.kind === 'filter') {
    const input = unnest(relation.input, ctx)
    const same = input === relation.input && !hasSubquery(relation.predicate)
    return same ? relation : unnestFilter(input, relation.predicate, ctx)
  }
  const inner = mapInputs(relation, (input) => unnest(input, ctx))
  if (inner.kind === 'apply') return unnestApply(inner, ctx)
  let found = false
  mapExpressions(inner, (expr) => {
    found ||= hasSubquery(expr)
    return expr
  })
  if (!found) return inner
  switch (inner.kind) {
    case 'join':
      return unnestJoin(inner, ctx)
    case 'values':
      return unnest(valuesAsUnion(ctx, inner), ctx)
    case 'project':
    case 'aggregate':
    case 'window':
    case 'expand':
    case 'sort': {
      const extraction = newExtraction(inner.input, ctx)
      const changed = mapExpressions(inner, (expr) => extract(extraction, expr, []))
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
      throw notSupported(
        `a subquery in ${inner.kind}`,
        expressionsOf(inner).find(hasSubquery)?.span,
      )
  }
}

function unnestApply(apply: Extract<Relation, { kind: 'apply' }>, ctx: RuleContext): Relation {
  if (!hasSubquery(apply.condition)) return eliminateApply(apply, apply.right, ctx)
  const right = unnestFilter(apply.right, apply.condition, ctx)
  return eliminateApply({ ...apply, condition: trueLiteral }, right, ctx)
}

/**
 * Conjuncts without subqueries go first, as they make the joins smaller. EXISTS, IN and the quantified
 * comparisons become semi and anti joins where they stand as conjuncts (NULL drops the row as FALSE
 * does), marks and single joins elsewhere.
 */
function unnestFilter(input: Relation, predicate: Expression, ctx: RuleContext): Relation {
  const parts = conjuncts(predicate)
  const plain = parts.filter((part) => !hasSubquery(part))
  const rest = parts.filter(hasSubquery)
  if (rest.length === 0) return filter(input, predicate)
  let relation = plain.length === 0 ? input : filter(input, and(plain))
  const general: Expression[] = []
  for (const part of rest) {
    const direct = membershipOf(part, false)
    if (direct === undefined) general.push(part)
    else relation = applyMembership(relation, direct, ctx)
  }
  if (general.length > 0) {
    const extraction = newExtraction(relation, ctx)
    const predicates = general.map((part) => extract(extraction, part, []))
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

function applyMembership(left: Relation, member: Membership, ctx: RuleContext): Relation {
  const { subquery, wanted, negated } = member
  const right = unnest(subquery.input, ctx)
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
function extract(
  extraction: Extraction,
  expr: Expression,
  guards: readonly Expression[],
): Expression {
  if (!hasSubquery(expr)) return expr
  if (expr.kind === 'subquery') return extractSubquery(extraction, expr, guards)
  if (expr.kind === 'and' || expr.kind === 'or') return extractOperands(extraction, expr, guards)
  if (expr.kind !== 'case') {
    return mapExpressionChildren(expr, (child) => extract(extraction, child, guards))
  }
  let open = guards
  const branches = expr.branches.map(({ when, then }) => {
    const condition = extract(extraction, when, open)
    const taken = isVolatile(condition) ? open : [...open, condition]
    const result = extract(extraction, then, taken)
    if (!isVolatile(condition)) {
      open = [...open, tested(condition, 'true', true)]
    }
    return { when: condition, then: result }
  })
  return { ...expr, branches, otherwise: extract(extraction, expr.otherwise, open) }
}

/** An operand is wanted where none before it decides: where those of AND are not FALSE, of OR not TRUE. */
function extractOperands(
  extraction: Extraction,
  expr: ExpressionOf<'and'>,
  guards: readonly Expression[],
): Expression {
  const decided = expr.kind === 'and' ? 'false' : 'true'
  const before: Expression[] = []
  const args = expr.args.map((arg) => {
    const operand = hasSubquery(arg) ? extract(extraction, arg, [...guards, ...before]) : arg
    if (!isVolatile(operand)) before.push(tested(operand, decided, true))
    return operand
  })
  return { ...expr, args }
}

function extractSubquery(
  extraction: Extraction,
  expr: Subquery,
  guards: readonly Expression[],
): Expression {
  const { ctx } = extraction
  const arg = expr.arg && extract(extraction, expr.arg, guards)
  const subquery = arg === undefined ? expr : { ...expr, arg }
  const right = unnest(expr.input, ctx)
  const gate = gated(extraction.input, right, guards, ctx)
  const left = gate?.left ?? extraction.input
  const rows = gate?.right ?? right
  const eliminate = gate === undefined ? eliminateApply : eliminateGated
  const [column] = right.columns
  if (expr.form === 'scalar') {
    if (column === undefined) throw notSupported('a subquery without columns', expr.span)
    const shape: JoinShape = {
      joinKind: 'single',
      left,
      condition: isOneRow(rows) ? trueLiteral : and(guards),
    }
    extraction.input = eliminate(shape, rows, ctx)
    return columnReference({ ...column, type: expr.type }, expr.span)
  }
  const exists = expr.form === 'exists'
  const all = expr.form === 'all'
  const mark = markColumnOf(ctx.ids.next(), expr.form, !exists)
  const condition = exists ? trueLiteral : comparison(subquery, right, all)
  const base = { joinKind: 'mark', left, condition, markColumn: mark, nullAware: !exists } as const
  extraction.input = eliminate(base, exists ? existenceOf(rows) : rows, ctx)
  const value = columnReference(mark, expr.span)
  return all ? not(value) : value
}

/** A subquery in a join's condition belongs to the side that it refers to, or makes the join an Apply. */
function unnestJoin(relation: Join, ctx: RuleContext): Relation {
  const { joinKind, left, right } = relation
  const parts = conjuncts(relation.condition)
  const plain = and(parts.filter((part) => !hasSubquery(part)))
  const rest = parts.filter(hasSubquery)
  if (joinKind === 'inner') {
    return unnestFilter(join('inner', left, right, plain), and(rest), ctx)
  }
  if (joinKind === 'right') {
    const mirrored = unnestJoin(join('left', right, left, relation.condition), ctx)
    return passing(mirrored, relation.columns)
  }
  if (joinKind !== 'left') throw notSupported(`a subquery in a ${joinKind} join's condition`)
  const rightIds = columnIdSet(right.columns)
  const leftIds = columnIdSet(left.columns)
  const ofRight = (part: Expression): boolean =>
    [...columnsUsed(part)].every((id) => rightIds.has(id) || !leftIds.has(id))
  const filtered = unnestFilter(right, and(rest.filter(ofRight)), ctx)
  const others = rest.filter((part) => !ofRight(part))
  if (others.length === 0) return join('left', left, filtered, plain)
  const dependent = unnestFilter(filtered, and(others), ctx)
  return eliminateApply({ joinKind: 'left', left, condition: plain }, dependent, ctx)
}
