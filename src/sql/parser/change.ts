import type { AstExpression } from '../ast/expression.ts'
import type { TableName, WithClause } from '../ast/select.ts'
import type { DeleteStatement, TruncateStatement, UpdateStatement } from '../ast/statement.ts'
import { parseAssignment, parseCondition } from './assignments.ts'
import type { LeadingWith, TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseFrom, parseRelationName } from './from.ts'
import { isColumnName, parseName } from './name.ts'
import { parseReturning } from './returning.ts'

/** UPDATE relation_expr_opt_alias SET set_clause_list from_clause? where_or_current_clause? returning_clause? */
export function parseUpdate(
  cursor: TokenCursor,
  leading: LeadingWith | undefined,
): UpdateStatement {
  const token = cursor.expect('update')
  const table = parseTarget(cursor, 'set')
  cursor.expect('set')
  const assignments = commaList(cursor, parseAssignment)
  const from = cursor.at('from') ? parseFrom(cursor) : []
  const where = parseWhere(cursor)
  const returning = parseReturning(cursor)
  const { clause, span } = headOf(cursor, leading, token.start)
  return { kind: 'update', with: clause, table, assignments, from, where, returning, span }
}

/** DELETE FROM relation_expr_opt_alias using_clause? where_or_current_clause? returning_clause? */
export function parseDelete(
  cursor: TokenCursor,
  leading: LeadingWith | undefined,
): DeleteStatement {
  const token = cursor.expect('delete')
  cursor.expect('from')
  const table = parseTarget(cursor, 'using')
  const using = cursor.at('using') ? parseFrom(cursor, 'using') : []
  const where = parseWhere(cursor)
  const returning = parseReturning(cursor)
  const { clause, span } = headOf(cursor, leading, token.start)
  return { kind: 'delete', with: clause, table, using, where, returning, span }
}

/** TRUNCATE TABLE? relation_expr (',' relation_expr)* ((RESTART | CONTINUE) IDENTITY)? RESTRICT? */
export function parseTruncate(cursor: TokenCursor): TruncateStatement {
  const { start } = cursor.expect('truncate')
  cursor.accept('table')
  const tables = commaList(cursor, (c) => parseRelationName(c).name)
  const restartIdentity = cursor.accept('restart')
  if (restartIdentity || cursor.accept('continue')) cursor.expect('identity')
  const cascade = cursor.accept('cascade')
  if (!cascade) cursor.accept('restrict')
  return { kind: 'truncate', tables, restartIdentity, cascade, span: cursor.spanFrom(start) }
}

function headOf(
  cursor: TokenCursor,
  leading: LeadingWith | undefined,
  start: number,
): { readonly clause: WithClause | undefined; readonly span: UpdateStatement['span'] } {
  return { clause: leading?.clause, span: cursor.spanFrom(leading?.start ?? start) }
}

/** relation_expr (AS? ColId)?; the word that comes next is no alias unless AS says so. */
export function parseTarget(cursor: TokenCursor, next: string): TableName {
  const table = parseRelationName(cursor)
  const said = cursor.accept('as')
  if (!said && (cursor.at(next) || !isColumnName(cursor.current))) return table
  const alias = { name: parseName(cursor), columns: [], definitions: [] }
  return { ...table, alias, span: cursor.spanFrom(table.span.start) }
}

function parseWhere(cursor: TokenCursor): AstExpression | undefined {
  const isOfCursor = cursor.at('where') && cursor.ahead(1, 'current') && cursor.ahead(2, 'of')
  if (isOfCursor) throw cursor.unsupported('WHERE CURRENT OF')
  return parseCondition(cursor)
}
