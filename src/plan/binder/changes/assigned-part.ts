import { QueryError } from '../../../base/errors.ts'
import { ARRAY_DIMENSIONS_MAX } from '../../../data/types/array-text.ts'
import { shownType } from '../../../data/types/coercion.ts'
import {
  bool,
  int4,
  jsonb,
  type ArrayType,
  type DataType,
  type RecordType,
} from '../../../data/types/data-type.ts'
import type { AstExpression, Identifier, Subscript } from '../../../sql/ast/expression.ts'
import type { AssignedColumn, PathStep } from '../../../sql/ast/statement.ts'
import { call, literal } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import { duplicate } from '../../logical/fresh.ts'
import { castKindOf } from '../../logical/row-casts.ts'
import { coerce, typedCall } from '../../logical/typing.ts'
import { isNumberStep, memberStep, sliceBounds, subscriptOf } from '../arrays.ts'
import type { Binder, BindTarget } from '../context.ts'
import { fieldOf } from '../whole-row.ts'

type Bind = (ast: AstExpression) => Expression

/**
 * What is assigned where a column's part is: an element or slice of an array, a member of a jsonb, a field of a row.
 * Errors: DATATYPE_MISMATCH, UNDEFINED_COLUMN where there is no such part.
 */
export function partTarget(type: DataType, column: AssignedColumn): BindTarget {
  const { path = [], text } = column
  let at = type
  let target: BindTarget = { name: text, type }
  for (const step of stepsOf(path)) {
    if ('field' in step) {
      const { field } = rowField(at, step.field, column, target.name)
      at = field.type
      target = { name: field.name, type: at, part: 'field' }
    } else {
      at = elementType(at, step.subscripts, column)
      target = { name: target.name, type: at, part: 'element' }
    }
  }
  return target
}

/** A column with another value in a part of it; the value is of the part's type. */
export function withPart(
  binder: Binder,
  column: AssignedColumn,
  before: Expression,
  value: Expression,
  bind: Bind,
): Expression {
  return changed({ binder, column, bind }, stepsOf(column.path ?? []), before, value)
}

interface Changing {
  readonly binder: Binder
  readonly column: AssignedColumn
  readonly bind: Bind
}

function changed(
  ctx: Changing,
  [step, ...rest]: readonly Step[],
  before: Expression,
  value: Expression,
): Expression {
  if (step === undefined) return value
  const { binder, column } = ctx
  const { span } = column
  const again = (): Expression => duplicate(binder.ctx.columnIds, before)
  if ('field' in step) {
    const { position } = rowField(before.type, step.field, column, column.text)
    const field = changed(ctx, rest, fieldOf(binder, again(), position, span), value)
    const made = typedCall(binder, 'record_with_field', [before, literal(position, int4), field])
    return call(made.fn, made.args, before.type, span)
  }
  return changedElement(ctx, step.subscripts, rest, before, value)
}

function changedElement(
  ctx: Changing,
  subscripts: readonly Subscript[],
  rest: readonly Step[],
  before: Expression,
  value: Expression,
): Expression {
  const { binder, bind, column } = ctx
  const { span } = column
  if (before.type.kind === 'jsonb') {
    const steps = subscripts.map((one) => memberStep(binder, one, bind))
    const isArray = literal(isNumberStep(subscripts[0], bind), bool)
    const path = typedCall(binder, 'array_of', steps, span)
    return typedCall(binder, 'jsonb_with_part', [before, value, isArray, path], span)
  }
  if (subscripts.some(({ slice }) => slice)) {
    const bounds = sliceBounds(binder, subscripts, bind)
    return typedCall(binder, 'array_with_slice', [before, value, ...bounds], span)
  }
  const indexes = subscripts.map(({ lower }) => subscriptOf(binder, lower, bind))
  const again = (expr: Expression): Expression => duplicate(binder.ctx.columnIds, expr)
  const element =
    rest.length === 0
      ? value
      : changed(
          ctx,
          rest,
          typedCall(binder, 'array_element', [again(before), ...indexes.map(again)], span),
          value,
        )
  return typedCall(binder, 'array_with_element', [before, element, ...indexes], span)
}

/** A step to a field, or all brackets that follow each other. */
type Step = { readonly field: Identifier } | { readonly subscripts: readonly Subscript[] }

function stepsOf(path: readonly PathStep[]): readonly Step[] {
  const steps: Step[] = []
  for (const step of path) {
    const last = steps.at(-1)
    if ('field' in step) steps.push({ field: step.field })
    else if (last === undefined || 'field' in last) steps.push({ subscripts: [step] })
    else steps.splice(-1, 1, { subscripts: [...last.subscripts, step] })
  }
  return steps
}

/** Errors: DATATYPE_MISMATCH, UNDEFINED_COLUMN. */
function rowField(
  type: DataType,
  { text: name }: Identifier,
  { span }: AssignedColumn,
  of: string,
): { readonly field: RecordType['fields'][number]; readonly position: number } {
  const start = `cannot assign to field "${name}" of column "${of}" because`
  if (type.kind !== 'record') {
    const message = `${start} its type ${shownType(type)} is not a composite type`
    throw new QueryError('DATATYPE_MISMATCH', message, { span })
  }
  const position = type.fields.findIndex((one) => one.name === name)
  const field = type.fields[position]
  if (field !== undefined) return { field, position }
  const message = `${start} there is no such column in data type ${shownType(type)}`
  throw new QueryError('UNDEFINED_COLUMN', message, { span })
}

/** Errors: DATATYPE_MISMATCH, PROGRAM_LIMIT_EXCEEDED. */
function elementType(
  type: DataType,
  subscripts: readonly Subscript[],
  { span }: AssignedColumn,
): DataType {
  if (type.kind === 'jsonb') return jsonb
  if (type.kind !== 'array') {
    const message = `cannot subscript type ${shownType(type)} because it does not support subscripting`
    throw new QueryError('DATATYPE_MISMATCH', message, { span })
  }
  if (subscripts.length > ARRAY_DIMENSIONS_MAX) {
    const message = `number of array dimensions (${subscripts.length}) exceeds the maximum allowed (${ARRAY_DIMENSIONS_MAX})`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message, { span })
  }
  return subscripts.some(({ slice }) => slice) ? type : elementOf(type)
}

function elementOf({ element }: ArrayType): DataType {
  return element
}

/** A value as a part takes it. Errors: DATATYPE_MISMATCH. */
export function assignedToPart(
  binder: Binder,
  target: BindTarget,
  column: AssignedColumn,
  value: Expression,
): Expression {
  const { type, name, part } = target
  const kind = castKindOf(binder.rowItems, value, type)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, value, type)
  const [expected, found] = [shownType(type), shownType(value.type)]
  const message =
    part === 'field'
      ? `subfield "${name}" is of type ${expected} but expression is of type ${found}`
      : `subscripted assignment to "${name}" requires type ${expected} but expression is of type ${found}`
  throw new QueryError('DATATYPE_MISMATCH', message, {
    span: column.span,
    expected,
    found,
    hint: 'You will need to rewrite or cast the expression.',
  })
}

/** DEFAULT is what a column has, and no part of one. */
export function noDefault({ part }: BindTarget, { span }: AssignedColumn): QueryError {
  const what = part === 'field' ? 'a subfield' : 'an array element'
  return new QueryError('FEATURE_NOT_SUPPORTED', `cannot set ${what} to DEFAULT`, { span })
}
