import type { OptionValue, SetStatement, TransactionStatement } from '../../sql/ast/statement.ts'
import { QueryResult } from '../result.ts'
import type { StatementContext } from './context.ts'

/** SET and RESET. */
export function setSetting(ctx: StatementContext, statement: SetStatement): QueryResult {
  const { name, value } = statement
  if (name === 'all' && value === undefined) {
    ctx.settings.resetAll()
    return QueryResult.ofCommand('RESET')
  }
  ctx.settings.set(name, value === undefined ? undefined : settingText(value))
  return QueryResult.ofCommand(value === undefined ? 'RESET' : 'SET')
}

function settingText(value: OptionValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return Array.isArray(value) ? value.map(settingText).join(', ') : String(value)
}

/** BEGIN, COMMIT, ROLLBACK. */
export function transaction(ctx: StatementContext, { action }: TransactionStatement): QueryResult {
  switch (action) {
    case 'begin':
      ctx.transaction.begin()
      return QueryResult.ofCommand('BEGIN')
    case 'commit':
      return QueryResult.ofCommand(ctx.transaction.commit())
    case 'rollback':
      ctx.transaction.rollback()
      return QueryResult.ofCommand('ROLLBACK')
  }
}
