import type { AstExpression, Identifier } from '../ast/expression.ts'
import type { Assignment } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
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

function parseColumn(cursor: TokenCursor): Identifier {
  const name = parseName(cursor)
  if (cursor.at('.') || cursor.at('[')) throw cursor.unsupported('UPDATE of a part of a column')
  return name
}
