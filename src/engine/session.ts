import type { Table } from 'apache-arrow'
import { QueryError, stackOverflow } from '../base/errors.ts'
import { givenArray, givenRecord, givenRunOptions, givenText } from '../base/given.ts'
import { traced } from '../base/trace.ts'
import { LeaseScope } from '../data/arenas/lease.ts'
import { checkText } from '../base/utf8.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { Catalog } from '../plan/catalog/catalog.ts'
import { temporarySchema } from '../plan/catalog/schemas.ts'
import { dropTemporary } from './tables/placement.ts'
import { withTemporaryEnded } from './tables/temporary-tables.ts'
import type { QualifiedName } from '../sql/ast/expression.ts'
import type { Statement } from '../sql/ast/statement.ts'
import { parseSteps } from '../sql/parse.ts'
import type { RowQueries } from './catalog/catalog-change.ts'
import type { Engine } from './process/engine.ts'
import type { ChangeTurn } from './process/overtaken-statements.ts'
import { runAlone } from './process/own-transactions.ts'
import { loadArrow } from './tables/load-arrow.ts'
import type { Locale } from '../data/types/datetime/locale.ts'
import { fromHost, hostType, type HostParameter } from './results/host-values.ts'
import { columnsOf, type BoundSelect, type RunOptions } from './results/query.ts'
import type { QueryScope } from './queries/queries.ts'
import { QueryResult } from './results/result.ts'
import type { PreparedStatement, PreparedStatements } from './queries/prepared-statements.ts'
import type { Door } from './process/running-queries.ts'
import type { PlannedQuery } from './queries/plan-query.ts'
import { inTurns, planningBudget } from './queries/planning-budget.ts'
import { withRoomForDigits } from './queries/room-for-digits.ts'
import { SessionSettings } from './settings/settings.ts'
import {
  statementContext,
  type StatementContext,
  type StatementInput,
} from './context/statement-context.ts'
import { noShape, type StatementShape } from './statements/entry.ts'
import { describeStatement, executeStatement } from './statements/execute.ts'
import { entryOf } from './statements/table.ts'
import { Surroundings } from './queries/surroundings.ts'
import { TransactionState, type TransactionStatus } from './transactions/transaction.ts'

/** What client_min_messages ranks above everything that says nothing of a notice; ascending. */
const severities: readonly string[] = ['NOTICE', 'WARNING', 'ERROR']

/** Runs the statements that are in others: of EXECUTE, WITH and the like. */
const runner = { run: executeStatement, describe: describeStatement }

/** What of a running statement others are told by. */
type SeenStatement = Pick<QueryScope, 'span' | 'progress'>

/** What every try of a statement is given. */
type OnceInput = StatementInput & { readonly options: RunOptions; readonly beganMs: number }

/** Sessions that nobody closed let go of what their transaction holds. */
const forgotten = new FinalizationRegistry<() => void>((close) => close())

/** One user's conversation with the engine: settings, a transaction, statements one after another. */
export class Session {
  readonly settings = new SessionSettings()
  readonly #engine: Engine
  readonly #door: Door
  readonly #transaction: TransactionState
  readonly #around: Surroundings
  readonly #temporarySchema: string
  /** What is known to be as it was while the catalog is the same. */
  readonly #preparedOver = new WeakMap<PreparedStatement, WeakRef<Catalog>>()
  /** Ends what the session holds; knows nothing of the session itself. */
  readonly #letGo: () => void

  constructor(engine: Engine, door: Door = 'embedded') {
    this.#engine = engine
    this.#door = door
    const schema = temporarySchema(engine.nextSession())
    const transaction = new TransactionState(engine.catalog, this.settings, engine.clock, {
      apply: (catalog) => withTemporaryEnded(catalog, schema),
    })
    this.#transaction = transaction
    this.#temporarySchema = schema
    this.#around = new Surroundings(engine, this.settings, transaction, schema)
    const { cursors } = this.#around
    this.#letGo = () => {
      cursors.closeAll()
      transaction.close()
      if (!engine.catalog.newest.relations.has(schema)) return
      const dropped = engine.catalog.commit([
        { apply: (catalog) => dropTemporary(catalog, schema) },
      ])
      // What is temporary is nowhere but in memory, which goes with an engine that is closed.
      dropped?.catch(() => {})
    }
    forgotten.register(this, this.#letGo, this)
    this.settings.start('statement_timeout', String(engine.options.statementTimeoutMs))
    for (const [name, value] of engine.memorySettings) this.settings.start(name, value)
  }

  /** Its prepared statements that have names. */
  get prepared(): PreparedStatements {
    return this.#around.prepared
  }

  /** What the engine's clock says, in microseconds since 1970-01-01 UTC. */
  wallMicros(): bigint {
    return this.#engine.clock.wallMicros()
  }

