import { bareQuery, bareSelect } from '../ast/bare-select.ts'
import type { AstExpression, AstStar, Identifier } from '../ast/expression.ts'
import type {
  DerivedTable,
  GroupByClause,
  SelectItem,
  SelectStatement,
  TableExpression,
} from '../ast/select.ts'
import { commaList, parenthesizedList, type TokenCursor } from './cursor.ts'
import { isColumnName, parseLabel, parseName } from './name.ts'

/*
 * Extension: PIVOT and UNPIVOT, as DuckDB has them: statements, and behind a table of FROM. Both are read as the queries that
 * say the same in plain SQL.
 */

/** One value of what is pivoted on, and what its columns are called by. */
interface PivotValue {
  readonly condition: AstExpression
  readonly name: string
}

/** PIVOT table ON a_expr IN '(' values ')' ... USING aggregates (GROUP BY names)? */
export function parsePivotStatement(
  cursor: TokenCursor,
  parseTable: (cursor: TokenCursor) => TableExpression,
): SelectStatement {
  const { start } = cursor.expect('pivot')
  const source = parseTable(cursor)
  cursor.expect('on')
  const on = commaList(cursor, parsePivotedOn)
  const aggregates = cursor.accept('using') ? commaList(cursor, parseAggregate) : []
  return pivoted(cursor, { source, on, aggregates, groups: parseGroups(cursor), start })
}

/** PIVOT '(' aggregates FOR a_expr IN '(' values ')' ... (GROUP BY names)? ')', behind a table */
export function parsePivotedTable(cursor: TokenCursor, source: TableExpression): SelectStatement {
  const { start } = source.span
  cursor.expectAll('pivot', '(')
  const aggregates = commaList(cursor, parseAggregate)
  cursor.expect('for')
  const on = [parsePivotedOn(cursor)]
  while (!cursor.at(')') && !cursor.at('group')) on.push(parsePivotedOn(cursor))
  const groups = parseGroups(cursor)
  cursor.expect(')')
  return pivoted(cursor, { source, on, aggregates, groups, start })
}

interface PivotedOn {
  readonly expr: AstExpression
  readonly values: readonly PivotValue[]
}

/** b_expr IN '(' (a_expr (AS name)?) (',' ...)* ')' */
function parsePivotedOn(cursor: TokenCursor): PivotedOn {
  const expr = cursor.productions.restrictedExpression(cursor)
  if (!cursor.at('in')) throw cursor.unsupported('PIVOT without a list of values')
  cursor.advance()
  const values = parenthesizedList(cursor, (c): PivotValue => {
    const value = c.productions.expression(c)
    const label = c.accept('as') ? parseLabel(c).text : nameOfValue(c, value)
    const { span } = value
    const operator = 'is not distinct from'
    const condition: AstExpression = {
      kind: 'binary',
      operator,
      operatorSpan: span,
      left: expr,
      right: value,
      span,
    }
    return { condition, name: label }
  })
  return { expr, values }
}

function nameOfValue(cursor: TokenCursor, value: AstExpression): string {
  if (value.kind === 'string' || value.kind === 'typed-literal') return value.value
  if (value.kind === 'number') return value.text
  if (value.kind === 'boolean') return String(value.value)
  if (value.kind === 'null') return 'NULL'
  const isNegative = value.kind === 'unary' && value.operator === '-'
  if (isNegative && value.arg.kind === 'number') return `-${value.arg.text}`
  throw cursor.grammarError('values of PIVOT are constants, or have names', value.span)
}

interface PivotAggregate {
  readonly expr: AstExpression
  readonly text: string
  readonly alias: Identifier | undefined
}

function parseAggregate(cursor: TokenCursor): PivotAggregate {
  const { start } = cursor.current
  const expr = cursor.productions.expression(cursor)
  if (expr.kind !== 'function' || expr.over !== undefined || expr.filter !== undefined) {
    throw cursor.grammarError('PIVOT takes aggregates without FILTER', expr.span)
  }
  const written = cursor.wordsBetween(start, expr.span.end).replaceAll(/ ?([().]) ?/g, '$1')
  const text = written.replaceAll(' ,', ',').replace(/^count\(\*\)$/, 'count_star()')
  const alias = cursor.accept('as') ? parseLabel(cursor) : undefined
  return { expr, text, alias }
}

