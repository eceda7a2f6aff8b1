import type {
  DescribeStatement,
  OptionValue,
  SetStatement,
  ShowStatement,
} from '../ast/statement.ts'
import type { QualifiedName } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseName, parseNonReserved, parseQualifiedName } from './name.ts'
import { parseTransactionModes } from './transaction.ts'
import { parseIntervalFields } from './type-name.ts'

const listings: ReadonlyMap<string, 'tables' | 'schemas' | 'models'> = new Map([
  ['tables', 'tables'],
  ['schemas', 'schemas'],
  ['models', 'models'],
])

/** SHOW (var_name | ALL | TIME ZONE | ...); extensions SHOW TABLES | SCHEMAS | MODELS | COLUMNS */
export function parseShow(cursor: TokenCursor): ShowStatement {
  const { start } = cursor.expect('show')
  const listing = listings.get(cursor.current.text)
  let from: QualifiedName | undefined
  if (listing !== undefined && cursor.accept(listing)) {
    if (cursor.accept('from') || cursor.accept('in')) from = parseQualifiedName(cursor)
    return show(cursor, start, listing, from, undefined)
  }
  if (cursor.at('columns') && (cursor.ahead(1, 'from') || cursor.ahead(1, 'in'))) {
    cursor.advance()
    cursor.advance()
    return show(cursor, start, 'columns', parseQualifiedName(cursor), undefined)
  }
  if (cursor.accept('all')) return show(cursor, start, 'all', undefined, undefined)
  return show(cursor, start, 'setting', undefined, parseSettingName(cursor))
}

function show(
  cursor: TokenCursor,
  start: number,
  subject: ShowStatement['subject'],
  from: QualifiedName | undefined,
  setting: string | undefined,
): ShowStatement {
  let like: string | undefined
  if (setting === undefined && subject !== 'all' && cursor.accept('like')) {
    if (cursor.current.kind !== 'string') throw cursor.syntaxError('a pattern')
    like = cursor.advance().text
  }
  return { kind: 'show', subject, from, like, setting, span: cursor.spanFrom(start) }
}

/** var_name: ColId ('.' ColId)*, and the settings with a syntax of their own */
function parseSettingName(cursor: TokenCursor): string {
  if (cursor.acceptAll('time', 'zone')) return 'timezone'
  if (cursor.acceptAll('transaction', 'isolation', 'level')) return 'transaction_isolation'
  if (cursor.acceptAll('session', 'authorization')) return 'session_authorization'
  const parts = [parseName(cursor).text]
  while (cursor.accept('.')) parts.push(parseName(cursor).text)
  return parts.join('.')
}

/** Extension: (DESCRIBE | DESC) (TABLE? name | MODEL name) */
export function parseDescribe(cursor: TokenCursor): DescribeStatement {
  const { start } = cursor.advance()
  const model = cursor.at('model') && cursor.peek(1).kind !== 'end' && !cursor.ahead(1, ';')
  if (model && !cursor.ahead(1, '.')) {
    cursor.advance()
    const name = parseQualifiedName(cursor)
    return { kind: 'describe', objectKind: 'model', name, span: cursor.spanFrom(start) }
  }
  cursor.accept('table')
  const name = parseQualifiedName(cursor)
  return { kind: 'describe', objectKind: 'table', name, span: cursor.spanFrom(start) }
}

/** Extension: USE SCHEMA? name */
export function parseUse(cursor: TokenCursor): SetStatement {
  const { start } = cursor.advance()
  if (!cursor.ahead(1, ';') && cursor.peek(1).kind !== 'end') cursor.accept('schema')
  const value = parseName(cursor).text
  const span = cursor.spanFrom(start)
  return { kind: 'set', name: 'search_path', value, local: false, word: 'set', span }
}

/** RESET (var_name | ALL | TIME ZONE | ...) */
export function parseReset(cursor: TokenCursor): SetStatement {
  const { start } = cursor.expect('reset')
  const name = cursor.accept('all') ? 'all' : parseSettingName(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'set', name, value: undefined, local: false, word: 'reset', span }
}

