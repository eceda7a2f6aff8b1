import type { Identifier } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { parseName } from './name.ts'

const roleWords: ReadonlySet<string> = new Set(['current_user', 'session_user', 'current_role'])

/** RoleSpec */
export function parseRole(cursor: TokenCursor): Identifier {
  if (!cursor.atAny(roleWords)) return parseName(cursor)
  const { text, start, end } = cursor.advance()
  return { text, quoted: false, span: { start, end } }
}
