import type { MergeAction, MergeInsert, MergeStatement } from '../ast/statement.ts'
import { parseAssignment } from './assignments.ts'
import { parseTarget } from './change.ts'
import type { LeadingWith, TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseTableReference } from './from.ts'
import { parseOverriding, parseTargets } from './insert.ts'

/** MERGE INTO relation_expr_opt_alias USING table_ref ON a_expr merge_when+ */
export function parseMerge(cursor: TokenCursor, leading: LeadingWith | undefined): MergeStatement {
  const token = cursor.expect('merge')
  cursor.expect('into')
  const table = parseTarget(cursor, 'using')
  cursor.expect('using')
  const source = parseTableReference(cursor)
  cursor.expect('on')
  const on = cursor.productions.expression(cursor)
  const actions = [parseWhen(cursor)]
  while (cursor.at('when')) actions.push(parseWhen(cursor))
  if (cursor.at('returning')) throw cursor.unsupported('RETURNING of MERGE')
  const span = cursor.spanFrom(leading?.start ?? token.start)
  return { kind: 'merge', with: leading?.clause, table, source, on, actions, span }
}

/** WHEN NOT? MATCHED (AND a_expr)? THEN (UPDATE SET ... | DELETE | INSERT ... | DO NOTHING) */
function parseWhen(cursor: TokenCursor): MergeAction {
  const { start } = cursor.expect('when')
  const isMatched = !cursor.accept('not')
  cursor.expect('matched')
  if (cursor.at('by')) throw cursor.unsupported('BY SOURCE and BY TARGET')
  const condition = cursor.accept('and') ? cursor.productions.expression(cursor) : undefined
  cursor.expect('then')
  const action = parseAction(cursor, isMatched)
  return { isMatched, condition, action, span: cursor.spanFrom(start) }
}

function parseAction(cursor: TokenCursor, isMatched: boolean): MergeAction['action'] {
  if (cursor.accept('do')) {
    cursor.expect('nothing')
    return { kind: 'nothing' }
  }
  if (!isMatched) return parseInsertAction(cursor)
  if (cursor.accept('delete')) return { kind: 'delete' }
  cursor.expect('update')
  cursor.expect('set')
  return { kind: 'update', assignments: commaList(cursor, parseAssignment) }
}

/** INSERT ('(' columns ')')? overriding? (VALUES '(' expr_list ')' | DEFAULT VALUES) */
function parseInsertAction(cursor: TokenCursor): MergeInsert {
  cursor.expect('insert')
  const columns = cursor.at('(') ? parseTargets(cursor) : []
  const part = columns.find(({ path }) => path !== undefined)
  if (part !== undefined) throw cursor.unsupported('MERGE into a part of a column', part.span.start)
  const overriding = parseOverriding(cursor)
  if (columns.length === 0 && cursor.acceptAll('default', 'values')) {
    return { kind: 'insert', columns, overriding, values: undefined }
  }
  cursor.expect('values')
  const values = parenthesizedList(cursor, cursor.productions.expression)
  return { kind: 'insert', columns, overriding, values }
}
