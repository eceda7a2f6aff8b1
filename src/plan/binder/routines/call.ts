import { QueryError } from '../../../base/errors.ts'
import { present } from '../../../base/assert.ts'
import { functionNames } from '../../../functions/catalogue.ts'
import { sessionFunctions } from '../../../functions/session.ts'
import type { AstExpression, AstFunction } from '../../../sql/ast/expression.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import { inputsOf, shownRoutine, type RoutineEntry } from '../../catalog/routine.ts'
import { routinesNamed } from '../../catalog/routines.ts'
import { columnReference, named, project } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import { coerce, settle, typedCall } from '../../logical/typing.ts'
import { arrayOfRelation } from '../array-subquery.ts'
import { bindExpression } from '../context.ts'
import type { Binder, Scope } from '../context.ts'
import { isInCatalogue } from '../function-name.ts'
import { objectName, shownName } from '../object-name.ts'
import { emptyNamespace, scopeOf } from '../scope.ts'
import { newLevel } from '../context.ts'
import { isTypeName } from '../type-name.ts'
import { bodyAsRows, bodyAsValue, environmentOf, type BoundCall } from './body.ts'
import { candidatesFor, chosenFor, type Candidate } from './candidates.ts'
import { argumentsOf, unresolvedCall } from './given.ts'
import { shapeOf, valueReturned } from './shape.ts'
import { typeIn, type Solution } from './types.ts'

/** What a call of a name means that statements have made; undefined where it is the catalogue's. */
export function routineCall(scope: Scope, ast: AstFunction): BoundCall | undefined {
  const { binder } = scope.environment
  const entries = routinesCalled(binder, ast)
  const isOther = isBuiltIn(binder, ast)
  if (entries.length === 0) {
    if (isOther || ast.name.parts.length === 1) return undefined
    throw undefinedCall(scope, ast)
  }
  const { shape, values } = argumentsOf(ast)
  const candidates = candidatesFor(entries, shape)
  if (candidates.length === 0 && isOther) return undefined
  const [macro] = entries
  if (macro?.routine === 'macro') return macroCall(scope, ast, candidates[0], values)
  const given = values.map((value) => bindExpression(scope, value))
  const types = given.map(({ type }) => type)
  const choice = chosenFor(binder.ctx.catalog, candidates, types)
  const name = shownName(ast.name)
  const { span } = ast.name
  if (choice === 'none' || choice === 'ambiguous') {
    if (isOther) return undefined
    throw unresolvedCall(name, shape, given, { isAmbiguous: choice === 'ambiguous', span })
  }
  if (choice === 'unknown') throw undetermined(ast)
  // Of functions that take the same, those of pg_catalog come first.
  if (isOther && !choice.isExact) return undefined
  const { candidate, solution } = choice
  const { entry } = candidate
  if (entry.routine === 'procedure') {
    throw new QueryError('WRONG_OBJECT_TYPE', `${shownRoutine(entry)} is a procedure`, {
      span,
      hint: 'To call a procedure, use CALL.',
    })
  }
  if (binder.views.length === 0) binder.needed.functions.add(entry.id)
  const args = argumentsFor(binder, candidate, given, solution, ast)
  return { entry, args, shape: shapeOf(binder.ctx.catalog, entry, solution), span: ast.span }
}

/** The functions that a name leads to. Within a view these are those that it led to when that was made. */
export function routinesCalled(binder: Binder, ast: AstFunction): readonly RoutineEntry[] {
  const { catalog, searchPath } = binder.ctx
  const name = objectName(ast.name)
  const view = binder.views.at(-1)
  if (view === undefined) return routinesNamed(catalog, name, searchPath)
  if (view.functions.length === 0) return []
  const every = name.schema === undefined ? [...catalog.functions.keys()] : searchPath
  return routinesNamed(catalog, name, every).filter(({ id }) => view.functions.includes(id))
}

function isBuiltIn(binder: Binder, ast: AstFunction): boolean {
  if (!isInCatalogue(ast)) return false
  const name = ast.name.parts.at(-1)?.text ?? ''
  return isBuiltInName(binder, name) || (ast.args.length === 1 && isTypeName(name))
}

