import type { SelectStatement } from '../ast/select.ts'
import type { AssignedColumn, InsertStatement } from '../ast/statement.ts'
import type { Identifier } from '../ast/expression.ts'
import type { LeadingWith, TokenCursor } from './cursor.ts'
import { parseColumn } from './assignments.ts'
import { parenthesizedList } from './cursor.ts'
import { parseOnConflict } from './on-conflict.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { startsQuery } from './parenthesized.ts'
import { atPivot } from './pivot.ts'
import { parseReturning } from './returning.ts'

/**
 * INSERT INTO qualified_name (AS name)? ('(' columns ')')? overriding? (SelectStmt | DEFAULT VALUES) on_conflict? returning?; a
 * WITH in front goes to the query.
 */
export function parseInsert(
  cursor: TokenCursor,
  leading: LeadingWith | undefined,
): InsertStatement {
  const token = cursor.expect('insert')
  const start = leading?.start ?? token.start
  cursor.expect('into')
  const table = parseQualifiedName(cursor)
  const alias = cursor.accept('as') ? parseName(cursor) : undefined
  const columns = cursor.at('(') && !atNestedQuery(cursor) ? parseTargets(cursor) : []
  const overriding = parseOverriding(cursor)
  const query = parseSource(cursor, columns)
  const onConflict = parseOnConflict(cursor)
  const returning = parseReturning(cursor)
  if (leading !== undefined && query === undefined) {
    throw cursor.unsupported('WITH before INSERT ... DEFAULT VALUES', start)
  }
  if (leading !== undefined && query?.with !== undefined) {
    throw cursor.unsupported('WITH both before INSERT and in its query', start)
  }
  const span = cursor.spanFrom(start)
  const source = leading && query ? { ...query, with: leading.clause } : query
  return {
    kind: 'insert',
    table,
    alias,
    columns,
    overriding,
    query: source,
    onConflict,
    returning,
    span,
  }
}

/** SelectStmt, or without a list of columns DEFAULT VALUES: then undefined */
function parseSource(
  cursor: TokenCursor,
  columns: readonly Identifier[],
): SelectStatement | undefined {
  if (columns.length === 0 && cursor.acceptAll('default', 'values')) return undefined
  if (!startsQuery(cursor) && !cursor.at('(')) throw cursor.syntaxError('VALUES or SELECT')
  return cursor.productions.query(cursor)
}

/** (OVERRIDING (SYSTEM | USER) VALUE)? */
export function parseOverriding(cursor: TokenCursor): InsertStatement['overriding'] {
  if (!cursor.accept('overriding')) return undefined
  const isSystem = cursor.accept('system')
  if (!isSystem) cursor.expect('user')
  cursor.expect('value')
  return isSystem ? 'system' : 'user'
}

const queryStarts: ReadonlySet<string> = new Set(['select', 'from', 'with', 'table', '('])

function atNestedQuery(cursor: TokenCursor): boolean {
  const next = cursor.peek(1)
  if (atPivot(cursor, 1)) return true
  return queryStarts.has(next.text) || (next.text === 'values' && cursor.ahead(2, '('))
}

/** '(' insert_column_item (',' insert_column_item)* ')' */
export function parseTargets(cursor: TokenCursor): AssignedColumn[] {
  return parenthesizedList(cursor, parseColumn)
}
