import { stackOverflow } from '../base/errors.ts'
import type { AstExpression } from './ast/expression.ts'
import type { Statement } from './ast/statement.ts'
import { TokenCursor } from './parser/cursor.ts'
import type { Productions } from './parser/cursor.ts'
import {
  parseExpressionFrom,
  parseExpression as expression,
  parseRestricted,
} from './parser/expression.ts'
import { parseQuery, parseQueryFrom } from './parser/query.ts'
import { parseStatement } from './parser/statement.ts'

const productions: Productions = {
  query: parseQuery,
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
    return statementsOf(text)
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

function statementsOf(text: string): Statement[] {
  const cursor = new TokenCursor(text, productions)
  const statements: Statement[] = []
  while (!cursor.atEnd()) {
    if (cursor.accept(';')) continue
    statements.push(parseStatement(cursor))
    if (!cursor.atEnd() && !cursor.at(';')) throw cursor.syntaxError()
  }
  return statements
}

/** Parses one expression that is the whole of `text`. Throws as {@link parseStatements} does. */
export function parseExpression(text: string): AstExpression {
  const cursor = new TokenCursor(text, productions)
  const result = expression(cursor)
  if (!cursor.atEnd()) throw cursor.syntaxError()
  return result
}
