import type { AstExpression } from '../ast/expression.ts'
import type { TableSample } from '../ast/select.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { isTypeOrFunctionName, takeIdentifier } from './name.ts'

/** TABLESAMPLE func_name '(' expr_list ')' (REPEATABLE '(' a_expr ')')?, or the extension's forms of a sample */
export function parseTableSample(cursor: TokenCursor): TableSample {
  const { start } = cursor.expect('tablesample')
  return parseSample(cursor, start, false)
}

/** Extension: USING SAMPLE, as DuckDB has it */
export function parseUsingSample(cursor: TokenCursor): TableSample | undefined {
  const { start } = cursor.current
  return cursor.acceptAll('using', 'sample') ? parseSample(cursor, start, true) : undefined
}

/** method '(' size ')' (REPEATABLE '(' seed ')')? | size ('(' method (',' seed)? ')')? */
function parseSample(cursor: TokenCursor, start: number, isExtension: boolean): TableSample {
  if (cursor.current.kind === 'number') return parseSized(cursor, start)
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a sampling method')
  const method = takeIdentifier(cursor)
  cursor.expect('(')
  const counted = parseCount(cursor, isExtension, false)
  const args = counted?.args ?? commaList(cursor, cursor.productions.expression)
  cursor.expect(')')
  const repeatable = parseRepeatable(cursor)
  const span = cursor.spanFrom(start)
  return { method, args, unit: counted?.unit, repeatable, span }
}

function parseSized(cursor: TokenCursor, start: number): TableSample {
  const count = parseCount(cursor, true, true)
  if (count === undefined) throw cursor.syntaxError('a number')
  if (!cursor.accept('(')) {
    const repeatable = parseRepeatable(cursor)
    return { method: undefined, ...count, repeatable, span: cursor.spanFrom(start) }
  }
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a sampling method')
  const method = takeIdentifier(cursor)
  const repeatable = cursor.accept(',') ? cursor.productions.expression(cursor) : undefined
  cursor.expect(')')
  return { method, ...count, repeatable, span: cursor.spanFrom(start) }
}

function parseRepeatable(cursor: TokenCursor): AstExpression | undefined {
  if (!cursor.accept('repeatable')) return undefined
  cursor.expect('(')
  const repeatable = cursor.productions.expression(cursor)
  cursor.expect(')')
  return repeatable
}

/** Extension: number ('%' | PERCENT | ROWS)?; without a unit these are rows, where a unit may be left out */
function parseCount(
  cursor: TokenCursor,
  isBare: boolean,
  isSized: boolean,
): Pick<TableSample, 'args' | 'unit'> | undefined {
  if (cursor.current.kind !== 'number') return undefined
  const isPercent =
    cursor.ahead(1, 'percent') || (cursor.ahead(1, '%') && (isSized || cursor.ahead(2, ')')))
  const isRows = cursor.ahead(1, 'rows')
  if (!isPercent && !isRows && !isBare) return undefined
  const { text, start, end } = cursor.advance()
  if (isPercent || isRows) cursor.advance()
  const args: readonly AstExpression[] = [{ kind: 'number', text, span: { start, end } }]
  return { args, unit: isPercent ? 'percent' : 'rows' }
}