/** (GROUP BY names)? */
function parseGroups(cursor: TokenCursor): readonly AstExpression[] | undefined {
  if (!cursor.at('group')) return undefined
  cursor.expectAll('group', 'by')
  return commaList(cursor, cursor.productions.expression)
}

interface Pivot {
  readonly source: TableExpression
  readonly on: readonly PivotedOn[]
  readonly aggregates: readonly PivotAggregate[]
  readonly groups: readonly AstExpression[] | undefined
  readonly start: number
}

/** One row a group, one column a value and aggregate: aggregates with FILTER. */
function pivoted(cursor: TokenCursor, { source, on, groups, ...rest }: Pivot): SelectStatement {
  const span = cursor.spanFrom(rest.start)
  const aggregates = rest.aggregates.length > 0 ? rest.aggregates : [countOf(span)]
  const used = [...on.map(({ expr }) => expr), ...aggregates.map(({ expr }) => expr)]
  const others: AstStar = { ...starOf(span), exclude: columnsIn(used) }
  const kept: readonly SelectItem[] = (groups ?? [others]).map((expr) => {
    return { expr, alias: undefined, span: expr.span }
  })
  const columns = combined(on).flatMap(({ condition, name }) =>
    aggregates.map(({ expr, text, alias }): SelectItem => {
      const only = aggregates.length === 1 && alias === undefined
      const label = only ? name : `${name}_${alias?.text ?? text}`
      const filtered = expr.kind === 'function' ? { ...expr, filter: condition } : expr
      return { expr: filtered, alias: { text: label, quoted: true, span }, span }
    }),
  )
  const groupBy: GroupByClause = { distinct: false, all: true, items: [] }
  const body = { ...bareSelect([...kept, ...columns], [source], span), groupBy }
  return bareQuery(body, span)
}

/** Each value of one with each of the next. */
function combined(on: readonly PivotedOn[]): readonly PivotValue[] {
  return on
    .map(({ values }) => values)
    .reduce((left, right) =>
      left.flatMap((a) =>
        right.map((b): PivotValue => {
          const { span } = a.condition
          const condition: AstExpression = {
            kind: 'binary',
            operator: 'and',
            operatorSpan: span,
            left: a.condition,
            right: b.condition,
            span,
          }
          return { condition, name: `${a.name}_${b.name}` }
        }),
      ),
    )
}

function countOf(span: AstExpression['span']): PivotAggregate {
  const name = { parts: [{ text: 'count', quoted: false, span }], span }
  const expr: AstExpression = {
    kind: 'function',
    name,
    args: [],
    star: true,
    distinct: false,
    orderBy: [],
    filter: undefined,
    withinGroup: undefined,
    over: undefined,
    nulls: undefined,
    span,
  }
  return { expr, text: 'count_star()', alias: undefined }
}

function starOf(span: AstExpression['span']): AstStar {
  return { kind: 'star', qualifier: undefined, exclude: [], replace: [], rename: [], span }
}

/** Names of columns that expressions are made of, each once. */
function columnsIn(exprs: readonly AstExpression[]): readonly Identifier[] {
  const found = new Map<string, Identifier>()
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach(look)
    if ('kind' in node && node.kind === 'column') {
      const last = (node as Extract<AstExpression, { kind: 'column' }>).name.parts.at(-1)
      if (last !== undefined) found.set(last.text, last)
      return
    }
    Object.values(node).forEach(look)
  }
  exprs.forEach(look)
  return [...found.values()]
}

/** UNPIVOT table ON columns INTO NAME name VALUE name */
export function parseUnpivotStatement(
  cursor: TokenCursor,
  parseTable: (cursor: TokenCursor) => TableExpression,
): SelectStatement {
  const { start } = cursor.expect('unpivot')
  const withNulls = parseNulls(cursor)
  const source = parseTable(cursor)
  cursor.expect('on')
  const columns = commaList(cursor, parseUnpivoted)
  cursor.expectAll('into', 'name')
  const name = parseName(cursor)
  cursor.expect('value')
  const value = parseName(cursor)
  return unpivoted(cursor, { source, columns, name, value, withNulls, start })
}

