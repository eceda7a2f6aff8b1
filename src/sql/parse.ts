import { stackOverflow } from '../base/errors.ts'
import { finishSteps, type Steps } from '../base/steps.ts'
import type { AstExpression, TypeName } from './ast/expression.ts'
import type { Statement } from './ast/statement.ts'
import { tokenSteps } from './lexer/lexer.ts'
import { parseChange } from './parser/change-within.ts'
import { TokenCursor } from './parser/cursor.ts'
import type { CursorLoops, Productions } from './parser/cursor.ts'
import {
  parseExpressionFrom,
  parseExpression as expression,
  parseRestricted,
} from './parser/expression.ts'
import { Interrupted, LongLoops } from './parser/long-loops.ts'
import { parseQuery, parseQueryFrom } from './parser/query.ts'
import { parseStatement } from './parser/statement.ts'
import { parseTypeName } from './parser/type-name.ts'

const productions: Productions = {
  query: parseQuery,
  change: parseChange,
  queryFrom: parseQueryFrom,
  expression,
  expressionFrom: parseExpressionFrom,
  restrictedExpression: parseRestricted,
}

/**
 * Parses statements separated by semicolons; empty ones are skipped. Throws QueryError: SYNTAX_ERROR
 * in PostgreSQL's wording, FEATURE_NOT_SUPPORTED for syntax of PostgreSQL's that has no tree here,
 * STATEMENT_TOO_COMPLEX beyond {@link nestingDepthMax} levels.
 */
export function parseStatements(text: string): Statement[] {
  try {
    return statementsOf(cursorOver(text))
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

/** Parsing more characters takes milliseconds. */
export const LONG_TEXT = 16_384

/** As {@link parseStatements}, in steps if the text is long: see `isOverdue`. */
export function* parseSteps(text: string): Steps<Statement[]> {
  if (text.length <= LONG_TEXT) return parseStatements(text)
  const tokenized = yield* tokenSteps(text)
  const loops: CursorLoops = new LongLoops()
  for (;;) {
    try {
      return statementsOf(new TokenCursor(text, tokenized, productions, loops))
    } catch (error) {
      if (!(error instanceof Interrupted)) throw stackOverflow(error) ?? error
    }
    loops.leave()
    yield
  }
}

function cursorOver(text: string): TokenCursor {
  return new TokenCursor(text, finishSteps(tokenSteps(text)), productions)
}

function statementsOf(cursor: TokenCursor): Statement[] {
  const loop = cursor.loop<Statement[]>()
  const statements = loop.state ?? []
  while (loop.goesOn(statements) && !cursor.atEnd()) {
    if (cursor.accept(';')) continue
    statements.push(parseStatement(cursor))
    if (!cursor.atEnd() && !cursor.at(';')) throw cursor.syntaxError()
  }
  loop.end()
  return statements
}

/** Parses the name of a type that is the whole of `text`. Throws as {@link parseStatements} does. */
export function parseTypeText(text: string): TypeName {
  const cursor = cursorOver(text)
  const result = parseTypeName(cursor)
  if (!cursor.atEnd()) throw cursor.syntaxError()
  return result
}

/** Parses one expression that is the whole of `text`. Throws as {@link parseStatements} does. */
export function parseExpression(text: string): AstExpression {
  const cursor = cursorOver(text)
  const result = expression(cursor)
  if (!cursor.atEnd()) throw cursor.syntaxError()
  return result
}
