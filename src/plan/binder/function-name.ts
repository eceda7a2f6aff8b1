import { QueryError } from '../../base/errors.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'

/** The name of a called function. Errors: UNDEFINED_SCHEMA for any schema but those of the catalogue. */
export function functionNameOf(ast: AstFunction): string {
  const { parts, span } = ast.name
  if (!isInCatalogue(ast)) {
    const message = `schema "${parts.at(-2)?.text}" does not exist`
    throw new QueryError('UNDEFINED_SCHEMA', message, { span })
  }
  return parts.at(-1)!.text
}

/** Whether a name may lead to a function of the catalogue: without a schema, or with one of PostgreSQL's own. */
export function isInCatalogue({ name: { parts } }: AstFunction): boolean {
  const schema = parts.at(-2)?.text
  if (schema === undefined || schema === 'pg_catalog') return true
  return schema === 'information_schema' && parts.at(-1)!.text.startsWith('_pg_')
}
