import type { OrderItem } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseOperator } from './operator-name.ts'

/** sort_clause: ORDER BY sortby (',' sortby)* */
export function parseOrderBy(cursor: TokenCursor): OrderItem[] {
  cursor.expectAll('order', 'by')
  return commaList(cursor, parseOrderItem)
}

/** sort_clause? */
export function parseOptionalOrderBy(cursor: TokenCursor): OrderItem[] {
  return cursor.at('order') ? parseOrderBy(cursor) : []
}

/** sortby: a_expr (USING qual_all_Op | ASC | DESC)? (NULLS (FIRST | LAST))? */
export function parseOrderItem(cursor: TokenCursor): OrderItem {
  const { start } = cursor.current
  const expr = cursor.productions.expression(cursor)
  const descending = parseDirection(cursor)
  let nullsFirst: boolean | undefined
  if (cursor.accept('nulls')) {
    nullsFirst = cursor.accept('first')
    if (!nullsFirst) cursor.expect('last')
  }
  return { expr, descending, nullsFirst, span: cursor.spanFrom(start) }
}

function parseDirection(cursor: TokenCursor): boolean {
  if (!cursor.at('using')) return cursor.accept('desc') || (cursor.accept('asc') && false)
  const { start } = cursor.advance()
  const operator = parseOperator(cursor)
  if (operator !== '<' && operator !== '>') {
    throw cursor.unsupported(`ORDER BY USING ${operator}`, start)
  }
  return operator === '>'
}
