import type { SavepointStatement, TransactionStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { parseName } from './name.ts'

const actions: ReadonlyMap<string, TransactionStatement['action']> = new Map([
  ['begin', 'begin'],
  ['start', 'start'],
  ['commit', 'commit'],
  ['end', 'commit'],
  ['rollback', 'rollback'],
  ['abort', 'rollback'],
])

/**
 * BEGIN (WORK | TRANSACTION)? modes? | START TRANSACTION modes? |
 * (COMMIT | END | ROLLBACK | ABORT) (WORK | TRANSACTION)? (AND NO? CHAIN)? |
 * ROLLBACK (WORK | TRANSACTION)? TO SAVEPOINT? name
 */
export function parseTransaction(
  cursor: TokenCursor,
): TransactionStatement | SavepointStatement | undefined {
  const word = cursor.current.text
  const action = actions.get(word)
  if (action === undefined || cursor.ahead(1, 'prepared')) return undefined
  const { start } = cursor.advance()
  if (word === 'start') cursor.expect('transaction')
  else if (!cursor.accept('work')) cursor.accept('transaction')
  if (action === 'rollback' && cursor.accept('to')) {
    cursor.accept('savepoint')
    return savepoint(cursor, 'rollback', start)
  }
  const begins = action === 'begin' || action === 'start'
  const modes = begins ? parseTransactionModes(cursor) : ''
  if (!begins && cursor.at('and')) {
    const chain = cursor.advance().start
    const no = cursor.accept('no')
    cursor.expect('chain')
    if (!no) throw cursor.unsupported('AND CHAIN', chain)
  }
  return { kind: 'transaction', action, modes, span: cursor.spanFrom(start) }
}

/** SAVEPOINT name | RELEASE SAVEPOINT? name */
export function parseSavepoint(cursor: TokenCursor): SavepointStatement {
  const { start } = cursor.current
  if (cursor.accept('savepoint')) return savepoint(cursor, 'set', start)
  cursor.expect('release')
  cursor.accept('savepoint')
  return savepoint(cursor, 'release', start)
}

function savepoint(
  cursor: TokenCursor,
  action: SavepointStatement['action'],
  start: number,
): SavepointStatement {
  const name = parseName(cursor)
  return { kind: 'savepoint', action, name, span: cursor.spanFrom(start) }
}

/** transaction_mode_item (','? transaction_mode_item)*, or nothing; as text */
export function parseTransactionModes(cursor: TokenCursor): string {
  const modes: string[] = []
  for (;;) {
    const mode = parseMode(cursor)
    if (mode === undefined) break
    modes.push(mode)
    if (cursor.at(',')) {
      cursor.advance()
      if (!cursor.atAny(modeWords)) throw cursor.syntaxError('a transaction mode')
    }
  }
  return modes.join(', ')
}

const modeWords: ReadonlySet<string> = new Set(['isolation', 'read', 'deferrable', 'not'])

/** ISOLATION LEVEL iso_level | READ (ONLY | WRITE) | NOT? DEFERRABLE */
function parseMode(cursor: TokenCursor): string | undefined {
  if (cursor.accept('isolation')) {
    cursor.expect('level')
    return `isolation level ${parseIsolationLevel(cursor)}`
  }
  if (cursor.accept('read')) {
    if (cursor.accept('only')) return 'read only'
    cursor.expect('write')
    return 'read write'
  }
  if (cursor.accept('deferrable')) return 'deferrable'
  if (!cursor.accept('not')) return undefined
  cursor.expect('deferrable')
  return 'not deferrable'
}

function parseIsolationLevel(cursor: TokenCursor): string {
  if (cursor.accept('serializable')) return 'serializable'
  if (cursor.accept('repeatable')) {
    cursor.expect('read')
    return 'repeatable read'
  }
  cursor.expect('read')
  if (cursor.accept('committed')) return 'read committed'
  cursor.expect('uncommitted')
  return 'read uncommitted'
}
