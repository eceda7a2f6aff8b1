import type { AstExpression, Subscript } from '../ast/expression.ts'
import type { AssignedColumn, Assignment } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseBrackets } from './indirection.ts'
import { parseName } from './name.ts'

/** WHERE a_expr */
export function parseCondition(cursor: TokenCursor): AstExpression | undefined {
  return cursor.accept('where') ? cursor.productions.expression(cursor) : undefined
}

/** set_target '=' a_expr | '(' set_target (',' set_target)* ')' '=' a_expr */
export function parseAssignment(cursor: TokenCursor): Assignment {
  const isRow = cursor.at('(')
  const columns = isRow ? parenthesizedList(cursor, parseColumn) : [parseColumn(cursor)]
  cursor.expect('=')
  return { columns, isRow, value: cursor.productions.expression(cursor) }
}

/** set_target: ColId ('[' a_expr ']' | '[' a_expr? ':' a_expr? ']')* */
function parseColumn(cursor: TokenCursor): AssignedColumn {
  const name = parseName(cursor)
  const subscripts: Subscript[] = []
  while (cursor.at('[')) {
    subscripts.push(parseBrackets(cursor))
    cursor.checkDepth(subscripts.length)
  }
  if (cursor.at('.')) throw cursor.unsupported('UPDATE of a part of a column')
  return subscripts.length === 0 ? name : { ...name, subscripts }
}
