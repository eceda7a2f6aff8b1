import type { Identifier, QualifiedName } from '../ast/expression.ts'
import type { Token } from '../lexer/token.ts'
import type { TokenCursor } from './cursor.ts'

/** ColId: names of columns, tables and aliases. */
export function isColumnName(token: Token): boolean {
  if (token.kind === 'quoted') return true
  if (token.kind !== 'word') return false
  const keyword = token.keyword
  return keyword === undefined || keyword.class === 'unreserved' || keyword.class === 'column'
}

/** type_function_name: names of types and functions. */
export function isTypeOrFunctionName(token: Token): boolean {
  if (token.kind === 'quoted') return true
  if (token.kind !== 'word') return false
  const keyword = token.keyword
  return (
    keyword === undefined || keyword.class === 'unreserved' || keyword.class === 'type-function'
  )
}

/** ColLabel: what may follow AS or a dot. */
export function isLabel(token: Token): boolean {
  return token.kind === 'quoted' || token.kind === 'word'
}

/** BareColLabel: what may label a column of a select list without AS. */
export function isBareLabel(token: Token): boolean {
  if (token.kind === 'quoted') return true
  return token.kind === 'word' && (token.keyword === undefined || token.keyword.bareLabel)
}

/** ColId */
export function parseName(cursor: TokenCursor): Identifier {
  if (!isColumnName(cursor.current)) throw cursor.syntaxError('a name')
  return takeIdentifier(cursor)
}

/** ColLabel */
export function parseLabel(cursor: TokenCursor): Identifier {
  if (!isLabel(cursor.current)) throw cursor.syntaxError('a name')
  return takeIdentifier(cursor)
}

/** NonReservedWord */
export function parseNonReserved(cursor: TokenCursor): Identifier {
  if (cursor.current.keyword?.class === 'reserved') throw cursor.syntaxError('a name')
  return parseLabel(cursor)
}

/** qualified_name: ColId ('.' ColLabel)* */
export function parseQualifiedName(cursor: TokenCursor): QualifiedName {
  const first = parseName(cursor)
  if (!cursor.at('.')) return { parts: [first], span: first.span }
  const parts = [first]
  while (cursor.accept('.')) parts.push(parseLabel(cursor))
  return { parts, span: cursor.spanFrom(first.span.start) }
}

/** Takes the current token, whatever its class, as an identifier. */
export function takeIdentifier(cursor: TokenCursor): Identifier {
  const { text, kind, start, end } = cursor.advance()
  return { text, quoted: kind === 'quoted', span: { start, end } }
}

/** A name of one part as written by the grammar itself, e.g. of COALESCE. */
export function builtInName(text: string, token: Token): QualifiedName {
  const span = { start: token.start, end: token.end }
  return { parts: [{ text, quoted: false, span }], span }
}
