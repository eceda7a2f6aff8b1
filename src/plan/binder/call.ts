import type { Span } from '../../base/span.ts'
import { resolveScalar, functionNames } from '../../functions/catalogue.ts'
import { isResolved, resolutionError } from '../../functions/resolve.ts'
import type { ResolutionFailure } from '../../functions/resolve.ts'
import { QueryError } from '../../base/errors.ts'
import { decimal } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { nearestName } from '../catalog/suggest.ts'
import { call } from '../logical/build.ts'
import type { Call, Expression } from '../logical/expression.ts'
import { coerce } from './coerce.ts'
import type { Binder } from './context.ts'

/**
 * A call of a scalar function or operator, its overload chosen and the arguments brought to the types
 * that it takes. `span` is where an error points: the name or the operator's symbol.
 */
export function callFunction(
  binder: Binder,
  name: string,
  args: readonly Expression[],
  span: Span,
  at: Span = span,
): Call {
  const types = argumentTypes(name, args)
  const outcome = resolveScalar(name, types, binder.digits)
  if (!isResolved(outcome)) throw unresolved(name, args, outcome, at)
  const kinds = outcome.fn.args
  const coerced = args.map((arg, index) => {
    // A parameter where any type will do waits for another use to tell its type.
    const open = arg.kind === 'parameter' && arg.type.kind === 'unknown'
    if (open && kinds.length === 1 && kinds[0] === 'any') return arg
    return coerce(binder, arg, outcome.argTypes[index] ?? arg.type)
  })
  return call(outcome.fn.id, coerced, outcome.resultType, span)
}

/** The error for a call without overload, with the nearest name where the name is not known at all. */
export function unresolved(
  name: string,
  args: readonly Expression[],
  failure: ResolutionFailure,
  span: Span,
): QueryError {
  const types = args.map((arg) => arg.type)
  const error = resolutionError(name, types, failure, span)
  if (failure.reason !== 'unknown-name') return error
  const nearest = nearestName(name, functionNames())
  if (nearest === undefined) return error
  const hint = `${error.details.hint ?? ''} Perhaps you meant "${nearest}".`.trim()
  return new QueryError(error.code, error.message, { ...error.details, hint })
}

const arithmetic = new Set(['+', '-', '*', '/', '%', '=', '<>', '<', '<=', '>', '>='])

/** Beside a decimal operand an integer constant counts with the digits it has, so results stay narrow. */
function argumentTypes(name: string, args: readonly Expression[]): readonly DataType[] {
  const types = args.map((arg) => arg.type)
  const some = types.some((type) => type.kind === 'decimal')
  if (args.length !== 2 || !some || !arithmetic.has(name)) return types
  return args.map((arg) => {
    const { kind } = arg.type
    const integer = kind === 'int2' || kind === 'int4' || kind === 'int8'
    if (arg.kind !== 'literal' || !integer || arg.value === null) return arg.type
    return decimal(String(arg.value).replace('-', '').length, 0)
  })
}
