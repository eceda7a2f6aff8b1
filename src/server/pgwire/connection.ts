import { QueryError, notSupported } from '../../base/errors.ts'
import { QueryResult, type ResultColumn } from '../../engine/result.ts'
import type { PreparedStatement, Session } from '../../engine/session.ts'
import * as backend from './backend-messages.ts'
import { decodeParameter } from './binary-values.ts'
import { violation, type BindMessage, type FrontendMessage } from './frontend-messages.ts'
import { expandFormats, Portal } from './portal.ts'
import { typeOfOid, wireType } from './type-oids.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { RunOptions } from '../../engine/query.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/** Where a connection writes; resolves when more may be written. */
export type Write = (bytes: Buffer) => Promise<void>

type Statement = ReturnType<Session['parse']>[number]

const PREPARED_STATEMENTS_MAX = 10_000
const PORTALS_MAX = 1_000

interface BoundPortal {
  readonly prepared: PreparedStatement
  readonly parameters: readonly Scalar[]
  readonly formats: readonly number[]
  /** Set once it was executed. */
  open?: Portal
  finished: boolean
}

/**
 * The protocol of one connected client after start-up: takes messages one at a time, runs statements
 * on its session, writes the answers. Knows no socket.
 */
export class Connection {
  readonly #session: Session
  readonly #write: Write
  readonly #statements = new Map<string, PreparedStatement>()
  readonly #portals = new Map<string, BoundPortal>()
  readonly #reported = new Map<string, string>()
  #abort: AbortController | undefined
  #skipToSync = false

  constructor(session: Session, write: Write) {
    this.#session = session
    this.#write = write
  }

  /** ParameterStatus of everything that clients look at, then ReadyForQuery. */
  async greet(): Promise<void> {
    await this.#write(backend.parameterStatus('integer_datetimes', 'on'))
    await this.#write(backend.parameterStatus('is_superuser', 'on'))
    await this.#write(backend.parameterStatus('in_hot_standby', 'off'))
    await this.#write(backend.parameterStatus('default_transaction_read_only', 'off'))
    await this.#reportSettings()
    await this.#ready()
  }

  /** Cancels the statement that runs now, if one does. */
  cancel(): void {
    this.#abort?.abort()
  }

  /** Handles one message. Rejects only when the connection cannot go on. */
  async handle(message: FrontendMessage): Promise<void> {
    if (this.#skipToSync && message.kind !== 'sync') return
    switch (message.kind) {
      case 'query':
        return this.#simpleQuery(message.text)
      case 'sync':
        this.#skipToSync = false
        if (this.#session.transactionStatus === 'idle') this.#closePortals()
        return this.#ready()
      case 'flush':
      case 'terminate':
      case 'copy':
      case 'password':
        return
      default:
        return this.#extended(message)
    }
  }

  close(): void {
    this.cancel()
    this.#closePortals()
    this.#session.close()
  }

  async #simpleQuery(text: string): Promise<void> {
    try {
      const statements = this.#session.parse(text)
      if (statements.length === 0) await this.#write(backend.emptyQueryResponse)
      for (const statement of statements) {
        // What is sent together happens together: a later error undoes the earlier statements.
        if (statements.length > 1) this.#session.beginImplicit()
        await this.#sendResult(
          await this.#running((signal) => this.#executeOne(text, statement, { signal })),
        )
      }
      this.#session.endImplicit()
    } catch (error) {
      this.#session.failTransaction()
      this.#session.endImplicit()
      await this.#write(backend.errorResponse(error, text))
    }
    await this.#reportSettings()
    await this.#ready()
  }

