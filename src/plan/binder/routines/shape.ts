import { notSupported, QueryError } from '../../../base/errors.ts'
import { castKind, shownType } from '../../../data/types/coercion.ts'
import { recordOf, type DataType, type RecordType } from '../../../data/types/data-type.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { outputsOf, shownRoutineType, type RoutineEntry } from '../../catalog/routine.ts'
import { literal } from '../../logical/build.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Expression } from '../../logical/expression.ts'
import { duplicate } from '../../logical/fresh.ts'
import { coerce, settle, typedCall } from '../../logical/typing.ts'
import type { Binder } from '../context.ts'
import { fieldOf } from '../whole-row.ts'
import { typeIn, voidType, type Solution } from './types.ts'

/** What a call of a function gives. */
export type RoutineShape =
  | { readonly kind: 'scalar'; readonly type: DataType; readonly name: string | undefined }
  | { readonly kind: 'row'; readonly type: RecordType }
  /** Rows of which the body, or the query, says what they are. */
  | { readonly kind: 'record' }
  | { readonly kind: 'void' }
  /** A macro's: whatever it is. */
  | { readonly kind: 'any' }

export function shapeOf(catalog: Catalog, entry: RoutineEntry, solution: Solution): RoutineShape {
  if (entry.routine === 'macro') return { kind: 'any' }
  const outputs = outputsOf(entry)
  const [only, second] = outputs
  if (only !== undefined && second !== undefined) {
    const fields = outputs.map(({ name, type }, at) => ({
      name: name ?? `column${at + 1}`,
      type: typeIn(catalog, type, solution) ?? voidType,
    }))
    return { kind: 'row', type: recordOf(fields) }
  }
  const { returns } = entry
  if (returns.kind === 'record' || returns.kind === 'void') return { kind: returns.kind }
  const type = typeIn(catalog, returns, solution) ?? voidType
  if (type.kind === 'record') return { kind: 'row', type }
  return { kind: 'scalar', type, name: only?.name }
}

/** The values of a body's columns as the function gives them. Errors: INVALID_FUNCTION_DEFINITION. */
export function asReturned(
  binder: Binder,
  entry: RoutineEntry,
  shape: RoutineShape,
  given: readonly Expression[],
): readonly Expression[] {
  switch (shape.kind) {
    case 'scalar':
      return [scalarReturned(binder, entry, shape.type, given)]
    case 'row':
      return rowReturned(binder, entry, shape.type, given)
    case 'record':
    case 'any':
      return given.map((expr) => settle(binder, expr))
    case 'void':
      // What nobody reads is not worked out.
      if (given.some(isVolatile))
        throw notSupported(`volatile function ${entry.name} that returns void`)
      return given.slice(0, 1).map(() => literal(null, voidType))
  }
}

function scalarReturned(
  binder: Binder,
  entry: RoutineEntry,
  type: DataType,
  given: readonly Expression[],
): Expression {
  const [only, second] = given
  if (only === undefined || second !== undefined) {
    throw mismatch(entry, 'Final statement must return exactly one column.')
  }
  const returned = assigned(binder, only, type)
  if (returned !== undefined) return returned
  throw mismatch(entry, `Actual return type is ${shownType(only.type)}.`)
}

function rowReturned(
  binder: Binder,
  entry: RoutineEntry,
  type: RecordType,
  given: readonly Expression[],
): readonly Expression[] {
  const [only] = given
  const isWhole = only?.type.kind === 'record' && given.length === 1 && type.fields.length > 1
  const values = isWhole ? fieldsOf(binder, only) : given
  if (values.length !== type.fields.length) {
    const isMore = values.length > type.fields.length
    throw mismatch(entry, `Final statement returns too ${isMore ? 'many' : 'few'} columns.`)
  }
  return type.fields.map((field, at) => {
    const value = values[at]!
    const returned = assigned(binder, value, field.type)
    if (returned !== undefined) return returned
    const told = `${shownType(value.type)} instead of ${shownType(field.type)}`
    throw mismatch(entry, `Final statement returns ${told} at column ${at + 1}.`)
  })
}

function assigned(binder: Binder, expr: Expression, type: DataType): Expression | undefined {
  const kind = castKind(expr.type, type)
  return kind === 'implicit' || kind === 'assignment' ? coerce(binder, expr, type) : undefined
}

/** The fields of a row, each of a copy of it. */
export function fieldsOf(binder: Binder, row: Expression): readonly Expression[] {
  if (row.type.kind !== 'record') return [row]
  const span = row.span ?? { start: 0, end: 0 }
  return row.type.fields.map((_, at) => {
    const own = at === 0 ? row : duplicate(binder.ctx.columnIds, row)
    return fieldOf(binder, own, at, span)
  })
}

/** One value of what a function returns. */
export function valueReturned(
  binder: Binder,
  shape: RoutineShape,
  exprs: readonly Expression[],
): Expression {
  const [only] = exprs
  if (shape.kind === 'row') return { ...typedCall(binder, 'row', exprs), type: shape.type }
  if (
    only !== undefined &&
    exprs.length === 1 &&
    (shape.kind !== 'record' || only.type.kind === 'record')
  ) {
    return only
  }
  return typedCall(binder, 'row', exprs)
}

function mismatch(entry: RoutineEntry, detail: string): QueryError {
  const declared = outputsOf(entry).length > 1 ? 'record' : shownRoutineType(entry.returns)
  const message = `return type mismatch in function declared to return ${declared}`
  return new QueryError('INVALID_FUNCTION_DEFINITION', message, { detail })
}
