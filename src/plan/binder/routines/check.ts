import { QueryError } from '../../../base/errors.ts'
import { finishSteps } from '../../../base/steps.ts'
import { castKind, shownType } from '../../../data/types/coercion.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { inputsOf, type RoutineEntry } from '../../catalog/routine.ts'
import type { Expression } from '../../logical/expression.ts'
import { settle } from '../../logical/typing.ts'
import { bindExpression, newLevel, type Binder, type NeededEntries } from '../context.ts'
import { emptyNamespace, scopeOf } from '../scope.ts'
import { bodyBinder, environmentOf, statementsOf } from './body.ts'
import { enteredRoutine } from './arguments.ts'
import { asReturned, shapeOf } from './shape.ts'
import { typeIn, voidType } from './types.ts'

/** The arguments of a function whose values are not known: parameters of its types. */
export function openArgument(binder: Binder, entry: RoutineEntry): (index: number) => Expression {
  const types = inputsOf(entry).map(({ type }) => typeIn(binder.ctx.catalog, type) ?? voidType)
  return (index) => ({ kind: 'parameter', index, type: types[index] ?? voidType })
}

/** Whether what a function takes is known at its calls only. */
export function isPolymorphic(entry: RoutineEntry): boolean {
  return inputsOf(entry).some(({ type }) => type.kind === 'polymorphic')
}

/**
 * Binds the queries of a body and looks at what the last one gives, as calls will. Gives what the names in it led to; of one
 * with polymorphic arguments only that its text can be read is known.
 */
export function checkBody(binder: Binder, entry: RoutineEntry): NeededEntries {
  const statements = statementsOf(entry)
  checkDefaults(binder, entry)
  const inner = bodyBinder(binder, enteredRoutine(binder, entry, openArgument(binder, entry)))
  if (isPolymorphic(entry)) return inner.needed
  const last = statements.at(-1)
  const shape = shapeOf(binder.ctx.catalog, entry, {})
  const returnsNothing = shape.kind === 'void' || entry.routine === 'procedure'
  if (last === undefined && !returnsNothing) throw withoutResult(entry)
  for (const statement of statements) {
    if (statement.kind !== 'select') continue
    const draft = finishSteps(inner.query(statement, environmentOf(inner)))
    const isResult = statement === last && !returnsNothing
    draft.finish(
      isResult
        ? asReturned(inner, entry, shape, draft.exprs)
        : draft.exprs.map((expr) => settle(inner, expr)),
    )
  }
  const gives =
    last?.kind === 'select' ||
    (last !== undefined && 'returning' in last && last.returning !== undefined)
  if (!gives && !returnsNothing) throw withoutResult(entry)
  return inner.needed
}

function withoutResult(entry: RoutineEntry): QueryError {
  const shown = entry.returns.kind === 'plain' ? entry.returns.shown : entry.returns.kind
  const message = `return type mismatch in function declared to return ${shown}`
  return new QueryError('INVALID_FUNCTION_DEFINITION', message, {
    detail: "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.",
  })
}

function checkDefaults(binder: Binder, entry: RoutineEntry): void {
  for (const { defaultText, type } of inputsOf(entry)) {
    if (defaultText === undefined) continue
    const ast = parseExpression(defaultText)
    const scope = scopeOf(emptyNamespace, newLevel(), environmentOf(binder))
    const value = bindExpression(scope, ast)
    const wanted = typeIn(binder.ctx.catalog, type)
    if (wanted === undefined) continue
    const kind = castKind(value.type, wanted)
    if (kind === 'implicit' || kind === 'assignment') continue
    const [from, to] = [shownType(value.type), shownType(wanted)]
    throw new QueryError(
      'DATATYPE_MISMATCH',
      `argument of DEFAULT must be type ${to}, not type ${from}`,
    )
  }
}
