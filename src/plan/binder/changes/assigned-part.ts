import { QueryError } from '../../../base/errors.ts'
import { ARRAY_DIMENSIONS_MAX } from '../../../data/types/array-text.ts'
import { castKind, shownType } from '../../../data/types/coercion.ts'
import { bool, jsonb, type DataType } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { AstExpression } from '../../../sql/ast/expression.ts'
import type { AssignedColumn } from '../../../sql/ast/statement.ts'
import { literal } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import { coerce, typedCall } from '../../logical/typing.ts'
import { isNumberStep, memberStep, sliceBounds, subscriptOf } from '../arrays.ts'
import type { Binder } from '../context.ts'

/** A column with another value in a part of it: an element or slice of an array, a member of a jsonb. */
export function assignedPart(
  binder: Binder,
  { type }: Field,
  column: AssignedColumn,
  before: Expression,
  ast: AstExpression,
  bind: (ast: AstExpression) => Expression,
): Expression {
  const { subscripts = [], span } = column
  if (ast.kind === 'default') {
    const message = 'cannot set an array element to DEFAULT'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
  }
  if (type.kind === 'jsonb') {
    const steps = subscripts.map((one) => memberStep(binder, one, bind))
    const value = partOf(binder, column, bind(ast), jsonb)
    const isArray = literal(isNumberStep(subscripts[0], bind), bool)
    const path = typedCall(binder, 'array_of', steps, span)
    return typedCall(binder, 'jsonb_with_part', [before, value, isArray, path], span)
  }
  if (type.kind !== 'array') {
    const message = `cannot subscript type ${shownType(type)} because it does not support subscripting`
    throw new QueryError('DATATYPE_MISMATCH', message, { span })
  }
  if (subscripts.length > ARRAY_DIMENSIONS_MAX) {
    const message = `number of array dimensions (${subscripts.length}) exceeds the maximum allowed (${ARRAY_DIMENSIONS_MAX})`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message, { span })
  }
  if (!subscripts.some(({ slice }) => slice)) {
    const indexes = subscripts.map(({ lower }) => subscriptOf(binder, lower, bind))
    const value = partOf(binder, column, bind(ast), type.element)
    return typedCall(binder, 'array_with_element', [before, value, ...indexes], span)
  }
  const bounds = sliceBounds(binder, subscripts, bind)
  const value = partOf(binder, column, bind(ast), type)
  return typedCall(binder, 'array_with_slice', [before, value, ...bounds], span)
}

function partOf(
  binder: Binder,
  { text: name, span }: AssignedColumn,
  value: Expression,
  type: DataType,
): Expression {
  const kind = castKind(value.type, type)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, value, type)
  const [expected, found] = [shownType(type), shownType(value.type)]
  const message = `subscripted assignment to "${name}" requires type ${expected} but expression is of type ${found}`
  throw new QueryError('DATATYPE_MISMATCH', message, {
    span,
    expected,
    found,
    hint: 'You will need to rewrite or cast the expression.',
  })
}
