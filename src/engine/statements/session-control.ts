import type {
  DeallocateStatement,
  DiscardStatement,
  OptionValue,
  SetStatement,
  TransactionStatement,
} from '../../sql/ast/statement.ts'
import { errorRegistry, QueryError } from '../../base/errors.ts'
import { listedValue, settingNamed } from '../settings/settings.ts'
import { dropTemporary } from '../tables/placement.ts'
import { QueryResult, type Notice } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { assignSetting, checkTransactionSetting } from '../context/assign-setting.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** SET and RESET. */
export const setEntry: StatementEntry<SetStatement> = {
  tag: ({ word }) => word.toUpperCase(),
  looks: () => false,
  writes: 'no',
  describe: () => noShape,
  run: setSetting,
}

/** BEGIN, COMMIT, ROLLBACK. */
export const transactionEntry: StatementEntry<TransactionStatement> = {
  tag: ({ action }) => (action === 'start' ? 'START TRANSACTION' : action.toUpperCase()),
  looks: () => false,
  writes: 'no',
  runsFailed: ({ action }) => action === 'commit' || action === 'rollback',
  describe: () => noShape,
  run: transaction,
}

/** DISCARD: the session as it was at its start; plans hold nothing. */
export const discardEntry: StatementEntry<DiscardStatement> = {
  tag: ({ what }) => `DISCARD ${what.toUpperCase()}`,
  looks: () => true,
  writes: 'no',
  describe: () => noShape,
  run: discard,
}

/** DEALLOCATE: statements that PREPARE or the protocol made. */
export const deallocateEntry: StatementEntry<DeallocateStatement> = {
  tag: ({ name }) => (name === undefined ? 'DEALLOCATE ALL' : 'DEALLOCATE'),
  looks: () => false,
  writes: 'no',
  describe: () => noShape,
  run: deallocate,
}

function setSetting(ctx: StatementContext, statement: SetStatement): QueryResult {
  const { name, value, local } = statement
  if (name === 'all' && value === undefined) {
    ctx.settings.resetAll()
    return QueryResult.ofCommand('RESET')
  }
  if (name === 'transaction') {
    const { inBlock } = ctx.transaction
    if (inBlock) setTransactionModes(ctx, String(value), 'transaction')
    return QueryResult.ofCommand('SET', 0, inBlock ? [] : [noBlock('SET TRANSACTION')])
  }
  if (name === 'session_characteristics') {
    setTransactionModes(ctx, String(value), 'default_transaction')
    return QueryResult.ofCommand('SET')
  }
  const text = value === undefined ? undefined : settingText(name, value)
  assignSetting(ctx, { name, text, local, span: statement.span })
  const outside = local && !ctx.transaction.inBlock
  const hint = text !== undefined && settingNamed(name)?.isHint === true
  const notices = [...(outside ? [noBlock('SET LOCAL')] : []), ...(hint ? [notUsed(name)] : [])]
  return QueryResult.ofCommand(statement.word.toUpperCase(), 0, notices)
}

/** `isolation level serializable, read only` for this transaction or for those to come. */
function setTransactionModes(
  ctx: StatementContext,
  modes: string,
  prefix: 'transaction' | 'default_transaction',
): void {
  for (const mode of modes.split(', ').filter((part) => part !== '')) {
    const level = /^isolation level (.*)$/.exec(mode)?.[1]
    const [name, value] =
      level !== undefined
        ? (['isolation', level] as const)
        : mode.startsWith('read')
          ? (['read_only', mode === 'read only' ? 'on' : 'off'] as const)
          : (['deferrable', mode === 'deferrable' ? 'on' : 'off'] as const)
    const setting = `${prefix}_${name}`
    checkTransactionSetting(ctx, setting, value, undefined)
    ctx.settings.set(setting, value)
  }
}

function settingText(name: string, value: OptionValue): string {
  const items = Array.isArray(value) ? (value as readonly OptionValue[]) : [value]
  return listedValue(
    name,
    items.map((item) => (typeof item === 'boolean' ? (item ? 'on' : 'off') : String(item))),
  )
}

async function transaction(
  ctx: StatementContext,
  statement: TransactionStatement,
): Promise<QueryResult> {
  const { isExplicit } = ctx.transaction
  switch (statement.action) {
    case 'begin':
    case 'start':
      begin(ctx, statement)
      return QueryResult.ofCommand(
        transactionEntry.tag(statement),
        0,
        isExplicit ? [alreadyOpen] : [],
      )
    case 'commit':
      return committed(ctx, isExplicit ? [] : [noneOpen])
    case 'rollback':
      ctx.transaction.rollback()
      ctx.cursors.rollback()
      return QueryResult.ofCommand('ROLLBACK', 0, isExplicit ? [] : [noneOpen])
  }
}

async function committed(ctx: StatementContext, notices: readonly Notice[]): Promise<QueryResult> {
  const command = await ctx.transaction.commit(ctx.queries)
  if (command === 'ROLLBACK') ctx.cursors.rollback()
  return QueryResult.ofCommand(command, 0, notices)
}

/** A BEGIN that fails leaves no transaction that was not there. */
function begin(ctx: StatementContext, { modes }: TransactionStatement): void {
  const { isExplicit } = ctx.transaction
  ctx.transaction.begin()
  try {
    setTransactionModes(ctx, modes, 'transaction')
  } catch (error) {
    if (!isExplicit) ctx.transaction.rollback()
    throw error
  }
}

function noBlock(what: string): Notice {
  return {
    sqlState: errorRegistry.NO_ACTIVE_TRANSACTION.sqlState,
    message: `${what} can only be used in transaction blocks`,
  }
}

function notUsed(name: string): Notice {
  const message = `"${name.toLowerCase()}" is a hint to PostgreSQL's planner; it changes nothing here`
  return { sqlState: '00000', severity: 'NOTICE', message }
}

const alreadyOpen: Notice = {
  sqlState: errorRegistry.ACTIVE_TRANSACTION.sqlState,
  message: 'there is already a transaction in progress',
}

const noneOpen: Notice = {
  sqlState: errorRegistry.NO_ACTIVE_TRANSACTION.sqlState,
  message: 'there is no transaction in progress',
}

async function discard(
  ctx: StatementContext,
  { what, span }: DiscardStatement,
): Promise<QueryResult> {
  if (what === 'all') {
    if (ctx.transaction.isExplicit) {
      const message = 'DISCARD ALL cannot run inside a transaction block'
      throw new QueryError('ACTIVE_TRANSACTION', message, { span })
    }
    ctx.settings.resetAll()
    ctx.prepared.clear()
    ctx.cursors.closeAll()
  }
  if (what === 'all' || what === 'sequences') ctx.sequences.discard()
  if (what === 'all' || what === 'temp') {
    const { temporarySchema } = ctx
    await ctx.transaction.change({ apply: (catalog) => dropTemporary(catalog, temporarySchema) })
  }
  return QueryResult.ofCommand(`DISCARD ${what.toUpperCase()}`)
}

function deallocate({ prepared }: StatementContext, { name }: DeallocateStatement): QueryResult {
  if (name === undefined) {
    prepared.clear()
    return QueryResult.ofCommand('DEALLOCATE ALL')
  }
  prepared.get(name.text)
  prepared.delete(name.text)
  return QueryResult.ofCommand('DEALLOCATE')
}
