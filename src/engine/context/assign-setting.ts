import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { SessionSettings } from '../settings/settings.ts'
import type { TransactionState } from '../transactions/transaction.ts'

/** What settings of a session depend on. */
interface SettingContext {
  readonly settings: SessionSettings
  readonly transaction: TransactionState
}

/** Sets a setting, or resets it where there is no text. Errors: what the setting says. */
export function assignSetting(
  ctx: SettingContext,
  setting: {
    readonly name: string
    readonly text: string | undefined
    readonly local: boolean
    readonly span: Span
  },
): void {
  const { name, text, local, span } = setting
  checkTransactionSetting(ctx, name, text, span)
  placed(span, () => (local ? ctx.settings.setLocal(name, text) : ctx.settings.set(name, text)))
}

/** What is not offered is told with its place, as everywhere. */
function placed(span: Span, change: () => void): void {
  try {
    change()
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== 'FEATURE_NOT_SUPPORTED') throw error
    throw new QueryError(error.code, error.message, { ...error.details, span })
  }
}

const beforeAnyQuery: Readonly<Record<string, string>> = {
  transaction_isolation: 'SET TRANSACTION ISOLATION LEVEL must be called before any query',
  transaction_deferrable: 'SET TRANSACTION [NOT] DEFERRABLE must be called before any query',
  transaction_read_only: 'transaction read-write mode must be set before any query',
}

/** What a transaction is, is settled with its first query; it may only become read-only later. */
export function checkTransactionSetting(
  ctx: SettingContext,
  name: string,
  value: string | undefined,
  span: Span | undefined,
): void {
  const message = Object.hasOwn(beforeAnyQuery, name) ? beforeAnyQuery[name] : undefined
  if (message === undefined || value === undefined || !ctx.transaction.hasQueried) return
  if (name === 'transaction_read_only') {
    const readOnly = ctx.settings.get('transaction_read_only') === 'on'
    if (!readOnly || value.toLowerCase() !== 'off') return
  } else if (value.toLowerCase() === ctx.settings.show(name)) {
    return
  }
  throw new QueryError('ACTIVE_TRANSACTION', message, span && { span })
}
