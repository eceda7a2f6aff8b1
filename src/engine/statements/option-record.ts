import { QueryError } from '../../base/errors.ts'
import type { OptionValue, StatementOption } from '../../sql/ast/statement.ts'

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
