import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { QualifiedName } from '../../sql/ast/expression.ts'
import type { ObjectName } from '../catalog/schemas.ts'

/**
 * A table, view or model name as a statement writes it: schema and name. Errors: FEATURE_NOT_SUPPORTED for
 * one of another database, SYNTAX_ERROR for more parts than a name can have.
 */
export function objectName({ parts, span }: QualifiedName): ObjectName {
  const shown = shownName({ parts })
  if (parts.length > 3) throw tooManyNames(shown, span)
  if (parts.length === 3) {
    const message = `cross-database references are not implemented: "${shown}"`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      span,
      expected: 'name or schema.name',
    })
  }
  return { schema: parts.at(-2)?.text, name: parts.at(-1)!.text, span }
}

/** A name as errors tell it. */
export function shownName({ parts }: Pick<QualifiedName, 'parts'>): string {
  return parts.map(({ text }) => text).join('.')
}

/** More parts than a name can have. */
export function tooManyNames(shown: string, span: Span): QueryError {
  const message = `improper qualified name (too many dotted names): ${shown}`
  return new QueryError('SYNTAX_ERROR', message, { span })
}

/** A column, or all, of a table of another database. */
export function ofOtherDatabase(shown: string, span: Span): QueryError {
  const message = `cross-database references are not implemented: ${shown}`
  return new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
}
