import type { AstExpression } from '../ast/expression.ts'
import type { Token } from '../lexer/token.ts'
import { plainCall } from './call-node.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseApplication } from './function-call.ts'
import { builtInName } from './name.ts'
import { parseInteger, parseTypeName } from './type-name.ts'

type SpecialParser = (cursor: TokenCursor) => AstExpression

/** func_expr_common_subexpr: the calls with a syntax of their own; undefined if none is here. */
export function parseSpecial(cursor: TokenCursor): AstExpression | undefined {
  const { text } = cursor.current
  const value = valueFunctions.get(text)
  if (value !== undefined) return parseValueFunction(cursor, value)
  if (text === 'current_schema' && !cursor.ahead(1, '(')) return parseBareCall(cursor)
  if (text === 'collation' && cursor.ahead(1, 'for')) return parseCollationFor(cursor)
  const special = specialCalls.get(text)
  if (special === undefined || !cursor.ahead(1, '(')) return undefined
  return cursor.nested(special)
}

/** Keywords that are calls without parentheses, and whether a precision may follow. */
const valueFunctions: ReadonlyMap<string, 'plain' | 'precision'> = new Map([
  ['current_date', 'plain'],
  ['current_time', 'precision'],
  ['current_timestamp', 'precision'],
  ['localtime', 'precision'],
  ['localtimestamp', 'precision'],
  ['current_role', 'plain'],
  ['current_user', 'plain'],
  ['session_user', 'plain'],
  ['user', 'plain'],
  ['current_catalog', 'plain'],
])

function parseBareCall(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  return plainCall(builtInName(token.text, token), [], cursor.spanFrom(token.start))
}

/** CURRENT_DATE | CURRENT_TIMESTAMP ('(' Iconst ')')? | ... */
function parseValueFunction(cursor: TokenCursor, form: 'plain' | 'precision'): AstExpression {
  if (form === 'plain' || !cursor.ahead(1, '(')) return parseBareCall(cursor)
  const token = cursor.advance()
  cursor.expect('(')
  const { start } = cursor.current
  const digits = String(parseInteger(cursor))
  const precision: AstExpression = { kind: 'number', text: digits, span: cursor.spanFrom(start) }
  cursor.expect(')')
  return plainCall(builtInName(token.text, token), [precision], cursor.spanFrom(token.start))
}

const specialCalls: ReadonlyMap<string, SpecialParser> = new Map<string, SpecialParser>([
  ['coalesce', parseConditional],
  ['greatest', parseConditional],
  ['least', parseConditional],
  ['nullif', parseNullIf],
  ['grouping', parseGrouping],
  ['extract', parseExtract],
  ['substring', parseSubstring],
  ['position', parsePosition],
  ['overlay', parseOverlay],
  ['trim', parseTrim],
  ['normalize', parseNormalize],
  ['treat', parseTreat],
  ...['concat', 'element', 'exists', 'forest', 'parse', 'pi', 'root', 'serialize'].map(
    (name): [string, SpecialParser] => [`xml${name}`, refuseXml],
  ),
])

function refuseXml(cursor: TokenCursor): AstExpression {
  throw cursor.unsupported(cursor.current.text.toUpperCase())
}

/** COLLATION FOR '(' a_expr ')': the function pg_collation_for */
function parseCollationFor(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  cursor.expectAll('for', '(')
  const arg = cursor.productions.expression(cursor)
  cursor.expect(')')
  return plainCall(builtInName('pg_collation_for', token), [arg], cursor.spanFrom(token.start))
}

/** (COALESCE | GREATEST | LEAST) '(' expr_list ')' */
function parseConditional(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  cursor.expect('(')
  const args = commaList(cursor, cursor.productions.expression)
  cursor.expect(')')
  return plainCall(builtInName(token.text, token), args, cursor.spanFrom(token.start))
}

/** NULLIF '(' a_expr ',' a_expr ')' */
function parseNullIf(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  const { expression } = cursor.productions
  cursor.expect('(')
  const first = expression(cursor)
  cursor.expect(',')
  const args = [first, expression(cursor)]
  cursor.expect(')')
  return plainCall(builtInName('nullif', token), args, cursor.spanFrom(token.start))
}

/** GROUPING '(' expr_list ')' */
function parseGrouping(cursor: TokenCursor): AstExpression {
  const { start } = cursor.advance()
  cursor.expect('(')
  const args = commaList(cursor, cursor.productions.expression)
  cursor.expect(')')
  return { kind: 'grouping', args, span: cursor.spanFrom(start) }
}

/** EXTRACT '(' (IDENT | YEAR | MONTH | ... | Sconst) FROM a_expr ')' */
function parseExtract(cursor: TokenCursor): AstExpression {
  const { start } = cursor.advance()
  cursor.expect('(')
  const token = cursor.current
  const named = token.kind === 'quoted' || (token.kind === 'word' && token.keyword === undefined)
  if (!named && token.kind !== 'string' && !cursor.atAny(extractFields)) {
    throw cursor.syntaxError('a field such as YEAR')
  }
  cursor.advance()
  cursor.expect('from')
  const source = cursor.productions.expression(cursor)
  cursor.expect(')')
  const field = token.text.toLowerCase()
  return { kind: 'extract', field, source, span: cursor.spanFrom(start) }
}