/** SET (SESSION | LOCAL)? (var_name (TO | '=') (var_list | DEFAULT) | TIME ZONE ... | ...) */
export function parseSet(cursor: TokenCursor): SetStatement | undefined {
  if (cursor.ahead(1, 'constraints')) return undefined
  const { start } = cursor.expect('set')
  const finish = (name: string, value: OptionValue | undefined, local: boolean): SetStatement => ({
    kind: 'set',
    name,
    value,
    local,
    word: 'set',
    span: cursor.spanFrom(start),
  })
  if (cursor.acceptAll('session', 'characteristics')) {
    cursor.expectAll('as', 'transaction')
    return finish('session_characteristics', parseModes(cursor), false)
  }
  const session = cursor.at('session') && !isAssignment(cursor, 1)
  const local = cursor.at('local') && !isAssignment(cursor, 1)
  const authorization = session && cursor.ahead(1, 'authorization')
  if ((session || local) && !authorization) cursor.advance()
  if (cursor.at('transaction') && !isAssignment(cursor, 1)) {
    cursor.advance()
    return finish('transaction', parseModes(cursor), local)
  }
  const named = parseNamedSetting(cursor)
  if (named !== undefined) return finish(named.name, named.value, local)
  const name = parseSettingName(cursor)
  if (!cursor.accept('to') && !cursor.accept('=')) throw cursor.syntaxError('TO or "="')
  return finish(name, parseSettingValue(cursor), local)
}

function isAssignment(cursor: TokenCursor, distance: number): boolean {
  return cursor.ahead(distance, 'to') || cursor.ahead(distance, '=') || cursor.ahead(distance, '.')
}

function parseModes(cursor: TokenCursor): string {
  if (cursor.at('snapshot')) throw cursor.unsupported('SET TRANSACTION SNAPSHOT')
  const modes = parseTransactionModes(cursor)
  if (modes === '') throw cursor.syntaxError('a transaction mode')
  return modes
}

interface NamedSetting {
  readonly name: string
  readonly value: OptionValue | undefined
}

/** TIME ZONE zone | NAMES Sconst | SCHEMA Sconst | ROLE name | SESSION AUTHORIZATION name */
function parseNamedSetting(cursor: TokenCursor): NamedSetting | undefined {
  if (cursor.acceptAll('time', 'zone')) {
    return { name: 'timezone', value: parseZone(cursor) }
  }
  if (cursor.acceptAll('session', 'authorization')) {
    return { name: 'session_authorization', value: parseWordOrString(cursor) }
  }
  if (isAssignment(cursor, 1)) return undefined
  if (cursor.accept('names')) {
    const given = !cursor.atEnd() && !cursor.at(';')
    return { name: 'client_encoding', value: given ? parseWordOrString(cursor) : undefined }
  }
  if (cursor.accept('schema')) return { name: 'search_path', value: parseWordOrString(cursor) }
  if (cursor.accept('role')) return { name: 'role', value: parseWordOrString(cursor) }
  return undefined
}

/** zone_value: Sconst | number | word | INTERVAL Sconst fields? | LOCAL | DEFAULT */
function parseZone(cursor: TokenCursor): OptionValue | undefined {
  if (cursor.accept('local')) return undefined
  if (cursor.at('interval') && cursor.peek(1).kind === 'string') {
    cursor.advance()
    const value = cursor.advance().text
    const { fields } = parseIntervalFields(cursor)
    const quoted = `interval '${value.replaceAll("'", '')}'`
    return fields === undefined ? quoted : `${quoted} ${fields}`
  }
  const { kind } = cursor.current
  if (kind === 'number' || cursor.at('-') || cursor.at('+')) return parseNumber(cursor)
  return parseWordOrString(cursor)
}

/** Sconst | NonReservedWord; undefined for DEFAULT */
function parseWordOrString(cursor: TokenCursor): string | undefined {
  if (cursor.accept('default')) return undefined
  if (cursor.current.kind === 'string') return cursor.advance().text
  return parseNonReserved(cursor).text
}

/** var_list: one value, or several in a list; undefined for DEFAULT */
function parseSettingValue(cursor: TokenCursor): OptionValue | undefined {
  if (cursor.accept('default')) return undefined
  const values = commaList(cursor, parseSettingItem)
  return values.length === 1 ? values[0] : values
}

const booleanWords: ReadonlySet<string> = new Set(['true', 'false', 'on'])

/** var_value: opt_boolean_or_string | NumericOnly */
function parseSettingItem(cursor: TokenCursor): OptionValue {
  const { kind } = cursor.current
  if (kind === 'number' || cursor.at('-') || cursor.at('+')) return parseNumber(cursor)
  if (kind === 'string' || cursor.atAny(booleanWords)) return cursor.advance().text
  return parseNonReserved(cursor).text
}

/** NumericOnly */
export function parseNumber(cursor: TokenCursor): number {
  const negative = cursor.accept('-')
  if (!negative) cursor.accept('+')
  if (cursor.current.kind !== 'number') throw cursor.syntaxError('a number')
  const value = Number(cursor.advance().text)
  return negative ? -value : value
}
