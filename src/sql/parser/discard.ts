import type { DeallocateStatement, DiscardStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parseName } from './name.ts'

const discarded: ReadonlyMap<string, DiscardStatement['what']> = new Map([
  ['all', 'all'],
  ['plans', 'plans'],
  ['sequences', 'sequences'],
  ['temp', 'temp'],
  ['temporary', 'temp'],
])

/** DISCARD (ALL | PLANS | SEQUENCES | TEMP | TEMPORARY) */
export function parseDiscard(cursor: TokenCursor): DiscardStatement {
  const { start } = cursor.expect('discard')
  const what = cursor.current.kind === 'word' ? discarded.get(cursor.current.text) : undefined
  if (what === undefined) throw cursor.syntaxError('ALL, PLANS, SEQUENCES or TEMP')
  cursor.advance()
  return { kind: 'discard', what, span: cursor.spanFrom(start) }
}

/** DEALLOCATE PREPARE? (name | ALL) */
export function parseDeallocate(cursor: TokenCursor): DeallocateStatement {
  const { start } = cursor.expect('deallocate')
  const next = cursor.peek(1)
  const isName = next.kind === 'end' || cursor.ahead(1, ';')
  if (!isName) cursor.accept('prepare')
  const name = cursor.accept('all') ? undefined : parseName(cursor)
  return { kind: 'deallocate', name, span: cursor.spanFrom(start) }
}
