import type { AstExpression } from '../ast/expression.ts'
import type { SelectStatement } from '../ast/select.ts'
import { plainCall } from './call-node.ts'
import { queryTails } from './clause-words.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseIndirection } from './indirection.ts'
import { builtInName } from './name.ts'
import { atPivot } from './pivot.ts'

/** What stands between parentheses: a query, else one or more expressions. */
export interface Parenthesized {
  readonly query: SelectStatement | undefined
  readonly items: readonly AstExpression[]
}

const queryWords: ReadonlySet<string> = new Set(['select', 'from', 'with', 'table'])

/** Whether a query begins at the cursor; one that begins with a parenthesis is not seen here. */
export function startsQuery(cursor: TokenCursor): boolean {
  if (cursor.current.kind !== 'word') return false
  if (cursor.at('values')) return cursor.ahead(1, '(')
  return queryWords.has(cursor.current.text) || atPivot(cursor)
}

const continuationWords: ReadonlySet<string> = new Set(queryTails)

/** Whether what follows a query in parentheses makes it an operand of a larger query. */
export function continuesQuery(cursor: TokenCursor): boolean {
  return cursor.atAny(continuationWords)
}

/**
 * select_with_parens | '(' expr_list ')'. Where both readings are open, as in `((select 1))`, the
 * query wins, as in PostgreSQL.
 */
export function parseParenthesized(cursor: TokenCursor): Parenthesized {
  cursor.expect('(')
  cursor.enter()
  const inner = parseInside(cursor)
  cursor.leave()
  cursor.expect(')')
  return inner
}

function parseInside(cursor: TokenCursor): Parenthesized {
  if (startsQuery(cursor)) return { query: cursor.productions.query(cursor), items: [] }
  if (!cursor.at('(')) {
    return { query: undefined, items: commaList(cursor, cursor.productions.expression) }
  }
  const { start } = cursor.current
  const inner = parseParenthesized(cursor)
  if (inner.query !== undefined) {
    if (cursor.at(')')) return inner
    if (continuesQuery(cursor)) {
      return { query: cursor.productions.queryFrom(cursor, inner.query, start), items: [] }
    }
  }
  const operand = operandOf(cursor, inner, start)
  const first = cursor.productions.expressionFrom(cursor, operand)
  const loop = cursor.loop<AstExpression[]>()
  const items = loop.state ?? [first]
  while (loop.goesOn(items) && cursor.accept(',')) items.push(cursor.productions.expression(cursor))
  loop.end()
  return { query: undefined, items }
}

/** '(' a_expr ')' indirection? | '(' expr_list ',' a_expr ')' | select_with_parens indirection? */
export function operandOf(cursor: TokenCursor, inner: Parenthesized, start: number): AstExpression {
  const { query, items } = inner
  if (query !== undefined) {
    return parseIndirection(cursor, { kind: 'subquery', query, span: cursor.spanFrom(start) })
  }
  if (items.length === 1) return parseIndirection(cursor, items[0]!)
  const row: AstExpression = { kind: 'row', items, span: cursor.spanFrom(start) }
  return parseOverlaps(cursor, row)
}

/** row OVERLAPS row: the function overlaps. */
export function parseOverlaps(cursor: TokenCursor, left: AstExpression): AstExpression {
  if (left.kind !== 'row' || !cursor.at('overlaps')) return left
  const token = cursor.advance()
  const { start } = cursor.current
  const explicit = cursor.accept('row')
  const { query, items } = parseParenthesized(cursor)
  if (query !== undefined || (!explicit && items.length < 2)) throw cursor.syntaxError('a row')
  for (const [side, count] of [
    ['left', left.items.length] as const,
    ['right', items.length] as const,
  ]) {
    if (count === 2) continue
    const span = side === 'left' ? left.span : cursor.spanFrom(start)
    const message = `wrong number of parameters on ${side} side of OVERLAPS expression`
    throw cursor.grammarError(message, span)
  }
  const args = [...left.items, ...items]
  return plainCall(builtInName('overlaps', token), args, cursor.spanFrom(left.span.start))
}
