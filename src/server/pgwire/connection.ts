import { unreachable } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { EventLoop, LoopShare } from '../../base/event-loop.ts'
import type { Notice, QueryResult, ResultColumn } from '../../engine/results/result.ts'
import { runsFailed, type Session } from '../../engine/session.ts'
import * as backend from './backend-messages.ts'
import { violation, type BindMessage, type FrontendMessage } from './frontend-messages.ts'
import { Outlet, type WriteParts } from './outlet.ts'
import { ClientCopies, type ReadMessage } from './client-copies.ts'
import { ClientStatements } from './client-statements.ts'
import { decodeParameter, type WireParameter } from './parameters.ts'
import { expandFormats, Portal } from './portal.ts'
import { Portals } from './portals.ts'
import {
  changedColumns,
  endsTransaction,
  sameColumns,
  standsAlone,
  type BoundPortal,
  type Statement,
} from './prepared.ts'
import { typeOfOid, wireType } from '../../data/binary/type-oids.ts'
import { text as textType, type DataType } from '../../data/types/data-type.ts'
import type { RunOptions } from '../../engine/results/query.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/** Those of the extended protocol: after an error of one, what follows is skipped up to Sync. */
type ExtendedMessage = Extract<
  FrontendMessage,
  { kind: 'parse' | 'bind' | 'describe' | 'execute' | 'close' | 'malformed' }
>

/**
 * The protocol of one connected client after start-up: takes messages one at a time, runs statements
 * on its session, writes the answers. Knows no socket.
 */
export class Connection {
  readonly #session: Session
  readonly #outlet: Outlet
  readonly #copies: ClientCopies
  readonly #eventLoop: EventLoop
  /** Of the message that is handled. */
  #share: LoopShare
  readonly #statements: ClientStatements
  readonly #portals = new Portals()
  readonly #reported = new Map<string, string>()
  #abort: AbortController | undefined
  #skipToSync = false
  #isBusy = false
  #isWithinRow = false
  #isClosed = false

  /** `read`: waits for the next message of a client in the middle of COPY. */
  constructor(session: Session, write: WriteParts, eventLoop: EventLoop, read: ReadMessage) {
    this.#session = session
    this.#statements = new ClientStatements(session)
    this.#outlet = new Outlet(write)
    this.#copies = new ClientCopies(this.#outlet, read)
    this.#eventLoop = eventLoop
    this.#share = eventLoop.share()
  }

  /** ParameterStatus of everything that clients look at, what is to be told, then ReadyForQuery. */
  greet(notices: readonly Notice[]): void {
    this.#outlet.push(backend.parameterStatus('integer_datetimes', 'on'))
    this.#outlet.push(backend.parameterStatus('is_superuser', 'on'))
    this.#outlet.push(backend.parameterStatus('in_hot_standby', 'off'))
    this.#outlet.push(backend.parameterStatus('default_transaction_read_only', 'off'))
    this.#reportSettings()
    this.#sendNotices(notices)
    this.#ready()
  }

  /** Cancels the statement that runs now, if one does. */
  cancel(): void {
    this.#abort?.abort()
  }

  /** Sends what was answered so far: to be called before waiting for the client. */
  flush(): Promise<void> {
    return this.#outlet.flush()
  }

