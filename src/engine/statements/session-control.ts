import type {
  DeallocateStatement,
  DiscardStatement,
  OptionValue,
  SetStatement,
  TransactionStatement,
} from '../../sql/ast/statement.ts'
import { errorRegistry, QueryError } from '../../base/errors.ts'
import { QueryResult, type Notice } from '../result.ts'
import type { StatementContext } from './context.ts'

/** SET and RESET. */
export function setSetting(ctx: StatementContext, statement: SetStatement): QueryResult {
  const { name, value } = statement
  if (name === 'all' && value === undefined) {
    ctx.settings.resetAll()
    return QueryResult.ofCommand('RESET')
  }
  if (name === 'transaction' || name === 'session_characteristics') {
    setTransactionModes(ctx, String(value))
    return QueryResult.ofCommand('SET')
  }
  ctx.settings.set(name, value === undefined ? undefined : settingText(value))
  return QueryResult.ofCommand(value === undefined ? 'RESET' : 'SET')
}

/** Every transaction reads one snapshot, so each isolation level is accepted. */
function setTransactionModes(ctx: StatementContext, modes: string): void {
  for (const mode of modes.split(', ')) {
    const level = /^isolation level (.*)$/.exec(mode)?.[1]
    if (level !== undefined) ctx.settings.set('transaction_isolation', level)
    if (mode === 'read only') ctx.settings.set('default_transaction_read_only', 'on')
    if (mode === 'read write') ctx.settings.set('default_transaction_read_only', 'off')
  }
}

function settingText(value: OptionValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return Array.isArray(value) ? value.map(settingText).join(', ') : String(value)
}

/** BEGIN, COMMIT, ROLLBACK. */
export function transaction(ctx: StatementContext, { action }: TransactionStatement): QueryResult {
  const { isExplicit } = ctx.transaction
  switch (action) {
    case 'begin':
      ctx.transaction.begin()
      return QueryResult.ofCommand('BEGIN', 0, isExplicit ? [alreadyOpen] : [])
    case 'commit':
      return QueryResult.ofCommand(ctx.transaction.commit(), 0, isExplicit ? [] : [noneOpen])
    case 'rollback':
      ctx.transaction.rollback()
      return QueryResult.ofCommand('ROLLBACK', 0, isExplicit ? [] : [noneOpen])
  }
}

const alreadyOpen: Notice = {
  sqlState: errorRegistry.ACTIVE_TRANSACTION.sqlState,
  message: 'there is already a transaction in progress',
}

const noneOpen: Notice = {
  sqlState: errorRegistry.NO_ACTIVE_TRANSACTION.sqlState,
  message: 'there is no transaction in progress',
}

/** DISCARD: the session as it was at its start, except for an open transaction. */
export function discard(ctx: StatementContext, { what, span }: DiscardStatement): QueryResult {
  if (what === 'all') {
    if (ctx.transaction.isExplicit) {
      const message = 'DISCARD ALL cannot run inside a transaction block'
      throw new QueryError('ACTIVE_TRANSACTION', message, { span })
    }
    ctx.settings.resetAll()
  }
  return QueryResult.ofCommand(`DISCARD ${what.toUpperCase()}`)
}

/** DEALLOCATE; statements that a wire client prepared are with its connection, which looks first. */
export function deallocate({ name }: DeallocateStatement): QueryResult {
  if (name === undefined) return QueryResult.ofCommand('DEALLOCATE ALL')
  throw new QueryError(
    'INVALID_STATEMENT_NAME',
    `prepared statement "${name.text}" does not exist`,
    { span: name.span },
  )
}
