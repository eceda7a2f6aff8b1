import type { AstExpression, Subscript } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { parseLabel } from './name.ts'

/** opt_indirection: ('.' (attr_name | '*') | '[' a_expr ']' | '[' a_expr? ':' a_expr? ']')* */
export function parseIndirection(cursor: TokenCursor, start: AstExpression): AstExpression {
  let expr = start
  for (;;) {
    if (cursor.at('[')) {
      // What `start` ends with stands in parentheses.
      expr = parseSubscript(cursor, expr, expr !== start && expr.kind === 'subscript')
    } else if (cursor.accept('.')) {
      if (cursor.accept('*')) {
        return { kind: 'composite-star', arg: expr, span: cursor.spanFrom(expr.span.start) }
      }
      const name = parseLabel(cursor)
      expr = { kind: 'field', arg: expr, name, span: cursor.spanFrom(expr.span.start) }
    } else {
      return expr
    }
    cursor.height += 1
    cursor.checkDepth(cursor.height)
  }
}

function parseSubscript(cursor: TokenCursor, arg: AstExpression, follows: boolean): AstExpression {
  const part = parseBrackets(cursor)
  return { ...part, kind: 'subscript', arg, follows, span: cursor.spanFrom(arg.span.start) }
}

/** '[' a_expr ']' | '[' a_expr? ':' a_expr? ']' */
export function parseBrackets(cursor: TokenCursor): Subscript {
  const { start } = cursor.expect('[')
  const { expression } = cursor.productions
  const lower = cursor.at(':') ? undefined : expression(cursor)
  const slice = cursor.accept(':')
  const upper = slice && !cursor.at(']') ? expression(cursor) : undefined
  cursor.expect(']')
  return { lower, upper, slice, span: cursor.spanFrom(start) }
}
