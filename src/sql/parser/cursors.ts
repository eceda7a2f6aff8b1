import { QueryError } from '../../base/errors.ts'
import type {
  CloseStatement,
  DeclareStatement,
  FetchDirection,
  FetchStatement,
} from '../ast/cursor.ts'
import type { TokenCursor } from './cursor.ts'
import { isColumnName, parseName } from './name.ts'

/** DECLARE name (BINARY | INSENSITIVE | ASENSITIVE | NO? SCROLL)* CURSOR ((WITH | WITHOUT) HOLD)? FOR SelectStmt */
export function parseDeclare(cursor: TokenCursor): DeclareStatement {
  const { start } = cursor.expect('declare')
  const name = parseName(cursor)
  const said = parseCursorOptions(cursor)
  const { scroll } = said
  cursor.expect('cursor')
  const hold = cursor.accept('with')
  if (hold || cursor.accept('without')) cursor.expect('hold')
  cursor.expect('for')
  const query = cursor.productions.query(cursor)
  return { kind: 'declare', name, query, scroll, hold, span: cursor.spanFrom(start) }
}

function parseCursorOptions(cursor: TokenCursor): { readonly scroll: boolean | undefined } {
  const { start } = cursor.current
  let scroll: boolean | undefined
  const refuse = (one: string, other: string): never => {
    const message = `cannot specify both ${one} and ${other}`
    throw new QueryError('INVALID_CURSOR_DEFINITION', message, { span: cursor.spanFrom(start) })
  }
  let sensitivity: string | undefined
  for (;;) {
    if (cursor.at('binary')) throw cursor.unsupported('BINARY cursors')
    const word = cursor.at('insensitive') || cursor.at('asensitive')
    if (word) {
      const { text } = cursor.advance()
      // No cursor ever sees what is changed behind it.
      if (sensitivity !== undefined && sensitivity !== text) refuse('INSENSITIVE', 'ASENSITIVE')
      sensitivity = text
      continue
    }
    const no = cursor.at('no') && cursor.ahead(1, 'scroll')
    if (no) cursor.advance()
    if (!cursor.accept('scroll')) return { scroll }
    if (scroll !== undefined && scroll === no) refuse('SCROLL', 'NO SCROLL')
    scroll = !no
  }
}

/** (FETCH | MOVE) direction? (FROM | IN)? name */
export function parseFetch(cursor: TokenCursor): FetchStatement {
  const { start, text } = cursor.advance()
  const isMove = text === 'move'
  const direction = parseDirection(cursor)
  if (!cursor.accept('from')) cursor.accept('in')
  const name = parseName(cursor)
  return { kind: 'fetch', name, direction, isMove, span: cursor.spanFrom(start) }
}

/** Directions of one word, as what they mean. */
const single: ReadonlyMap<string, FetchDirection> = new Map<string, FetchDirection>([
  ['next', { kind: 'forward', count: 1 }],
  ['prior', { kind: 'backward', count: 1 }],
  ['first', { kind: 'absolute', count: 1 }],
  ['last', { kind: 'absolute', count: -1 }],
  ['all', { kind: 'forward', count: 'all' }],
])

function parseDirection(cursor: TokenCursor): FetchDirection {
  const { text, kind } = cursor.current
  if (kind === 'number' || cursor.at('-') || cursor.at('+')) {
    return { kind: 'forward', count: parseCount(cursor) }
  }
  // A cursor may be called what a direction is called.
  const next = cursor.peek(1)
  const isName = next.kind === 'end' || next.text === ';'
  if (kind !== 'word' || isName) return { kind: 'forward', count: 1 }
  const one = single.get(text)
  if (one !== undefined) {
    cursor.advance()
    return one
  }
  if (text === 'absolute' || text === 'relative') {
    cursor.advance()
    return { kind: text, count: parseCount(cursor) }
  }
  if (text !== 'forward' && text !== 'backward') return { kind: 'forward', count: 1 }
  cursor.advance()
  if (cursor.accept('all')) return { kind: text, count: 'all' }
  const isNext = cursor.at('from') || cursor.at('in') || isColumnName(cursor.current)
  return { kind: text, count: isNext ? 1 : parseCount(cursor) }
}

/** SignedIconst */
function parseCount(cursor: TokenCursor): number {
  const isNegative = cursor.at('-')
  if (isNegative || cursor.at('+')) cursor.advance()
  if (cursor.current.kind !== 'number' || !/^\d+$/.test(cursor.current.text)) {
    throw cursor.syntaxError('a number of rows')
  }
  const count = Number(cursor.advance().text)
  return isNegative ? -count : count
}

/** CLOSE (name | ALL) */
export function parseClose(cursor: TokenCursor): CloseStatement {
  const { start } = cursor.expect('close')
  const name = cursor.accept('all') ? undefined : parseName(cursor)
  return { kind: 'close', name, span: cursor.spanFrom(start) }
}
