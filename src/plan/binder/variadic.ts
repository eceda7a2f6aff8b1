import { notSupported, QueryError } from '../../base/errors.ts'
import { shownType } from '../../data/types/coercion.ts'
import { arrayOf, text } from '../../data/types/data-type.ts'
import { readArray } from '../../functions/array-elements.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'
import { literal } from '../logical/build.ts'
import type { Call, Expression } from '../logical/expression.ts'
import { coerce, typedCall } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { bindExpression } from './context.ts'
import type { Scope } from './context.ts'

/** Functions that take the elements of an array in place of their last arguments. */
const takers: ReadonlySet<string> = new Set([
  'concat',
  'concat_ws',
  'format',
  'num_nulls',
  'num_nonnulls',
  'json_build_array',
  'json_build_object',
  'jsonb_build_array',
  'jsonb_build_object',
  'json_extract_path',
  'json_extract_path_text',
  'jsonb_extract_path',
  'jsonb_extract_path_text',
])

/**
 * `f(a, VARIADIC array)`: a call with the elements of the array, where these are written out; texts joined and paths followed
 * are those of any array. Undefined for a call without VARIADIC. Throws DATATYPE_MISMATCH for what is no array.
 */
export function bindVariadicCall(
  scope: Scope,
  ast: AstFunction,
  name: string,
): Expression | undefined {
  const last = ast.args.at(-1)
  if (last?.kind !== 'variadic-argument' || !takers.has(name)) return undefined
  const { binder } = scope.environment
  const before = ast.args.slice(0, -1).map((arg) => bindExpression(scope, arg))
  const array = bindExpression(scope, last.value)
  if (array.type.kind !== 'array') {
    const message = 'VARIADIC argument must be an array'
    throw new QueryError('DATATYPE_MISMATCH', message, spanDetail(array.span ?? last.span))
  }
  const isPath = name.includes('extract')
  const wanted = name === 'concat_ws' || name === 'format' || isPath ? 1 : 0
  if (before.length !== wanted || (isPath && array.type.element.kind !== 'text')) {
    const types = [...before, array].map(({ type }) => shownType(type)).join(', ')
    const message = `function ${name}(${types}) does not exist`
    throw new QueryError('UNDEFINED_FUNCTION', message, spanDetail(ast.name.span))
  }
  const call = (args: readonly Expression[]): Call =>
    typedCall(binder, name, args, ast.span, ast.name.span)
  if (array.kind === 'literal' && array.value === null) {
    if (name === 'format') return call(before)
    return literal(null, call([...before, literal('', text), literal('', text)]).type, ast.span)
  }
  if (name === 'concat' || name === 'concat_ws') {
    const separator = before[0] ?? literal('', text)
    return typedCall(binder, 'array_to_string', [array, separator], ast.span)
  }
  const elements = elementsOf(array)
  if (elements === undefined && isPath) {
    // As the function with a name that says which, of a document that is one.
    const { type } = call([...before, literal('', text)]).args[0] ?? array
    const document = before.map((arg) => coerce(binder, arg, type))
    const operator = name.endsWith('_text') ? '#>>' : '#>'
    return typedCall(binder, operator, [...document, array], ast.span, ast.name.span)
  }
  if (elements === undefined) {
    throw notSupported('VARIADIC with an array that is not written out', last.span)
  }
  return call([...before, ...elements])
}

/** The elements of an array that is written out, of all dimensions; undefined for another. */
function elementsOf(array: Expression): readonly Expression[] | undefined {
  if (array.kind === 'literal' && array.type.kind === 'array') {
    const { element } = array.type
    return readArray(array.value, arrayOf(element)).elements.map((value) => literal(value, element))
  }
  if (array.kind !== 'call' || array.fn.declaredAs !== 'all') return undefined
  const parts = array.args.map((arg) => (arg.type.kind === 'array' ? elementsOf(arg) : [arg]))
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}
