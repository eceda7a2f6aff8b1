import { QueryError } from '../../base/errors.ts'
import { bool, date, sameType } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { listOfElements } from './array-members.ts'
import { and, caseOf, inList, isSet, literal, or } from './build.ts'
import { isRepeatable } from './expression-size.ts'
import { FoldingBudget } from './folding-budget.ts'
import type {
  Call,
  Case,
  Cast,
  ColumnId,
  Expression,
  InList,
  Let,
  Literal,
  Logical,
} from './expression.ts'
import {
  expressionChildrenOf,
  isLeaf,
  mapExpressionChildren,
  replaceColumns,
  someExpression,
} from './walk.ts'
import { commutedOperator, compared, operatorOf } from './predicates.ts'
import type { ComparisonOperator } from '../../functions/traits.ts'

/**
 * An expression with the same value and type that takes less to compute: constants are folded (what
 * would raise an error stays for the row that needs it), decided branches and operands go, and a
 * comparison of a widened column with a constant is made on the column itself, so that narrow kernels and
 * statistics serve it. Returns the same object when there is nothing to do. Constants that would take more than
 * `folding` has left stay as they are.
 */
export function simplify(expr: Expression, folding = new FoldingBudget()): Expression {
  if (isLeaf(expr) || simplest.has(expr)) return expr
  const simpler = simplifyNode(
    mapExpressionChildren(expr, (child) => simplify(child, folding)),
    folding,
  )
  if (simpler === expr) simplest.add(expr)
  return simpler
}

/** What there was nothing to do for: a plan's expressions are gone through after each change of it. */
const simplest = new WeakSet<Expression>()

function simplifyNode(expr: Expression, folding: FoldingBudget): Expression {
  switch (expr.kind) {
    case 'and':
    case 'or':
      return simplifyLogical(expr)
    case 'case':
      return simplifyCase(expr)
    case 'call':
      return callOf(expr, folding) ?? expr
    case 'in-list':
      return folded(expr, folding) ?? listOfConstants(raisingFirst(expr))
    case 'cast':
    case 'in-set':
      return folded(expr, folding) ?? expr
    case 'let':
      return simplifyLet(expr, folding)
    case 'column':
    case 'literal':
    case 'parameter':
    case 'subquery':
      return expr
  }
}

function callOf(expr: Call, folding: FoldingBudget): Expression | undefined {
  const simpler =
    folded(expr, folding) ?? nullOfNull(expr) ?? narrowedComparison(expr) ?? listOfElements(expr)
  if (simpler !== undefined) return simpler
  const [arg] = expr.args
  const isArgument = expr.fn.identity === true && arg !== undefined
  return isArgument && sameType(arg.type, expr.type) ? arg : undefined
}

/** The value of a constant; undefined where it is none, may vary, is an error, or takes long. */
function folded(expr: Expression, folding: FoldingBudget): Literal | undefined {
  if (!expressionChildrenOf(expr).every((child) => child.kind === 'literal')) return undefined
  if (expr.kind === 'call' && expr.fn.volatility !== 'immutable') return undefined
  try {
    const value = folding.evaluate(expr)
    return value === undefined ? undefined : literal(value, expr.type, expr.span)
  } catch (error) {
    if (!(error instanceof QueryError) || error.code === 'QUERY_CANCELED') throw error
    return undefined
  }
}

/**
 * Constants that could not be folded raise, whatever comes before them in the list: PostgreSQL looks at them while it plans.
 */
function raisingFirst(expr: InList): InList {
  const raising = expr.list.filter((member) => member.kind !== 'literal' && isConstant(member))
  if (raising.every((member, index) => member === expr.list[index])) return expr
  return { ...expr, list: [...raising, ...expr.list.filter((member) => !raising.includes(member))] }
}

function isConstant(expr: Expression): boolean {
  if (expr.kind === 'literal') return true
  const isFixed =
    expr.kind === 'cast' || (expr.kind === 'call' && expr.fn.volatility === 'immutable')
  return isFixed && expressionChildrenOf(expr).every(isConstant)
}

/** Members that turn out to be constants may be looked up in a set, others are compared beside it; before it where they raise. */
function listOfConstants(expr: InList): Expression {
  const { arg, list, span } = expr
  const constants = list.filter(({ kind }) => kind === 'literal')
  if (!isSet(arg.type, constants.length)) return expr
  const set = inList(arg, constants, span)
  if (constants.length === list.length) return set
  if (!isRepeatable(arg)) return expr
  const others = list.filter(({ kind }) => kind !== 'literal')
  const compared = inList(arg, others, span)
  return or(others.some(isConstant) ? [compared, set] : [set, compared])
}

/**
 * A strict function of a NULL constant is NULL, whatever its other arguments would raise. Not so beside a
 * constant that raises: that is found before.
 */
function nullOfNull(expr: Call): Literal | undefined {
  if (!expr.args.some((arg) => arg.kind === 'literal' && arg.value === null)) return undefined
  if (expr.fn.nulls !== 'strict') return undefined
  const raises = expr.args.some((arg) => someExpression(arg, isFailedConstant))
  return raises ? undefined : literal(null, expr.type, expr.span)
}

/** A constant that was not folded, as it ends in an error. */
function isFailedConstant(expr: Expression): boolean {
  if (expr.kind !== 'call' && expr.kind !== 'cast') return false
  if (expr.kind === 'call' && expr.fn.volatility !== 'immutable') return false
  return expressionChildrenOf(expr).every((child) => child.kind === 'literal')
}

