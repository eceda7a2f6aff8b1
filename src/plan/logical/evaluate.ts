import { AssertionError, present, unreachable } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { castScalar, castScalarLeniently } from '../../functions/cast-scalar.ts'
import { sameType, type DataType } from '../../data/types/data-type.ts'
import { expressionKey } from './expression-key.ts'
import { sizeOf } from './expression-size.ts'
import { isMember, memberKey, type MemberKey } from './member-set.ts'
import type { Call, Case, Cast, ColumnId, Expression, InList, Let, Logical } from './expression.ts'
import { comparisonOf } from './predicates.ts'

/** What comparing with a member of a list costs, in steps of a budget. */
const MEMBER_STEPS = 16

type ColumnValues = (id: ColumnId) => Scalar

/**
 * The value of an expression for one row, in plain TypeScript: the reference that generated code is
 * measured against, what folds constants, and what runs functions without a WebAssembly form. Throws
 * the QueryError that the query would end with. Subqueries and parameters must be gone by now.
 */
export function evaluate(expr: Expression, column: ColumnValues): Scalar {
  switch (expr.kind) {
    case 'column':
      return column(expr.id)
    case 'literal':
      return expr.value
    case 'call':
      return evaluateCall(expr, column)
    case 'cast': {
      const value = evaluate(expr.arg, column)
      return value === null ? null : applyTo(expr, [value], [expr.arg.type])
    }
    case 'case':
      return evaluateCase(expr, column)
    case 'and':
    case 'or':
      return evaluateLogical(expr, column)
    case 'in-list':
      return evaluateInList(expr, column)
    case 'in-set': {
      const value = evaluate(expr.arg, column)
      if (value === null) return null
      if (isMember(expr.values, value, expr.arg.type)) return true
      return expr.hasNull ? null : false
    }
    case 'let':
      return evaluateLet(expr, column)
    case 'parameter':
    case 'subquery':
      throw new AssertionError(`internal error: evaluate of a ${expr.kind}`)
    default:
      return unreachable(expr)
  }
}

function evaluateCall(expr: Call, column: ColumnValues): Scalar {
  const { fn } = expr
  const args = expr.args.map((arg) => evaluate(arg, column))
  if (fn.nulls === 'strict' && args.includes(null)) return null
  return applyTo(
    expr,
    args,
    expr.args.map((arg) => arg.type),
  )
}

/** The value of a call or cast whose arguments have these values and types, by itself: none is NULL that must not be. */
export function applyTo(
  expr: Call | Cast,
  args: readonly Scalar[],
  types: readonly DataType[],
): Scalar {
  if (expr.kind === 'call') {
    spend(callSteps(args))
    return expr.fn.evaluate(args, types, expr.type)
  }
  const cast = expr.lenient ? castScalarLeniently : castScalar
  const [value = null] = args
  return cast(present(value, 'NULL to be cast'), present(types[0], 'type of a value'), expr.type)
}

/** What a call costs at least, in steps of a budget: most functions look at every letter. */
function callSteps(args: readonly Scalar[]): number {
  let steps = 16
  for (const arg of args) if (typeof arg === 'string') steps += arg.length
  return steps
}

function evaluateCase(expr: Case, column: ColumnValues): Scalar {
  const choices = expr.branches.length > LISTED_BRANCHES_MAX ? choicesOf(expr) : undefined
  if (choices !== undefined) {
    const value = evaluate(choices.arg, column)
    const chosen =
      value === null ? undefined : choices.results.get(memberKey(value, choices.arg.type))
    return evaluate(chosen ?? expr.otherwise, column)
  }
  const taken = expr.branches.find(({ when }) => evaluate(when, column) === true)
  return evaluate(taken?.then ?? expr.otherwise, column)
}

/** Branches that are tried one after another; more of one value's constants are looked up. */
const LISTED_BRANCHES_MAX = 16

/** A CASE that compares one value with constants: the results by the constant. */
interface Choices {
  readonly arg: Expression
  readonly results: ReadonlyMap<MemberKey, Expression>
}

const known = new WeakMap<Case, Choices | 'none'>()

function choicesOf(expr: Case): Choices | undefined {
  let choices = known.get(expr)
  if (choices === undefined) known.set(expr, (choices = chosenByValue(expr) ?? 'none'))
  return choices === 'none' ? undefined : choices
}

function chosenByValue({ branches }: Case): Choices | undefined {
  const results = new Map<MemberKey, Expression>()
  let arg: Expression | undefined
  let argKey = ''
  for (const { when, then } of branches) {
    const compared = when.kind === 'call' && comparisonOf(when) === '=' ? when.args : []
    const [left, right] = compared
    if (left === undefined || right?.kind !== 'literal') return undefined
    if (!sameType(left.type, right.type) || sizeOf(left).isVolatile) return undefined
    if (arg === undefined) argKey = expressionKey((arg = left))
    else if (left !== arg && expressionKey(left) !== argKey) return undefined
    if (right.value === null) continue
    const key = memberKey(right.value, right.type)
    if (!results.has(key)) results.set(key, then)
  }
  return arg === undefined ? undefined : { arg, results }
}

function evaluateLogical(expr: Logical, column: ColumnValues): Scalar {
  const decisive = expr.kind === 'or'
  let known = true
  for (const arg of expr.args) {
    const value = evaluate(arg, column)
    if (value === decisive) return decisive
    if (value === null) known = false
  }
  return known ? !decisive : null
}

function evaluateLet({ bindings, body }: Let, column: ColumnValues): Scalar {
  const values = new Map<ColumnId, Scalar>()
  const inner = (id: ColumnId): Scalar => {
    const value = values.get(id)
    return value === undefined ? column(id) : value
  }
  for (const { id, value } of bindings) values.set(id, evaluate(value, inner))
  return evaluate(body, inner)
}

function evaluateInList(expr: InList, column: ColumnValues): Scalar {
  const value = evaluate(expr.arg, column)
  if (value === null) return null
  let known = true
  for (const member of expr.list) {
    spend(MEMBER_STEPS)
    const candidate = evaluate(member, column)
    if (candidate === null) known = false
    else if (compareScalars(value, candidate, expr.arg.type, member.type) === 0) return true
  }
  return known ? false : null
}
