import type { Span } from '../../base/span.ts'
import type { AstExpression, Identifier } from '../ast/expression.ts'
import { bitsOfHex } from '../lexer/escapes.ts'
import type { Token } from '../lexer/token.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { finishCall } from './function-call.ts'
import { parseIndirection } from './indirection.ts'
import { parseComprehension } from './lambda.ts'
import { isColumnName, isTypeOrFunctionName, parseLabel, takeIdentifier } from './name.ts'
import { operandOf, parseOverlaps, parseParenthesized } from './parenthesized.ts'
import { parseSpecial } from './special-call.ts'
import { atColumns, parseColumns } from './star.ts'
import {
  atBuiltInType,
  parseIntervalFields,
  parsePrecision,
  parseSimpleType,
  parseTypeName,
  typeNameOf,
} from './type-name.ts'

/** c_expr, and DEFAULT */
export function parsePrimary(cursor: TokenCursor): AstExpression {
  const token = cursor.current
  switch (token.kind) {
    case 'word':
      return parseWord(cursor, token)
    case 'quoted':
      return parseName(cursor)
    case 'number':
      cursor.advance()
      return { kind: 'number', text: token.text, span: spanOf(token) }
    case 'string':
      cursor.advance()
      return { kind: 'string', value: token.text, span: spanOf(token) }
    case 'bits':
    case 'hex':
      return parseBits(cursor)
    case 'parameter':
      return parseParameter(cursor)
    case 'symbol':
      if (token.text === '[') return parseIndirection(cursor, cursor.nested(parseList))
      if (token.text !== '(') break
      return operandOf(cursor, parseParenthesized(cursor), token.start)
    case 'operator':
    case 'end':
      break
  }
  throw cursor.syntaxError('an expression')
}

function spanOf(token: Token): { readonly start: number; readonly end: number } {
  return { start: token.start, end: token.end }
}

/** BCONST | XCONST: a constant of type bit. */
function parseBits(cursor: TokenCursor): AstExpression {
  const { kind, text, start, end } = cursor.advance()
  const bad = kind === 'bits' ? /[^01]/u.exec(text) : undefined
  if (bad !== undefined && bad !== null) {
    throw cursor.grammarError(`"${bad[0]}" is not a valid binary digit`, { start, end })
  }
  const value = kind === 'bits' ? text : bitsOfHex(text, start, end)
  const span = { start, end }
  const type = { name: 'bit', modifiers: [], arrayDimensions: 0, span }
  return { kind: 'typed-literal', type, value, valueSpan: span, span }
}

/** PARAM opt_indirection */
function parseParameter(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  const index = Number(token.text)
  if (index > 0x7fff_ffff) throw cursor.grammarError('parameter number too large', spanOf(token))
  return parseIndirection(cursor, { kind: 'parameter', index, span: spanOf(token) })
}

function parseWord(cursor: TokenCursor, token: Token): AstExpression {
  if (atColumns(cursor)) return parseColumns(cursor)
  if (token.keyword === undefined) {
    if (token.text === 'try_cast' && cursor.ahead(1, '(')) return parseCast(cursor, true)
    return parseName(cursor)
  }
  switch (token.text) {
    case 'null':
      cursor.advance()
      return { kind: 'null', span: spanOf(token) }
    case 'true':
    case 'false':
      cursor.advance()
      return { kind: 'boolean', value: token.text === 'true', span: spanOf(token) }
    case 'default':
      cursor.advance()
      return { kind: 'default', span: spanOf(token) }
    case 'case':
      return cursor.nested(parseCase)
    case 'cast':
      return parseCast(cursor, false)
    case 'array':
      return cursor.nested(parseArray)
    case 'row':
      return cursor.ahead(1, '(') ? parseRow(cursor) : parseName(cursor)
    case 'exists':
      return cursor.ahead(1, '(') ? parseExists(cursor) : parseName(cursor)
    case 'interval':
      return parseInterval(cursor) ?? parseName(cursor)
    default:
      return parseSpecial(cursor) ?? parseTypedLiteral(cursor) ?? parseName(cursor)
  }
}