  get transactionStatus(): TransactionStatus {
    return this.#transaction.status
  }

  /** Whether the session has made tables or views that end with it. */
  get hasTemporary(): boolean {
    return this.#engine.catalog.newest.relations.has(this.#temporarySchema)
  }

  /** Makes the statements that follow one transaction, unless one is open, until the end is said. */
  beginImplicit(): void {
    this.#transaction.beginImplicit()
  }

  /** Commits what {@link beginImplicit} began, or rolls it back when a statement failed. */
  async endImplicit(): Promise<void> {
    if (!this.#transaction.isImplicit) return
    const leases = new LeaseScope()
    try {
      await this.#transaction.commit(statementContext(this.#around, leases).queries)
    } finally {
      leases.close()
    }
  }

  /** Rolls back what {@link beginImplicit} began; fails a transaction that was begun otherwise. */
  failImplicit(): void {
    if (this.#transaction.isImplicit) this.#transaction.rollback()
    else this.#transaction.fail()
  }

  /**
   * Parses a text into its statements; the same text is passed on with each to {@link execute}. Ends with
   * QUERY_CANCELED when that alone takes longer than a statement may, or on abort.
   */
  async parse(text: string, options: RunOptions = {}): Promise<readonly Statement[]> {
    const { clock, eventLoop, trace } = this.#engine
    const { signal } = options
    const steps = parseSteps(checkText(givenText('text', text)))
    try {
      // What comes in does not wait for all that is long, and what it waits is not the statement's time: a
      // RESET of a short timeout is to get through.
      const share = eventLoop.share()
      if (share.isOver) await share.next()
      const timeoutMs = Number(this.settings.get('statement_timeout'))
      const budget = planningBudget({ clock, beganMs: clock.nowMs(), timeoutMs, signal, eventLoop })
      return await traced(trace.span('parse'), () => inTurns(budget, share, steps))
    } catch (error) {
      throw this.#asQueryError(error, options)
    }
  }

  /** Runs a text of exactly one statement with parameters as plain TypeScript values. */
  async query(
    text: string,
    parameters: readonly HostParameter[] = [],
    options: RunOptions = {},
  ): Promise<QueryResult> {
    givenArray('parameters', parameters)
    givenRunOptions(options)
    const statement = onlyStatement(await this.parse(text, options))
    this.#transaction.refuseIfClosed()
    if (statement === undefined) return QueryResult.ofCommand('')
    if (parameters.length === 0) return this.execute(text, statement, [], options)
    const prepared = await this.#prepareFor(text, statement, parameters)
    if (parameters.length !== prepared.parameterTypes.length) {
      throw new QueryError('PROTOCOL_VIOLATION', 'wrong number of parameters', {
        expected: `${prepared.parameterTypes.length}`,
        found: `${parameters.length}`,
      })
    }
    const { locale } = this
    const values = prepared.parameterTypes.map((type, i) =>
      fromHost(parameters[i], type, i, locale),
    )
    return this.execute(text, statement, values, options, prepared.parameterTypes)
  }

  /** How its texts of dates and times are read and written. */
  get locale(): Locale {
    const nowMicros = (): bigint =>
      this.#transaction.startedMicros ?? this.#engine.clock.wallMicros()
    return { ...this.#around.settled.locale, nowMicros }
  }

  /** Parses and binds; `parameterTypes` may leave types open (undefined) to be found out. */
  async prepare(
    text: string,
    parameterTypes: readonly (DataType | undefined)[] = [],
    options: RunOptions = {},
  ): Promise<PreparedStatement> {
    const statement = onlyStatement(await this.parse(text, options))
    if (statement === undefined) {
      return { text, statement, parameterTypes: [], columns: undefined }
    }
    this.#transaction.refuseIfClosed()
    if (!runsFailed(statement)) this.#transaction.refuseIfFailed()
    return this.#prepareStatement(text, statement, parameterTypes, options)
  }

  /**
   * What a prepared statement gives and takes now. Errors: those of binding it anew, as when a table is
   * gone.
   */
  async describe(prepared: PreparedStatement): Promise<StatementShape> {
    const { text, statement, parameterTypes } = prepared
    if (statement === undefined) return noShape
    const { newest } = this.#engine.catalog
    const isIdle = this.#transaction.status === 'idle'
    if (isIdle && this.#preparedOver.get(prepared)?.deref() === newest) return prepared
    return this.#prepareStatement(text, statement, parameterTypes)
  }

  /**
   * Runs one statement of a text, as a transaction of its own unless one is open. A statement on its own
   * that another one overtook, or left no memory for, is run again, for a while, see {@link runAlone}.
   */
  async execute(
    text: string,
    statement: Statement,
    parameters: readonly Scalar[] = [],
    options: RunOptions = {},
    parameterTypes: readonly DataType[] = [],
  ): Promise<QueryResult> {
    return this.#seen(entryOf(statement).tag(statement), text, async (seen) => {
      const beganMs = this.#engine.clock.nowMs()
      const input = { text, parameters, options, parameterTypes, beganMs, ...seen }
      if (this.#transaction.status !== 'idle') return this.#executeOnce(statement, input)
      return runAlone(this.#engine, {
        table: tableToChange(statement),
        run: () => this.#executeOnce(statement, input),
        turn: (table) => this.#changeTurn(table, input),
      })
    })
  }

  async #changeTurn(table: string, { options, beganMs }: OnceInput): Promise<ChangeTurn> {
    const { overtaken, clock } = this.#engine
    const { timeoutMs } = this.#around.settled
    const leftMs = timeoutMs === 0 ? 0 : Math.max(1, timeoutMs - (clock.nowMs() - beganMs))
    const { signal } = options
    try {
      return await overtaken.turn(table, { ...(signal && { signal }), timeoutMs: leftMs })
    } catch (error) {
      throw this.#asQueryError(error, options)
    }
  }

  /** Runs a statement where others see it: among those that run, and as a span. */
  async #seen<T>(
    command: string,
    text: string,
    run: (seen: SeenStatement) => Promise<T>,
  ): Promise<T> {
    const { trace, running, clock } = this.#engine
    const span = trace.span('statement')
    span.set('command', command)
    span.set('door', this.#door)
    const { user } = this.#around.settled
    const startedMicros = clock.wallMicros()
    const progress = running.begin({ text, user, door: this.#door, startedMicros })
    trace.count('statements', 1)
    try {
      return await traced(span, () => run({ span, progress }))
    } catch (error) {
      const code = error instanceof QueryError ? error.code : 'INTERNAL_ERROR'
      trace.count('errors', 1)
      trace.log('info', 'statement failed', { command, code })
      throw error
    } finally {
      running.end(progress)
    }
  }

  async #executeOnce(statement: Statement, input: OnceInput): Promise<QueryResult> {
    const { options } = input
    const leases = new LeaseScope()
    const { mark } = this.settings
    const { commitsKept } = this.#transaction
    try {
      this.#transaction.refuseIfClosed()
      if (!runsFailed(statement)) this.#transaction.refuseIfFailed()
      options.signal?.throwIfAborted()
      if (entryOf(statement).looks(statement)) await this.#beginStatement(leases, options)
      const result = await withRoomForDigits((digits) => {
        const ctx = statementContext(this.#around, leases, { ...input, digits, runner })
        return executeStatement(ctx, statement)
      })
      if (this.#around.sequences.tellMoved() && !runsFailed(statement)) {
        // They are kept with what the statement committed, if it did. What a statement took that failed nobody was told.
        const isKept = this.#transaction.commitsKept > commitsKept
        if (!isKept) await this.#engine.dataFolder?.numbersKept()
      }
      if (!this.#transaction.inBlock) this.#around.cursors.commit()
      return this.#withWantedNotices(result)
    } catch (error) {
      this.#transaction.fail()
      if (!this.#transaction.inBlock) this.#around.cursors.rollback()
      if (!this.#transaction.inBlock && statement.kind === 'select') this.settings.undoTo(mark)
      throw this.#asQueryError(error, options)
    } finally {
      this.settings.endStatement()
      leases.close()
    }
  }

  /** Without the notices that client_min_messages keeps away; only commands have any. */
  #withWantedNotices(result: QueryResult): QueryResult {
    const least = severities.indexOf(this.settings.get('client_min_messages').toUpperCase())
    const wanted = result.notices.filter(
      ({ severity = 'WARNING' }) => severities.indexOf(severity) >= least,
    )
    if (wanted.length === result.notices.length) return result
    return result.withNotices(wanted)
  }

  /** Runs a logical plan that was built by other means than SQL. */
  async runRelation(
    build: (ctx: StatementContext) => Promise<BoundSelect>,
    options: RunOptions = {},
  ): Promise<QueryResult> {
    givenRunOptions(options)
    return this.#seen('SELECT', '', (seen) => this.#runRelation(build, options, seen))
  }

  async #runRelation(
    build: (ctx: StatementContext) => Promise<BoundSelect>,
    options: RunOptions,
    seen: SeenStatement,
  ): Promise<QueryResult> {
    const leases = new LeaseScope()
    try {
      this.#transaction.refuseIfClosed()
      this.#transaction.refuseIfFailed()
      await this.#beginStatement(leases, options)
      this.#transaction.noteQuery()
      return await withRoomForDigits(async (digits) => {
        const ctx = statementContext(this.#around, leases, { options, digits, ...seen })
        const bound = await build(ctx)
        const output = leases.handOver(await ctx.queries.run(bound.relation))
        return QueryResult.ofChunks(columnsOf(bound), this.#engine.heap, output)
      })
    } catch (error) {
      throw this.#asQueryError(error, options)
    } finally {
      leases.close()
    }
  }

  /**
   * Makes a table in memory from an Arrow table, or from the bytes of an Arrow IPC stream or file.
   * Gives the number of rows. Errors: DUPLICATE_TABLE, BAD_FILE, FEATURE_NOT_SUPPORTED.
   */
  load(name: string, data: Table | Uint8Array): number {
    checkText(givenText('name', name))
    givenRecord('data', data)
    const leases = new LeaseScope()
    try {
      this.#transaction.refuseIfClosed()
      this.#transaction.refuseIfFailed()
      this.#transaction.noteQuery()
      return loadArrow(statementContext(this.#around, leases), name, data)
    } catch (error) {
      this.#transaction.fail()
      throw error
    } finally {
      leases.close()
    }
  }

  /** Plans what `build` gives, for EXPLAIN. */
  async planRelation(
    build: (ctx: StatementContext) => Promise<BoundSelect>,
  ): Promise<PlannedQuery> {
    const leases = new LeaseScope()
    try {
      this.#transaction.refuseIfClosed()
      await this.#beginStatement(leases)
      const ctx = statementContext(this.#around, leases)
      const { relation } = await build(ctx)
      return await ctx.queries.planRelation(relation)
    } finally {
      leases.close()
    }
  }

  /** Rolls back what is open, drops what is temporary. What is asked afterwards is ADMIN_SHUTDOWN. */
  close(): void {
    forgotten.unregister(this)
    this.#letGo()
  }

  async #prepareFor(
    text: string,
    statement: Statement,
    parameters: readonly HostParameter[],
  ): Promise<PreparedStatement> {
    const prepared = await this.#prepareStatement(text, statement, [])
    const open = prepared.parameterTypes.map((type, i) => {
      const own = type.kind === 'text' ? hostType(parameters[i]) : undefined
      return own ?? undefined
    })
    // A parameter whose place says nothing is text to SQL; a number given for it should stay one.
    if (open.every((type) => type === undefined)) return prepared
    return this.#prepareStatement(text, statement, open)
  }

  async #prepareStatement(
    text: string,
    statement: Statement,
    parameterTypes: readonly (DataType | undefined)[],
    options: RunOptions = {},
  ): Promise<PreparedStatement> {
    const leases = new LeaseScope()
    try {
      const entry = entryOf(statement)
      if (entry.looks(statement)) await this.#beginStatement(leases, options)
      const ctx = statementContext(this.#around, leases, { text, parameterTypes, options, runner })
      const prepared = { text, statement, ...(await describeStatement(ctx, statement)) }
      this.#preparedOver.set(prepared, new WeakRef(ctx.catalog))
      return prepared
    } catch (error) {
      throw this.#asQueryError(error, options)
    } finally {
      leases.close()
    }
  }

  /** Takes in what others committed, where the transaction has its statements see that. */
  #beginStatement(leases: LeaseScope, options: RunOptions = {}): Promise<void> {
    const queries = (): RowQueries => statementContext(this.#around, leases, { options }).queries
    return this.#transaction.beginStatement(queries)
  }

  /** An abort by the caller's signal is a cancelled query, whatever the reason it carries. */
  #asQueryError(error: unknown, { signal }: RunOptions): unknown {
    const overflow = stackOverflow(error)
    if (overflow !== undefined) return overflow
    if (error instanceof QueryError || signal?.aborted !== true) return error
    return new QueryError('QUERY_CANCELED', 'canceling statement due to user request', {
      cause: error,
    })
  }
}

/** Whether a statement runs in a transaction that has failed. */
export function runsFailed(statement: Statement): boolean {
  return entryOf(statement).runsFailed?.(statement) === true
}

/** The name of the table whose rows a statement changes such that others may overtake it. */
function tableToChange(statement: Statement): string | undefined {
  if (statement.kind === 'insert') return statement.onConflict && tableName(statement.table)
  const { kind } = statement
  const isChange = kind === 'update' || kind === 'delete' || kind === 'merge'
  return isChange ? tableName(statement.table.name) : undefined
}

/** Tables of one name in several schemas wait for each other, which does no harm. */
function tableName({ parts }: QualifiedName): string | undefined {
  return parts.at(-1)?.text
}

function onlyStatement(statements: readonly Statement[]): Statement | undefined {
  const second = statements[1]
  if (second === undefined) return statements[0]
  throw new QueryError(
    'SYNTAX_ERROR',
    'cannot insert multiple commands into a prepared statement',
    { span: second.span },
  )
}
