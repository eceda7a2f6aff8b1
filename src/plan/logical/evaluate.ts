import { AssertionError, unreachable } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { castScalar, castScalarLeniently } from '../../functions/cast-scalar.ts'
import { scalarFunction } from '../../functions/catalogue.ts'
import type { Call, Case, ColumnId, Expression, InList, Let, Logical } from './expression.ts'

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
      if (value === null) return null
      const cast = expr.lenient ? castScalarLeniently : castScalar
      return cast(value, expr.arg.type, expr.type)
    }
    case 'case':
      return evaluateCase(expr, column)
    case 'and':
    case 'or':
      return evaluateLogical(expr, column)
    case 'in-list':
      return evaluateInList(expr, column)
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
  const fn = scalarFunction(expr.fn)
  const args = expr.args.map((arg) => evaluate(arg, column))
  if (fn.nulls === 'strict' && args.includes(null)) return null
  const types = expr.args.map((arg) => arg.type)
  spend(callSteps(args))
  return fn.evaluate(args, types, expr.type)
}

/** What a call costs at least, in steps of a budget: most functions look at every letter. */
function callSteps(args: readonly Scalar[]): number {
  let steps = 16
  for (const arg of args) if (typeof arg === 'string') steps += arg.length
  return steps
}

function evaluateCase(expr: Case, column: ColumnValues): Scalar {
  const taken = expr.branches.find(({ when }) => evaluate(when, column) === true)
  return evaluate(taken?.then ?? expr.otherwise, column)
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