/** CASE a_expr? (WHEN a_expr THEN a_expr)+ (ELSE a_expr)? END */
function parseCase(cursor: TokenCursor): AstExpression {
  const { start } = cursor.expect('case')
  const { expression } = cursor.productions
  const operand = cursor.at('when') ? undefined : expression(cursor)
  const branches = []
  do {
    const { start: at, end } = cursor.expect('when')
    const when = expression(cursor)
    cursor.expect('then')
    const operatorSpan = { start: at, end }
    branches.push({ when, then: expression(cursor), operatorSpan })
  } while (cursor.at('when'))
  const otherwise = cursor.accept('else') ? expression(cursor) : undefined
  cursor.expect('end')
  return { kind: 'case', operand, branches, otherwise, span: cursor.spanFrom(start) }
}

/** (CAST | TRY_CAST) '(' a_expr AS Typename ')' */
function parseCast(cursor: TokenCursor, lenient: boolean): AstExpression {
  const { start } = cursor.advance()
  cursor.expect('(')
  const arg = cursor.productions.expression(cursor)
  cursor.expect('as')
  const type = parseTypeName(cursor)
  cursor.expect(')')
  return { kind: 'cast', arg, type, lenient, span: cursor.spanFrom(start) }
}

/** ARRAY (select_with_parens | '[' (expr_list | array_expr_list)? ']') */
function parseArray(cursor: TokenCursor): AstExpression {
  const { start } = cursor.expect('array')
  if (cursor.at('(')) {
    const { query } = parseParenthesized(cursor)
    if (query === undefined) throw cursor.syntaxError('a subquery')
    return { kind: 'array', items: undefined, query, span: cursor.spanFrom(start) }
  }
  return parseArrayItems(cursor, start)
}

/** Extension: '[' (a_expr (',' a_expr)*)? ']' | '[' a_expr FOR name IN a_expr (IF a_expr)? ']' */
function parseList(cursor: TokenCursor): AstExpression {
  const { start } = cursor.expect('[')
  const items: AstExpression[] = []
  while (!cursor.at(']')) {
    items.push(cursor.productions.expression(cursor))
    if (items.length === 1 && cursor.at('for')) {
      const list = parseComprehension(cursor, items[0]!)
      cursor.expect(']')
      return list
    }
    if (!cursor.accept(',')) break
  }
  cursor.expect(']')
  return { kind: 'array', items, query: undefined, span: cursor.spanFrom(start) }
}

function parseArrayItems(cursor: TokenCursor, start: number): AstExpression {
  cursor.expect('[')
  const { expression } = cursor.productions
  const item = cursor.at('[')
    ? (c: TokenCursor) => c.nested((inner) => parseArrayItems(inner, inner.current.start))
    : expression
  const items = cursor.at(']') ? [] : commaList(cursor, item)
  cursor.expect(']')
  return { kind: 'array', items, query: undefined, span: cursor.spanFrom(start) }
}

/** ROW '(' expr_list? ')' */
function parseRow(cursor: TokenCursor): AstExpression {
  const { start } = cursor.expect('row')
  if (cursor.ahead(1, ')')) {
    cursor.expectAll('(', ')')
    return { kind: 'row', items: [], span: cursor.spanFrom(start) }
  }
  cursor.expect('(')
  const items = commaList(cursor, cursor.productions.expression)
  cursor.expect(')')
  return parseOverlaps(cursor, { kind: 'row', items, span: cursor.spanFrom(start) })
}

/** EXISTS select_with_parens */
function parseExists(cursor: TokenCursor): AstExpression {
  const { start } = cursor.expect('exists')
  const { query } = parseParenthesized(cursor)
  if (query === undefined) throw cursor.syntaxError('a subquery')
  return { kind: 'exists', query, span: cursor.spanFrom(start) }
}

