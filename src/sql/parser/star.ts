import type { Span } from '../../base/span.ts'
import type { AstColumns, AstStar, Identifier } from '../ast/expression.ts'
import { commaList, parenthesizedList, type TokenCursor } from './cursor.ts'
import { isColumnName, parseLabel, parseName } from './name.ts'

export function plainStar(span: Span): AstStar {
  return { kind: 'star', qualifier: undefined, exclude: [], replace: [], rename: [], span }
}

/** `*` and its changes. */
export function parseStar(cursor: TokenCursor): AstStar {
  const { start, end } = cursor.advance()
  return plainStar({ start, end })
}

/** Extension: (EXCLUDE | EXCEPT) names, REPLACE (a_expr AS name, ...) and RENAME (name AS name, ...) */
export function parseStarModifiers(cursor: TokenCursor, star: AstStar): AstStar {
  const exclude = parseExcluded(cursor)
  const replace = parseChanges(cursor, 'replace', parseReplacement)
  const rename = parseChanges(cursor, 'rename', parseRenaming)
  if (exclude.length + replace.length + rename.length === 0) return star
  return { ...star, exclude, replace, rename, span: cursor.spanFrom(star.span.start) }
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

function parseRenaming(cursor: TokenCursor): AstStar['rename'][number] {
  const name = parseName(cursor)
  cursor.expect('as')
  return { name, to: parseLabel(cursor) }
}

function parseChanges<T>(
  cursor: TokenCursor,
  word: string,
  item: (cursor: TokenCursor) => T,
): readonly T[] {
  if (!cursor.at(word) || !(cursor.ahead(1, '(') || startsChange(cursor, word))) return []
  cursor.advance()
  return cursor.at('(') ? parenthesizedList(cursor, item) : [item(cursor)]
}

/** `* RENAME a AS b`: nothing else has a name behind the word. */
function startsChange(cursor: TokenCursor, word: string): boolean {
  return word === 'rename' && isColumnName(cursor.peek(1))
}

/** Whether COLUMNS is the extension's, not a name. */
export function atColumns(cursor: TokenCursor): boolean {
  if (!cursor.at('columns') || !cursor.ahead(1, '(')) return false
  return cursor.ahead(2, '*') || cursor.ahead(2, '[') || cursor.peek(2).kind === 'string'
}

/** Extension: COLUMNS '(' ('*' changes | Sconst | '[' Sconst (',' Sconst)* ']') ')' */
export function parseColumns(cursor: TokenCursor): AstColumns {
  const { start } = cursor.expect('columns')
  cursor.expect('(')
  const all = plainStar(cursor.spanFrom(start))
  let chosen: Pick<AstColumns, 'star' | 'pattern' | 'names'>
  if (cursor.at('*')) {
    chosen = { star: parseStarModifiers(cursor, parseStar(cursor)), pattern: undefined, names: [] }
  } else if (cursor.accept('[')) {
    const names = commaList(cursor, parseText)
    cursor.expect(']')
    chosen = { star: all, pattern: undefined, names }
  } else chosen = { star: all, pattern: parseText(cursor), names: [] }
  cursor.expect(')')
  return { kind: 'columns', ...chosen, span: cursor.spanFrom(start) }
}

/** Sconst, as a name */
function parseText(cursor: TokenCursor): Identifier {
  if (cursor.current.kind !== 'string') throw cursor.syntaxError('a string')
  const { text, start, end } = cursor.advance()
  return { text, quoted: true, span: { start, end } }
}
