import { assert } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { AstExpression, QualifiedName } from '../ast/expression.ts'
import type { ChangeInWith, SelectStatement, WithClause } from '../ast/select.ts'
import type { TokenizedText } from '../lexer/lexer.ts'
import type { Token } from '../lexer/token.ts'
import { plainLoop, type Loop, type LongLoops, type LoopCursor } from './long-loops.ts'

/**
 * Most levels of nesting, and greatest height of an expression, that a statement may have. Every
 * later pass walks the tree by recursion, so this bounds their stack too. An expression in parentheses,
 * or an argument, is two or three levels: 500 functions, CASEs or parentheses nest, and the stack of the
 * main thread takes twice as many.
 */
export const nestingDepthMax = 1_600

/** A WITH clause that was read before what it belongs to. */
export interface LeadingWith {
  readonly clause: WithClause
  readonly start: number
}

/** The productions that others need and that need them in turn. */
export interface Productions {
  query(cursor: TokenCursor): SelectStatement
  /** INSERT, UPDATE or DELETE within a query, behind its own WITH. */
  change(cursor: TokenCursor, leading?: LeadingWith): ChangeInWith
  /** Goes on with the rest of a query whose first operand is in parentheses and already read. */
  queryFrom(cursor: TokenCursor, first: SelectStatement, start: number): SelectStatement
  expression(cursor: TokenCursor): AstExpression
  /** Goes on with the operators after an operand that is already read. */
  expressionFrom(cursor: TokenCursor, left: AstExpression): AstExpression
  /** PostgreSQL's b_expr: no AND, OR, NOT, IN, LIKE, BETWEEN, IS NULL on the top level. */
  restrictedExpression(cursor: TokenCursor): AstExpression
}

/** A target of SELECT ... INTO, kept aside until the statement's end. */
export interface SelectIntoTarget {
  readonly name: QualifiedName
  readonly temporary: boolean
  readonly span: Span
}

/** Where a cursor is, and what it knows by then. */
interface CursorPlace {
  readonly position: number
  readonly lastEnd: number
  readonly height: number
  readonly selectInto: SelectIntoTarget | undefined
}

const lookahead = 4

/** What cursors over one text have read of its long lists. */
export type CursorLoops = LongLoops<CursorPlace>

/** Reads tokens in order; all productions share one. */
export class TokenCursor implements LoopCursor<CursorPlace> {
  readonly text: string
  readonly productions: Productions
  current: Token
  /** End of the token before the current one. */
  lastEnd = 0
  /** Height of the tallest expression completed since this was last reset. */
  height = 0
  selectInto: SelectIntoTarget | undefined
  readonly loops: CursorLoops | undefined
  read = 0
  private readonly tokens: readonly Token[]
  private readonly lexicalError: QueryError | undefined
  private position = 0
  private depth = 0

  /** `loops`: where reading may be left in the middle, and begun anew by another cursor. */
  constructor(
    text: string,
    { tokens, error }: TokenizedText,
    productions: Productions,
    loops?: CursorLoops,
  ) {
    this.text = text
    this.productions = productions
    this.loops = loops
    this.tokens = tokens
    this.lexicalError = error
    this.current = tokens[0]!
    this.checkCurrent()
  }

  /** The token `distance` after the current one; the end token beyond the end. */
  peek(distance: number): Token {
    assert(distance <= lookahead, 'lookahead is bounded')
    return this.tokens[this.position + distance] ?? this.tokens[this.tokens.length - 1]!
  }

  /** Whether the current token is this keyword, operator or punctuation. */
  at(text: string): boolean {
    return isFixed(this.current, text)
  }

  atAny(texts: ReadonlySet<string>): boolean {
    const token = this.current
    return texts.has(token.text) && isFixed(token, token.text)
  }

  /** Whether the token `distance` after the current one is this keyword or punctuation. */
  ahead(distance: number, text: string): boolean {
    return isFixed(this.peek(distance), text)
  }

  atEnd(): boolean {
    return this.current.kind === 'end'
  }

  advance(): Token {
    const token = this.current
    if (token.kind !== 'end') {
      spend(NODE_STEPS)
      this.lastEnd = token.end
      this.position += 1
      this.read += 1
      this.current = this.tokens[this.position]!
      if (this.current.kind === 'end') this.checkCurrent()
    }
    return token
  }

  /** Begins a loop here, or goes to where it was left. */
  loop<S>(): Loop<S> {
    // What is found under a place was kept there by the same loop.
    return (this.loops?.begin(this) ?? plainLoop) as Loop<S>
  }

