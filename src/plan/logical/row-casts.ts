import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { CastKind } from '../../data/types/catalogue/entry.ts'
import { castKind, shownType } from '../../data/types/coercion.ts'
import type { DataType, RecordType } from '../../data/types/data-type.ts'
import { call } from './build.ts'
import type { Expression } from './expression.ts'
import { spanDetail } from './span-detail.ts'

/** What rows are written of, before strings of unknown type in them became texts: what they are cast to decides. */
export type RowItems = WeakMap<Expression, readonly Expression[]>

export function noCast(
  from: DataType,
  to: DataType,
  span: Span | undefined,
  why = rowFault(from, to),
): QueryError {
  const [found, expected] = [shownType(from), shownType(to)]
  const message = `cannot cast type ${found} to ${expected}`
  return new QueryError('CANNOT_COERCE', message, {
    ...spanDetail(span),
    expected,
    found,
    ...(why !== undefined && { detail: why }),
  })
}

/** Why a row of no name is none of a type's. */
function rowFault(from: DataType, to: DataType): string | undefined {
  if (from.kind !== 'record' || to.kind !== 'record' || from.name !== undefined) return undefined
  const more = from.fields.length - to.fields.length
  if (more !== 0) return `Input has too ${more < 0 ? 'few' : 'many'} columns.`
  const at = from.fields.findIndex(({ type }, index) => {
    return castKind(type, to.fields[index]?.type ?? type) === undefined
  })
  const [field, target] = [from.fields[at], to.fields[at]]
  return field === undefined || target === undefined
    ? undefined
    : fieldFault(field.type, target.type, at)
}

function fieldFault(from: DataType, to: DataType, at: number): string {
  return `Cannot cast type ${shownType(from)} to ${shownType(to)} in column ${at + 1}.`
}

/**
 * A row that is written out, as one of a type; undefined for other expressions. Errors: CANNOT_COERCE, and what the
 * fields' types raise for literals.
 */
export function rowAs(
  rowItems: RowItems | undefined,
  expr: Expression,
  type: RecordType,
  coerce: (item: Expression, type: DataType) => Expression,
): Expression | undefined {
  if (expr.kind !== 'call' || expr.fn.name !== 'row' || expr.type.kind !== 'record')
    return undefined
  if (expr.type.name !== undefined || expr.args.length !== type.fields.length) return undefined
  const open = rowItems?.get(expr) ?? expr.args
  const args = type.fields.map((field, at) => {
    const arg = expr.args[at]!
    const item = open[at] ?? arg
    // A parameter was said to be a text by standing in a row.
    const given = item.kind === 'parameter' ? arg : item
    if (castKind(given.type, field.type) !== undefined) return coerce(given, field.type)
    throw noCast(expr.type, type, given.span, fieldFault(given.type, field.type, at))
  })
  return call(expr.fn, args, type, expr.span)
}

/** How an expression may become of a type: of a row that is written out its fields say, strings being of any. */
export function castKindOf(
  rowItems: RowItems | undefined,
  expr: Expression,
  type: DataType,
): CastKind | undefined {
  return castKind(openType(rowItems, expr), type)
}

/** The type of an expression, fields of rows that are written out being of unknown type where strings and NULLs are. */
export function openType(rowItems: RowItems | undefined, expr: Expression): DataType {
  const items = rowItems?.get(expr)
  if (items === undefined || expr.type.kind !== 'record') return expr.type
  const fields = items.map((item, at) => ({
    name: `f${at + 1}`,
    type:
      item.kind === 'parameter'
        ? (expr.kind === 'call' && expr.args[at]?.type) || item.type
        : openType(rowItems, item),
  }))
  return { ...expr.type, fields }
}
