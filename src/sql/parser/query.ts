import type { AstExpression, OrderItem } from '../ast/expression.ts'
import type {
  CommonTableExpression,
  LockingClause,
  NestedQuery,
  QueryBody,
  SelectStatement,
  WithClause,
} from '../ast/select.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { balanced, leftDeepChainMax } from './expression.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { parseOrderItem } from './order-by.ts'
import { parseParenthesized } from './parenthesized.ts'
import { parseTablePrimary } from './from.ts'
import { atPivot, parsePivotStatement, parseUnpivotStatement } from './pivot.ts'
import { parseCycle, parseSearch } from './search-cycle.ts'
import { parseSelectCore, parseTableStatement, parseValues } from './select.ts'

/** SelectStmt: with_clause? select_clause sort_clause? limits? locking? */
export function parseQuery(cursor: TokenCursor): SelectStatement {
  const { start } = cursor.current
  const withClause = cursor.at('with') ? cursor.nested(parseWith) : undefined
  return parseQueryAfterWith(cursor, withClause, start)
}

/** SelectStmt after its with_clause, which began at `start`. */
export function parseQueryAfterWith(
  cursor: TokenCursor,
  withClause: WithClause | undefined,
  start: number,
): SelectStatement {
  cursor.enter()
  const body = parseSetOperations(cursor, parseTerm(cursor), 0)
  const query = finishQuery(cursor, withClause, body, start)
  cursor.leave()
  return query
}

/** The rest of a query after its first operand, which stood in parentheses. */
export function parseQueryFrom(
  cursor: TokenCursor,
  first: SelectStatement,
  start: number,
): SelectStatement {
  const operand: NestedQuery = { kind: 'nested', query: first, span: cursor.spanFrom(start) }
  const body = parseSetOperations(cursor, operand, 0)
  return finishQuery(cursor, undefined, body, start)
}

function finishQuery(
  cursor: TokenCursor,
  withClause: WithClause | undefined,
  body: QueryBody,
  start: number,
): SelectStatement {
  const sort = parseSort(cursor)
  const tail = parseTail(cursor)
  const outer: SelectStatement = {
    kind: 'select',
    with: withClause,
    body,
    orderBy: sort.items,
    orderByAll: sort.all,
    ...tail,
    span: cursor.spanFrom(start),
  }
  const query = body.kind === 'nested' ? mergeClauses(cursor, body.query, outer) : outer
  if (query.withTies && query.orderBy.length === 0 && !query.orderByAll) {
    throw cursor.grammarError('WITH TIES cannot be specified without ORDER BY clause', query.span)
  }
  if (query.withTies && query.locking.some(({ wait }) => wait === 'skip')) {
    const message = 'SKIP LOCKED and WITH TIES options cannot be used together'
    throw cursor.grammarError(message, query.span)
  }
  return query
}

/**
 * Parentheses around a whole query say nothing, and clauses after them are the query's own, as in
 * PostgreSQL: `(select 1 limit 3) order by 1` sorts before it limits.
 */
function mergeClauses(
  cursor: TokenCursor,
  inner: SelectStatement,
  outer: SelectStatement,
): SelectStatement {
  const sorted = (query: SelectStatement): boolean => query.orderBy.length > 0 || query.orderByAll
  const twice = [
    sorted(inner) && sorted(outer) ? 'ORDER BY' : undefined,
    inner.offset !== undefined && outer.offset !== undefined ? 'OFFSET' : undefined,
    inner.limit !== undefined && outer.limit !== undefined ? 'LIMIT' : undefined,
    inner.with !== undefined && outer.with !== undefined ? 'WITH' : undefined,
  ].find((clause) => clause !== undefined)
  if (twice !== undefined) {
    throw cursor.grammarError(`multiple ${twice} clauses not allowed`, outer.span)
  }
  const changed = sorted(outer) || outer.offset !== undefined || outer.limit !== undefined
  if (!changed && outer.with === undefined && outer.locking.length === 0) {
    return inner
  }
  return {
    ...inner,
    with: outer.with ?? inner.with,
    orderBy: sorted(outer) ? outer.orderBy : inner.orderBy,
    orderByAll: inner.orderByAll || outer.orderByAll,
    limit: outer.limit ?? inner.limit,
    offset: outer.offset ?? inner.offset,
    withTies: inner.withTies || outer.withTies,
    locking: [...inner.locking, ...outer.locking],
    span: outer.span,
  }
}

/** ORDER BY (sortby_list | ALL), ALL being an extension */
function parseSort(cursor: TokenCursor): {
  readonly items: readonly OrderItem[]
  readonly all: boolean
} {
  if (!cursor.at('order')) return { items: [], all: false }
  cursor.expectAll('order', 'by')
  if (cursor.accept('all')) {
    cursor.accept('asc')
    if (cursor.at('desc')) throw cursor.unsupported('ORDER BY ALL DESC')
    return { items: [], all: true }
  }
  return { items: commaList(cursor, parseOrderItem), all: false }
}

