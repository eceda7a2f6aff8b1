import type { GroupByClause, GroupingItem } from '../ast/select.ts'
import type { AstExpression } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { startsOperand } from './operator-power.ts'

/** GROUP BY (ALL | DISTINCT)? group_by_item (',' group_by_item)*; alone, ALL is an extension */
export function parseGroupBy(cursor: TokenCursor): GroupByClause {
  cursor.expectAll('group', 'by')
  if (cursor.at('all') && !startsOperand(cursor.peek(1))) {
    cursor.advance()
    return { distinct: false, all: true, items: [] }
  }
  const distinct = cursor.accept('distinct')
  if (!distinct) cursor.accept('all')
  return { distinct, all: false, items: commaList(cursor, parseGroupingItem) }
}

/** a_expr | '(' ')' | (ROLLUP | CUBE) '(' expr_list ')' | GROUPING SETS '(' group_by_list ')' */
function parseGroupingItem(cursor: TokenCursor): GroupingItem {
  const { start } = cursor.current
  if (cursor.at('(') && cursor.ahead(1, ')')) {
    cursor.expectAll('(', ')')
    return { kind: 'empty', span: cursor.spanFrom(start) }
  }
  if ((cursor.at('rollup') || cursor.at('cube')) && cursor.ahead(1, '(')) {
    const kind = cursor.advance().text === 'rollup' ? 'rollup' : 'cube'
    return { kind, sets: parenthesizedList(cursor, parseColumnSet) }
  }
  if (cursor.acceptAll('grouping', 'sets')) {
    const sets = cursor.nested((c) => parenthesizedList(c, parseGroupingItem))
    return { kind: 'grouping-sets', sets }
  }
  const exprs = parseColumnSet(cursor)
  return exprs.length === 1 ? { kind: 'expr', expr: exprs[0]! } : { kind: 'set', exprs }
}

/** An expression, or `(a, b)`, which stands for both columns together unless ROW is written. */
function parseColumnSet(cursor: TokenCursor): readonly AstExpression[] {
  const { start } = cursor.current
  const implicit = cursor.at('(')
  const expr = cursor.productions.expression(cursor)
  return implicit && expr.kind === 'row' && expr.span.start === start ? expr.items : [expr]
}