/** Values that turn out to be constants, or columns, go where they are read. */
function simplifyLet(expr: Let, folding: FoldingBudget): Expression {
  const trivial = new Map<ColumnId, Expression>()
  const placed = (part: Expression): Expression =>
    trivial.size === 0
      ? part
      : simplify(
          replaceColumns(part, (id) => trivial.get(id)),
          folding,
        )
  const bindings = expr.bindings.flatMap((binding) => {
    const value = placed(binding.value)
    if (value.kind !== 'literal' && value.kind !== 'column') {
      return [value === binding.value ? binding : { ...binding, value }]
    }
    trivial.set(binding.id, value)
    return []
  })
  const body = placed(expr.body)
  if (bindings.length === 0) return body
  return trivial.size === 0 ? expr : { ...expr, bindings, body }
}

/** x AND TRUE = x, x AND FALSE = FALSE; x OR FALSE = x, x OR TRUE = TRUE. NULL decides nothing. */
/** Whether an operand of AND or OR is the value that decides, and none before it is a constant that raises. */
export function isDecided(args: readonly Expression[], decisive: boolean): boolean {
  const at = args.findIndex((arg) => isLiteral(arg, decisive))
  return at >= 0 && !args.slice(0, at).some((arg) => someExpression(arg, isFailedConstant))
}

function simplifyLogical(expr: Logical): Expression {
  const decisive = expr.kind === 'or'
  if (isDecided(expr.args, decisive)) return literal(decisive, bool, expr.span)
  const kept = expr.args.filter((arg) => !isLiteral(arg, !decisive))
  if (kept.length === expr.args.length) {
    return expr.args.every((arg) => arg.kind === 'literal') ? literal(null, bool) : expr
  }
  return expr.kind === 'and' ? and(kept) : or(kept)
}

/** Branches whose condition is FALSE or NULL go; one whose condition is TRUE ends the CASE. */
function simplifyCase(expr: Case): Expression {
  const decided = expr.branches.some(({ when }) => when.kind === 'literal')
  if (!decided) return expr
  const branches: Case['branches'][number][] = []
  for (const branch of expr.branches) {
    if (branch.when.kind !== 'literal') branches.push(branch)
    else if (branch.when.value === true) return endingIn(expr, branches, branch.then)
  }
  return endingIn(expr, branches, expr.otherwise)
}

function endingIn(expr: Case, branches: Case['branches'], otherwise: Expression): Expression {
  return branches.length === 0 ? otherwise : caseOf(branches, otherwise, expr.span)
}

/** `cast(column) op constant` and its mirror image, on the column's own type where that is exact. */
function narrowedComparison(expr: Call): Expression | undefined {
  const [left, right] = expr.args
  const operator = operatorOf(expr)
  if (left === undefined || right === undefined || operator === undefined) return undefined
  if (left.kind === 'cast' && right.kind === 'literal') {
    return narrowed(expr, operator, left, right)
  }
  return left.kind === 'literal' && right.kind === 'cast'
    ? narrowed(expr, commutedOperator(operator), right, left)
    : undefined
}

function narrowed(
  expr: Call,
  operator: ComparisonOperator,
  widened: Cast,
  constant: Literal,
): Expression | undefined {
  const { arg } = widened
  if (widened.lenient || constant.value === null) return undefined
  if (arg.type.kind === 'date' && widened.type.kind === 'timestamp') {
    return comparedByDay(expr, operator, arg, constant)
  }
  const range = integerRanges[arg.type.kind]
  const wider = integerRanges[widened.type.kind]
  if (range === undefined || wider === undefined || wider.max <= range.max) return undefined
  const value = BigInt(constant.value as number | bigint)
  if (value > range.max || value < -range.max - 1n) return undefined
  return compared(operator, arg, literal(Number(value), arg.type, constant.span), expr.span)
}

const integerRanges: Readonly<Partial<Record<DataType['kind'], { readonly max: bigint }>>> = {
  int2: { max: 2n ** 15n - 1n },
  int4: { max: 2n ** 31n - 1n },
  int8: { max: 2n ** 63n - 1n },
}

const DAY_MICROS = 86_400_000_000n
/** Days on this side of PostgreSQL's infinities and of the end of its calendar. */
const DAYS_MAX = 2_000_000n

/**
 * A date against a moment: at midnight the same comparison of dates; within a day D, before or at the
 * moment is before or at D, after it is after D, and equality stays as it is.
 */
function comparedByDay(
  expr: Call,
  operator: ComparisonOperator,
  arg: Expression,
  constant: Literal,
): Expression | undefined {
  const micros = BigInt(constant.value as bigint)
  const offset = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS
  const day = (micros - offset) / DAY_MICROS
  if (day > DAYS_MAX || day < -DAYS_MAX) return undefined
  const value = literal(Number(day), date, constant.span)
  if (offset === 0n) return compared(operator, arg, value, expr.span)
  if (operator === '<' || operator === '<=') return compared('<=', arg, value, expr.span)
  if (operator === '>' || operator === '>=') return compared('>', arg, value, expr.span)
  return undefined
}

function isLiteral(expr: Expression, value: boolean): boolean {
  return expr.kind === 'literal' && expr.value === value
}