  get place(): CursorPlace {
    const { position, lastEnd, height, selectInto } = this
    return { position, lastEnd, height, selectInto }
  }

  goTo({ position, lastEnd, height, selectInto }: CursorPlace): void {
    this.position = position
    this.lastEnd = lastEnd
    this.height = height
    this.selectInto = selectInto
    this.current = this.tokens[position]!
    if (this.current.kind === 'end') this.checkCurrent()
  }

  /** A lexical error counts only once all tokens before it are read without a syntax error. */
  private checkCurrent(): void {
    if (this.current.kind === 'end' && this.lexicalError !== undefined) throw this.lexicalError
  }

  accept(text: string): boolean {
    if (!this.at(text)) return false
    this.advance()
    return true
  }

  /** Accepts several keywords in a row, or none. */
  acceptAll(...texts: readonly string[]): boolean {
    if (!texts.every((text, index) => this.ahead(index, text))) return false
    for (const _ of texts) this.advance()
    return true
  }

  expect(text: string): Token {
    if (!this.at(text)) throw this.syntaxError(describe(text))
    return this.advance()
  }

  expectAll(...texts: readonly string[]): void {
    for (const text of texts) this.expect(text)
  }

  /** A span from `start` to the end of the last token read. */
  spanFrom(start: number): Span {
    return { start, end: this.lastEnd }
  }

  /** The source text of a span with white space made single and keywords folded. */
  wordsBetween(from: number, to: number): string {
    return this.tokens
      .filter((token) => token.start >= from && token.end <= to && token.kind !== 'end')
      .map((token) =>
        token.kind === 'word' ? token.text : this.text.slice(token.start, token.end),
      )
      .join(' ')
  }

  /** PostgreSQL's `syntax error at or near "x"` for the current token. */
  syntaxError(expected?: string, hint?: string): QueryError {
    const { start, end } = this.current
    const near = this.text.slice(start, end)
    const message = this.atEnd()
      ? 'syntax error at end of input'
      : `syntax error at or near "${near}"`
    const reserved = this.current.keyword?.class === 'reserved' && expected === 'a name'
    const advice =
      hint ?? (reserved ? `"${near}" is a reserved word; quote it as a name` : undefined)
    return new QueryError('SYNTAX_ERROR', message, {
      span: { start, end },
      found: this.atEnd() ? 'end of input' : near,
      ...(expected === undefined ? {} : { expected }),
      ...(advice === undefined ? {} : { hint: advice }),
    })
  }

  /** An error of the grammar that PostgreSQL words by itself. */
  grammarError(message: string, span: Span, hint?: string): QueryError {
    return new QueryError('SYNTAX_ERROR', message, hint === undefined ? { span } : { span, hint })
  }

  unsupported(what: string, start: number = this.current.start): QueryError {
    return notSupported(what, { start, end: Math.max(this.lastEnd, this.current.end) })
  }

  /** Counts a level of nesting around `production`. */
  nested<T>(production: (cursor: TokenCursor) => T): T {
    this.enter()
    const result = production(this)
    this.leave()
    return result
  }

  enter(): void {
    this.depth += 1
    this.checkDepth(this.depth)
  }

  leave(): void {
    this.depth -= 1
  }

  /** Whether the production that reads now is the statement's own, not one nested in it. */
  outermost(): boolean {
    return this.depth <= 1
  }

  /** Refuses trees that are too high to be walked by recursion. */
  checkDepth(depth: number): void {
    if (depth <= nestingDepthMax) return
    const message = `statement is nested deeper than ${nestingDepthMax} levels`
    const { start, end } = this.current
    throw new QueryError('STATEMENT_TOO_COMPLEX', message, { span: { start, end } })
  }
}

function isFixed(token: Token, text: string): boolean {
  if (token.text !== text) return false
  const { kind } = token
  return kind === 'word' || kind === 'symbol' || kind === 'operator'
}

function describe(text: string): string {
  return /^[a-z]/.test(text) ? text.toUpperCase() : `"${text}"`
}

/** `item (',' item)*` */
export function commaList<T>(cursor: TokenCursor, item: (cursor: TokenCursor) => T): T[] {
  const loop = cursor.loop<T[]>()
  const items = loop.state ?? [item(cursor)]
  while (loop.goesOn(items) && cursor.accept(',')) items.push(item(cursor))
  loop.end()
  return items
}

/** `'(' item (',' item)* ')'` */
export function parenthesizedList<T>(cursor: TokenCursor, item: (cursor: TokenCursor) => T): T[] {
  cursor.expect('(')
  const items = commaList(cursor, item)
  cursor.expect(')')
  return items
}
