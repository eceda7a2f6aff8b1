import { QueryError } from '../../base/errors.ts'
import type {
  AstExpression,
  FrameBound,
  Identifier,
  WindowFrame,
  WindowSpecification,
} from '../ast/expression.ts'
import { frameProblem } from '../ast/frame-problem.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { isColumnName, parseName } from './name.ts'
import { parseOptionalOrderBy } from './order-by.ts'

/** over_clause: OVER (window_specification | ColId) */
export function parseOver(cursor: TokenCursor): WindowSpecification | Identifier {
  cursor.expect('over')
  return cursor.at('(') ? parseWindow(cursor) : parseName(cursor)
}

const clauseWords: ReadonlySet<string> = new Set(['partition', 'range', 'rows', 'groups'])

/** '(' ColId? (PARTITION BY expr_list)? sort_clause? frame_clause? ')' */
export function parseWindow(cursor: TokenCursor): WindowSpecification {
  const { start } = cursor.expect('(')
  cursor.enter()
  const named = isColumnName(cursor.current) && !cursor.atAny(clauseWords)
  const base = named ? parseName(cursor) : undefined
  let partitionBy: AstExpression[] = []
  if (cursor.accept('partition')) {
    cursor.expect('by')
    partitionBy = commaList(cursor, cursor.productions.expression)
  }
  const orderBy = parseOptionalOrderBy(cursor)
  const frame = parseFrame(cursor)
  cursor.leave()
  cursor.expect(')')
  return { kind: 'window', base, partitionBy, orderBy, frame, span: cursor.spanFrom(start) }
}

/** (RANGE | ROWS | GROUPS) (frame_bound | BETWEEN frame_bound AND frame_bound) exclusion? */
function parseFrame(cursor: TokenCursor): WindowFrame | undefined {
  const word = cursor.current.text
  if (!cursor.atAny(clauseWords) || word === 'partition') return undefined
  cursor.advance()
  const unit = word === 'rows' ? 'rows' : word === 'range' ? 'range' : 'groups'
  const between = cursor.accept('between')
  const { start: at } = cursor.current
  const start = parseBound(cursor)
  if (between) cursor.expect('and')
  const end: FrameBound = between ? parseBound(cursor) : { kind: 'current-row', offset: undefined }
  const problem = frameProblem(start.kind, end.kind, between)
  if (problem !== undefined) {
    throw new QueryError('WINDOWING_ERROR', problem, { span: cursor.spanFrom(at) })
  }
  return { unit, start, end, exclude: parseExclusion(cursor) }
}

/** UNBOUNDED (PRECEDING | FOLLOWING) | CURRENT ROW | a_expr (PRECEDING | FOLLOWING) */
function parseBound(cursor: TokenCursor): FrameBound {
  if (cursor.acceptAll('current', 'row')) return { kind: 'current-row', offset: undefined }
  if (cursor.acceptAll('unbounded', 'preceding')) {
    return { kind: 'unbounded-preceding', offset: undefined }
  }
  if (cursor.acceptAll('unbounded', 'following')) {
    return { kind: 'unbounded-following', offset: undefined }
  }
  const offset = cursor.productions.expression(cursor)
  if (cursor.accept('preceding')) return { kind: 'preceding', offset }
  if (!cursor.at('following')) throw cursor.syntaxError('PRECEDING or FOLLOWING')
  cursor.advance()
  return { kind: 'following', offset }
}

/** EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS) */
function parseExclusion(cursor: TokenCursor): WindowFrame['exclude'] {
  if (!cursor.accept('exclude')) return 'no-others'
  if (cursor.acceptAll('current', 'row')) return 'current-row'
  if (cursor.accept('group')) return 'group'
  if (cursor.accept('ties')) return 'ties'
  cursor.expectAll('no', 'others')
  return 'no-others'
}