  /** Whether a message is being handled. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** A message that tells a client nothing new; undefined while it could come within another one. */
  anyStatus(): Uint8Array | undefined {
    if (this.#isWithinRow || !this.#outlet.isEmpty) return undefined
    return backend.parameterStatus('integer_datetimes', 'on')
  }

  /** Handles one message. Rejects only when the connection cannot go on. */
  async handle(message: FrontendMessage): Promise<void> {
    this.#isBusy = true
    this.#share = this.#eventLoop.share()
    try {
      await this.#dispatch(message)
      if (this.#outlet.isFull) await this.flush()
      if (this.#share.isOver) await this.#share.next()
    } finally {
      this.#isBusy = false
      if (this.#isClosed) this.#dispose()
    }
  }

  /** The client is gone: stops what runs, then gives everything back. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.cancel()
    // What is being written is read until the statement notices that it was cancelled.
    if (!this.#isBusy) this.#dispose()
  }

  #dispose(): void {
    this.#portals.closeAll()
    this.#session.close()
  }

  async #dispatch(message: FrontendMessage): Promise<void> {
    const endsSkipping =
      message.kind === 'sync' || (message.kind === 'malformed' && message.letter === 'S')
    if (this.#skipToSync && !endsSkipping) return
    switch (message.kind) {
      case 'query':
        return this.#simpleQuery(message.text)
      case 'sync':
        return await this.#sync()
      case 'flush':
        return this.flush()
      case 'function-call':
        return this.#refuse(notSupported('the function call message'))
      case 'malformed':
        if ('QSF'.includes(message.letter)) return this.#refuse(message.error)
        return this.#extended(message)
      case 'password':
        throw violation(`invalid frontend message type ${'p'.charCodeAt(0)}`)
      case 'terminate':
      case 'copy-data':
      case 'copy-done':
      case 'copy-fail':
        return
      case 'parse':
      case 'bind':
      case 'describe':
      case 'execute':
      case 'close':
        return this.#extended(message)
    }
  }

  /** Ends what the messages since the last Sync made one transaction. */
  async #sync(): Promise<void> {
    this.#skipToSync = false
    try {
      await this.#session.endImplicit()
    } catch (error) {
      this.#fail(error, '')
    }
    this.#ready()
  }

  /** Answers a message that is a conversation of its own with an error. */
  #refuse(error: QueryError): void {
    this.#skipToSync = false
    this.#fail(error, '')
    this.#ready()
  }

  /** An error undoes what began with the messages before it, or fails the transaction that is open. */
  #fail(error: unknown, text: string): void {
    this.#session.failImplicit()
    this.#portals.failAll()
    this.#outlet.push(backend.errorResponse(error, text))
  }

  async #simpleQuery(text: string): Promise<void> {
    this.#statements.forget('')
    this.#portals.close('')
    try {
      await this.#running((signal) => this.#runText(text, signal))
      await this.#session.endImplicit()
    } catch (error) {
      this.#fail(error, text)
    }
    this.#reportSettings()
    this.#ready()
  }

