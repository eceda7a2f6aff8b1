import type { Span } from '../../base/span.ts'
import type { AstBetween, AstExpression, AstIs } from '../ast/expression.ts'
import { plainCall } from './call-node.ts'
import type { TokenCursor } from './cursor.ts'
import { builtInName, parseQualifiedName } from './name.ts'
import { parseOperator } from './operator-name.ts'
import { power } from './operator-power.ts'
import { parseParenthesized } from './parenthesized.ts'
import { parseTypeName } from './type-name.ts'

/** Reads an operand with the operators that bind tighter than `bound`. */
export type OperandParser = (cursor: TokenCursor, bound: number) => AstExpression

/** One operator after `left`, with its operands. */
export function parseInfix(
  cursor: TokenCursor,
  left: AstExpression,
  level: number,
  operand: OperandParser,
): AstExpression {
  switch (level) {
    case power.is:
      return parseIs(cursor, left, operand)
    case power.like:
      return parseLikeFamily(cursor, left, operand)
    case power.atTimeZone: {
      cursor.expectAll('at', 'time', 'zone')
      const zone = operand(cursor, power.atTimeZone)
      return { kind: 'at-time-zone', arg: left, zone, span: cursor.spanFrom(left.span.start) }
    }
    case power.collate: {
      cursor.expect('collate')
      const collation = parseQualifiedName(cursor)
      return { kind: 'collate', arg: left, collation, span: cursor.spanFrom(left.span.start) }
    }
    case power.cast: {
      cursor.expect('::')
      const type = parseTypeName(cursor)
      const span = cursor.spanFrom(left.span.start)
      return { kind: 'cast', arg: left, type, lenient: false, span }
    }
    default:
      return parseBinary(cursor, left, level, operand)
  }
}

/** a_expr qual_Op a_expr | a_expr qual_Op (ANY | SOME | ALL) '(' ... ')' */
function parseBinary(
  cursor: TokenCursor,
  left: AstExpression,
  level: number,
  operand: OperandParser,
): AstExpression {
  const { start } = cursor.current
  const operator = parseOperator(cursor)
  const operatorSpan = cursor.spanFrom(start)
  if (atQuantifier(cursor)) return parseQuantified(cursor, left, operator, operatorSpan)
  const right = operand(cursor, level)
  return binary(cursor, operator, operatorSpan, left, right)
}

function binary(
  cursor: TokenCursor,
  operator: string,
  operatorSpan: Span,
  left: AstExpression,
  right: AstExpression,
): AstExpression {
  const span = cursor.spanFrom(left.span.start)
  return { kind: 'binary', operator, operatorSpan, left, right, span }
}

function atQuantifier(cursor: TokenCursor): boolean {
  return cursor.at('any') || cursor.at('some') || cursor.at('all')
}

/** sub_type (select_with_parens | '(' a_expr ')') */
function parseQuantified(
  cursor: TokenCursor,
  left: AstExpression,
  operator: string,
  operatorSpan: Span,
): AstExpression {
  const quantifier = cursor.advance().text === 'all' ? 'all' : 'any'
  const inner = parseParenthesized(cursor)
  if (inner.query === undefined && inner.items.length !== 1) throw cursor.syntaxError()
  const right = inner.query ?? inner.items[0]!
  const subquery = inner.query !== undefined
  const span = cursor.spanFrom(left.span.start)
  return { kind: 'quantified', operator, operatorSpan, quantifier, left, right, subquery, span }
}

