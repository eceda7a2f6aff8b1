import type { Table } from 'apache-arrow'
import { QueryError, stackOverflow } from '../base/errors.ts'
import { LeaseScope } from '../data/arenas/lease.ts'
import { checkText } from '../base/utf8.ts'
import type { DataType } from '../data/types/data-type.ts'
import { DigitBudget, exactDigits } from '../data/types/digit-budget.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import { bindQuery, newBinder } from '../plan/binder/bind.ts'
import type { BindContext, BindTarget } from '../plan/binder/context.ts'
import { newColumnIds } from '../plan/logical/build.ts'
import type { Relation } from '../plan/logical/relation.ts'
import { isTemporarySchema, temporarySchema } from '../plan/catalog/schemas.ts'
import type { SearchPath } from '../plan/catalog/schemas.ts'
import { dropTemporary } from './placement.ts'
import type { SelectStatement } from '../sql/ast/select.ts'
import type { Statement } from '../sql/ast/statement.ts'
import { parseStatements } from '../sql/parse.ts'
import type { Engine, EngineRunOptions } from './engine.ts'
import { loadArrow } from './load-arrow.ts'
import { FileTables } from './file-tables.ts'
import { fromHost, hostType, type HostParameter } from './host-values.ts'
import { substituteParameters } from './parameters.ts'
import { columnsOf, type BoundSelect, type RunOptions } from './query.ts'
import { QueryResult, type ResultColumn } from './result.ts'
import { PlanCache, type SelectPlan } from './plan-cache.ts'
import { inOrder, planQuery, type PlannedQuery } from './run-plan.ts'
import { withRoomForDigits } from './room-for-digits.ts'
import { SessionSettings } from './settings.ts'
import { settle, type SettledSettings } from './settled-settings.ts'
import { executeStatement, resultColumns } from './statements/execute.ts'
import type { StatementContext } from './statements/context.ts'
import { TransactionState, type TransactionStatus } from './transaction.ts'

/** The one database of an engine. */
const DATABASE = 'heddle'

/** What client_min_messages ranks above everything that says nothing of a notice; ascending. */
const severities: readonly string[] = ['NOTICE', 'WARNING', 'ERROR']

/** How often a statement is run that others overtake again and again. */
const TRIES_MAX = 100

/** A statement that was parsed and bound once, for running with different parameters. */
export interface PreparedStatement {
  readonly text: string
  /** Undefined for an empty statement. */
  readonly statement: Statement | undefined
  readonly parameterTypes: readonly DataType[]
  /** Undefined when it gives no rows. */
  readonly columns: readonly ResultColumn[] | undefined
}

/** What a statement is given. */
interface StatementInput {
  readonly text?: string
  readonly parameters?: readonly Scalar[]
  readonly options?: RunOptions
  readonly parameterTypes?: readonly (DataType | undefined)[]
  readonly digits?: DigitBudget
}

/** Sessions that nobody closed let go of what their transaction holds. */
const forgotten = new FinalizationRegistry<() => void>((close) => close())