  async #runText(text: string, signal: AbortSignal): Promise<void> {
    const statements = await this.#session.parse(text, { signal })
    if (statements.length === 0) this.#outlet.push(backend.emptyQueryResponse)
    for (const statement of statements) {
      // What is sent together happens together: a later error undoes the earlier statements.
      if (statements.length > 1) this.#session.beginImplicit()
      await this.#runSimple(text, statement, signal)
    }
  }

  async #runSimple(text: string, statement: Statement, signal: AbortSignal): Promise<void> {
    const result = await this.#executeOne(text, statement, { signal })
    try {
      this.#sendNotices(result.notices)
      if (result.givesRows) this.#outlet.push(backend.rowDescription(result.columns, []))
      await this.#sendRows(new Portal(result, []), 0, signal)
      this.#outlet.push(backend.commandComplete(result.tag()))
    } finally {
      result.release()
    }
  }

  /** Prepared statements and portals are the connection's, the rest is the session's. */
  async #executeOne(
    text: string,
    statement: Statement,
    options: RunOptions,
    parameters: readonly Scalar[] = [],
    parameterTypes: readonly DataType[] = [],
  ): Promise<QueryResult> {
    this.#refuseIfFailed(statement)
    if (standsAlone(statement) && this.#session.transactionStatus !== 'idle') {
      const message = 'DISCARD ALL cannot run inside a transaction block'
      throw new QueryError('ACTIVE_TRANSACTION', message, { span: statement.span })
    }
    const streamed = { ...options, streams: true, copyDoor: this.#copies }
    const result = await this.#session.execute(
      text,
      statement,
      parameters,
      streamed,
      parameterTypes,
    )
    // A portal lives no longer than its transaction.
    if (endsTransaction(statement) || standsAlone(statement)) this.#portals.closeAll()
    return result
  }

  /** In a failed transaction nothing goes but its end; of what is empty, all but to bind it. */
  #refuseIfFailed(statement: Statement | undefined, isBound = false): void {
    if (this.#session.transactionStatus !== 'failed') return
    if (statement === undefined ? !isBound : runsFailed(statement)) return
    throw transactionFailed()
  }

  #sendNotices(notices: readonly Notice[]): void {
    for (const { sqlState, message, severity } of notices) {
      this.#outlet.push(backend.notice(sqlState, message, severity))
    }
  }

  /**
   * Sends rows in slices, at the client's pace; tells whether the portal stays open. Throws
   * QUERY_CANCELED, also when the client is gone.
   */
  async #sendRows(portal: Portal, rowsMax: number, signal: AbortSignal): Promise<boolean> {
    const rows = portal.fetch(rowsMax, signal)
    for (let step = await rows.next(); ; step = await rows.next()) {
      if (step.done === true) return step.value
      this.#outlet.push(step.value)
      this.#isWithinRow = portal.isWithinRow
      if (this.#outlet.isFull) await this.flush()
      if (this.#share.isOver) await this.#share.next()
      // A row that was begun is ended for a client that listens: an error within it would be data.
      if (!signal.aborted || (this.#isWithinRow && !this.#isClosed)) continue
      throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
    }
  }

  async #extended(message: ExtendedMessage): Promise<void> {
    let text = ''
    try {
      switch (message.kind) {
        case 'parse':
          text = message.text
          return await this.#parse(message)
        case 'bind':
          return this.#bind(message)
        case 'describe':
          if (message.target === 'portal') return this.#describePortal(message.name)
          text = this.#statements.find(message.name)?.prepared.text ?? ''
          return await this.#describeStatement(message.name)
        case 'execute':
          text = this.#portals.find(message.portal)?.prepared.text ?? ''
          return await this.#execute(message.portal, message.rowsMax)
        case 'close':
          return this.#close(message.target, message.name)
        case 'malformed':
          throw message.error
        default:
          return unreachable(message)
      }
    } catch (error) {
      this.#skipToSync = true
      this.#fail(error, text)
    }
  }

  async #parse(message: Extract<FrontendMessage, { kind: 'parse' }>): Promise<void> {
    const { name, text, parameterOids } = message
    if (name === '') this.#statements.forget('')
    const declared = parameterOids.map(typeOfOid)
    const prepared = await this.#running((signal) =>
      this.#session.prepare(text, declared, { signal }),
    )
    this.#refuseIfFailed(prepared.statement)
    this.#statements.requirePlace(name)
    const parameters = prepared.parameterTypes.map((type, index): WireParameter => ({
      type,
      declaredOid: parameterOids[index] ?? 0,
    }))
    // Parameters that were declared and are not used are sent all the same.
    for (let index = parameters.length; index < declared.length; index++) {
      parameters.push({ type: declared[index] ?? textType, declaredOid: parameterOids[index] ?? 0 })
    }
    this.#statements.keep(name, { prepared, parameters })
    this.#outlet.push(backend.parseComplete)
  }

  #bind(message: BindMessage): void {
    const { prepared, parameters: expected } = this.#statements.get(message.statement)
    const { columns = [] } = prepared
    const { parameters, parameterFormats, resultFormats } = message
    if (parameterFormats.length > 1 && parameterFormats.length !== parameters.length) {
      throw violation(
        `bind message has ${parameterFormats.length} parameter formats but ` +
          `${parameters.length} parameters`,
      )
    }
    if (parameters.length !== expected.length) {
      throw violation(
        `bind message supplies ${parameters.length} parameters, but prepared statement ` +
          `"${message.statement}" requires ${expected.length}`,
      )
    }
    this.#refuseIfFailed(prepared.statement, true)
    this.#portals.make(message.portal)
    const locale = this.#session.locale
    const values = expected.map((parameter, index) => {
      const format = parameterFormats[parameterFormats.length === 1 ? 0 : index] ?? 0
      const bytes = parameters[index] ?? null
      return decodeParameter(bytes, { format, locale }, parameter, index)
    })
    const formats = expandFormats(resultFormats, columns)
    const bound = { prepared, parameters: values, formats, finished: false, hasFailed: false }
    this.#portals.set(message.portal, bound)
    if (resultFormats.length > 1 && resultFormats.length !== columns.length) {
      throw violation(
        `bind message has ${resultFormats.length} result formats but query has ` +
          `${columns.length} columns`,
      )
    }
    this.#outlet.push(backend.bindComplete)
  }

  async #describeStatement(name: string): Promise<void> {
    const { prepared, parameters } = this.#statements.get(name)
    if (prepared.columns !== undefined) this.#refuseIfFailed(prepared.statement)
    const oids = parameters.map(({ type, declaredOid }) =>
      typeOfOid(declaredOid) === undefined ? wireType(type).oid : declaredOid,
    )
    this.#outlet.push(backend.parameterDescription(oids))
    const { columns } = prepared
    if (columns !== undefined) {
      // Its tables may be gone or others by now.
      const now = await this.#session.describe(prepared)
      if (!sameColumns(now.columns ?? [], columns)) throw changedColumns()
    }
    this.#describeColumns(columns, [])
  }

  #describePortal(name: string): void {
    const { prepared, formats } = this.#portals.get(name)
    if (prepared.columns !== undefined) this.#refuseIfFailed(prepared.statement)
    this.#describeColumns(prepared.columns, formats)
  }

  #describeColumns(columns: readonly ResultColumn[] | undefined, formats: readonly number[]): void {
    const described =
      columns === undefined ? backend.noData : backend.rowDescription(columns, formats)
    this.#outlet.push(described)
  }

  async #execute(name: string, rowsMax: number): Promise<void> {
    const portal = this.#portals.get(name)
    const { statement } = portal.prepared
    if (statement === undefined) return this.#outlet.push(backend.emptyQueryResponse)
    this.#refuseIfFailed(statement)
    if (portal.hasFailed) throw transactionFailed()
    if (portal.finished && portal.prepared.columns === undefined) {
      throw new QueryError('OBJECT_NOT_IN_STATE', `portal "${name}" cannot be run`)
    }
    await this.#running(async (signal) => {
      portal.open ??= await this.#openPortal(portal, statement, signal)
      if (await this.#sendRows(portal.open, rowsMax, signal)) {
        return this.#outlet.push(backend.portalSuspended)
      }
      portal.finished = true
      const { result, sent } = portal.open
      const counted = result.givesRows ? sent : result.rowCount
      this.#outlet.push(backend.commandComplete(result.tag(counted)))
    })
    this.#reportSettings()
  }

  /** Runs a portal's statement as a part of the transaction that lasts until the next Sync. */
  async #openPortal(
    { prepared, parameters, formats }: BoundPortal,
    statement: Statement,
    signal: AbortSignal,
  ): Promise<Portal> {
    if (statement.kind !== 'transaction' && !standsAlone(statement)) this.#session.beginImplicit()
    const { text, parameterTypes, columns } = prepared
    const result = await this.#executeOne(text, statement, { signal }, parameters, parameterTypes)
    if (statement.kind === 'select' && !sameColumns(result.columns, columns ?? [])) {
      result.release()
      throw changedColumns()
    }
    this.#sendNotices(result.notices)
    return new Portal(result, formats)
  }

  #close(target: 'statement' | 'portal', name: string): void {
    if (target === 'portal') this.#portals.close(name)
    else this.#statements.forget(name)
    this.#outlet.push(backend.closeComplete)
  }

  async #running<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#abort = new AbortController()
    if (this.#isClosed) this.#abort.abort()
    try {
      return await run(this.#abort.signal)
    } finally {
      this.#abort = undefined
    }
  }

  #ready(): void {
    const { transactionStatus } = this.#session
    if (transactionStatus === 'idle') this.#portals.closeAll()
    const letters = { idle: 'I', open: 'T', failed: 'E' } as const
    this.#outlet.push(backend.readyForQuery(letters[transactionStatus]))
  }

  /** Tells the client about settings that changed since they were last told. */
  #reportSettings(): void {
    for (const [name, shown] of reportedSettings) {
      const value = this.#session.settings.get(name)
      if (this.#reported.get(shown) === value) continue
      this.#reported.set(shown, value)
      this.#outlet.push(backend.parameterStatus(shown, value))
    }
  }
}

function transactionFailed(): QueryError {
  return new QueryError(
    'FAILED_TRANSACTION',
    'current transaction is aborted, commands ignored until end of transaction block',
  )
}

/** Settings of ParameterStatus, and the names it gives them. */
const reportedSettings = [
  ['application_name', 'application_name'],
  ['client_encoding', 'client_encoding'],
  ['datestyle', 'DateStyle'],
  ['intervalstyle', 'IntervalStyle'],
  ['server_encoding', 'server_encoding'],
  ['server_version', 'server_version'],
  ['standard_conforming_strings', 'standard_conforming_strings'],
  ['timezone', 'TimeZone'],
] as const