/** a_expr (ISNULL | NOTNULL | IS NOT? (NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM a_expr | ...)) */
function parseIs(cursor: TokenCursor, arg: AstExpression, operand: OperandParser): AstExpression {
  const first = cursor.advance()
  const { start } = arg.span
  if (first.text !== 'is') {
    const negated = first.text === 'notnull'
    return { kind: 'is', test: 'null', arg, negated, span: cursor.spanFrom(start) }
  }
  const negated = cursor.accept('not')
  if (cursor.accept('distinct')) {
    cursor.expect('from')
    const operatorSpan = cursor.spanFrom(first.start)
    const operator = negated ? 'is not distinct from' : 'is distinct from'
    return binary(cursor, operator, operatorSpan, arg, operand(cursor, power.is))
  }
  const test = isTests.get(cursor.current.text)
  if (test !== undefined && cursor.at(cursor.current.text)) {
    cursor.advance()
    return { kind: 'is', test, arg, negated, span: cursor.spanFrom(start) }
  }
  if (cursor.at('document')) throw cursor.unsupported('IS DOCUMENT')
  return parseIsNormalized(cursor, arg, negated)
}

const isTests: ReadonlyMap<string, AstIs['test']> = new Map([
  ['null', 'null'],
  ['true', 'true'],
  ['false', 'false'],
  ['unknown', 'unknown'],
])

const normalForms: ReadonlySet<string> = new Set(['nfc', 'nfd', 'nfkc', 'nfkd'])

/** (NFC | NFD | NFKC | NFKD)? NORMALIZED: the function is_normalized. */
function parseIsNormalized(
  cursor: TokenCursor,
  arg: AstExpression,
  negated: boolean,
): AstExpression {
  const form = cursor.atAny(normalForms) ? cursor.advance() : undefined
  if (!cursor.at('normalized')) throw cursor.syntaxError('NULL, TRUE, FALSE, UNKNOWN or DISTINCT')
  const token = cursor.advance()
  const span = cursor.spanFrom(arg.span.start)
  const args: AstExpression[] = [arg]
  if (form !== undefined) {
    args.push({ kind: 'string', value: form.text.toUpperCase(), span: form })
  }
  const call = plainCall(builtInName('is_normalized', token), args, span)
  return negated ? { kind: 'unary', operator: 'not', arg: call, span } : call
}

const likeOperators: ReadonlyMap<string, string> = new Map([
  ['like', '~~'],
  ['ilike', '~~*'],
])

/** a_expr NOT? (BETWEEN ... | IN ... | LIKE ... | ILIKE ... | SIMILAR TO ...) */
function parseLikeFamily(
  cursor: TokenCursor,
  arg: AstExpression,
  operand: OperandParser,
): AstExpression {
  const { start: at, end } = cursor.current
  const operatorSpan = { start: at, end }
  const negated = cursor.accept('not')
  const word = cursor.advance().text
  const { start } = arg.span
  if (word === 'between') return parseBetween(cursor, arg, { negated, operatorSpan }, operand)
  if (word === 'in') {
    const { query, items } = parseParenthesized(cursor)
    const list = query === undefined ? items : undefined
    const span = cursor.spanFrom(start)
    return { kind: 'in', arg, list, subquery: query, negated, operatorSpan, span }
  }
  if (word === 'similar') cursor.expect('to')
  const symbol = likeOperators.get(word)
  if (symbol !== undefined && atQuantifier(cursor)) {
    return parseQuantified(cursor, arg, negated ? `!${symbol}` : symbol, operatorSpan)
  }
  const pattern = operand(cursor, power.like)
  const escape = cursor.accept('escape') ? operand(cursor, power.like) : undefined
  const operator = word === 'like' ? 'like' : word === 'ilike' ? 'ilike' : 'similar'
  const span = cursor.spanFrom(start)
  return { kind: 'like', operator, arg, pattern, escape, negated, operatorSpan, span }
}

/** BETWEEN (SYMMETRIC | ASYMMETRIC)? b_expr AND a_expr */
function parseBetween(
  cursor: TokenCursor,
  arg: AstExpression,
  operator: Pick<AstBetween, 'negated' | 'operatorSpan'>,
  operand: OperandParser,
): AstExpression {
  const symmetric = cursor.accept('symmetric')
  if (!symmetric) cursor.accept('asymmetric')
  const low = cursor.productions.restrictedExpression(cursor)
  cursor.expect('and')
  const high = operand(cursor, power.like)
  const span = cursor.spanFrom(arg.span.start)
  return { kind: 'between', arg, low, high, symmetric, ...operator, span }
}
