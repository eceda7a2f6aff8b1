import { QueryError } from '../../base/errors.ts'
import type { QualifiedName } from '../../sql/ast/expression.ts'
import type { ObjectName } from '../catalog/schemas.ts'

/**
 * A table, view or model name as a statement writes it: schema and name. Errors: FEATURE_NOT_SUPPORTED for
 * one of another database, SYNTAX_ERROR for more parts than a name can have.
 */
export function objectName({ parts, span }: QualifiedName): ObjectName {
  const shown = parts.map(({ text }) => text).join('.')
  if (parts.length > 3) {
    const message = `improper qualified name (too many dotted names): ${shown}`
    throw new QueryError('SYNTAX_ERROR', message, { span })
  }
  if (parts.length === 3) {
    const message = `cross-database references are not implemented: "${shown}"`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      span,
      expected: 'name or schema.name',
    })
  }
  return { schema: parts.at(-2)?.text, name: parts.at(-1)!.text, span }
}
