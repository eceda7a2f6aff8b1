import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { shownType } from '../../../data/types/coercion.ts'
import type { AstExpression, AstFunction } from '../../../sql/ast/expression.ts'
import type { Expression } from '../../logical/expression.ts'
import type { CallShape } from './candidates.ts'

/** The values of a call's arguments without their notation. Errors: SYNTAX_ERROR for one without a name behind named ones. */
export function argumentsOf(ast: AstFunction): {
  readonly shape: CallShape
  readonly values: readonly AstExpression[]
} {
  const names: string[] = []
  let isVariadic = false
  const values = ast.args.map((arg) => {
    const value = arg.kind === 'variadic-argument' ? arg.value : arg
    isVariadic ||= arg.kind === 'variadic-argument'
    if (value.kind === 'named-argument') {
      if (names.includes(value.name.text)) {
        const message = `argument name "${value.name.text}" used more than once`
        throw new QueryError('SYNTAX_ERROR', message, { span: value.span })
      }
      names.push(value.name.text)
      return value.value
    }
    if (names.length > 0) {
      const message = 'positional argument cannot follow named argument'
      throw new QueryError('SYNTAX_ERROR', message, { span: value.span })
    }
    return value
  })
  return { shape: { positional: values.length - names.length, names, isVariadic }, values }
}

/** The error that PostgreSQL raises for a call that no function takes, or several do. */
export function unresolvedCall(
  name: string,
  { positional, names, isVariadic }: CallShape,
  given: readonly Expression[],
  options: { readonly isAmbiguous?: boolean; readonly noun?: string; readonly span: Span },
): QueryError {
  const { isAmbiguous = false, noun = 'function', span } = options
  const types = given.map(({ type }, at) => {
    const named = at < positional ? '' : `${names[at - positional]} => `
    const variadic = isVariadic && at === given.length - 1 ? 'VARIADIC ' : ''
    return `${variadic}${named}${shownType(type)}`
  })
  const called = `${noun} ${name}(${types.join(', ')})`
  if (isAmbiguous) {
    return new QueryError('AMBIGUOUS_FUNCTION', `${called} is not unique`, {
      span,
      hint: `Could not choose a best candidate ${noun}. You might need to add explicit type casts.`,
    })
  }
  return new QueryError('UNDEFINED_FUNCTION', `${called} does not exist`, {
    span,
    hint:
      `No ${noun} matches the given name and argument types. ` +
      'You might need to add explicit type casts.',
  })
}