/** INTERVAL Sconst opt_interval | INTERVAL '(' Iconst ')' Sconst */
function parseInterval(cursor: TokenCursor): AstExpression | undefined {
  const next = cursor.peek(1)
  if (next.kind !== 'string' && next.text !== '(') return undefined
  const { start } = cursor.advance()
  const leading = cursor.at('(') ? parsePrecision(cursor) : undefined
  const { text: value, ...valueSpan } = parseStringConstant(cursor)
  const { fields, precision } =
    leading === undefined ? parseIntervalFields(cursor) : { fields: undefined, precision: leading }
  const span = cursor.spanFrom(start)
  return { kind: 'interval-literal', value, valueSpan, fields, precision, span }
}

/** Sconst */
export function parseLabelText(cursor: TokenCursor): string {
  return parseStringConstant(cursor).text
}

function parseStringConstant(cursor: TokenCursor): Span & { readonly text: string } {
  if (cursor.current.kind !== 'string') throw cursor.syntaxError('a string')
  const { text, start, end } = cursor.advance()
  return { text, start, end }
}

const typeContinuations: ReadonlySet<string> = new Set([
  '(',
  'varying',
  'precision',
  'character',
  'char',
])

/** ConstTypename Sconst, for the types that have a syntax of their own. */
function parseTypedLiteral(cursor: TokenCursor): AstExpression | undefined {
  if (!atBuiltInType(cursor)) return undefined
  const next = cursor.peek(1)
  const zone = next.text === 'with' || next.text === 'without'
  const isType = zone
    ? cursor.ahead(2, 'time')
    : next.kind === 'string' || typeContinuations.has(next.text)
  if (!isType) return undefined
  const { start } = cursor.current
  const type = parseSimpleType(cursor, true)
  const { text: value, ...valueSpan } = parseStringConstant(cursor)
  return { kind: 'typed-literal', type, value, valueSpan, span: cursor.spanFrom(start) }
}

/**
 * columnref | func_expr | func_name Sconst | func_name '(' args ')' Sconst. A column's name is a
 * ColId, a function's of one part a type_function_name; of several parts both begin with a ColId.
 */
function parseName(cursor: TokenCursor): AstExpression {
  const first = cursor.current
  const column = isColumnName(first)
  if (!column && !isTypeOrFunctionName(first)) throw cursor.syntaxError('an expression')
  const parts = [takeIdentifier(cursor)]
  while (cursor.at('.')) {
    if (!column) throw cursor.syntaxError()
    cursor.advance()
    if (cursor.accept('*')) return star(cursor, parts, first.start)
    parts.push(parseLabel(cursor))
  }
  const callable = parts.length > 1 || isTypeOrFunctionName(first)
  const name = { parts, span: cursor.spanFrom(first.start) }
  if (callable && cursor.at('(')) return finishCall(cursor, name)
  if (callable && cursor.current.kind === 'string') return literalOf(cursor, parts, first.start)
  if (!column) throw cursor.syntaxError()
  return parseIndirection(cursor, { kind: 'column', name, span: name.span })
}

function star(cursor: TokenCursor, parts: readonly Identifier[], start: number): AstExpression {
  const qualifier = { parts, span: { start, end: parts[parts.length - 1]!.span.end } }
  const span = cursor.spanFrom(start)
  return { kind: 'star', qualifier, exclude: [], replace: [], rename: [], span }
}

function literalOf(
  cursor: TokenCursor,
  parts: readonly Identifier[],
  start: number,
): AstExpression {
  const typeSpan = cursor.spanFrom(start)
  const { text: value, ...valueSpan } = parseStringConstant(cursor)
  const type = { name: typeNameOf(parts), modifiers: [], arrayDimensions: 0, span: typeSpan }
  return { kind: 'typed-literal', type, value, valueSpan, span: cursor.spanFrom(start) }
}
