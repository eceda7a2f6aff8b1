import type { AstExpression, Identifier } from '../ast/expression.ts'
import type {
  DerivedTable,
  JoinedTable,
  SelectStatement,
  TableAlias,
  TableExpression,
  TableName,
} from '../ast/select.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseApplication } from './function-call.ts'
import {
  isColumnName,
  isTypeOrFunctionName,
  parseLabel,
  parseName,
  parseQualifiedName,
  takeIdentifier,
} from './name.ts'
import { continuesQuery, startsQuery } from './parenthesized.ts'
import { followsPivot, parsePivotedTable, parseUnpivotedTable } from './pivot.ts'
import { startsOperand } from './operator-power.ts'
import { parseTableSample } from './sample.ts'
import { parseSpecial } from './special-call.ts'
import { parseTypeName } from './type-name.ts'

/** FROM table_ref (',' table_ref)*, or after another word than FROM */
export function parseFrom(cursor: TokenCursor, word = 'from'): TableExpression[] {
  cursor.expect(word)
  return commaList(cursor, parseTableReference)
}

/** table_ref */
export function parseTableReference(cursor: TokenCursor): TableExpression {
  return parseJoins(cursor, parseTablePrimary(cursor), true)
}

interface JoinHead {
  readonly joinKind: JoinedTable['joinKind']
  readonly natural: boolean
}

/**
 * (join_head table_ref join_qual?)* after `first`. Where the right side of a qualified join is
 * followed by another join instead of ON or USING, it is that join's left side.
 */
function parseJoins(cursor: TokenCursor, first: TableExpression, all: boolean): TableExpression {
  let left = first
  let height = 0
  for (;;) {
    if (!all && (cursor.at('on') || cursor.at('using'))) return left
    const { start } = first.span
    const head = parseJoinHead(cursor)
    if (head === undefined) return left
    left = cursor.nested((c) => parseJoinTail(c, left, head, start))
    height += 1
    cursor.checkDepth(height)
  }
}

function parseJoinTail(
  cursor: TokenCursor,
  left: TableExpression,
  { joinKind, natural }: JoinHead,
  start: number,
): JoinedTable {
  const primary = parseTablePrimary(cursor)
  const qualified = !natural && joinKind !== 'cross' && joinKind !== 'positional'
  const right = qualified ? parseJoins(cursor, primary, false) : primary
  let on: AstExpression | undefined
  let using: readonly Identifier[] | undefined
  let usingAlias: Identifier | undefined
  if (qualified && cursor.accept('on')) {
    on = cursor.productions.expression(cursor)
  } else if (qualified) {
    if (!cursor.at('using')) throw cursor.syntaxError('ON or USING')
    cursor.advance()
    using = parenthesizedList(cursor, parseName)
    if (cursor.accept('as')) usingAlias = parseName(cursor)
  }
  const span = cursor.spanFrom(start)
  const alias = undefined
  return { kind: 'join', joinKind, natural, left, right, on, using, usingAlias, alias, span }
}

/** (CROSS | NATURAL? (INNER | (LEFT | RIGHT | FULL) OUTER?)?) JOIN; extensions SEMI, ANTI, ASOF */
function parseJoinHead(cursor: TokenCursor): JoinHead | undefined {
  if (cursor.current.kind !== 'word') return undefined
  if (cursor.accept('cross')) {
    cursor.expect('join')
    return { joinKind: 'cross', natural: false }
  }
  if (cursor.acceptAll('positional', 'join')) return { joinKind: 'positional', natural: false }
  if (cursor.acceptAll('asof', 'left', 'join') || cursor.acceptAll('asof', 'left', 'outer', 'join'))
    return { joinKind: 'asof-left', natural: false }
  const extension = extensionJoins.get(cursor.current.text)
  if (extension !== undefined) {
    return cursor.acceptAll(extension, 'join') ? { joinKind: extension, natural: false } : undefined
  }
  const natural = cursor.accept('natural')
  const outer = outerJoins.get(cursor.current.text)
  if (outer !== undefined && cursor.accept(outer)) {
    cursor.accept('outer')
    cursor.expect('join')
    return { joinKind: outer, natural }
  }
  if (cursor.accept('inner') || natural) cursor.expect('join')
  else if (!cursor.accept('join')) return undefined
  return { joinKind: 'inner', natural }
}

const outerJoins: ReadonlyMap<string, 'left' | 'right' | 'full'> = new Map([
  ['left', 'left'],
  ['right', 'right'],
  ['full', 'full'],
])

const extensionJoins: ReadonlyMap<string, 'semi' | 'anti' | 'asof'> = new Map([
  ['semi', 'semi'],
  ['anti', 'anti'],
  ['asof', 'asof'],
])

const extensionWords: ReadonlySet<string> = new Set([...extensionJoins.keys(), 'positional'])

