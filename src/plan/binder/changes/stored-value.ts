import { QueryError } from '../../../base/errors.ts'
import { int4 } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { Span } from '../../../base/span.ts'
import type { AstExpression, Identifier } from '../../../sql/ast/expression.ts'
import type { Assignment } from '../../../sql/ast/statement.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { didYouMean } from '../../catalog/suggest.ts'
import { literal } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import { typedCall } from '../../logical/typing.ts'
import { limitDigits } from '../digit-limit.ts'
import { withinTimeLimit } from '../time-limit.ts'
import { assign } from '../assign.ts'
import type { Binder, BindTarget } from '../context.ts'
import { bindDefaultOf } from '../table-rules.ts'

/** A column of a table as values are brought to it; its default is placed at `span`. */
export function bindTargetOf(
  { columns, rules }: TableEntry,
  position: number,
  span: Span,
): BindTarget {
  const { name, type } = columns[position]!
  const text = rules?.defaults[position]
  if (text === undefined) return { name, type }
  return { name, type, defaultValue: placedAt(parseExpression(text), span) }
}

/**
 * A value as a column takes it: cast, and within its length; DEFAULT is what the column has where none is given.
 * Errors: DATATYPE_MISMATCH, and those of the expression.
 */
export function storedValue(
  binder: Binder,
  field: Field,
  target: BindTarget,
  ast: AstExpression,
  bind: (ast: AstExpression) => Expression,
): Expression {
  const value =
    ast.kind === 'default' ? bindDefaultOf(binder, target) : assign(binder, bind(ast), target)
  return withinLimits(binder, value, field)
}

/** The functions that cut a text to its length, or raise. */
const storing = {
  varchar: 'store_varchar',
  bpchar: 'store_bpchar',
  bit: 'store_bit',
  varbit: 'store_varbit',
} as const

/**
 * A value as a column of varchar(n), numeric(p, s), timestamp(p) and the like takes it, or an array of such texts.
 */
export function withinLimits(
  binder: Binder,
  expr: Expression,
  { lengthLimit: limit, digitLimit, timeLimit, type, declared }: Field,
): Expression {
  if (declared === 'char' && type.kind === 'text') {
    return typedCall(binder, 'left', [expr, literal(1, int4)])
  }
  if (declared === 'name' && type.kind === 'text') return typedCall(binder, 'cut_name', [expr])
  if (digitLimit !== undefined) return limitDigits(binder, expr, digitLimit, expr.span)
  if (timeLimit !== undefined) return withinTimeLimit(binder, expr, timeLimit, expr.span)
  if (limit === undefined) return expr
  const fn = type.kind === 'array' ? 'store_elements' : storing[limit.type]
  return typedCall(binder, fn, [expr, literal(limit.charactersMax, int4)])
}

/** The position of a column that a statement names, mostly to assign to it. Errors: UNDEFINED_COLUMN. */
export function columnPosition(
  { name: table, columns }: TableEntry,
  { text, span }: Identifier,
  isAssigned = true,
): number {
  const names = columns.map(({ name }) => name)
  const position = names.indexOf(text)
  if (position >= 0) return position
  const owner = isAssigned ? ` of relation "${table}"` : ''
  const message = `column "${text}"${owner} does not exist`
  throw new QueryError('UNDEFINED_COLUMN', message, { span, ...didYouMean(text, names) })
}

/** The positions of the columns that assignments name. Errors: UNDEFINED_COLUMN. */
export function assignedPositions(
  table: TableEntry,
  { assignments }: { readonly assignments: readonly Assignment[] },
): ReadonlySet<number> {
  const columns = assignments.flatMap((assignment) => assignment.columns)
  const said = columns.map((column) => columnPosition(table, column))
  return new Set([...said, ...generatedColumns(table)])
}

/** Positions of the columns that are computed of the others. */
export function generatedColumns({ rules }: TableEntry): readonly number[] {
  return (rules?.generated ?? []).flatMap((text, position) =>
    text === undefined ? [] : [position],
  )
}
