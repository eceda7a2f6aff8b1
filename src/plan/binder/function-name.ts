import { QueryError } from '../../base/errors.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'

/** The name of a called function. Errors: UNDEFINED_SCHEMA for any schema but pg_catalog. */
export function functionNameOf(ast: AstFunction): string {
  const { parts } = ast.name
  const name = parts.at(-1)!.text
  const schema = parts.at(-2)?.text
  const isOfInformation = schema === 'information_schema' && name.startsWith('_pg_')
  if (schema !== undefined && schema !== 'pg_catalog' && !isOfInformation) {
    throw new QueryError('UNDEFINED_SCHEMA', `schema "${schema}" does not exist`, {
      span: ast.name.span,
    })
  }
  return name
}