/** A table_ref that is not a join, or a join in parentheses; extensions PIVOT and UNPIVOT behind it */
export function parseTablePrimary(cursor: TokenCursor): TableExpression {
  let table = parseTableItself(cursor)
  while (followsPivot(cursor)) {
    const { start } = table.span
    const query = cursor.at('pivot')
      ? parsePivotedTable(cursor, table)
      : parseUnpivotedTable(cursor, table)
    table = derived(cursor, query, start, false)
  }
  return table
}

function parseTableItself(cursor: TokenCursor): TableExpression {
  if (cursor.at('(')) return parseParenthesizedTable(cursor)
  if (cursor.current.kind === 'string') return parseFile(cursor)
  if (cursor.at('lateral')) return parseLateral(cursor)
  if (cursor.at('predict') && cursor.ahead(1, '(')) return parsePredict(cursor)
  if (cursor.acceptAll('rows', 'from')) return parseRowsFrom(cursor, false, cursor.lastEnd)
  if (cursor.at('xmltable')) throw cursor.unsupported('XMLTABLE')
  return parseFunctionTable(cursor, false) ?? parseRelation(cursor)
}

/** Extension: Sconst alias_clause? */
function parseFile(cursor: TokenCursor): TableExpression {
  const { text, start } = cursor.advance()
  const alias = parseAlias(cursor)
  return { kind: 'file', location: text, alias, span: cursor.spanFrom(start) }
}

/** LATERAL (select_with_parens | func_table) alias */
function parseLateral(cursor: TokenCursor): TableExpression {
  const { start } = cursor.expect('lateral')
  if (cursor.at('(')) {
    const inner = parseInParentheses(cursor)
    if (inner.kind !== 'select') throw cursor.syntaxError('a query')
    return derived(cursor, inner, start, true)
  }
  if (cursor.acceptAll('rows', 'from')) return parseRowsFrom(cursor, true, start)
  const table = parseFunctionTable(cursor, true)
  if (table === undefined) throw cursor.syntaxError('a subquery or function')
  return { ...table, span: cursor.spanFrom(start) }
}

function derived(
  cursor: TokenCursor,
  query: SelectStatement,
  start: number,
  lateral: boolean,
): DerivedTable {
  const alias = parseAlias(cursor)
  return { kind: 'derived', query, lateral, alias, span: cursor.spanFrom(start) }
}

/** select_with_parens alias? | '(' joined_table ')' alias? */
function parseParenthesizedTable(cursor: TokenCursor): TableExpression {
  const { start } = cursor.current
  const inner = parseInParentheses(cursor)
  return inner.kind === 'select'
    ? derived(cursor, inner, start, false)
    : withAlias(cursor, inner, start)
}

/** A join in parentheses, which may have an alias if it has none yet. */
function withAlias(cursor: TokenCursor, join: JoinedTable, start: number): JoinedTable {
  const alias = parseAlias(cursor)
  if (alias === undefined) return join
  if (join.alias !== undefined) throw cursor.syntaxError()
  return { ...join, alias, span: cursor.spanFrom(start) }
}

/** What stands in parentheses in FROM is known only at its end: `((select 1) a join b on true)`. */
function parseInParentheses(cursor: TokenCursor): SelectStatement | JoinedTable {
  cursor.expect('(')
  cursor.enter()
  const inner = parseInside(cursor)
  cursor.leave()
  cursor.expect(')')
  return inner
}

function parseInside(cursor: TokenCursor): SelectStatement | JoinedTable {
  if (startsQuery(cursor)) return cursor.productions.query(cursor)
  const { start } = cursor.current
  let first: TableExpression
  if (cursor.at('(')) {
    const inner = parseInParentheses(cursor)
    if (inner.kind === 'select') {
      if (cursor.at(')')) return inner
      if (continuesQuery(cursor)) return cursor.productions.queryFrom(cursor, inner, start)
      first = derived(cursor, inner, start, false)
    } else {
      first = withAlias(cursor, inner, start)
    }
  } else {
    first = parseTablePrimary(cursor)
  }
  const table = parseJoins(cursor, first, true)
  if (table.kind !== 'join') throw cursor.syntaxError('JOIN')
  return table
}

/** relation_expr alias? tablesample_clause? */
function parseRelation(cursor: TokenCursor): TableName {
  const table = parseRelationName(cursor)
  const alias = parseAlias(cursor)
  const sample = cursor.at('tablesample') ? parseTableSample(cursor) : undefined
  return { ...table, alias, sample, span: cursor.spanFrom(table.span.start) }
}

