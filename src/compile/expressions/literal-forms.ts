import type { InlineForm } from '../../functions/inline.ts'
import type { Call } from '../../plan/logical/expression.ts'

/** The form that a call has for its constant arguments, where the function has such forms. */
export function literalFormOf(expr: Call): InlineForm | undefined {
  const { literalForm } = expr.fn
  if (literalForm === undefined) return undefined
  const constants = expr.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))
  return literalForm(
    constants,
    expr.args.map((arg) => arg.type),
  )
}