interface Tail {
  limit: AstExpression | undefined
  offset: AstExpression | undefined
  withTies: boolean
  locking: LockingClause[]
}

/** LIMIT, OFFSET, FETCH and FOR in the orders that PostgreSQL takes */
function parseTail(cursor: TokenCursor): Tail {
  const tail: Tail = { limit: undefined, offset: undefined, withTies: false, locking: [] }
  const seen = new Set<string>()
  for (;;) {
    const { text } = cursor.current
    const clause = text === 'fetch' ? 'limit' : text
    if (!cursor.atAny(tailWords)) return tail
    if (clause === 'for') {
      const locking = parseLocking(cursor)
      if (locking !== undefined) tail.locking.push(locking)
      continue
    }
    if (seen.has(clause)) throw cursor.syntaxError()
    seen.add(clause)
    if (text === 'limit') tail.limit = parseLimit(cursor)
    else if (text === 'offset') tail.offset = parseOffset(cursor)
    else parseFetch(cursor, tail)
  }
}

/** a_expr | ALL, which is NULL as in PostgreSQL: a limit that sets none */
function parseLimitCount(cursor: TokenCursor): AstExpression {
  const { start } = cursor.current
  if (!cursor.accept('all')) return cursor.productions.expression(cursor)
  return { kind: 'null', span: cursor.spanFrom(start) }
}

const tailWords: ReadonlySet<string> = new Set(['limit', 'offset', 'fetch', 'for'])

/** LIMIT (a_expr | ALL) */
function parseLimit(cursor: TokenCursor): AstExpression | undefined {
  const { start } = cursor.expect('limit')
  const limit = parseLimitCount(cursor)
  if (cursor.at(',')) {
    const message = 'LIMIT #,# syntax is not supported'
    const hint = 'Use separate LIMIT and OFFSET clauses.'
    throw cursor.grammarError(message, cursor.spanFrom(start), hint)
  }
  return limit
}

/** OFFSET a_expr | OFFSET c_expr (ROW | ROWS) */
function parseOffset(cursor: TokenCursor): AstExpression {
  cursor.expect('offset')
  const offset = cursor.productions.expression(cursor)
  if (!cursor.accept('row')) cursor.accept('rows')
  return offset
}

/** FETCH (FIRST | NEXT) count? (ROW | ROWS) (ONLY | WITH TIES) */
function parseFetch(cursor: TokenCursor, tail: Tail): void {
  cursor.expect('fetch')
  if (!cursor.accept('first')) cursor.expect('next')
  const { start } = cursor.current
  const implicit = cursor.at('row') || cursor.at('rows')
  tail.limit = implicit
    ? { kind: 'number', text: '1', span: { start, end: start } }
    : cursor.productions.restrictedExpression(cursor)
  if (!cursor.accept('row')) cursor.expect('rows')
  if (cursor.accept('only')) return
  cursor.expectAll('with', 'ties')
  tail.withTies = true
}

/** FOR ((NO KEY)? UPDATE | (KEY)? SHARE) (OF names)? (NOWAIT | SKIP LOCKED)? | FOR READ ONLY */
function parseLocking(cursor: TokenCursor): LockingClause | undefined {
  const { start } = cursor.expect('for')
  if (cursor.acceptAll('read', 'only')) return undefined
  const strength = parseStrength(cursor)
  const of = cursor.accept('of') ? commaList(cursor, parseQualifiedName) : []
  const wait = cursor.accept('nowait')
    ? 'nowait'
    : cursor.acceptAll('skip', 'locked')
      ? 'skip'
      : 'wait'
  return { strength, of, wait, span: cursor.spanFrom(start) }
}

function parseStrength(cursor: TokenCursor): LockingClause['strength'] {
  if (cursor.acceptAll('no', 'key')) {
    cursor.expect('update')
    return 'FOR NO KEY UPDATE'
  }
  if (cursor.accept('key')) {
    cursor.expect('share')
    return 'FOR KEY SHARE'
  }
  if (cursor.accept('update')) return 'FOR UPDATE'
  cursor.expect('share')
  return 'FOR SHARE'
}

/** WITH RECURSIVE? common_table_expr (',' common_table_expr)* */
export function parseWith(cursor: TokenCursor): WithClause {
  cursor.expect('with')
  const recursive = cursor.accept('recursive')
  return { recursive, ctes: commaList(cursor, parseCommonTable) }
}

/** What begins a statement that changes rows; MERGE has no place in WITH. */
const modifyingWords: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])

