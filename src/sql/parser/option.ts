import type { OptionValue, StatementOption } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseLabel } from './name.ts'
import { parseNumber } from './setting.ts'

/** '(' option (',' option)* ')' */
export function parseOptions(cursor: TokenCursor): StatementOption[] {
  return parenthesizedList(cursor, parseOption)
}

/** ColLabel ('.' ColLabel)* '=' value */
function parseOption(cursor: TokenCursor): StatementOption {
  const { start } = cursor.current
  const parts = [parseLabel(cursor).text]
  while (cursor.accept('.')) parts.push(parseLabel(cursor).text)
  const value = cursor.accept('=') ? cursor.nested(parseOptionValue) : true
  return { name: parts.join('.'), value, span: cursor.spanFrom(start) }
}

/** Sconst | number | TRUE | FALSE | NULL | word | ARRAY? '[' values ']' | '(' options or values ')' */
function parseOptionValue(cursor: TokenCursor): OptionValue {
  const { kind, text } = cursor.current
  if (kind === 'string' || kind === 'quoted') return cursor.advance().text
  if (kind === 'number' || cursor.at('-') || cursor.at('+')) return parseNumber(cursor)
  if (cursor.at('[') || (cursor.at('array') && cursor.ahead(1, '['))) {
    cursor.accept('array')
    return parseValueList(cursor, '[', ']')
  }
  if (cursor.at('(')) {
    return cursor.ahead(2, '=')
      ? { options: parseOptions(cursor) }
      : parseValueList(cursor, '(', ')')
  }
  if (kind !== 'word') throw cursor.syntaxError('a value')
  cursor.advance()
  if (text === 'true' || text === 'false') return text === 'true'
  return text === 'null' ? null : text
}

function parseValueList(cursor: TokenCursor, open: string, close: string): OptionValue[] {
  cursor.expect(open)
  const values = cursor.at(close) ? [] : commaList(cursor, (c) => c.nested(parseOptionValue))
  cursor.expect(close)
  return values
}
