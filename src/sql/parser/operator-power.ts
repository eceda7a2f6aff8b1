import type { AstExpression } from '../ast/expression.ts'
import { isBuiltInOperator } from '../lexer/lexer.ts'
import type { Token } from '../lexer/token.ts'
import { targetListEnds } from './clause-words.ts'
import type { TokenCursor } from './cursor.ts'

/** Binding powers, from the precedence table of PostgreSQL 15's gram.y, loosest first. */
export const power = {
  none: 0,
  or: 10,
  and: 20,
  not: 30,
  is: 40,
  comparison: 50,
  like: 60,
  generic: 70,
  additive: 80,
  multiplicative: 90,
  exponent: 100,
  atTimeZone: 110,
  collate: 120,
  sign: 130,
  cast: 140,
} as const

const symbolPowers: ReadonlyMap<string, number> = new Map([
  ['<', power.comparison],
  ['>', power.comparison],
  ['=', power.comparison],
  ['<=', power.comparison],
  ['>=', power.comparison],
  ['<>', power.comparison],
  ['+', power.additive],
  ['-', power.additive],
  ['*', power.multiplicative],
  ['/', power.multiplicative],
  ['%', power.multiplicative],
  ['^', power.exponent],
])

/** Power of the operator at the cursor; `power.none` when no operator is there. */
export function infixPower(cursor: TokenCursor, restricted: boolean): number {
  const { kind, text, keyword } = cursor.current
  if (kind === 'operator') return symbolPowers.get(text) ?? power.generic
  if (kind === 'symbol') return text === '::' ? power.cast : power.none
  if (kind !== 'word' || keyword === undefined) return power.none
  if (text === 'operator') return cursor.ahead(1, '(') ? power.generic : power.none
  return restricted ? restrictedPower(cursor, text) : wordPower(cursor, text)
}

/** b_expr knows one word operator: IS [NOT] DISTINCT FROM (and IS DOCUMENT). */
function restrictedPower(cursor: TokenCursor, text: string): number {
  if (text !== 'is') return power.none
  const next = cursor.ahead(1, 'not') ? 2 : 1
  const known = cursor.ahead(next, 'distinct') || cursor.ahead(next, 'document')
  return known ? power.is : power.none
}

function wordPower(cursor: TokenCursor, text: string): number {
  switch (text) {
    case 'and':
      return endsTarget(cursor.peek(1)) ? power.none : power.and
    case 'or':
      return endsTarget(cursor.peek(1)) ? power.none : power.or
    case 'is':
      return endsTarget(cursor.peek(1)) ? power.none : power.is
    case 'isnull':
    case 'notnull':
      return power.is
    case 'not':
      return atLikeOperator(cursor, 1) ? power.like : power.none
    case 'at':
      return cursor.ahead(1, 'time') ? power.atTimeZone : power.none
    case 'collate':
      return endsTarget(cursor.peek(1)) ? power.none : power.collate
    default:
      return atLikeOperator(cursor, 0) ? power.like : power.none
  }
}

/**
 * What may follow an item of a select list. A word operator before it is the item's label:
 * `select a and from t`.
 */
const targetEnds: ReadonlySet<string> = new Set([',', ...targetListEnds])

function endsTarget({ kind, text }: Token): boolean {
  return kind === 'end' || ((kind === 'word' || kind === 'symbol') && targetEnds.has(text))
}

/** [NOT] BETWEEN | IN | LIKE | ILIKE | SIMILAR, with something behind. */
function atLikeOperator(cursor: TokenCursor, distance: number): boolean {
  const next = cursor.peek(distance + 1)
  switch (cursor.peek(distance).text) {
    case 'between':
    case 'in':
    case 'like':
    case 'ilike':
      return !endsTarget(next)
    case 'similar':
      return cursor.ahead(distance + 1, 'to')
    default:
      return false
  }
}

const reservedOperandWords: ReadonlySet<string> = new Set([
  'array',
  'case',
  'cast',
  'current_catalog',
  'current_date',
  'current_role',
  'current_time',
  'current_timestamp',
  'current_user',
  'default',
  'false',
  'localtime',
  'localtimestamp',
  'not',
  'null',
  'session_user',
  'true',
  'user',
])

/** Whether an a_expr can begin with this token. A word operator before any other is a mere label. */
export function startsOperand(token: Token): boolean {
  switch (token.kind) {
    case 'end':
      return false
    case 'symbol':
      return token.text === '('
    case 'operator':
      return !isBuiltInOperator(token.text) || token.text === '+' || token.text === '-'
    case 'word':
      return token.keyword?.class !== 'reserved' || reservedOperandWords.has(token.text)
    case 'quoted':
    case 'number':
    case 'string':
    case 'bits':
    case 'hex':
    case 'parameter':
      return true
  }
}

/** '+' | '-' | Op | OPERATOR '(' */
export function isPrefixOperator(cursor: TokenCursor): boolean {
  const token = cursor.current
  if (token.kind === 'operator') {
    return token.text === '+' || token.text === '-' || !isBuiltInOperator(token.text)
  }
  return token.text === 'operator' && token.kind === 'word' && cursor.ahead(1, '(')
}

/** Whether an operator of no associativity ends in an operand, so that its like may not follow. */
export function leavesOperandOpen(expr: AstExpression, level: number): boolean {
  switch (level) {
    case power.comparison:
    case power.is:
      return expr.kind === 'binary'
    case power.like:
      return expr.kind === 'like' || expr.kind === 'between'
    default:
      return false
  }
}

/** Power of a symbolic operator between two operands. */
export function operatorPower(symbol: string): number {
  return symbolPowers.get(symbol) ?? power.generic
}
