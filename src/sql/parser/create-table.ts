import type { AstExpression, Identifier } from '../ast/expression.ts'
import type {
  ColumnDefinition,
  CreateTableAsStatement,
  CreateTableFromStatement,
  CreateTableStatement,
} from '../ast/statement.ts'
import type { CreateHead } from './create-head.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseLabel, parseName, parseQualifiedName } from './name.ts'
import { parseOptions } from './option.ts'
import { parseTypeName } from './type-name.ts'

type CreateTable = CreateTableStatement | CreateTableFromStatement | CreateTableAsStatement

/**
 * (IF NOT EXISTS)? name '(' elements ')' | name ('(' names ')')? AS query (WITH NO? DATA)? and the
 * extension name ('(' elements ')')? WITH '(' options ')'
 */
export function parseCreateTable(cursor: TokenCursor, head: CreateHead): CreateTable {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const { orReplace, temporary, start } = head
  if (cursor.at('as') || atColumnNames(cursor)) {
    const source = parseTableSource(cursor)
    const span = cursor.spanFrom(start)
    const flags = { ifNotExists, orReplace, temporary }
    return { kind: 'create-table-as', name, ...flags, ...source, span }
  }
  if (cursor.at('of')) throw cursor.unsupported('CREATE TABLE OF')
  if (cursor.at('partition')) throw cursor.unsupported('PARTITION OF')
  const { columns, constraints } = cursor.at('(') ? parseElements(cursor) : noElements(cursor)
  refuseTail(cursor)
  if (cursor.accept('with')) {
    const options = parseOptions(cursor)
    if (cursor.at('as')) throw cursor.unsupported('WITH options of CREATE TABLE AS')
    if (temporary) throw cursor.unsupported('a temporary table over files', start)
    refuseTail(cursor)
    const span = cursor.spanFrom(start)
    const flags = { ifNotExists, orReplace }
    return { kind: 'create-table-from', name, ...flags, columns, options, span }
  }
  if (orReplace) throw cursor.unsupported('CREATE OR REPLACE TABLE without AS or WITH', start)
  const span = cursor.spanFrom(start)
  return { kind: 'create-table', name, ifNotExists, temporary, columns, constraints, span }
}

function noElements(cursor: TokenCursor): Elements {
  if (!cursor.at('with')) throw cursor.syntaxError('"(", AS or WITH')
  return { columns: [], constraints: [] }
}

function refuseTail(cursor: TokenCursor): void {
  if (cursor.at('inherits')) throw cursor.unsupported('INHERITS')
  if (cursor.at('partition')) throw cursor.unsupported('PARTITION BY')
  if (cursor.at('on')) throw cursor.unsupported('ON COMMIT')
  if (cursor.at('tablespace')) throw cursor.unsupported('TABLESPACE')
  if (cursor.at('using')) throw cursor.unsupported('USING an access method')
}

/** Whether the list in parentheses holds names only: the columns of CREATE TABLE AS. */
function atColumnNames(cursor: TokenCursor): boolean {
  return cursor.at('(') && (cursor.ahead(2, ',') || cursor.ahead(2, ')'))
}

/** ('(' names ')')? AS query (WITH NO? DATA)? */
function parseTableSource(
  cursor: TokenCursor,
): Pick<CreateTableAsStatement, 'columns' | 'query' | 'withData'> {
  const columns: Identifier[] = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  cursor.expect('as')
  if (cursor.at('execute')) throw cursor.unsupported('CREATE TABLE AS EXECUTE')
  const query = cursor.productions.query(cursor)
  let withData = true
  if (cursor.accept('with')) {
    withData = !cursor.accept('no')
    cursor.expect('data')
  }
  return { columns, query, withData }
}

interface Elements {
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly string[]
}

/** '(' (columnDef | TableConstraint) (',' ...)* ')' */
function parseElements(cursor: TokenCursor): Elements {
  const columns: ColumnDefinition[] = []
  const constraints: string[] = []
  const keys = new Set<string>()
  cursor.expect('(')
  if (cursor.accept(')')) return { columns, constraints }
  do {
    if (cursor.at('like')) throw cursor.unsupported('LIKE in CREATE TABLE')
    if (cursor.atAny(tableConstraintWords)) constraints.push(parseTableConstraint(cursor, keys))
    else columns.push(parseColumn(cursor))
  } while (cursor.accept(','))
  cursor.expect(')')
  const notNull = (column: ColumnDefinition): ColumnDefinition =>
    keys.has(column.name.text) ? { ...column, notNull: true } : column
  return { columns: columns.map(notNull), constraints }
}

const tableConstraintWords: ReadonlySet<string> = new Set([
  'constraint',
  'primary',
  'unique',
  'check',
  'foreign',
  'exclude',
])

