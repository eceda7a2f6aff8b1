import { exactDecimal, commonType } from '../../data/types/coercion.ts'
import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import type { Span } from '../../base/span.ts'
import type { Steps } from '../../base/steps.ts'
import { bool, sameType, type DataType } from '../../data/types/data-type.ts'
import type { AstExpression, AstIn } from '../../sql/ast/expression.ts'
import type { Expression } from '../logical/expression.ts'
import { and, literal, or, trueLiteral } from '../logical/build.ts'
import { duplicate } from '../logical/fresh.ts'
import { typedMembership } from '../logical/membership.ts'
import { coerce, settle, typedCall } from '../logical/typing.ts'
import { bindExpression, type Scope } from './context.ts'
import { bindNot, rowLengths } from './operator.ts'
import { rowMembership } from './subquery.ts'
import { valuesOfTypes } from './values.ts'

/** From so many rows on they are looked up; fewer are compared one by one. */
const LOOKED_UP_ROWS_MIN = 20

/**
 * `(a, b) IN ((1, 'x'), ...)` over many constant rows: IN over their VALUES, which a join looks up. Undefined where
 * the rows are to be compared one by one: few, not constant, or of types among which equality is another than that
 * of each pair. In steps: see `isOverdue`. Errors: SYNTAX_ERROR for rows of another length.
 */
export function* inRowsSteps(
  scope: Scope,
  { arg, negated, span }: AstIn,
  list: readonly AstExpression[],
): Steps<Expression | undefined> {
  const { binder } = scope.environment
  if (arg.kind !== 'row' || list.length < LOOKED_UP_ROWS_MIN) return undefined
  const rows = list.map((row) => {
    if (row.kind !== 'row' || row.items.length !== arg.items.length) throw rowLengths(row.span)
    return row.items
  })
  if (!rows.every((items) => items.every(isConstant))) return undefined
  const left = arg.items.map((item) => settle(binder, bindExpression(scope, item)))
  const members: (readonly Expression[])[] = []
  for (const items of rows) {
    if (isOverdue()) yield
    members.push(items.map((item) => bindExpression(scope, item)))
  }
  const types: DataType[] = []
  for (const [at, { type }] of left.entries()) {
    const compared = comparedType(
      type,
      members.map((row) => row[at]!.type),
    )
    if (compared === undefined) return undefined
    types.push(compared)
  }
  const typed: (readonly Expression[])[] = []
  for (const row of members) {
    spend(row.length * NODE_STEPS)
    if (isOverdue()) yield
    typed.push(row.map((expr, at) => coerce(binder, expr, types[at]!)))
  }
  const test = or(
    [...bySureMembers(typed)].map(([sure, group]) => {
      const own = sure.map((at) => duplicate(binder.ctx.columnIds, left[at]!))
      const rows = group.map((row) => sure.map((at) => row[at]!))
      const found = amongRows(scope, own, rows, span)
      // A row with a NULL is never equal, and unclear where nothing else of it differs.
      return sure.length === left.length ? found : and([found, literal(null, bool)])
    }),
  )
  return negated ? bindNot(scope, test, span) : test
}

/** The rows by the places at which they have no NULL, so that each group is looked up by those. */
function bySureMembers(
  rows: readonly (readonly Expression[])[],
): ReadonlyMap<readonly number[], readonly (readonly Expression[])[]> {
  const groups = new Map<string, [sure: number[], rows: (readonly Expression[])[]]>()
  for (const row of rows) {
    const sure = row.flatMap((expr, at) => (isNull(expr) ? [] : [at]))
    const key = sure.join()
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [sure, [row]])
    else known[1].push(row)
  }
  return new Map(groups.values())
}

function isNull(expr: Expression): boolean {
  return expr.kind === 'literal' && expr.value === null
}

/** Whether a row is among rows without NULLs; what no place is left of is among them. */
function amongRows(
  scope: Scope,
  own: readonly Expression[],
  rows: readonly (readonly Expression[])[],
  span: Span,
): Expression {
  const { binder } = scope.environment
  const [first] = own
  if (first === undefined) return trueLiteral
  if (own.length === 1) {
    const members = rows.map((row) => row[0]!)
    const test = typedMembership(binder, first, members, span)
    return test ?? typedCall(binder, '=', [first, members[0]!], span)
  }
  const types = rows[0]!.map(({ type }) => type)
  return rowMembership(scope, own, () => valuesOfTypes(binder, rows, types), {
    span,
    operatorSpan: span,
  })
}

const constants: ReadonlySet<AstExpression['kind']> = new Set([
  'number',
  'string',
  'boolean',
  'null',
  'typed-literal',
  'parameter',
])

function isConstant(ast: AstExpression): boolean {
  if (ast.kind === 'unary' || ast.kind === 'cast') return isConstant(ast.arg)
  return constants.has(ast.kind)
}

/** The type in which a column is compared with all members as with each of them. */
function comparedType(type: DataType, members: readonly DataType[]): DataType | undefined {
  const common = commonType([type, ...members])
  if (common === undefined) return undefined
  const isExact = common.kind === 'numeric' || exactDecimal(common) !== undefined
  return isExact || sameType(common, type) ? common : undefined
}
