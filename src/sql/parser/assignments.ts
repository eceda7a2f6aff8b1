import type { AstExpression } from '../ast/expression.ts'
import type { AssignedColumn, Assignment, PathStep } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseBrackets } from './indirection.ts'
import { parseLabel, parseName } from './name.ts'

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

/** set_target: ColId ('[' a_expr ']' | '[' a_expr? ':' a_expr? ']' | '.' attr_name)* */
export function parseColumn(cursor: TokenCursor): AssignedColumn {
  const name = parseName(cursor)
  const path: PathStep[] = []
  for (;;) {
    if (cursor.at('[')) path.push(parseBrackets(cursor))
    else if (cursor.accept('.')) path.push({ field: parseLabel(cursor) })
    else return path.length === 0 ? name : { ...name, path }
    cursor.checkDepth(path.length)
  }
}
