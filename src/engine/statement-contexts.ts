import { checkBudget, underBudget } from '../base/budget.ts'
import type { LeaseScope } from '../data/arenas/lease.ts'
import { DigitBudget, exactDigits } from '../data/types/digit-budget.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import { bindQuery, newBinder } from '../plan/binder/bind.ts'
import type { BindContext, BindTarget } from '../plan/binder/context.ts'
import { isTemporarySchema, type SearchPath } from '../plan/catalog/schemas.ts'
import { newColumnIds } from '../plan/logical/build.ts'
import type { Relation } from '../plan/logical/relation.ts'
import type { SelectStatement } from '../sql/ast/select.ts'
import type { Engine, EngineRunOptions } from './engine.ts'
import { FileTables } from './file-tables.ts'
import { substituteParameters } from './parameters.ts'
import { planningBudget } from './planning-budget.ts'
import { PlanCache, type SelectPlan } from './plan-cache.ts'
import { columnsOf, type BoundSelect, type RunOptions } from './query.ts'
import { inOrder, planQuery, type PlannedQuery } from './run-plan.ts'
import type { SessionSettings } from './settings.ts'
import { settle, type SettledSettings } from './settled-settings.ts'
import { withConfigSet, withCurrentSettings, type SettingAccess } from './setting-calls.ts'
import type { StatementContext } from './statements/context.ts'
import { assignSetting } from './statements/session-control.ts'
import type { TransactionState } from './transaction.ts'

/** The one database of an engine. */
const DATABASE = 'heddle'

/** What a statement is given. */
export interface StatementInput {
  readonly text?: string
  readonly parameters?: readonly Scalar[]
  readonly options?: RunOptions
  readonly parameterTypes?: readonly (DataType | undefined)[]
  readonly digits?: DigitBudget
}

/** What statements run in: their session without its conversation. */
export interface Surroundings {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly transaction: TransactionState
  readonly temporarySchema: string
}

/** Makes what each statement of a session may use, and keeps the plans of the last ones. */
export class StatementContexts {
  readonly #engine: Engine
  readonly #settings: SessionSettings
  readonly #transaction: TransactionState
  readonly #temporarySchema: string
  readonly #plans = new PlanCache()
  #lastSettled: SettledSettings | undefined

  constructor({ engine, settings, transaction, temporarySchema }: Surroundings) {
    this.#engine = engine
    this.#settings = settings
    this.#transaction = transaction
    this.#temporarySchema = temporarySchema
  }

  /** `leases`: of what the statement holds until it ends, first of all the catalog that it sees. */
  make(
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
      heap: this.#engine.heap,
      settings: this.#settings,
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
      runInOrder: (relation) => ctx.runStaged(inOrder(this.planRelation(ctx, relation).staged)),
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
    const access = settingAccess(ctx)
    const { settled, staged } = this.#planning(ctx, () => {
      const relation = withConfigSet(substituteParameters(bound.relation, parameters), access)
      const settled = withCurrentSettings(relation, access)
      return { settled, staged: planQuery(settled, this.#planningOptions(ctx)).staged }
    })
    const plan = { columns: columnsOf(bound), staged, wasCut: digits.wasCut }
    const repeatable = bound.repeatable === true && settled === bound.relation
    if (parameters.length === 0 && repeatable) this.#plans.keep(source, plan)
    return plan
  }

  /** What the settings come to, found anew when one of them changed. */
  #settled(): SettledSettings {
    if (this.#lastSettled?.version !== this.#settings.version) {
      this.#lastSettled = settle(this.#settings, this.#engine.workers, this.#temporarySchema)
    }
    return this.#lastSettled
  }

  async #bind(
    ctx: StatementContext,
    query: SelectStatement,
    parameterTypes: readonly (DataType | undefined)[],
    targets: readonly BindTarget[] | undefined,
  ): Promise<BoundSelect> {
    // Looking for files in a text of megabytes takes a while too.
    const files = await this.#planning(ctx, () =>
      FileTables.open(query, this.#engine.options, ctx.options.signal),
    )
    let timed = false
    const own = {
      parameterTypes,
      resolveFile: (location: string) => files.entry(location),
      ...(targets === undefined ? {} : { targets }),
    }
    const onTime = (): void => {
      timed = true
    }
    const surroundings = this.#bindContext(ctx, own, onTime)
    const bound = this.#planning(ctx, () => bindQuery(query, surroundings))
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

  async plan(ctx: StatementContext, query: SelectStatement): Promise<PlannedQuery> {
    const { relation } = await ctx.bind(query)
    return this.planRelation(ctx, relation)
  }

  planRelation(ctx: StatementContext, relation: Relation): PlannedQuery {
    return this.#planning(ctx, () => {
      const bound = substituteParameters(relation, ctx.parameters)
      return planQuery(withCurrentSettings(bound, settingAccess(ctx)), this.#planningOptions(ctx))
    })
  }

  /** What `act` gives, which ends when the statement has taken too long. */
  #planning<T>(ctx: StatementContext, act: () => T): T {
    const { clock } = this.#engine
    const { timeoutMs } = this.#settled()
    const { beganMs, options } = ctx
    const budget = planningBudget({ clock, beganMs, timeoutMs, signal: options.signal })
    return underBudget(budget, () => {
      checkBudget()
      return act()
    })
  }

  /** The way of a query: bound relation, optimizer, physical plan, stages, tasks, rows. */
  async #run(ctx: StatementContext, relation: Relation): Promise<ChunkLease> {
    const { staged } = this.planRelation(ctx, relation)
    return ctx.runStaged(staged)
  }

  async runPlanned(
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
    const names = this.#settings.get('disabled_rules').split(',')
    return {
      columnIds,
      digits,
      workers: this.#engine.workers,
      disabledRules: new Set(names.map((name) => name.trim()).filter((name) => name !== '')),
    }
  }

  #sessionValues(searchPath: SearchPath): ReadonlyMap<string, string> {
    const user = this.#settings.get('session_authorization')
    return new Map([
      ['version', `PostgreSQL ${this.#settings.get('server_version')} (Heddle)`],
      ['current_schema', searchPath.find((name) => !isTemporarySchema(name)) ?? ''],
      ['current_database', DATABASE],
      ['current_catalog', DATABASE],
      ...['user', 'current_user', 'session_user', 'current_role'].map(
        (name) => [name, user] as const,
      ),
    ])
  }
}

function settingAccess(ctx: StatementContext): SettingAccess {
  const { settings } = ctx
  return {
    find: (name) => settings.find(name),
    show: (name) => settings.show(name),
    set({ span = { start: 0, end: 0 } }, name, text, local) {
      assignSetting(ctx, { name, text, local, span })
    },
  }
}