/** (CONSTRAINT name)? (PRIMARY KEY | UNIQUE) '(' names ')' | CHECK ... | FOREIGN KEY ... */
function parseTableConstraint(cursor: TokenCursor, keys: Set<string>): string {
  const { start } = cursor.current
  if (cursor.accept('constraint')) parseName(cursor)
  if (cursor.accept('primary')) {
    cursor.expect('key')
    for (const name of parenthesizedList(cursor, parseName)) keys.add(name.text)
  } else if (cursor.accept('unique')) {
    parenthesizedList(cursor, parseName)
  } else if (cursor.accept('foreign')) {
    cursor.expect('key')
    parenthesizedList(cursor, parseName)
    parseReferences(cursor)
  } else if (cursor.at('check')) {
    parseCheck(cursor)
  } else {
    throw cursor.at('exclude') ? cursor.unsupported('EXCLUDE') : cursor.syntaxError('a constraint')
  }
  parseDeferral(cursor)
  return cursor.wordsBetween(start, cursor.lastEnd)
}

/** ColId Typename ColConstraint* */
function parseColumn(cursor: TokenCursor): ColumnDefinition {
  const name = parseName(cursor)
  const type = parseTypeName(cursor)
  const state: ColumnState = { notNull: false, defaultValue: undefined, constraints: [] }
  while (parseColumnConstraint(cursor, state)) {
    // each call reads one constraint
  }
  return { name, type, ...state, span: cursor.spanFrom(name.span.start) }
}

interface ColumnState {
  notNull: boolean
  defaultValue: AstExpression | undefined
  constraints: string[]
}

/** (CONSTRAINT name)? (NOT? NULL | DEFAULT b_expr | PRIMARY KEY | UNIQUE | CHECK ... | ...) */
function parseColumnConstraint(cursor: TokenCursor, state: ColumnState): boolean {
  const { start } = cursor.current
  const named = cursor.accept('constraint')
  if (named) parseName(cursor)
  if (cursor.accept('not')) {
    if (cursor.accept('deferrable')) return true
    cursor.expect('null')
    state.notNull = true
    return true
  }
  if (cursor.accept('null')) return true
  if (cursor.accept('default')) {
    state.defaultValue = cursor.productions.restrictedExpression(cursor)
    return true
  }
  if (cursor.at('generated')) throw cursor.unsupported('GENERATED columns')
  if (cursor.at('collate')) throw cursor.unsupported('COLLATE of a column')
  if (!parseKeptConstraint(cursor, state)) {
    if (named) throw cursor.syntaxError('a constraint')
    return false
  }
  parseDeferral(cursor)
  state.constraints.push(cursor.wordsBetween(start, cursor.lastEnd))
  return true
}

function parseKeptConstraint(cursor: TokenCursor, state: ColumnState): boolean {
  if (cursor.accept('primary')) {
    cursor.expect('key')
    state.notNull = true
  } else if (cursor.at('check')) {
    parseCheck(cursor)
  } else if (cursor.at('references')) {
    parseReferences(cursor)
  } else {
    return cursor.accept('unique')
  }
  return true
}

/** CHECK '(' a_expr ')' (NO INHERIT)? */
function parseCheck(cursor: TokenCursor): void {
  cursor.expectAll('check', '(')
  cursor.productions.expression(cursor)
  cursor.expect(')')
  cursor.acceptAll('no', 'inherit')
}

/** REFERENCES table ('(' names ')')? (MATCH word)? (ON (DELETE | UPDATE) action)* */
function parseReferences(cursor: TokenCursor): void {
  cursor.expect('references')
  parseQualifiedName(cursor)
  if (cursor.at('(')) parenthesizedList(cursor, parseName)
  if (cursor.accept('match')) parseLabel(cursor)
  while (cursor.at('on')) {
    cursor.advance()
    if (!cursor.accept('delete')) cursor.expect('update')
    parseReferenceAction(cursor)
  }
}

/** NO ACTION | RESTRICT | CASCADE | SET (NULL | DEFAULT) ('(' names ')')? */
function parseReferenceAction(cursor: TokenCursor): void {
  if (cursor.acceptAll('no', 'action')) return
  if (cursor.accept('restrict') || cursor.accept('cascade')) return
  cursor.expect('set')
  if (!cursor.accept('null')) cursor.expect('default')
  if (cursor.at('(')) parenthesizedList(cursor, parseName)
}

/** (NOT? DEFERRABLE | INITIALLY (DEFERRED | IMMEDIATE) | NOT VALID)* */
function parseDeferral(cursor: TokenCursor): void {
  for (;;) {
    const read =
      cursor.accept('deferrable') ||
      cursor.acceptAll('not', 'deferrable') ||
      cursor.acceptAll('initially', 'deferred') ||
      cursor.acceptAll('initially', 'immediate')
    if (!read) return
  }
}
