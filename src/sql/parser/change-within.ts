import type { ChangeInWith } from '../ast/select.ts'
import { parseDelete, parseUpdate } from './change.ts'
import type { LeadingWith, TokenCursor } from './cursor.ts'
import { parseInsert } from './insert.ts'

/** InsertStmt | UpdateStmt | DeleteStmt, behind its WITH */
export function parseChange(cursor: TokenCursor, leading?: LeadingWith): ChangeInWith {
  if (cursor.at('update')) return parseUpdate(cursor, leading)
  if (cursor.at('delete')) return parseDelete(cursor, leading)
  return parseInsert(cursor, leading)
}
