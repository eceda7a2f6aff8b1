import { bareSelect } from '../ast/bare-select.ts'
import type { AstExpression, AstStar, Identifier } from '../ast/expression.ts'
import type { SelectCore, SelectItem, TableExpression, ValuesClause } from '../ast/select.ts'
import { targetListEnds } from './clause-words.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseFrom, parseRelationName } from './from.ts'
import { parseGroupBy } from './group-by.ts'
import { isBareLabel, parseLabel, parseName, parseQualifiedName } from './name.ts'
import { startsOperand } from './operator-power.ts'
import { parseWindow } from './window.ts'

/**
 * SELECT (ALL | DISTINCT (ON '(' expr_list ')')?)? target_list? into_clause? from_clause?
 * where_clause? group_clause? having_clause? window_clause? and the extension QUALIFY
 */
export function parseSelectCore(cursor: TokenCursor): SelectCore {
  const { start } = cursor.expect('select')
  const { expression } = cursor.productions
  const distinct = parseDistinct(cursor)
  const items = endsTargets(cursor) ? [] : commaList(cursor, parseSelectItem)
  if (items.length === 0 && distinct !== undefined) throw cursor.syntaxError('an expression')
  parseInto(cursor)
  const from = cursor.at('from') ? parseFrom(cursor) : []
  const where = cursor.accept('where') ? expression(cursor) : undefined
  const groupBy = cursor.at('group') ? parseGroupBy(cursor) : undefined
  const having = cursor.accept('having') ? expression(cursor) : undefined
  const windows = cursor.accept('window') ? commaList(cursor, parseWindowDefinition) : []
  const qualify = cursor.accept('qualify') ? expression(cursor) : undefined
  const span = cursor.spanFrom(start)
  return {
    kind: 'core',
    distinct,
    items,
    from,
    where,
    groupBy,
    having,
    windows,
    qualify,
    span,
  }
}

/** ALL | DISTINCT (ON '(' expr_list ')')? */
function parseDistinct(cursor: TokenCursor): readonly AstExpression[] | undefined {
  if (cursor.accept('all') || !cursor.accept('distinct')) return undefined
  if (!cursor.accept('on')) return []
  return parenthesizedList(cursor, cursor.productions.expression)
}

const listEnds: ReadonlySet<string> = new Set(targetListEnds)

function endsTargets(cursor: TokenCursor): boolean {
  return cursor.atEnd() || cursor.atAny(listEnds)
}

/** target_el: '*' | a_expr (AS ColLabel | BareColLabel)? */
export function parseSelectItem(cursor: TokenCursor): SelectItem {
  const { start } = cursor.current
  const written = cursor.at('*') ? parseStar(cursor) : cursor.productions.expression(cursor)
  const expr = written.kind === 'star' ? parseStarModifiers(cursor, written) : written
  const labelled = cursor.accept('as') || (expr.kind !== 'star' && atBareLabel(cursor))
  const alias = labelled ? parseLabel(cursor) : undefined
  return { expr, alias, span: cursor.spanFrom(start) }
}

function atBareLabel(cursor: TokenCursor): boolean {
  if (!isBareLabel(cursor.current)) return false
  return !cursor.at('qualify') || !startsOperand(cursor.peek(1))
}

function parseStar(cursor: TokenCursor): AstStar {
  const { start, end } = cursor.advance()
  return { kind: 'star', qualifier: undefined, exclude: [], replace: [], span: { start, end } }
}

/** Extension: (EXCLUDE | EXCEPT) '(' names ')' and REPLACE '(' a_expr AS name, ... ')' */
function parseStarModifiers(cursor: TokenCursor, star: AstStar): AstStar {
  const exclude = parseExcluded(cursor)
  const replaces = cursor.at('replace') && cursor.ahead(1, '(')
  if (replaces) cursor.advance()
  const replace = replaces ? parenthesizedList(cursor, parseReplacement) : []
  if (exclude.length === 0 && replace.length === 0) return star
  return { ...star, exclude, replace, span: cursor.spanFrom(star.span.start) }
}

const queryWords: ReadonlySet<string> = new Set(['select', 'with', 'table', 'values', '('])

function parseExcluded(cursor: TokenCursor): readonly Identifier[] {
  const except = cursor.at('except') && cursor.ahead(1, '(') && !queryWords.has(cursor.peek(2).text)
  if (except) {
    cursor.advance()
    return parenthesizedList(cursor, parseName)
  }
  if (!cursor.at('exclude')) return []
  cursor.advance()
  return cursor.at('(') ? parenthesizedList(cursor, parseName) : [parseName(cursor)]
}

function parseReplacement(cursor: TokenCursor): AstStar['replace'][number] {
  const expr = cursor.productions.expression(cursor)
  cursor.expect('as')
  return { expr, name: parseName(cursor) }
}

/** INTO (TEMPORARY | TEMP | UNLOGGED)? TABLE? qualified_name; kept for the statement's end. */
function parseInto(cursor: TokenCursor): void {
  if (!cursor.at('into')) return
  const { start } = cursor.advance()
  const temporary = cursor.accept('temporary') || cursor.accept('temp')
  if (!temporary) cursor.accept('unlogged')
  cursor.accept('table')
  const name = parseQualifiedName(cursor)
  const span = cursor.spanFrom(start)
  if (cursor.selectInto !== undefined || !cursor.outermost()) {
    throw cursor.grammarError('SELECT ... INTO is not allowed here', span)
  }
  cursor.selectInto = { name, temporary, span }
}

/** ColId AS window_specification */
function parseWindowDefinition(cursor: TokenCursor): SelectCore['windows'][number] {
  const name = parseName(cursor)
  cursor.expect('as')
  return { name, spec: parseWindow(cursor) }
}

/** VALUES '(' expr_list ')' (',' '(' expr_list ')')* */
export function parseValues(cursor: TokenCursor): ValuesClause {
  const { start } = cursor.expect('values')
  const rows = commaList(cursor, (c) => parenthesizedList(c, c.productions.expression))
  return { kind: 'values', rows, span: cursor.spanFrom(start) }
}

/** TABLE relation_expr: SELECT * FROM relation_expr */
export function parseTableStatement(cursor: TokenCursor): SelectCore {
  const { start } = cursor.expect('table')
  const table: TableExpression = parseRelationName(cursor)
  const span = cursor.spanFrom(start)
  const expr: AstStar = { kind: 'star', qualifier: undefined, exclude: [], replace: [], span }
  return bareSelect([{ expr, alias: undefined, span }], [table], span)
}