/** name ('(' name_list ')')? AS (NOT? MATERIALIZED)? '(' statement ')' opt_search_clause? opt_cycle_clause? */
function parseCommonTable(cursor: TokenCursor): CommonTableExpression {
  const { start } = cursor.current
  const name = parseName(cursor)
  const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  cursor.expect('as')
  const not = cursor.accept('not')
  const given = not ? cursor.expect('materialized') !== undefined : cursor.accept('materialized')
  const materialized = given ? !not : undefined
  cursor.expect('(')
  const query = parseDefinition(cursor)
  cursor.expect(')')
  const search = cursor.at('search') ? parseSearch(cursor) : undefined
  const cycle = cursor.at('cycle') ? parseCycle(cursor) : undefined
  return { name, columns, materialized, query, search, cycle, span: cursor.spanFrom(start) }
}

/** PreparableStmt */
function parseDefinition(cursor: TokenCursor): CommonTableExpression['query'] {
  if (cursor.atAny(modifyingWords)) return cursor.nested(cursor.productions.change)
  if (!cursor.at('with')) return parseQuery(cursor)
  const { start } = cursor.current
  const clause = parseWith(cursor)
  if (!cursor.atAny(modifyingWords)) return parseQueryAfterWith(cursor, clause, start)
  return cursor.productions.change(cursor, { clause, start })
}

const setOperatorLevels: ReadonlyMap<string, number> = new Map([
  ['union', 1],
  ['except', 1],
  ['intersect', 2],
])

interface SetOperator {
  readonly operator: 'union' | 'intersect' | 'except'
  readonly all: boolean
}

/** select_clause ((UNION | EXCEPT | INTERSECT) (ALL | DISTINCT)? select_clause)* */
function parseSetOperations(cursor: TokenCursor, first: QueryBody, bound: number): QueryBody {
  let left = first
  let height = 0
  for (;;) {
    const level = cursor.current.kind === 'word' ? setOperatorLevels.get(cursor.current.text) : 0
    if (level === undefined || level <= bound) return left
    const operator = parseSetOperator(cursor)
    const loop = cursor.loop<QueryBody[]>()
    const operands = loop.state ?? [left, parseSetOperations(cursor, parseTerm(cursor), level)]
    while (loop.goesOn(operands) && sameOperator(cursor, operator)) {
      parseSetOperator(cursor)
      operands.push(parseSetOperations(cursor, parseTerm(cursor), level))
    }
    loop.end()
    const many = operands.length > leftDeepChainMax
    left = many
      ? longChain(operator, operands)
      : operands.reduce((a, b) => combined(operator, a, b))
    height += many ? Math.ceil(Math.log2(operands.length)) + 1 : operands.length
    cursor.checkDepth(height)
  }
}

function combined(operator: SetOperator, left: QueryBody, right: QueryBody): QueryBody {
  const span = { start: left.span.start, end: right.span.end }
  return { kind: 'set-operation', ...operator, left, right, span }
}

/**
 * A chain as a tree of small height: UNION and INTERSECT associate, and what one EXCEPT after another
 * takes away is what one takes away of all together.
 */
function longChain(operator: SetOperator, operands: readonly QueryBody[]): QueryBody {
  if (operator.operator !== 'except') {
    return balanced(operands, 0, operands.length, (a, b) => combined(operator, a, b))
  }
  const all = { operator: 'union', all: true } as const
  const taken = balanced(operands, 1, operands.length, (a, b) => combined(all, a, b))
  return combined(operator, operands[0]!, taken)
}

function parseSetOperator(cursor: TokenCursor): SetOperator {
  const word = cursor.advance().text
  const all = cursor.accept('all')
  if (!all) cursor.accept('distinct')
  const operator = word === 'union' ? 'union' : word === 'except' ? 'except' : 'intersect'
  return { operator, all }
}

function sameOperator(cursor: TokenCursor, { operator, all }: SetOperator): boolean {
  return cursor.at(operator) && cursor.ahead(1, 'all') === all
}

/** simple_select | select_with_parens */
function parseTerm(cursor: TokenCursor): QueryBody {
  const { start } = cursor.current
  if (cursor.at('(')) {
    const { query } = parseParenthesized(cursor)
    if (query === undefined) throw cursor.syntaxError('a query')
    return { kind: 'nested', query, span: cursor.spanFrom(start) }
  }
  if (cursor.at('values')) return parseValues(cursor)
  if (cursor.at('table')) return parseTableStatement(cursor)
  if (atPivot(cursor)) {
    const query = cursor.at('pivot')
      ? parsePivotStatement(cursor, parseTablePrimary)
      : parseUnpivotStatement(cursor, parseTablePrimary)
    return { kind: 'nested', query, span: cursor.spanFrom(start) }
  }
  return parseSelectCore(cursor)
}