/** UNPIVOT (INCLUDE NULLS)? '(' name FOR name IN '(' columns ')' ')', behind a table */
export function parseUnpivotedTable(cursor: TokenCursor, source: TableExpression): SelectStatement {
  const { start } = source.span
  cursor.expect('unpivot')
  const withNulls = parseNulls(cursor)
  cursor.expect('(')
  const value = parseName(cursor)
  cursor.expect('for')
  const name = parseName(cursor)
  cursor.expect('in')
  const columns = parenthesizedList(cursor, parseUnpivoted)
  cursor.expect(')')
  return unpivoted(cursor, { source, columns, name, value, withNulls, start })
}

function parseNulls(cursor: TokenCursor): boolean {
  if (cursor.acceptAll('exclude', 'nulls')) return false
  return cursor.acceptAll('include', 'nulls')
}

interface Unpivoted {
  readonly column: Identifier
  readonly label: Identifier
}

function parseUnpivoted(cursor: TokenCursor): Unpivoted {
  const column = parseName(cursor)
  return { column, label: cursor.accept('as') ? parseLabel(cursor) : column }
}

interface Unpivot {
  readonly source: TableExpression
  readonly columns: readonly Unpivoted[]
  readonly name: Identifier
  readonly value: Identifier
  readonly withNulls: boolean
  readonly start: number
}

/** Each row once for each of the columns, whose values stand beside the others. */
function unpivoted(cursor: TokenCursor, unpivot: Unpivot): SelectStatement {
  const { source, columns, name, value, withNulls, start } = unpivot
  const span = cursor.spanFrom(start)
  const named = (identifier: Identifier): AstExpression => {
    const qualified = { parts: [identifier], span: identifier.span }
    return { kind: 'column', name: qualified, span: identifier.span }
  }
  const rows = columns.map(({ column, label }): readonly AstExpression[] => [
    { kind: 'string', value: label.text, span: label.span },
    named(column),
  ])
  const table = { text: 'unpivoted columns', quoted: true, span }
  const pairs: DerivedTable = {
    kind: 'derived',
    query: bareQuery({ kind: 'values', rows, span }, span),
    lateral: true,
    alias: { name: table, columns: [name, value], definitions: [] },
    span,
  }
  const own: Identifier = { text: 'unpivoted rows', quoted: true, span }
  const all: SelectItem = { expr: starOf(span), alias: undefined, span }
  const inner: DerivedTable = {
    kind: 'derived',
    query: bareQuery(bareSelect([all], [source], span), span),
    lateral: false,
    alias: { name: own, columns: [], definitions: [] },
    span,
  }
  const others: AstStar = {
    ...starOf(span),
    qualifier: { parts: [own], span },
    exclude: columns.map(({ column }) => column),
  }
  const made: AstStar = { ...starOf(span), qualifier: { parts: [table], span } }
  const items = [others, made].map((expr): SelectItem => ({ expr, alias: undefined, span }))
  const pair = (part: Identifier): AstExpression => {
    return { kind: 'column', name: { parts: [table, part], span }, span }
  }
  const where: AstExpression | undefined = withNulls
    ? undefined
    : { kind: 'is', test: 'null', arg: pair(value), negated: true, span }
  return bareQuery({ ...bareSelect(items, [inner, pairs], span), where }, span)
}

/** Whether a query begins with PIVOT or UNPIVOT, which may be names; at the cursor, or so many tokens ahead. */
export function atPivot(cursor: TokenCursor, distance = 0): boolean {
  const { kind, text } = cursor.peek(distance)
  if (kind !== 'word' || !pivotWords.has(text)) return false
  const next = cursor.peek(distance + 1)
  return isColumnName(next) || next.kind === 'string' || next.text === '('
}

/** Whether PIVOT or UNPIVOT follow a table: no aliases with names of columns. */
export function followsPivot(cursor: TokenCursor): boolean {
  if (cursor.at('pivot')) {
    return cursor.ahead(1, '(') && (cursor.ahead(3, '(') || cursor.ahead(3, '.'))
  }
  if (!cursor.at('unpivot')) return false
  if (cursor.ahead(1, '(')) return cursor.ahead(3, 'for')
  return (cursor.ahead(1, 'include') || cursor.ahead(1, 'exclude')) && cursor.ahead(2, 'nulls')
}

const pivotWords: ReadonlySet<string> = new Set(['pivot', 'unpivot'])
