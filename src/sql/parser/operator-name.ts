import type { TokenCursor } from './cursor.ts'
import { isColumnName, parseName } from './name.ts'

/** all_Op | OPERATOR '(' (ColId '.')* all_Op ')'; the schema pg_catalog is left out of the name. */
export function parseOperator(cursor: TokenCursor): string {
  if (cursor.current.kind === 'operator') return cursor.advance().text
  if (!cursor.at('operator')) throw cursor.syntaxError('an operator')
  cursor.advance()
  cursor.expect('(')
  const schemas: string[] = []
  while (isColumnName(cursor.current)) {
    schemas.push(parseName(cursor).text)
    cursor.expect('.')
  }
  if (cursor.peek(0).kind !== 'operator') throw cursor.syntaxError('an operator')
  const symbol = cursor.advance().text
  cursor.expect(')')
  if (schemas.length === 1 && schemas[0] === 'pg_catalog') return symbol
  return [...schemas, symbol].join('.')
}
