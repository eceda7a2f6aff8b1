import type { CreateStoredViewStatement, RefreshStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'

/** (IF NOT EXISTS)? name ('(' columns ')')? AS query (WITH NO? DATA)? */
export function parseCreateStoredView(
  cursor: TokenCursor,
  begin: number,
): CreateStoredViewStatement {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  if (cursor.at('using')) throw cursor.unsupported('USING an access method')
  if (cursor.at('with')) throw cursor.unsupported('WITH options of a materialized view')
  if (cursor.at('tablespace')) throw cursor.unsupported('TABLESPACE')
  cursor.expect('as')
  const { start } = cursor.current
  const query = cursor.productions.query(cursor)
  if (cursor.selectInto !== undefined) {
    const message = 'views must not contain SELECT INTO'
    throw cursor.grammarError(message, cursor.selectInto.span)
  }
  const queryText = cursor.text.slice(start, cursor.lastEnd)
  const withData = parseWithData(cursor)
  const span = cursor.spanFrom(begin)
  return {
    kind: 'create-stored-view',
    name,
    columns,
    ifNotExists,
    query,
    queryText,
    withData,
    span,
  }
}

/** (WITH NO? DATA)?: whether there is data */
export function parseWithData(cursor: TokenCursor): boolean {
  if (!cursor.accept('with')) return true
  const withData = !cursor.accept('no')
  cursor.expect('data')
  return withData
}

/** REFRESH MATERIALIZED VIEW CONCURRENTLY? name (WITH NO? DATA)? */
export function parseRefresh(cursor: TokenCursor): RefreshStatement {
  const { start } = cursor.expect('refresh')
  cursor.expectAll('materialized', 'view')
  const concurrently = cursor.accept('concurrently')
  const name = parseQualifiedName(cursor)
  const withData = parseWithData(cursor)
  return { kind: 'refresh', name, concurrently, withData, span: cursor.spanFrom(start) }
}
