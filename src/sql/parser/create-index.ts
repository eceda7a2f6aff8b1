import type { AstExpression } from '../ast/expression.ts'
import type { CreateIndexStatement } from '../ast/statement.ts'
import { parseNullsDistinct } from './constraint.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { isColumnName, parseName, parseQualifiedName } from './name.ts'

/**
 * CREATE UNIQUE? INDEX CONCURRENTLY? ((IF NOT EXISTS)? name)? ON ONLY? table (USING method)?
 * '(' elements ')' (NULLS NOT? DISTINCT)? (WHERE a_expr)?
 */
export function parseCreateIndex(cursor: TokenCursor): CreateIndexStatement {
  const { start } = cursor.expect('create')
  const unique = cursor.accept('unique')
  cursor.expect('index')
  // Readers are never held up, whether it is asked for or not.
  cursor.accept('concurrently')
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = cursor.at('on') ? undefined : parseName(cursor)
  cursor.expect('on')
  // There are no partitions to leave out.
  cursor.accept('only')
  const table = parseQualifiedName(cursor)
  const method = cursor.accept('using') ? parseName(cursor) : undefined
  const elements = parenthesizedList(cursor, parseIndexElement)
  if (cursor.at('include')) throw cursor.unsupported('INCLUDE of an index')
  const nullsDistinct = parseNullsDistinct(cursor)
  if (cursor.at('with')) throw cursor.unsupported('WITH options of an index')
  if (cursor.at('tablespace')) throw cursor.unsupported('TABLESPACE')
  const where = cursor.accept('where') ? cursor.productions.expression(cursor) : undefined
  const span = cursor.spanFrom(start)
  return {
    kind: 'create-index',
    name,
    table,
    ifNotExists,
    unique,
    method,
    elements,
    nullsDistinct,
    where,
    span,
  }
}

/**
 * An expression or column, its operator class, ASC | DESC, NULLS FIRST | LAST: of these only the
 * expression means anything to an index that is never read.
 */
function parseIndexElement(cursor: TokenCursor): AstExpression {
  const expr = cursor.productions.expression(cursor)
  const ordered = cursor.at('nulls') || cursor.at('asc') || cursor.at('desc')
  if (!ordered && isColumnName(cursor.current)) parseQualifiedName(cursor)
  if (!cursor.accept('asc')) cursor.accept('desc')
  if (cursor.accept('nulls') && !cursor.accept('first')) cursor.expect('last')
  return expr
}