/** relation_expr: qualified_name '*'? | ONLY qualified_name | ONLY '(' qualified_name ')' */
export function parseRelationName(cursor: TokenCursor): TableName {
  const { start } = cursor.current
  const only = cursor.accept('only')
  const grouped = only && cursor.accept('(')
  const name = parseQualifiedName(cursor)
  if (grouped) cursor.expect(')')
  else if (!only) cursor.accept('*')
  const span = cursor.spanFrom(start)
  return { kind: 'table', name, alias: undefined, sample: undefined, span }
}

/** func_expr_windowless (WITH ORDINALITY)? func_alias_clause? */
function parseFunctionTable(cursor: TokenCursor, lateral: boolean): TableExpression | undefined {
  const { start } = cursor.current
  const call = parseTableCall(cursor)
  if (call === undefined) return undefined
  return finishFunctionTable(cursor, [call], false, lateral, start)
}

function parseTableCall(cursor: TokenCursor): AstExpression | undefined {
  const token = cursor.current
  if (token.kind === 'word' && token.keyword !== undefined) {
    const special = parseSpecial(cursor)
    if (special !== undefined) return special
    if (cursor.at('cast') && cursor.ahead(1, '(')) return cursor.productions.expression(cursor)
  }
  if (!isColumnName(token) && !isTypeOrFunctionName(token)) return undefined
  let distance = 1
  while (distance <= 3 && cursor.ahead(distance, '.')) distance += 2
  if (distance > 3 || !cursor.ahead(distance, '(')) return undefined
  if (distance === 1 && !isTypeOrFunctionName(token)) return undefined
  const parts = [takeIdentifier(cursor)]
  while (cursor.accept('.')) parts.push(parseLabel(cursor))
  return parseApplication(cursor, { parts, span: cursor.spanFrom(token.start) })
}

/** ROWS FROM '(' rowsfrom_item (',' rowsfrom_item)* ')' (WITH ORDINALITY)? func_alias_clause? */
function parseRowsFrom(cursor: TokenCursor, lateral: boolean, start: number): TableExpression {
  const calls = parenthesizedList(cursor, (c) => {
    const call = parseTableCall(c)
    if (call === undefined) throw c.syntaxError('a function call')
    if (c.at('as')) throw c.unsupported('column definitions in ROWS FROM')
    return call
  })
  return finishFunctionTable(cursor, calls, true, lateral, start)
}

function finishFunctionTable(
  cursor: TokenCursor,
  calls: readonly AstExpression[],
  rowsFrom: boolean,
  lateral: boolean,
  start: number,
): TableExpression {
  const ordinality = cursor.acceptAll('with', 'ordinality')
  const alias = parseFunctionAlias(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'table-function', calls, rowsFrom, ordinality, lateral, alias, span }
}

/** Extension: PREDICT '(' MODEL qualified_name ',' query ')' alias? */
function parsePredict(cursor: TokenCursor): TableExpression {
  const { start } = cursor.advance()
  cursor.expectAll('(', 'model')
  const model = parseQualifiedName(cursor)
  cursor.expect(',')
  const query = cursor.productions.query(cursor)
  cursor.expect(')')
  const alias = parseAlias(cursor)
  return { kind: 'predict', model, query, alias, span: cursor.spanFrom(start) }
}

/** alias_clause: AS? ColId ('(' name_list ')')? */
function parseAlias(cursor: TokenCursor): TableAlias | undefined {
  if (!atAlias(cursor)) return undefined
  const name = parseName(cursor)
  const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  return { name, columns, definitions: [] }
}

/** func_alias_clause: alias_clause | AS ColId? '(' TableFuncElementList ')' | ... */
function parseFunctionAlias(cursor: TokenCursor): TableAlias | undefined {
  if (cursor.at('as') && cursor.ahead(1, '(')) {
    throw cursor.unsupported('column definitions without an alias')
  }
  if (!atAlias(cursor)) return undefined
  const name = parseName(cursor)
  if (!cursor.at('(')) return { name, columns: [], definitions: [] }
  if (cursor.ahead(2, ',') || cursor.ahead(2, ')')) {
    return { name, columns: parenthesizedList(cursor, parseName), definitions: [] }
  }
  const definitions = parenthesizedList(cursor, (c) => {
    const column = parseName(c)
    return { name: column, type: parseTypeName(c) }
  })
  return { name, columns: [], definitions }
}

/** Moves past AS; true if an alias follows. The words of extensions are no aliases before a use. */
function atAlias(cursor: TokenCursor): boolean {
  if (cursor.accept('as')) {
    if (!isColumnName(cursor.current)) throw cursor.syntaxError('a name')
    return true
  }
  if (!isColumnName(cursor.current)) return false
  if (cursor.at('qualify')) return !startsOperand(cursor.peek(1))
  if (followsPivot(cursor)) return false
  if (cursor.at('asof') && cursor.ahead(1, 'left')) return false
  return !(extensionWords.has(cursor.current.text) && cursor.ahead(1, 'join'))
}
