import { exactDecimal, commonType } from '../../data/types/coercion.ts'
import { sameType, type DataType } from '../../data/types/data-type.ts'
import type { AstExpression, AstIn } from '../../sql/ast/expression.ts'
import type { Expression } from '../logical/expression.ts'
import { coerce, settle } from '../logical/typing.ts'
import { bindExpression, type Scope } from './context.ts'
import { bindNot, rowLengths } from './operator.ts'
import { rowMembership } from './subquery.ts'
import { valuesOfTypes } from './values.ts'

/** From so many rows on they are looked up; fewer are compared one by one. */
const LOOKED_UP_ROWS_MIN = 20

/**
 * `(a, b) IN ((1, 'x'), ...)` over many constant rows: IN over their VALUES, which a join looks up. Undefined where
 * the rows are to be compared one by one: few, not constant, or of types among which equality is another than that
 * of each pair. Errors: SYNTAX_ERROR for rows of another length.
 */
export function bindInRows(
  scope: Scope,
  { arg, negated, span }: AstIn,
  list: readonly AstExpression[],
): Expression | undefined {
  const { binder } = scope.environment
  if (arg.kind !== 'row' || list.length < LOOKED_UP_ROWS_MIN) return undefined
  const rows = list.map((row) => {
    if (row.kind !== 'row' || row.items.length !== arg.items.length) throw rowLengths(row.span)
    return row.items
  })
  if (!rows.every((items) => items.every(isConstant))) return undefined
  const left = arg.items.map((item) => settle(binder, bindExpression(scope, item)))
  const members = rows.map((items) => items.map((item) => bindExpression(scope, item)))
  const types: DataType[] = []
  for (const [at, { type }] of left.entries()) {
    const compared = comparedType(
      type,
      members.map((row) => row[at]!.type),
    )
    if (compared === undefined) return undefined
    types.push(compared)
  }
  const typed = members.map((row) => row.map((expr, at) => coerce(binder, expr, types[at]!)))
  const test = rowMembership(scope, left, () => valuesOfTypes(binder, typed, types), { span })
  return negated ? bindNot(scope, test, span) : test
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
