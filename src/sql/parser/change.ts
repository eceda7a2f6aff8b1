import type { AstExpression, Identifier } from '../ast/expression.ts'
import type { TableName, WithClause } from '../ast/select.ts'
import type {
  Assignment,
  DeleteStatement,
  TruncateStatement,
  UpdateStatement,
} from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseFrom, parseRelationName } from './from.ts'
import type { LeadingWith } from './insert.ts'
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
  const assignments = commaList(cursor, parseAssignments).flat()
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

/** TRUNCATE TABLE? relation_expr (',' relation_expr)* (CONTINUE IDENTITY)? RESTRICT? */
export function parseTruncate(cursor: TokenCursor): TruncateStatement {
  const { start } = cursor.expect('truncate')
  cursor.accept('table')
  const tables = commaList(cursor, (c) => parseRelationName(c).name)
  if (cursor.at('restart')) throw cursor.unsupported('TRUNCATE ... RESTART IDENTITY')
  if (cursor.accept('continue')) cursor.expect('identity')
  if (cursor.at('cascade')) throw cursor.unsupported('TRUNCATE ... CASCADE')
  cursor.accept('restrict')
  return { kind: 'truncate', tables, span: cursor.spanFrom(start) }
}

function headOf(
  cursor: TokenCursor,
  leading: LeadingWith | undefined,
  start: number,
): { readonly clause: WithClause | undefined; readonly span: UpdateStatement['span'] } {
  return { clause: leading?.clause, span: cursor.spanFrom(leading?.start ?? start) }
}

/** relation_expr (AS? ColId)?; the word that comes next is no alias unless AS says so. */
function parseTarget(cursor: TokenCursor, next: string): TableName {
  const table = parseRelationName(cursor)
  const said = cursor.accept('as')
  if (!said && (cursor.at(next) || !isColumnName(cursor.current))) return table
  const alias = { name: parseName(cursor), columns: [], definitions: [] }
  return { ...table, alias, span: cursor.spanFrom(table.span.start) }
}

function parseWhere(cursor: TokenCursor): AstExpression | undefined {
  if (!cursor.accept('where')) return undefined
  if (cursor.at('current') && cursor.ahead(1, 'of')) throw cursor.unsupported('WHERE CURRENT OF')
  return cursor.productions.expression(cursor)
}

/** set_target '=' a_expr | '(' set_target (',' set_target)* ')' '=' a_expr, where that is a row of as many */
function parseAssignments(cursor: TokenCursor): readonly Assignment[] {
  const { start } = cursor.current
  if (!cursor.at('(')) {
    const column = parseColumn(cursor)
    cursor.expect('=')
    return [{ column, value: cursor.productions.expression(cursor) }]
  }
  const columns = parenthesizedList(cursor, parseColumn)
  cursor.expect('=')
  const value = cursor.productions.expression(cursor)
  const values = valuesOf(value, columns.length)
  if (values === undefined) {
    throw cursor.unsupported('a query as the source of several columns', start)
  }
  if (values.length !== columns.length) {
    const span = cursor.spanFrom(start)
    throw cursor.grammarError('number of columns does not match number of values', span)
  }
  return columns.map((column, at) => ({ column, value: values[at]! }))
}

/** The values of a row; one in parentheses is itself. */
function valuesOf(value: AstExpression, columns: number): readonly AstExpression[] | undefined {
  if (value.kind === 'row') return value.items
  if (columns === 1 && value.kind !== 'subquery') return [value]
  return columns === 1 ? [value] : undefined
}

function parseColumn(cursor: TokenCursor): Identifier {
  const name = parseName(cursor)
  if (cursor.at('.') || cursor.at('[')) throw cursor.unsupported('UPDATE of a part of a column')
  return name
}