const extractFields: ReadonlySet<string> = new Set([
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
])

/** A call as functions are written otherwise: `substring(a, 2)`. */
function parseOrdinary(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  const call = parseApplication(cursor, builtInName(token.text, token))
  if (call.star || call.distinct || call.orderBy.length > 0) throw cursor.syntaxError()
  return call
}

/** Ends a call of either form: the arguments of the special form, else those after a comma. */
function parseRest(cursor: TokenCursor, token: Token, args: AstExpression[]): AstExpression {
  if (args.length === 1) {
    while (cursor.accept(',')) args.push(cursor.productions.expression(cursor))
  }
  cursor.expect(')')
  return plainCall(builtInName(token.text, token), args, cursor.spanFrom(token.start))
}

function startsOrdinaryCall(cursor: TokenCursor): boolean {
  const named = cursor.ahead(3, '=>') || cursor.ahead(3, ':=')
  return named || cursor.ahead(2, ')') || cursor.ahead(2, 'variadic')
}

/** SUBSTRING '(' a_expr (FROM a_expr)? (FOR a_expr)? | a_expr SIMILAR a_expr ESCAPE a_expr ')' */
function parseSubstring(cursor: TokenCursor): AstExpression {
  if (startsOrdinaryCall(cursor)) return parseOrdinary(cursor)
  const token = cursor.advance()
  const { expression } = cursor.productions
  cursor.expect('(')
  const args = [expression(cursor)]
  if (cursor.accept('similar')) {
    args.push(expression(cursor))
    cursor.expect('escape')
    args.push(expression(cursor))
  } else if (cursor.accept('from')) {
    args.push(expression(cursor))
    if (cursor.accept('for')) args.push(expression(cursor))
  } else if (cursor.accept('for')) {
    const length = expression(cursor)
    const span = { start: length.span.start, end: length.span.start }
    const from: AstExpression = cursor.accept('from')
      ? expression(cursor)
      : { kind: 'number', text: '1', span }
    args.push(from, length)
  }
  return parseRest(cursor, token, args)
}

/** POSITION '(' b_expr IN b_expr ')': position(b, a) */
function parsePosition(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  const { restrictedExpression } = cursor.productions
  cursor.expect('(')
  const needle = restrictedExpression(cursor)
  cursor.expect('in')
  const haystack = restrictedExpression(cursor)
  cursor.expect(')')
  const span = cursor.spanFrom(token.start)
  return plainCall(builtInName('position', token), [haystack, needle], span)
}

/** OVERLAY '(' a_expr PLACING a_expr FROM a_expr (FOR a_expr)? ')' */
function parseOverlay(cursor: TokenCursor): AstExpression {
  if (startsOrdinaryCall(cursor)) return parseOrdinary(cursor)
  const token = cursor.advance()
  const { expression } = cursor.productions
  cursor.expect('(')
  const args = [expression(cursor)]
  if (cursor.accept('placing')) {
    args.push(expression(cursor))
    cursor.expect('from')
    args.push(expression(cursor))
    if (cursor.accept('for')) args.push(expression(cursor))
  }
  return parseRest(cursor, token, args)
}

/** TRIM '(' (BOTH | LEADING | TRAILING)? (a_expr FROM expr_list | FROM expr_list | expr_list) ')' */
function parseTrim(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  const { expression } = cursor.productions
  cursor.expect('(')
  const side = ['both', 'leading', 'trailing'].find((word) => cursor.accept(word)) ?? 'both'
  const args: AstExpression[] = []
  if (cursor.accept('from')) {
    args.push(...commaList(cursor, expression))
  } else {
    const first = expression(cursor)
    if (cursor.accept('from')) {
      args.push(...commaList(cursor, expression), first)
    } else {
      args.push(first)
      while (cursor.accept(',')) args.push(expression(cursor))
    }
  }
  cursor.expect(')')
  const name = side === 'both' ? 'btrim' : side === 'leading' ? 'ltrim' : 'rtrim'
  return plainCall(builtInName(name, token), args, cursor.spanFrom(token.start))
}

const normalForms: ReadonlySet<string> = new Set(['nfc', 'nfd', 'nfkc', 'nfkd'])

/** NORMALIZE '(' a_expr (',' (NFC | NFD | NFKC | NFKD))? ')' */
function parseNormalize(cursor: TokenCursor): AstExpression {
  const token = cursor.advance()
  cursor.expect('(')
  const args = [cursor.productions.expression(cursor)]
  if (cursor.accept(',')) {
    if (!cursor.atAny(normalForms)) throw cursor.syntaxError('NFC, NFD, NFKC or NFKD')
    const { text, start, end } = cursor.advance()
    args.push({ kind: 'string', value: text.toUpperCase(), span: { start, end } })
  }
  cursor.expect(')')
  return plainCall(builtInName('normalize', token), args, cursor.spanFrom(token.start))
}

/** TREAT '(' a_expr AS Typename ')': a cast */
function parseTreat(cursor: TokenCursor): AstExpression {
  const { start } = cursor.advance()
  cursor.expect('(')
  const arg = cursor.productions.expression(cursor)
  cursor.expect('as')
  const type = parseTypeName(cursor)
  cursor.expect(')')
  return { kind: 'cast', arg, type, lenient: false, span: cursor.spanFrom(start) }
}
