import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import type { QualifiedName } from '../../../sql/ast/expression.ts'
import type { RoutineEntry } from '../../catalog/routine.ts'
import { inputsOf } from '../../catalog/routine.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Binder } from '../context.ts'
import { fieldOf } from '../whole-row.ts'
import type { RoutineScope } from './routine-scope.ts'

/** Functions within functions at most. */
const ROUTINE_DEPTH_MAX = 64

/** Calls of functions in one statement at most, those in the bodies of functions included. */
const ROUTINE_CALLS_MAX = 200_000

/** Enters the body of a function. Errors: STATEMENT_TOO_COMPLEX for one that calls itself, and for too many. */
export function enteredRoutine(
  { routine: outer, counters }: Binder,
  entry: RoutineEntry,
  read: RoutineScope['read'],
): RoutineScope {
  let depth = 1
  counters.routineCalls += 1
  for (let at = outer; at !== undefined; at = at.outer) {
    if (at.entry.id === entry.id) throw tooDeep(`Function "${entry.name}" calls itself.`)
    depth += 1
  }
  if (depth > ROUTINE_DEPTH_MAX) {
    throw tooDeep(`Functions call each other more than ${ROUTINE_DEPTH_MAX} deep.`)
  }
  if (counters.routineCalls > ROUTINE_CALLS_MAX) {
    throw tooDeep(`A statement calls at most ${ROUTINE_CALLS_MAX} functions.`)
  }
  return { entry, outer, read }
}

function tooDeep(detail: string): QueryError {
  return new QueryError('STATEMENT_TOO_COMPLEX', 'stack depth limit exceeded', { detail })
}

/** The argument that `$n` means. Errors: UNDEFINED_PARAMETER. */
export function numberedArgument(routine: RoutineScope, index: number, span: Span): Expression {
  if (index < inputsOf(routine.entry).length) return routine.read(index, span)
  throw new QueryError('UNDEFINED_PARAMETER', `there is no parameter $${index + 1}`, { span })
}

/** The argument, or the field of one, that a name means which no column has: `a`, `f.a`, `a.field`, `f.a.field`. */
export function namedArgument(
  binder: Binder,
  { parts, span }: QualifiedName,
): Expression | undefined {
  const { routine, views } = binder
  if (routine === undefined || views.length > 0) return undefined
  const inputs = inputsOf(routine.entry)
  const indexOf = (name: string | undefined): number =>
    name === undefined ? -1 : inputs.findIndex((one) => one.name === name)
  const [first, second, third] = parts.map(({ text }) => text)
  const isQualified = first === routine.entry.name && indexOf(second) >= 0
  const [name, field, beyond] = isQualified ? [second, third, parts[3]] : [first, second, third]
  const index = indexOf(name)
  if (index < 0 || beyond !== undefined) return undefined
  const value = routine.read(index, span)
  if (field === undefined) return value
  if (value.type.kind !== 'record') return undefined
  const at = value.type.fields.findIndex((one) => one.name === field)
  return at < 0 ? undefined : fieldOf(binder, value, at, span)
}
