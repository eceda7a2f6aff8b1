import { bareSelect } from '../ast/bare-select.ts'
import type { AstExpression } from '../ast/expression.ts'
import type { SelectCore, SelectItem, TableExpression, ValuesClause } from '../ast/select.ts'
import { targetListEnds } from './clause-words.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseFrom, parseRelationName } from './from.ts'
import { parseGroupBy } from './group-by.ts'
import { isBareLabel, isColumnName, parseLabel, parseName, parseQualifiedName } from './name.ts'
import { parseStar, parseStarModifiers, plainStar } from './star.ts'
import { startsOperand } from './operator-power.ts'
import { parseUsingSample } from './sample.ts'
import { parseWindow } from './window.ts'

/**
 * SELECT (ALL | DISTINCT (ON '(' expr_list ')')?)? target_list? into_clause? from_clause?
 * where_clause? group_clause? having_clause? window_clause? and the extensions QUALIFY, USING SAMPLE, and FROM
 * first, which is of all columns where no SELECT follows
 */
export function parseSelectCore(cursor: TokenCursor): SelectCore {
  const { start } = cursor.current
  const { expression } = cursor.productions
  const first = cursor.at('from') ? parseFrom(cursor) : undefined
  const { distinct, items } =
    first === undefined || cursor.at('select') ? parseTargets(cursor) : allColumns(cursor, start)
  const from = first ?? (cursor.at('from') ? parseFrom(cursor) : [])
  const where = cursor.accept('where') ? expression(cursor) : undefined
  const groupBy = cursor.at('group') ? parseGroupBy(cursor) : undefined
  const having = cursor.accept('having') ? expression(cursor) : undefined
  const windows = cursor.accept('window') ? commaList(cursor, parseWindowDefinition) : []
  const qualify = cursor.accept('qualify') ? expression(cursor) : undefined
  const sample = parseUsingSample(cursor)
  const span = cursor.spanFrom(start)
  return {
    kind: 'core',
    distinct,
    items,
    from,
    where,
    groupBy,
    having,
    windows,
    qualify,
    sample,
    span,
  }
}

type Targets = Pick<SelectCore, 'distinct' | 'items'>

/** SELECT (ALL | DISTINCT (ON '(' expr_list ')')?)? target_list? into_clause? */
function parseTargets(cursor: TokenCursor): Targets {
  cursor.expect('select')
  const distinct = parseDistinct(cursor)
  const items = endsTargets(cursor) ? [] : commaList(cursor, parseSelectItem)
  if (items.length === 0 && distinct !== undefined) throw cursor.syntaxError('an expression')
  parseInto(cursor)
  return { distinct, items }
}

function allColumns(cursor: TokenCursor, start: number): Targets {
  const span = cursor.spanFrom(start)
  return { distinct: undefined, items: [{ expr: plainStar(span), alias: undefined, span }] }
}

/** ALL | DISTINCT (ON '(' expr_list ')')? */
function parseDistinct(cursor: TokenCursor): readonly AstExpression[] | undefined {
  if (cursor.accept('all') || !cursor.accept('distinct')) return undefined
  if (!cursor.accept('on')) return []
  return parenthesizedList(cursor, cursor.productions.expression)
}

const listEnds: ReadonlySet<string> = new Set(targetListEnds)

function endsTargets(cursor: TokenCursor): boolean {
  return cursor.atEnd() || cursor.atAny(listEnds)
}

/** target_el: '*' | a_expr (AS ColLabel | BareColLabel)? */
export function parseSelectItem(cursor: TokenCursor): SelectItem {
  const { start } = cursor.current
  if (cursor.ahead(1, ':') && isColumnName(cursor.current)) return parsePrefixed(cursor)
  const written = cursor.at('*') ? parseStar(cursor) : cursor.productions.expression(cursor)
  const expr = written.kind === 'star' ? parseStarModifiers(cursor, written) : written
  const labelled = cursor.accept('as') || (expr.kind !== 'star' && atBareLabel(cursor))
  const alias = labelled ? parseLabel(cursor) : undefined
  return { expr, alias, span: cursor.spanFrom(start) }
}

/** Extension: ColId ':' a_expr */
function parsePrefixed(cursor: TokenCursor): SelectItem {
  const { start } = cursor.current
  const alias = parseName(cursor)
  cursor.expect(':')
  const expr = cursor.productions.expression(cursor)
  return { expr, alias, span: cursor.spanFrom(start) }
}

function atBareLabel(cursor: TokenCursor): boolean {
  if (!isBareLabel(cursor.current)) return false
  if (cursor.at('using') && cursor.ahead(1, 'sample')) return false
  return !cursor.at('qualify') || !startsOperand(cursor.peek(1))
}

/** INTO (TEMPORARY | TEMP | UNLOGGED)? TABLE? qualified_name; kept for the statement's end. */
function parseInto(cursor: TokenCursor): void {
  if (!cursor.at('into')) return
  const { start } = cursor.advance()
  const temporary = cursor.accept('temporary') || cursor.accept('temp')
  if (!temporary) cursor.accept('unlogged')
  cursor.accept('table')
  const name = parseQualifiedName(cursor)
  const span = cursor.spanFrom(start)
  if (cursor.selectInto !== undefined || !cursor.outermost()) {
    throw cursor.grammarError('SELECT ... INTO is not allowed here', span)
  }
  cursor.selectInto = { name, temporary, span }
}

/** ColId AS window_specification */
function parseWindowDefinition(cursor: TokenCursor): SelectCore['windows'][number] {
  const name = parseName(cursor)
  cursor.expect('as')
  return { name, spec: parseWindow(cursor) }
}

/** VALUES '(' expr_list ')' (',' '(' expr_list ')')* */
export function parseValues(cursor: TokenCursor): ValuesClause {
  const { start } = cursor.expect('values')
  const rows = commaList(cursor, (c) => parenthesizedList(c, c.productions.expression))
  return { kind: 'values', rows, span: cursor.spanFrom(start) }
}

/** TABLE relation_expr: SELECT * FROM relation_expr */
export function parseTableStatement(cursor: TokenCursor): SelectCore {
  const { start } = cursor.expect('table')
  const table: TableExpression = parseRelationName(cursor)
  const span = cursor.spanFrom(start)
  return bareSelect([{ expr: plainStar(span), alias: undefined, span }], [table], span)
}
