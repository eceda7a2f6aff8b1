import type { MaintainedTable, MaintainStatement } from '../ast/maintenance.ts'
import type { LockMode, LockStatement } from '../ast/maintenance.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'

/** What may be said in parentheses, and whether it changes anything here. */
const options = {
  analyze: ['skip_locked'],
  vacuum: ['full', 'freeze', 'analyze', 'skip_locked'],
} as const

/** (ANALYZE | ANALYSE) ('(' options ')')? tables? */
export function parseAnalyze(cursor: TokenCursor): MaintainStatement {
  const { start } = cursor.advance()
  if (cursor.at('(')) parseOptions(cursor, 'analyze')
  if (cursor.at('verbose')) throw cursor.unsupported('VERBOSE of ANALYZE')
  const tables = parseTables(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'maintain', command: 'analyze', isFull: false, analyzes: true, tables, span }
}

/** VACUUM ('(' options ')' | FULL? FREEZE? (ANALYZE | ANALYSE)?) tables? */
export function parseVacuum(cursor: TokenCursor): MaintainStatement {
  const { start } = cursor.expect('vacuum')
  let said: ReadonlySet<string>
  if (cursor.at('(')) said = parseOptions(cursor, 'vacuum')
  else {
    const words = new Set<string>()
    for (const word of ['full', 'freeze']) if (cursor.accept(word)) words.add(word)
    if (cursor.at('verbose')) throw cursor.unsupported('VERBOSE of VACUUM')
    if (cursor.accept('analyze') || cursor.accept('analyse')) words.add('analyze')
    said = words
  }
  const tables = parseTables(cursor)
  const [isFull, analyzes] = [said.has('full'), said.has('analyze')]
  const span = cursor.spanFrom(start)
  return { kind: 'maintain', command: 'vacuum', isFull, analyzes, tables, span }
}

/** '(' option value? (',' ...)* ')': the options that are on */
function parseOptions(cursor: TokenCursor, command: 'analyze' | 'vacuum'): ReadonlySet<string> {
  const known: readonly string[] = options[command]
  const on = new Set<string>()
  parenthesizedList(cursor, () => {
    const { text, start, end } = cursor.advance()
    const name = text === 'analyse' ? 'analyze' : text
    if (name === 'verbose') throw cursor.unsupported(`VERBOSE of ${command.toUpperCase()}`, start)
    if (!known.includes(name)) {
      const message = `unrecognized ${command.toUpperCase()} option "${text}"`
      throw cursor.grammarError(message, { start, end })
    }
    if (parseSwitch(cursor, name)) on.add(name)
    else on.delete(name)
  })
  return on
}

const onWords: ReadonlySet<string> = new Set(['true', 'on', '1'])
const offWords: ReadonlySet<string> = new Set(['false', 'off', '0'])

/** (TRUE | FALSE | ON | OFF | 1 | 0)? */
function parseSwitch(cursor: TokenCursor, name: string): boolean {
  if (cursor.at(',') || cursor.at(')')) return true
  const { text, start, end } = cursor.advance()
  if (onWords.has(text)) return true
  if (offWords.has(text)) return false
  throw cursor.grammarError(`${name} requires a Boolean value`, { start, end })
}

/** (qualified_name ('(' names ')')? (',' ...)*)? */
function parseTables(cursor: TokenCursor): readonly MaintainedTable[] {
  if (cursor.atEnd() || cursor.at(';')) return []
  return commaList(cursor, () => {
    const name = parseQualifiedName(cursor)
    const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
    return { name, columns }
  })
}

/** LOCK TABLE? (ONLY? qualified_name) (',' ...)* (IN mode MODE)? NOWAIT? */
export function parseLock(cursor: TokenCursor): LockStatement {
  const { start } = cursor.expect('lock')
  cursor.accept('table')
  const tables = commaList(cursor, () => {
    // There are no children to leave out.
    cursor.accept('only')
    return parseQualifiedName(cursor)
  })
  const mode = cursor.accept('in') ? parseLockMode(cursor) : 'access exclusive'
  // Nobody ever waits for a lock.
  cursor.accept('nowait')
  return { kind: 'lock', tables, mode, span: cursor.spanFrom(start) }
}

/** (ACCESS SHARE | ROW SHARE | ROW EXCLUSIVE | SHARE UPDATE EXCLUSIVE | SHARE (ROW EXCLUSIVE)? | ACCESS? EXCLUSIVE) MODE */
function parseLockMode(cursor: TokenCursor): LockMode {
  const words: string[] = []
  while (!cursor.at('mode') && cursor.atAny(modeWords)) words.push(cursor.advance().text)
  const mode = modes.find((one) => one === words.join(' '))
  if (mode === undefined) throw cursor.syntaxError('a lock mode')
  cursor.expect('mode')
  return mode
}

const modeWords: ReadonlySet<string> = new Set(['access', 'row', 'share', 'update', 'exclusive'])

const modes: readonly LockMode[] = [
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
]
