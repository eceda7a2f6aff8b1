import type { Identifier } from '../ast/expression.ts'
import type { CreateTableAsExecuteStatement, ExecuteStatement } from '../ast/prepared.ts'
import type { SelectStatement } from '../ast/select.ts'
import type {
  ColumnDefinition,
  CreateTableAsStatement,
  CreateTableFromStatement,
  CreateTableStatement,
  LikeClause,
  LikePart,
  OnCommit,
  TableConstraint,
} from '../ast/statement.ts'
import { atTableConstraint, parseColumnConstraints, parseTableConstraint } from './constraint.ts'
import type { CreateHead } from './create-head.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { parseOptions } from './option.ts'
import { parseWithData } from './stored-view.ts'
import { parseExecute } from './prepared.ts'
import { parseTypeName } from './type-name.ts'

type CreateTable =
  | CreateTableStatement
  | CreateTableFromStatement
  | CreateTableAsStatement
  | CreateTableAsExecuteStatement

/**
 * (IF NOT EXISTS)? name '(' elements ')' | name ('(' names ')')? AS query (WITH NO? DATA)? and the
 * extension name ('(' elements ')')? WITH '(' options ')'
 */
export function parseCreateTable(cursor: TokenCursor, head: CreateHead): CreateTable {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const { orReplace, temporary, start } = head
  if (cursor.at('as') || cursor.at('on') || atColumnNames(cursor)) {
    const { query, ...source } = parseTableSource(cursor)
    const span = cursor.spanFrom(start)
    const flags = { ifNotExists, orReplace, temporary }
    if (query.kind === 'execute') {
      const table = { kind: 'create-table-as', name, ...flags, ...source, span } as const
      return { kind: 'create-table-as-execute', table, execute: query, span }
    }
    return { kind: 'create-table-as', name, ...flags, ...source, query, span }
  }
  if (cursor.at('of')) throw cursor.unsupported('CREATE TABLE OF')
  if (cursor.at('partition')) throw cursor.unsupported('PARTITION OF')
  const elements = cursor.at('(') ? parseElements(cursor) : noElements(cursor)
  const { columns, likes } = elements
  refuseTail(cursor)
  if (cursor.accept('with')) {
    const options = parseOptions(cursor)
    if (cursor.at('as')) throw cursor.unsupported('WITH options of CREATE TABLE AS')
    if (temporary) throw cursor.unsupported('a temporary table over files', start)
    if (likes.length > 0) throw cursor.unsupported('LIKE of a table over files', start)
    refuseTail(cursor)
    const span = cursor.spanFrom(start)
    const flags = { ifNotExists, orReplace }
    return { kind: 'create-table-from', name, ...flags, columns, options, span }
  }
  if (orReplace) throw cursor.unsupported('CREATE OR REPLACE TABLE without AS or WITH', start)
  const onCommit = parseOnCommit(cursor)
  refuseTail(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'create-table', name, ifNotExists, temporary, ...elements, onCommit, span }
}

/** (ON COMMIT (PRESERVE ROWS | DELETE ROWS | DROP))? */
function parseOnCommit(cursor: TokenCursor): OnCommit | undefined {
  if (!cursor.acceptAll('on', 'commit')) return undefined
  if (cursor.accept('drop')) return 'drop'
  const isDelete = cursor.accept('delete')
  if (!isDelete) cursor.expect('preserve')
  cursor.expect('rows')
  return isDelete ? 'delete' : 'preserve'
}

function noElements(cursor: TokenCursor): Elements {
  if (!cursor.at('with')) throw cursor.syntaxError('"(", AS or WITH')
  return { columns: [], constraints: [], likes: [] }
}

function refuseTail(cursor: TokenCursor): void {
  if (cursor.at('inherits')) throw cursor.unsupported('INHERITS')
  if (cursor.at('partition')) throw cursor.unsupported('PARTITION BY')
  if (cursor.at('tablespace')) throw cursor.unsupported('TABLESPACE')
  if (cursor.at('using')) throw cursor.unsupported('USING an access method')
}

/** Whether the list in parentheses holds names only: the columns of CREATE TABLE AS. */
function atColumnNames(cursor: TokenCursor): boolean {
  return cursor.at('(') && (cursor.ahead(2, ',') || cursor.ahead(2, ')'))
}

/** ('(' names ')')? AS (query | ExecuteStmt) (WITH NO? DATA)? */
function parseTableSource(cursor: TokenCursor): Pick<
  CreateTableAsStatement,
  'columns' | 'withData' | 'onCommit'
> & {
  readonly query: SelectStatement | ExecuteStatement
} {
  const columns: Identifier[] = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  const onCommit = parseOnCommit(cursor)
  cursor.expect('as')
  const query = cursor.at('execute') ? parseExecute(cursor) : cursor.productions.query(cursor)
  const withData = parseWithData(cursor)
  return { columns, query, withData, onCommit }
}

interface Elements {
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly TableConstraint[]
  readonly likes: readonly LikeClause[]
}

/** '(' (columnDef | TableConstraint | LIKE ...) (',' ...)* ')' */
function parseElements(cursor: TokenCursor): Elements {
  const columns: ColumnDefinition[] = []
  const constraints: TableConstraint[] = []
  const likes: LikeClause[] = []
  cursor.expect('(')
  if (cursor.accept(')')) return { columns, constraints, likes }
  do {
    if (cursor.at('like')) likes.push(parseLike(cursor, columns.length))
    else if (atTableConstraint(cursor)) constraints.push(parseTableConstraint(cursor))
    else columns.push(parseColumn(cursor))
  } while (cursor.accept(','))
  cursor.expect(')')
  return { columns, constraints, likes }
}

const likeParts: readonly LikePart[] = [
  'comments',
  'compression',
  'constraints',
  'defaults',
  'generated',
  'identity',
  'indexes',
  'statistics',
  'storage',
]

/** LIKE qualified_name ((INCLUDING | EXCLUDING) (part | ALL))* */
function parseLike(cursor: TokenCursor, at: number): LikeClause {
  const { start } = cursor.expect('like')
  const source = parseQualifiedName(cursor)
  const including = new Set<LikePart>()
  for (;;) {
    const isIncluded = cursor.accept('including')
    if (!isIncluded && !cursor.accept('excluding')) break
    for (const part of parseLikeParts(cursor)) {
      if (isIncluded) including.add(part)
      else including.delete(part)
    }
  }
  return { source, at, including, span: cursor.spanFrom(start) }
}

function parseLikeParts(cursor: TokenCursor): readonly LikePart[] {
  if (cursor.accept('all')) return likeParts
  const part = likeParts.find((one) => cursor.accept(one))
  if (part === undefined) throw cursor.syntaxError('what to take of the other table')
  return [part]
}

/** ColId Typename ColConstraint* */
export function parseColumn(cursor: TokenCursor): ColumnDefinition {
  const name = parseName(cursor)
  const type = parseTypeName(cursor)
  const constraints = parseColumnConstraints(cursor, name)
  return { name, type, constraints, span: cursor.spanFrom(name.span.start) }
}