/** One user's conversation with the engine: settings, a transaction, statements one after another. */
export class Session {
  readonly settings = new SessionSettings()
  readonly #engine: Engine
  readonly #transaction: TransactionState
  readonly #plans = new PlanCache()
  readonly #temporarySchema: string
  /** Ends what the session holds; knows nothing of the session itself. */
  readonly #letGo: () => void
  #lastSettled: SettledSettings | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    const transaction = new TransactionState(engine.catalog, this.settings, engine.clock)
    this.#transaction = transaction
    const schema = temporarySchema(engine.nextSession())
    this.#temporarySchema = schema
    this.#letGo = () => {
      transaction.close()
      if (!engine.catalog.newest.relations.has(schema)) return
      engine.catalog.commit([{ apply: (catalog) => dropTemporary(catalog, schema) }])
    }
    forgotten.register(this, this.#letGo, this)
    this.settings.start('statement_timeout', String(engine.options.statementTimeoutMs))
  }

  get transactionStatus(): TransactionStatus {
    return this.#transaction.status
  }

  /** Makes an error outside of statements (a bad text, a bad parameter) fail an open transaction. */
  failTransaction(): void {
    this.#transaction.fail()
  }

  /** Makes the statements that follow one transaction, unless one is open, until the end is said. */
  beginImplicit(): void {
    this.#transaction.beginImplicit()
  }

  /** Commits what {@link beginImplicit} began, or rolls it back when a statement failed. */
  endImplicit(): void {
    this.#transaction.endImplicit()
  }

  /** Parses a text into its statements; the same text is passed on with each to {@link execute}. */
  parse(text: string): readonly Statement[] {
    return parseStatements(checkText(text))
  }

  /** Runs a text of exactly one statement with parameters as plain TypeScript values. */
  async query(
    text: string,
    parameters: readonly HostParameter[] = [],
    options: RunOptions = {},
  ): Promise<QueryResult> {
    const statement = onlyStatement(this.parse(text))
    if (statement === undefined) return QueryResult.ofCommand('')
    if (parameters.length === 0) return this.execute(text, statement, [], options)
    const prepared = await this.#prepareFor(text, statement, parameters)
    if (parameters.length !== prepared.parameterTypes.length) {
      throw new QueryError('PROTOCOL_VIOLATION', 'wrong number of parameters', {
        expected: `${prepared.parameterTypes.length}`,
        found: `${parameters.length}`,
      })
    }
    const values = prepared.parameterTypes.map((type, i) => fromHost(parameters[i], type, i))
    return this.execute(text, statement, values, options, prepared.parameterTypes)
  }

  /** Parses and binds; `parameterTypes` may leave types open (undefined) to be found out. */
  async prepare(
    text: string,
    parameterTypes: readonly (DataType | undefined)[] = [],
  ): Promise<PreparedStatement> {
    const statement = onlyStatement(this.parse(text))
    if (statement === undefined) {
      return { text, statement, parameterTypes: [], columns: undefined }
    }
    if (statement.kind !== 'transaction') this.#transaction.refuseIfFailed()
    return this.#prepareStatement(text, statement, parameterTypes)
  }

  /**
   * Runs one statement of a text, as a transaction of its own unless one is open. A statement on its own
   * that another one overtook is run again, for a while.
   */
  async execute(
    text: string,
    statement: Statement,
    parameters: readonly Scalar[] = [],
    options: RunOptions = {},
    parameterTypes: readonly DataType[] = [],
  ): Promise<QueryResult> {
    for (let tries = 1; ; tries++) {
      const alone = this.#transaction.status === 'idle'
      try {
        return await this.#executeOnce(text, statement, parameters, options, parameterTypes)
      } catch (error) {
        const overtaken = error instanceof QueryError && error.code === 'SERIALIZATION_FAILURE'
        if (!overtaken || !alone || tries >= TRIES_MAX) throw error
      }
    }
  }

  async #executeOnce(
    text: string,
    statement: Statement,
    parameters: readonly Scalar[],
    options: RunOptions,
    parameterTypes: readonly DataType[],
  ): Promise<QueryResult> {
    const leases = new LeaseScope()
    try {
      if (statement.kind !== 'transaction') this.#transaction.refuseIfFailed()
      options.signal?.throwIfAborted()
      const result = await withRoomForDigits((digits) => {
        const ctx = this.#context(leases, { text, parameters, options, parameterTypes, digits })
        return executeStatement(ctx, statement, {
          plan: (query) => this.#plan(ctx, query),
          run: (planned) => this.#runPlanned(ctx, planned),
        })
      })
      return this.#withWantedNotices(result)
    } catch (error) {
      this.#transaction.fail()
      throw this.#asQueryError(error, options)
    } finally {
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
    return QueryResult.ofCommand(result.command, result.rowCount, wanted)
  }

  /** Runs a logical plan that was built by other means than SQL. */
  async runRelation(
    build: (ctx: StatementContext) => Promise<BoundSelect>,
    options: RunOptions = {},
  ): Promise<QueryResult> {
    const leases = new LeaseScope()
    try {
      this.#transaction.refuseIfFailed()
      return await withRoomForDigits(async (digits) => {
        const ctx = this.#context(leases, { options, digits })
        const bound = await build(ctx)
        const output = leases.handOver(await ctx.run(bound.relation))
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
    const leases = new LeaseScope()
    try {
      this.#transaction.refuseIfFailed()
      return loadArrow(this.#context(leases), name, data)
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
      const ctx = this.#context(leases)
      const { relation } = await build(ctx)
      return planQuery(relation, this.#planningOptions(ctx))
    } finally {
      leases.close()
    }
  }

  /** Rolls back what is open, drops what is temporary. The session is not used afterwards. */
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
  ): Promise<PreparedStatement> {
    const leases = new LeaseScope()
    try {
      const ctx = this.#context(leases, { text, parameterTypes })
      const { columns, parameterTypes: found } = await resultColumns(ctx, statement)
      return { text, statement, parameterTypes: found, columns }
    } finally {
      leases.close()
    }
  }

  /** `leases`: of what the statement holds until it ends, first of all the catalog that it sees. */
  #context(
    leases: LeaseScope,
    {
      text = '',
      parameters = [],
      options = {},
      parameterTypes = [],
      digits = new DigitBudget(true),
    }: StatementInput = {},
  ): StatementContext {
    const columnIds = newColumnIds()
    const catalog = leases.add(this.#transaction.hold()).value
    const ctx: StatementContext = {
      engine: this.#engine,
      settings: this.settings,
      transaction: this.#transaction,
      catalog,
      leases,
      searchPath: this.#settled().searchPath,
      temporarySchema: this.#temporarySchema,
      columnIds,
      beganMs: this.#engine.clock.nowMs(),
      text,
      parameters,
      options,
      digits,
      bind: (query, targets) => this.#bind(ctx, query, parameterTypes, targets),
      binder: () => newBinder(this.#bindContext(ctx)),
      run: (relation) => this.#run(ctx, relation),
      runInOrder: (relation) => ctx.runStaged(inOrder(this.#planRelation(ctx, relation).staged)),
      rounds: (work) => this.#engine.rounds(this.#runnerOptions(ctx), work),
      planSelect: (query) => this.#planSelect(ctx, query),
      runStaged: async (staged) =>
        leases.add(await this.#engine.run(staged, this.#runnerOptions(ctx))),
    }
    return ctx
  }

  /** The plan of a query, from an earlier run of the same text where it would be the same. */
  async #planSelect(ctx: StatementContext, query: SelectStatement): Promise<SelectPlan> {
    const { text, parameters, digits } = ctx
    const { inHope, exact } = this.#settled()
    const sourceOf = ({ hopeful }: DigitBudget) => ({
      catalog: ctx.catalog,
      surroundings: hopeful ? inHope : exact,
      text,
      start: query.span.start,
    })
    const source = sourceOf(digits)
    if (parameters.length === 0) {
      // Once it had not enough digits, a text is not run in hope again.
      const known = this.#plans.find(sourceOf(exactDigits)) ?? this.#plans.find(source)
      if (known?.wasCut === true) digits.markCut()
      if (known !== undefined) return known
    }
    const bound = await ctx.bind(query)
    const { staged } = this.#planRelation(ctx, bound.relation)
    const plan = { columns: columnsOf(bound), staged, wasCut: digits.wasCut }
    if (parameters.length === 0 && bound.repeatable === true) this.#plans.keep(source, plan)
    return plan
  }

  /** What the settings come to, found anew when one of them changed. */
  #settled(): SettledSettings {
    if (this.#lastSettled?.version !== this.settings.version) {
      this.#lastSettled = settle(this.settings, this.#engine.workers, this.#temporarySchema)
    }
    return this.#lastSettled
  }

  async #bind(
    ctx: StatementContext,
    query: SelectStatement,
    parameterTypes: readonly (DataType | undefined)[],
    targets: readonly BindTarget[] | undefined,
  ): Promise<BoundSelect> {
    const files = await FileTables.open(query, this.#engine.options, ctx.options.signal)
    let timed = false
    const own = {
      parameterTypes,
      resolveFile: (location: string) => files.entry(location),
      ...(targets === undefined ? {} : { targets }),
    }
    const onTime = (): void => {
      timed = true
    }
    const bound = bindQuery(query, this.#bindContext(ctx, own, onTime))
    return { ...bound, repeatable: !timed && files.size === 0 }
  }

  /** `onTime` is called when binding reads the time. */
  #bindContext(
    ctx: StatementContext,
    own: Partial<BindContext> = {},
    onTime: () => void = () => {},
  ): BindContext {
    const { clock } = this.#engine
    const { startedMicros } = this.#transaction
    let now: bigint | undefined
    const statementMicros = (): bigint => {
      onTime()
      now ??= clock.wallMicros()
      return now
    }
    return {
      ...own,
      catalog: ctx.catalog,
      searchPath: ctx.searchPath,
      columnIds: ctx.columnIds,
      get nowMicros() {
        const statement = statementMicros()
        return startedMicros ?? statement
      },
      get statementMicros() {
        return statementMicros()
      },
      // Every zone that can be set is this one by another name.
      timeZone: 'UTC',
      sessionValues: this.#sessionValues(ctx.searchPath),
      digits: ctx.digits,
    }
  }

  async #plan(ctx: StatementContext, query: SelectStatement): Promise<PlannedQuery> {
    const { relation } = await ctx.bind(query)
    return this.#planRelation(ctx, relation)
  }

  #planRelation(ctx: StatementContext, relation: Relation): PlannedQuery {
    const bound = substituteParameters(relation, ctx.parameters)
    return planQuery(bound, this.#planningOptions(ctx))
  }

  /** The way of a query: bound relation, optimizer, physical plan, stages, tasks, rows. */
  async #run(ctx: StatementContext, relation: Relation): Promise<ChunkLease> {
    const { staged } = this.#planRelation(ctx, relation)
    return ctx.runStaged(staged)
  }

  async #runPlanned(
    ctx: StatementContext,
    { staged }: PlannedQuery,
  ): Promise<{ readonly rows: number; readonly elapsedMs: number }> {
    const started = this.#engine.clock.nowMs()
    const { rows } = await ctx.runStaged(staged)
    return { rows, elapsedMs: this.#engine.clock.nowMs() - started }
  }

  #runnerOptions(ctx: StatementContext): EngineRunOptions {
    const limitMs = this.#settled().timeoutMs
    // A statement may run several plans.
    const spentMs = this.#engine.clock.nowMs() - ctx.beganMs
    return {
      signal: ctx.options.signal,
      timeoutMs: limitMs === 0 ? 0 : Math.max(1, limitMs - spentMs),
    }
  }

  #planningOptions({ columnIds, digits }: StatementContext): Parameters<typeof planQuery>[1] {
    const names = this.settings.get('disabled_rules').split(',')
    return {
      columnIds,
      digits,
      workers: this.#engine.workers,
      disabledRules: new Set(names.map((name) => name.trim()).filter((name) => name !== '')),
    }
  }

  #sessionValues(searchPath: SearchPath): ReadonlyMap<string, string> {
    const user = this.settings.get('session_authorization')
    return new Map([
      ['version', `PostgreSQL ${this.settings.get('server_version')} (Heddle)`],
      ['current_schema', searchPath.find((name) => !isTemporarySchema(name)) ?? ''],
      ['current_database', DATABASE],
      ['current_catalog', DATABASE],
      ...['user', 'current_user', 'session_user', 'current_role'].map(
        (name) => [name, user] as const,
      ),
    ])
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

function onlyStatement(statements: readonly Statement[]): Statement | undefined {
  const second = statements[1]
  if (second === undefined) return statements[0]
  throw new QueryError(
    'SYNTAX_ERROR',
    'cannot insert multiple commands into a prepared statement',
    { span: second.span },
  )
}
