import type { AstExpression, Identifier } from '../ast/expression.ts'
import type { Assignment } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName } from './name.ts'

/** WHERE a_expr */
export function parseCondition(cursor: TokenCursor): AstExpression | undefined {
  return cursor.accept('where') ? cursor.productions.expression(cursor) : undefined
}

/** set_target '=' a_expr | '(' set_target (',' set_target)* ')' '=' a_expr, where that is a row of as many */
export function parseAssignments(cursor: TokenCursor): readonly Assignment[] {
  const { start } = cursor.current
  if (!cursor.at('(')) {
    const column = parseColumn(cursor)
    cursor.expect('=')
    return [{ column, value: cursor.productions.expression(cursor) }]
  }
  const columns = parenthesizedList(cursor, parseColumn)
  cursor.expect('=')
  const value = cursor.productions.expression(cursor)
  const values = valuesOf(value, columns.length)
  if (values === undefined) {
    throw cursor.unsupported('a query as the source of several columns', start)
  }
  if (values.length !== columns.length) {
    const span = cursor.spanFrom(start)
    throw cursor.grammarError('number of columns does not match number of values', span)
  }
  return columns.map((column, at) => ({ column, value: values[at]! }))
}

/** The values of a row; one in parentheses is itself. */
function valuesOf(value: AstExpression, columns: number): readonly AstExpression[] | undefined {
  if (value.kind === 'row') return value.items
  return columns === 1 ? [value] : undefined
}

function parseColumn(cursor: TokenCursor): Identifier {
  const name = parseName(cursor)
  if (cursor.at('.') || cursor.at('[')) throw cursor.unsupported('UPDATE of a part of a column')
  return name
}
