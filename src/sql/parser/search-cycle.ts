import type { AstExpression } from '../ast/expression.ts'
import type { CycleClause, SearchClause } from '../ast/select.ts'
import { commaList, type TokenCursor } from './cursor.ts'
import { parseName } from './name.ts'
import { parsePrimary } from './primary.ts'

/** SEARCH (DEPTH | BREADTH) FIRST BY columnList SET ColId */
export function parseSearch(cursor: TokenCursor): SearchClause {
  const { start } = cursor.expect('search')
  const isDepth = cursor.accept('depth')
  if (!isDepth) cursor.expect('breadth')
  cursor.expectAll('first', 'by')
  const columns = commaList(cursor, parseName)
  cursor.expect('set')
  const sequence = parseName(cursor)
  const order = isDepth ? 'depth' : 'breadth'
  return { order, columns, sequence, span: cursor.spanFrom(start) }
}

/** CYCLE columnList SET ColId (TO AexprConst DEFAULT AexprConst)? USING ColId */
export function parseCycle(cursor: TokenCursor): CycleClause {
  const { start, end } = cursor.expect('cycle')
  const columns = commaList(cursor, parseName)
  cursor.expect('set')
  const mark = parseName(cursor)
  const span = { start, end }
  let value: AstExpression = { kind: 'boolean', value: true, span }
  let otherwise: AstExpression = { kind: 'boolean', value: false, span }
  if (cursor.accept('to')) {
    value = parseConstant(cursor)
    cursor.expect('default')
    otherwise = parseConstant(cursor)
  }
  cursor.expect('using')
  const path = parseName(cursor)
  return { columns, mark, value, otherwise, path, span: cursor.spanFrom(start) }
}

const constants: ReadonlySet<AstExpression['kind']> = new Set([
  'number',
  'string',
  'boolean',
  'null',
  'typed-literal',
  'interval-literal',
])

/** AexprConst */
function parseConstant(cursor: TokenCursor): AstExpression {
  const value = parsePrimary(cursor)
  if (constants.has(value.kind)) return value
  throw cursor.grammarError('syntax error', value.span)
}