  /** Prepared statements and portals are the connection's, the rest is the session's. */
  async #executeOne(
    text: string,
    statement: Statement,
    options: RunOptions,
    parameters: readonly Scalar[] = [],
    parameterTypes: readonly DataType[] = [],
  ): Promise<QueryResult> {
    if (statement.kind === 'deallocate' && statement.name !== undefined) {
      if (this.#statements.delete(statement.name.text)) return QueryResult.ofCommand('DEALLOCATE')
    }
    const result = await this.#session.execute(text, statement, parameters, options, parameterTypes)
    if (result.command === 'DISCARD ALL' || result.command === 'DEALLOCATE ALL') {
      this.#statements.clear()
    }
    return result
  }

  async #sendNotices(result: QueryResult): Promise<void> {
    for (const { sqlState, message } of result.notices) {
      await this.#write(backend.notice(sqlState, message))
    }
  }

  async #sendResult(result: QueryResult): Promise<void> {
    try {
      await this.#sendNotices(result)
      if (result.givesRows) {
        await this.#write(backend.rowDescription(result.columns, []))
      }
      const portal = new Portal(result, [])
      for (const bytes of portal.fetch(0)) await this.#write(bytes)
      await this.#write(backend.commandComplete(tagOf(result, result.rowCount)))
    } finally {
      result.release()
    }
  }

  async #extended(message: FrontendMessage): Promise<void> {
    let text = ''
    try {
      switch (message.kind) {
        case 'parse':
          text = message.text
          return await this.#parse(message)
        case 'bind':
          return await this.#bind(message)
        case 'describe':
          return message.target === 'statement'
            ? await this.#describeStatement(message.name)
            : await this.#describePortal(message.name)
        case 'execute':
          text = this.#portals.get(message.portal)?.prepared.text ?? ''
          return await this.#execute(message.portal, message.rowsMax)
        case 'close':
          return await this.#close(message.target, message.name)
        case 'function-call':
          throw notSupported('the function call message')
        default:
          throw violation(`unexpected message ${message.kind}`)
      }
    } catch (error) {
      this.#skipToSync = true
      this.#session.failTransaction()
      await this.#write(backend.errorResponse(error, text))
    }
  }

  async #parse(message: Extract<FrontendMessage, { kind: 'parse' }>): Promise<void> {
    const { name, text, parameterOids } = message
    if (name !== '' && this.#statements.has(name)) {
      throw new QueryError(
        'DUPLICATE_PREPARED_STATEMENT',
        `prepared statement "${name}" already exists`,
      )
    }
    if (this.#statements.size >= PREPARED_STATEMENTS_MAX) {
      throw new QueryError('CONFIGURATION_LIMIT', 'too many prepared statements', {
        expected: `at most ${PREPARED_STATEMENTS_MAX}`,
      })
    }
    const prepared = await this.#session.prepare(text, parameterOids.map(typeOfOid))
    this.#statements.set(name, prepared)
    await this.#write(backend.parseComplete)
  }

  async #bind(message: BindMessage): Promise<void> {
    const prepared = this.#statement(message.statement)
    const { parameterTypes, columns = [] } = prepared
    const { parameters, parameterFormats, resultFormats } = message
    if (parameters.length !== parameterTypes.length) {
      throw violation(
        `bind message supplies ${parameters.length} parameters, but prepared statement ` +
          `"${message.statement}" requires ${parameterTypes.length}`,
      )
    }
    if (resultFormats.length > 1 && resultFormats.length !== columns.length) {
      throw violation(
        `bind message has ${resultFormats.length} result formats but query has ${columns.length} columns`,
      )
    }
    if (message.portal !== '' && this.#portals.has(message.portal)) {
      throw new QueryError('DUPLICATE_CURSOR', `cursor "${message.portal}" already exists`)
    }
    if (this.#portals.size >= PORTALS_MAX) {
      throw new QueryError('CONFIGURATION_LIMIT', 'too many open portals', {
        expected: `at most ${PORTALS_MAX}`,
      })
    }
    const values = parameterTypes.map((type, index) => {
      const format = parameterFormats[parameterFormats.length === 1 ? 0 : index] ?? 0
      return decodeParameter(parameters[index] ?? null, format, type)
    })
    this.#portals.get(message.portal)?.open?.close()
    const formats = expandFormats(resultFormats, columns)
    this.#portals.set(message.portal, { prepared, parameters: values, formats, finished: false })
    await this.#write(backend.bindComplete)
  }

  async #describeStatement(name: string): Promise<void> {
    const { parameterTypes, columns } = this.#statement(name)
    const oids = parameterTypes.map((type) => wireType(type).oid)
    await this.#write(backend.parameterDescription(oids))
    await this.#describeColumns(columns, [])
  }

  async #describePortal(name: string): Promise<void> {
    const { prepared, formats } = this.#portal(name)
    await this.#describeColumns(prepared.columns, formats)
  }

  async #describeColumns(
    columns: readonly ResultColumn[] | undefined,
    formats: readonly number[],
  ): Promise<void> {
    const described =
      columns === undefined ? backend.noData : backend.rowDescription(columns, formats)
    await this.#write(described)
  }

  async #execute(name: string, rowsMax: number): Promise<void> {
    const portal = this.#portal(name)
    const { statement, text, parameterTypes } = portal.prepared
    if (statement === undefined) return this.#write(backend.emptyQueryResponse)
    if (portal.finished && portal.prepared.columns === undefined) {
      throw new QueryError('OBJECT_NOT_IN_STATE', `portal "${name}" cannot be run`)
    }
    if (portal.open === undefined) {
      const result = await this.#running((signal) =>
        this.#executeOne(text, statement, { signal }, portal.parameters, parameterTypes),
      )
      portal.open = new Portal(result, portal.formats)
      await this.#sendNotices(result)
    }
    const rows = portal.open.fetch(rowsMax)
    let step = rows.next()
    for (; step.done !== true; step = rows.next()) await this.#write(step.value)
    if (step.value) return this.#write(backend.portalSuspended)
    portal.finished = true
    const { result, sent } = portal.open
    const counted = result.givesRows ? sent : result.rowCount
    await this.#write(backend.commandComplete(tagOf(result, counted)))
    await this.#reportSettings()
  }

  async #close(target: 'statement' | 'portal', name: string): Promise<void> {
    if (target === 'statement') {
      this.#statements.delete(name)
    } else {
      this.#portals.get(name)?.open?.close()
      this.#portals.delete(name)
    }
    await this.#write(backend.closeComplete)
  }

  #statement(name: string): PreparedStatement {
    const prepared = this.#statements.get(name)
    if (prepared !== undefined) return prepared
    const shown = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new QueryError('INVALID_STATEMENT_NAME', `${shown} does not exist`)
  }

  #portal(name: string): BoundPortal {
    const portal = this.#portals.get(name)
    if (portal !== undefined) return portal
    throw new QueryError('INVALID_CURSOR_NAME', `portal "${name}" does not exist`)
  }

  #closePortals(): void {
    for (const { open } of this.#portals.values()) open?.close()
    this.#portals.clear()
  }

  async #running<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#abort = new AbortController()
    try {
      return await run(this.#abort.signal)
    } finally {
      this.#abort = undefined
    }
  }

  async #ready(): Promise<void> {
    const letters = { idle: 'I', open: 'T', failed: 'E' } as const
    await this.#write(backend.readyForQuery(letters[this.#session.transactionStatus]))
  }

  /** Tells the client about settings that changed since they were last told. */
  async #reportSettings(): Promise<void> {
    for (const [name, shown] of reportedSettings) {
      const value = this.#session.settings.get(name)
      if (this.#reported.get(shown) === value) continue
      this.#reported.set(shown, value)
      await this.#write(backend.parameterStatus(shown, value))
    }
  }
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

function tagOf({ command }: QueryResult, rows: number): string {
  return command === 'SELECT' || command.startsWith('INSERT') ? `${command} ${rows}` : command
}
