import type { Returning } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseSelectItem } from './select.ts'

/** RETURNING target_list */
export function parseReturning(cursor: TokenCursor): Returning | undefined {
  if (!cursor.at('returning')) return undefined
  const { start } = cursor.advance()
  const items = commaList(cursor, parseSelectItem)
  return { items, span: cursor.spanFrom(start) }
}
