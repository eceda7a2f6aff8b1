import type { SelectStatement } from '../ast/select.ts'
import type { CreateTableAsStatement, ExplainStatement, Statement } from '../ast/statement.ts'
import { parseAlter } from './alter.ts'
import { parseDelete, parseTruncate, parseUpdate } from './change.ts'
import { parseCopy } from './copy.ts'
import { parseCreate } from './create.ts'
import type { TokenCursor } from './cursor.ts'
import { parseClose, parseDeclare, parseFetch } from './cursors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { parseDeallocate, parseDiscard } from './discard.ts'
import { parseDescribe, parseReset, parseSet, parseShow, parseUse } from './setting.ts'
import { parseDrop } from './drop.ts'
import { parseInsert } from './insert.ts'
import { parseMerge } from './merge.ts'
import { isLabel } from './name.ts'
import { atPivot } from './pivot.ts'
import { parseExecute, parsePrepare } from './prepared.ts'
import { parseQueryAfterWith, parseWith } from './query.ts'
import { parseCall } from './routine-changes.ts'
import { parseSavepoint, parseTransaction } from './transaction.ts'
import { parseAnalyze, parseLock, parseVacuum } from './maintain.ts'
import { parseRefresh } from './stored-view.ts'
import { parseUnsupported, suggestStatement } from './unsupported.ts'

type StatementParser = (cursor: TokenCursor) => Statement | undefined

const parsers: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['select', parseSelectStatement],
  ['from', parseSelectStatement],
  ['pivot', parseSelectStatement],
  ['unpivot', parseSelectStatement],
  ['values', parseSelectStatement],
  ['table', parseSelectStatement],
  ['(', parseSelectStatement],
  ['with', parseWithStatement],
  ['explain', parseExplain],
  ['refresh', parseRefresh],
  ['analyze', parseAnalyze],
  ['analyse', parseAnalyze],
  ['vacuum', parseVacuum],
  ['lock', parseLock],
  ['create', (cursor) => parseCreate(cursor, parseStatement)],
  ['drop', parseDrop],
  ['alter', parseAlter],
  ['insert', (cursor) => parseInsert(cursor, undefined)],
  ['update', (cursor) => parseUpdate(cursor, undefined)],
  ['delete', (cursor) => parseDelete(cursor, undefined)],
  ['merge', (cursor) => parseMerge(cursor, undefined)],
  ['truncate', parseTruncate],
  ['copy', parseCopy],
  ['prepare', (cursor) => parsePrepare(cursor, parseStatement)],
  ['execute', parseExecute],
  ['declare', parseDeclare],
  ['fetch', parseFetch],
  ['move', parseFetch],
  ['close', parseClose],
  ['call', parseCall],
  ['show', parseShow],
  ['describe', parseDescribe],
  ['desc', parseDescribe],
  ['set', parseSet],
  ['reset', parseReset],
  ['use', parseUse],
  ['discard', parseDiscard],
  ['checkpoint', parseCheckpoint],
  ['deallocate', parseDeallocate],
  ['begin', parseTransaction],
  ['start', parseTransaction],
  ['commit', parseTransaction],
  ['end', parseTransaction],
  ['rollback', parseTransaction],
  ['abort', parseTransaction],
  ['savepoint', parseSavepoint],
  ['release', parseSavepoint],
])

/** stmt */
export function parseStatement(cursor: TokenCursor): Statement {
  cursor.selectInto = undefined
  const { kind, text } = cursor.current
  const known = kind === 'word' || kind === 'symbol' ? parsers.get(text) : undefined
  const statement = known?.(cursor) ?? parseUnsupported(cursor)
  if (statement === undefined) throw cursor.syntaxError('a statement', suggestStatement(cursor))
  return statement
}

/** SelectStmt; with INTO it is CREATE TABLE AS */
function parseSelectStatement(cursor: TokenCursor): SelectStatement | CreateTableAsStatement {
  return withInto(cursor, cursor.productions.query(cursor))
}

function withInto(
  cursor: TokenCursor,
  query: SelectStatement,
): SelectStatement | CreateTableAsStatement {
  const target = cursor.selectInto
  if (target === undefined) return query
  return {
    kind: 'create-table-as',
    name: target.name,
    columns: [],
    ifNotExists: false,
    orReplace: false,
    temporary: target.temporary,
    withData: true,
    onCommit: undefined,
    query,
    span: query.span,
  }
}

/** with_clause (SelectStmt | InsertStmt | ...) */
function parseWithStatement(cursor: TokenCursor): Statement | undefined {
  const { start } = cursor.current
  const clause = parseWith(cursor)
  if (cursor.at('insert')) return parseInsert(cursor, { clause, start })
  if (cursor.at('update')) return parseUpdate(cursor, { clause, start })
  if (cursor.at('delete')) return parseDelete(cursor, { clause, start })
  if (cursor.at('merge')) return parseMerge(cursor, { clause, start })
  return withInto(cursor, parseQueryAfterWith(cursor, clause, start))
}

/** EXPLAIN (ANALYZE? VERBOSE? | '(' option (',' option)* ')') stmt */
function parseExplain(cursor: TokenCursor): ExplainStatement {
  const { start } = cursor.expect('explain')
  const options = new Map<string, string>()
  if (cursor.at('(') && !startsNestedQuery(cursor)) {
    parseExplainOptions(cursor, options)
  } else {
    if (cursor.accept('analyze') || cursor.accept('analyse')) options.set('analyze', 'true')
    if (cursor.accept('verbose')) options.set('verbose', 'true')
  }
  const span = cursor.spanFrom(start)
  const statement = cursor.nested(parseStatement)
  const analyze = /^(?:true|on|1)$/i.test(options.get('analyze') ?? 'off')
  if (!analyze && !/^(?:false|off|0)$/i.test(options.get('analyze') ?? 'off')) {
    throw cursor.grammarError('analyze requires a Boolean value', span)
  }
  options.delete('analyze')
  return { kind: 'explain', statement, analyze, options, span: cursor.spanFrom(start) }
}

const queryStarts: ReadonlySet<string> = new Set(['select', 'from', 'with', 'values', 'table', '('])

function startsNestedQuery(cursor: TokenCursor): boolean {
  return queryStarts.has(cursor.peek(1).text) || atPivot(cursor, 1)
}

/** '(' name (Sconst | word | number)? (',' ...)* ')' */
function parseExplainOptions(cursor: TokenCursor, options: Map<string, string>): void {
  cursor.expect('(')
  do {
    if (!isLabel(cursor.current)) throw cursor.syntaxError('an option')
    const name = cursor.advance().text
    const { kind } = cursor.current
    const valued = kind === 'word' || kind === 'quoted' || kind === 'string' || kind === 'number'
    options.set(name === 'analyse' ? 'analyze' : name, valued ? cursor.advance().text : 'true')
  } while (cursor.accept(','))
  cursor.expect(')')
}
