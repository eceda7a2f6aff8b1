import { QueryError } from '../../base/errors.ts'
import type { Identifier } from '../../sql/ast/expression.ts'
import type { StatementContext } from '../context/statement-context.ts'

const ownWords: ReadonlySet<string> = new Set(['current_user', 'session_user', 'current_role'])

/**
 * The only role that there is for a session is its user, to whom everything belongs. Errors: UNDEFINED_OBJECT for
 * another.
 */
export function checkRole(
  { settings }: Pick<StatementContext, 'settings'>,
  { text, quoted, span }: Identifier,
): void {
  if (!quoted && ownWords.has(text)) return
  if (text === settings.get('session_authorization')) return
  throw new QueryError('UNDEFINED_OBJECT', `role "${text}" does not exist`, { span })
}