/** Whether the catalogue has a function of a name. */
export function isBuiltInName({ functions, ctx }: Binder, name: string): boolean {
  return (
    functions.scalar.has(name) ||
    functions.window.has(name) ||
    functions.aggregate.has(name) ||
    functions.table.has(name) ||
    ctx.sessionValue?.(name) !== undefined ||
    sessionNames.has(name) ||
    functionNames(functions).includes(name)
  )
}

const sessionNames: ReadonlySet<string> = new Set(sessionFunctions.map(({ name }) => name))

function undefinedCall(scope: Scope, ast: AstFunction): QueryError {
  const { catalog } = scope.environment.binder.ctx
  const schema = objectName(ast.name).schema ?? ''
  const { span } = ast.name
  if (!catalog.relations.has(schema)) {
    return new QueryError('UNDEFINED_SCHEMA', `schema "${schema}" does not exist`, { span })
  }
  const { shape, values } = argumentsOf(ast)
  const given = values.map((value) => bindExpression(scope, value))
  return unresolvedCall(shownName(ast.name), shape, given, { span })
}

function undetermined(ast: AstFunction): QueryError {
  const message = 'could not determine polymorphic type because input has type unknown'
  return new QueryError('DATATYPE_MISMATCH', message, { span: ast.name.span })
}

/** By input of the function its value: what was given, brought to its type, or its default. */
export function argumentsFor(
  binder: Binder,
  { entry, sources, slots }: Candidate,
  given: readonly Expression[],
  solution: Solution,
  ast: AstFunction,
): readonly Expression[] {
  const { catalog } = binder.ctx
  const brought = given.map((expr, at) => {
    const type = typeIn(catalog, present(slots[at], 'type of an argument'), solution)
    const coerced = type === undefined ? settle(binder, expr) : coerce(binder, expr, type)
    // A row that is written out is of the type from here on.
    return type?.kind === 'record' && coerced.type.kind === 'record'
      ? { ...coerced, type }
      : coerced
  })
  return inputsOf(entry).map((input, at) => {
    const source = sources[at]
    if (source === 'rest') return typedCall(binder, 'array_of', brought.slice(at), ast.span)
    if (source !== undefined) return present(brought[source], 'argument')
    const text = present(input.defaultText, 'default of a parameter')
    const value = bindExpression(
      scopeOf(emptyNamespace, newLevel(), environmentOf(binder)),
      placedAt(parseExpression(text), ast.span),
    )
    const type = typeIn(catalog, input.type, solution)
    return type === undefined ? settle(binder, value) : coerce(binder, value, type)
  })
}

/** A macro's arguments are what is written, in each place anew. */
function macroCall(
  scope: Scope,
  ast: AstFunction,
  candidate: Candidate | undefined,
  values: readonly AstExpression[],
): BoundCall {
  const { binder } = scope.environment
  const { span } = ast
  if (candidate === undefined) {
    const { shape } = argumentsOf(ast)
    const given = values.map((value) => bindExpression(scope, value))
    throw unresolvedCall(shownName(ast.name), shape, given, { noun: 'macro', span: ast.name.span })
  }
  const { entry, sources } = candidate
  if (binder.views.length === 0) binder.needed.functions.add(entry.id)
  const args = inputsOf(entry).map((input, at) => {
    const source = sources[at]
    if (typeof source === 'number')
      return bindExpression(scope, present(values[source], 'argument'))
    const text = present(input.defaultText, 'default of a parameter')
    return bindExpression(scope, placedAt(parseExpression(text), span))
  })
  return { entry, args, shape: { kind: 'any' }, span }
}

/** A call as a value: a function that gives rows gives each of them. */
export function routineValue(call: BoundCall, scope: Scope): Expression {
  return bodyAsValue(scope.environment.binder, call)
}

/** The array of what a function gives, of its one column or of rows. */
export function routineArray(binder: Binder, call: BoundCall): Expression {
  const rows = bodyAsRows(binder, call)
  const value = valueReturned(
    binder,
    call.shape,
    rows.columns.map((column) => columnReference(column)),
  )
  const values = project(rows, [named(binder.ctx.columnIds, call.entry.name, value)])
  return arrayOfRelation(binder, values, call.span)
}
