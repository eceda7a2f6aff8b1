import { QueryError } from '../../base/errors.ts'
import type { ObjectName } from '../../plan/catalog/schemas.ts'
import type { OptionValue, StatementOption } from '../../sql/ast/statement.ts'
import type { QualifiedName } from '../../sql/ast/expression.ts'

/** A table, view or model name as a statement writes it. */
export function objectName({ parts, span }: QualifiedName): ObjectName {
  const name = parts.at(-1)?.text ?? ''
  if (parts.length > 2) {
    throw new QueryError('FEATURE_NOT_SUPPORTED', 'cross-database references are not implemented', {
      span,
      expected: 'name or schema.name',
    })
  }
  return { schema: parts.length === 2 ? parts[0]?.text : undefined, name, span }
}

/** Reads a WITH list as a record; a name given twice is an error. */
export function optionRecord(
  options: readonly StatementOption[],
): Readonly<Record<string, OptionValue>> {
  const values = new Map<string, OptionValue>()
  for (const { name, value, span } of options) {
    const key = name.toLowerCase()
    if (values.has(key)) {
      throw new QueryError('SYNTAX_ERROR', `option "${key}" specified more than once`, { span })
    }
    values.set(key, value)
  }
  return Object.fromEntries(values)
}
