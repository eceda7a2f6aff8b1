import { QueryError } from '../../../base/errors.ts'
import { present } from '../../../base/assert.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import type { AstFunction } from '../../../sql/ast/expression.ts'
import { outputsOf, shownRoutine, type RoutineEntry } from '../../catalog/routine.ts'
import type { Expression } from '../../logical/expression.ts'
import { bindExpression, newLevel, type Binder } from '../context.ts'
import { shownName } from '../object-name.ts'
import { emptyNamespace, scopeOf } from '../scope.ts'
import { environmentOf } from './body.ts'
import { argumentsFor, routinesCalled } from './call.ts'
import { candidatesFor, chosenFor } from './candidates.ts'
import { argumentsOf, unresolvedCall } from './given.ts'
import { typeIn, voidType } from './types.ts'

/** A procedure with what it is called with. */
export interface ProcedureCall {
  readonly entry: RoutineEntry
  readonly args: readonly Expression[]
  readonly outputTypes: readonly DataType[]
  /** Of `$1`, `$2` in the call itself. */
  readonly parameterTypes: readonly DataType[]
}

/** What CALL calls. Errors: UNDEFINED_FUNCTION, WRONG_OBJECT_TYPE for a function. */
export function boundProcedureCall(binder: Binder, ast: AstFunction): ProcedureCall {
  const scope = scopeOf(emptyNamespace, newLevel(), environmentOf(binder))
  const { catalog } = binder.ctx
  const entries = routinesCalled(binder, ast)
    .filter(({ routine }) => routine !== 'macro')
    .map(asCalled)
  const { shape, values } = argumentsOf(ast)
  const given = values.map((value) => bindExpression(scope, value))
  const types = given.map(({ type }) => type)
  const choice = chosenFor(catalog, candidatesFor(entries, shape), types)
  const name = shownName(ast.name)
  const { span } = ast.name
  if (typeof choice === 'string') {
    const isAmbiguous = choice === 'ambiguous'
    throw unresolvedCall(name, shape, given, { noun: 'procedure', isAmbiguous, span })
  }
  const { candidate, solution } = choice
  const called = candidate.entry
  if (called.routine !== 'procedure') {
    throw new QueryError('WRONG_OBJECT_TYPE', `${shownRoutine(called)} is not a procedure`, {
      span,
      hint: 'To call a function, use SELECT.',
    })
  }
  const entry = present(
    routinesCalled(binder, ast).find(({ id }) => id === called.id),
    'procedure',
  )
  const isInput = called.parameters.map((_, at) => entry.parameters[at]?.mode !== 'out')
  const args = argumentsFor(binder, candidate, given, solution, ast).filter((_, at) => isInput[at])
  const outputTypes = outputsOf(entry).map(
    ({ type }) => typeIn(catalog, type, solution) ?? voidType,
  )
  const parameterTypes = Array.from(binder.parameters, (type) => type ?? voidType)
  return { entry, args, outputTypes, parameterTypes }
}

/** Calls give something for each parameter of a procedure, for those that it only gives back as well. */
function asCalled(entry: RoutineEntry): RoutineEntry {
  if (entry.routine !== 'procedure') return entry
  const parameters = entry.parameters.map((one) =>
    one.mode === 'out' ? { ...one, mode: 'in' as const } : one,
  )
  return { ...entry, parameters }
}
