import type { AstExpression } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { infixPower, isPrefixOperator, leavesOperandOpen, power } from './operator-power.ts'
import { parseOperator } from './operator-name.ts'
import { parsePrimary } from './primary.ts'
import { parseInfix } from './infix.ts'

/** Chains of AND or OR longer than this become balanced trees, whose height stays small. */
export const leftDeepChainMax = 64

/** a_expr */
export function parseExpression(cursor: TokenCursor): AstExpression {
  return parseOperand(cursor, power.none, false)
}

/** b_expr */
export function parseRestricted(cursor: TokenCursor): AstExpression {
  return parseOperand(cursor, power.none, true)
}

/** The operators of an a_expr after its first operand. */
export function parseExpressionFrom(cursor: TokenCursor, left: AstExpression): AstExpression {
  return parseOperators(cursor, left, power.none, false)
}

/** An operand and all operators that bind tighter than `bound`. */
function parseOperand(cursor: TokenCursor, bound: number, restricted: boolean): AstExpression {
  const outer = cursor.height
  cursor.height = 0
  cursor.enter()
  const prefix = parsePrefix(cursor, restricted)
  const result = parseOperators(cursor, prefix, bound, restricted)
  cursor.leave()
  if (cursor.height < outer) cursor.height = outer
  return result
}

/** NOT a_expr | ('+' | '-' | qual_Op) a_expr | c_expr */
function parsePrefix(cursor: TokenCursor, restricted: boolean): AstExpression {
  const { start } = cursor.current
  if (!restricted && cursor.at('not')) {
    cursor.advance()
    const arg = parseOperand(cursor, power.not, false)
    return { kind: 'unary', operator: 'not', arg, span: cursor.spanFrom(start) }
  }
  if (!isPrefixOperator(cursor)) return parsePrimary(cursor)
  const operator = parseOperator(cursor)
  const bound = operator === '+' || operator === '-' ? power.sign : power.generic
  const arg = parseOperand(cursor, bound, restricted)
  return { kind: 'unary', operator, arg, span: cursor.spanFrom(start) }
}

/**
 * The loop of a Pratt parser. An operator that does not associate (comparison, LIKE, IS DISTINCT
 * FROM) is refused right after one of its own power.
 */
function parseOperators(
  cursor: TokenCursor,
  first: AstExpression,
  bound: number,
  restricted: boolean,
): AstExpression {
  const height = cursor.height + 1
  // Most operands have no operator behind them.
  if (infixPower(cursor, restricted) <= bound) {
    cursor.height = height
    return first
  }
  const loop = cursor.loop<Operation>()
  let read: Operation = loop.state ?? { left: first, height, refused: -1 }
  while (loop.goesOn(read)) {
    const level = infixPower(cursor, restricted)
    if (level <= bound) break
    if (level === read.refused) throw cursor.syntaxError()
    cursor.height = read.height
    let { left } = read
    if (level === power.or || level === power.and) left = parseChain(cursor, left, level)
    else {
      left = parseInfix(cursor, left, level, (c, b) => parseOperand(c, b, restricted))
      // Later passes walk a chain of operators in a loop: it is as high as its operands.
      if (left.kind === 'binary' && read.left.kind === 'binary') cursor.height -= 1
    }
    const refused = leavesOperandOpen(left, level) ? level : -1
    read = { left, height: cursor.height + 1, refused }
    cursor.checkDepth(read.height)
  }
  loop.end()
  cursor.height = read.height
  return read.left
}

/** What operators one after another have become. */
interface Operation {
  readonly left: AstExpression
  readonly height: number
  /** The power of operators that may not follow. */
  readonly refused: number
}

/** AND or OR, and what stands behind it. */
interface Link {
  readonly start: number
  readonly operand: AstExpression
}

/** a_expr (AND a_expr)* or a_expr (OR a_expr)* */
function parseChain(cursor: TokenCursor, first: AstExpression, level: number): AstExpression {
  const operator = level === power.or ? 'or' : 'and'
  const loop = cursor.loop<Link[]>()
  const links = loop.state ?? []
  while (loop.goesOn(links) && infixPower(cursor, false) === level) {
    const { start } = cursor.advance()
    links.push({ start, operand: parseOperand(cursor, level, false) })
  }
  loop.end()
  const operands = [first, ...links.map(({ operand }) => operand)]
  const combine = (left: AstExpression, right: AstExpression, index: number): AstExpression => {
    const { start } = links[index - 1]!
    return {
      kind: 'binary',
      operator,
      operatorSpan: { start, end: start + operator.length },
      left,
      right,
      span: { start: left.span.start, end: right.span.end },
    }
  }
  if (operands.length <= leftDeepChainMax) {
    cursor.height += operands.length - 2
    return operands.reduce((left, right, index) => combine(left, right, index))
  }
  cursor.height += Math.ceil(Math.log2(operands.length))
  return balanced(operands, 0, operands.length, combine)
}

/** Combines items [from, to) into a tree of least height; `combine` gets the right half's index. */
export function balanced<T>(
  items: readonly T[],
  from: number,
  to: number,
  combine: (left: T, right: T, rightIndex: number) => T,
): T {
  if (to - from === 1) return items[from]!
  const middle = (from + to + 1) >>> 1
  const left = balanced(items, from, middle, combine)
  return combine(left, balanced(items, middle, to, combine), middle)
}
