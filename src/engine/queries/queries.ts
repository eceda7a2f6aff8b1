import type { Budget } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import type { LoopShare } from '../../base/event-loop.ts'
import type { Steps } from '../../base/steps.ts'
import { traced, type TraceSpan } from '../../base/trace.ts'
import type { Rounds } from '../../cluster/rounds.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { exactDigits, type DigitBudget } from '../../data/types/digit-budget.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { ChunkStream, RunningStream } from '../../data/vectors/chunk-stream.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { bindSteps, newBinder } from '../../plan/binder/bind.ts'
import type { BindContext, Binder, BindTarget, BoundQuery } from '../../plan/binder/context.ts'
import type { RoutineScope } from '../../plan/binder/routines/routine-scope.ts'
import type { Catalog, TableEntry } from '../../plan/catalog/catalog.ts'
import { named, oneRow, project, type ColumnIds } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { CommonTableExpression, SelectStatement } from '../../sql/ast/select.ts'
import { locationSteps } from '../../sql/file-locations.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { EngineRunOptions } from '../process/engine.ts'
import { holdForRest } from './held-rest.ts'
import { FileTables } from './file-tables.ts'
import { fillParameters, mayBeGeneric, readsFewRows, substituteParameters } from './parameters.ts'
import type { PlanSource, SelectPlan } from './plan-cache.ts'
import { inTime, inTurns, planningBudget } from './planning-budget.ts'
import { columnsOf, type BoundSelect, type QueryShape, type RunOptions } from '../results/query.ts'
import { inOrder, planQuery, type PlannedQuery, type PlanningOptions } from './plan-query.ts'
import { withLimitValues } from './limit-values.ts'
import { withMemoryRows } from './memory-rows.ts'
import { withConfigSet, withCurrentSettings, type SettingAccess } from './setting-calls.ts'
import type { QueryProgress } from '../process/running-queries.ts'
import { drawsNumbers, withNumbersDrawn } from './sequence-calls.ts'
import { leaseOfStored, storedRows } from './stored-rows.ts'
import { sessionValue } from './session-value.ts'
import { storeWithColumns } from './storing.ts'
import type { Surroundings } from './surroundings.ts'
import { namesOf } from './catalog-names.ts'
import { catalogContext } from './system-rows.ts'
import type { ChangeQueries } from '../transactions/transaction.ts'

/** The statement that queries are a part of. */
export interface QueryScope {
  /** What the statement holds until it ends, first of all the catalog. */
  readonly leases: LeaseScope
  readonly catalog: Catalog
  readonly columnIds: ColumnIds
  /** When the statement began, by the engine's clock. */
  readonly beganMs: number
  /** The text that spans point into. */
  readonly text: string
  readonly parameters: readonly Scalar[]
  /** Undefined where binding is to find one out. */
  readonly parameterTypes: readonly (DataType | undefined)[]
  readonly options: RunOptions
  /** How results are typed that may be too long for decimals. */
  readonly digits: DigitBudget
  /** Of the statement: what its queries do is told as parts of it. */
  readonly span: TraceSpan
  /** What statements in WITH gave that ran before. */
  readonly rowsOfChanges: Map<CommonTableExpression, TableEntry>
  /** The procedure of whose body the statement is. */
  readonly routine: RoutineScope | undefined
  /** Undefined for what is only prepared or checked. */
  readonly progress: QueryProgress | undefined
}

/**
 * The way of one statement's queries: bound, planned or the plan of an earlier run found, run. Everything
 * that runs a query goes by here: SELECT, EXPLAIN, what other statements are made of, dataframes, checks.
 */
export class Queries implements ChangeQueries {
  readonly heap: Heap
  readonly leases: LeaseScope
  readonly catalog: Catalog
  readonly columnIds: ColumnIds
  readonly #around: Surroundings
  readonly #scope: QueryScope
  readonly #setSetting: SettingAccess['set']
  readonly #share: LoopShare
  readonly #budget: Budget

  /** `setSetting`: does what `set_config` says. */
  constructor(around: Surroundings, scope: QueryScope, setSetting: SettingAccess['set']) {
    this.#around = around
    this.#scope = scope
    this.#setSetting = setSetting
    const { eventLoop } = around.engine
    this.#share = eventLoop.share()
    this.#budget = planningBudget({
      clock: around.engine.clock,
      beganMs: scope.beganMs,
      timeoutMs: around.settled.timeoutMs,
      signal: scope.options.signal,
      eventLoop,
    })
    this.heap = around.engine.heap
    this.leases = scope.leases
    this.catalog = scope.catalog
    this.columnIds = scope.columnIds
  }

  /** Gives names their meaning. `targets`: INSERT's columns, which the query's outputs are cast to. */
  async bind(query: SelectStatement, targets?: readonly BindTarget[]): Promise<BoundSelect> {
    const steps = (context: BindContext): Steps<BoundQuery> => bindSteps(query, context)
    const { bound, repeatable } = await this.#bind(query, steps, { targets })
    return { ...bound, repeatable }
  }

  /** The same of what is bound otherwise than a query. `parameterTypes`: of those that are known from elsewhere. */
  async bindWith<T>(
    node: object,
    steps: (context: BindContext) => Steps<T>,
    parameterTypes?: readonly DataType[],
  ): Promise<T> {
    const own = parameterTypes === undefined ? {} : { parameterTypes }
    return (await this.#bind(node, steps, own)).bound
  }

  #bind<T>(
    node: object,
    steps: (context: BindContext) => Steps<T>,
    own: OwnContext,
  ): Promise<Bound<T>> {
    return traced(this.#span('bind'), () => this.#bindOverFiles(node, steps, own))
  }

  async #bindOverFiles<T>(
    node: object,
    steps: (context: BindContext) => Steps<T>,
    own: OwnContext,
  ): Promise<Bound<T>> {
    const { options, text } = this.#scope
    const files = new FileTables(this.#around.engine.options, options.signal)
    if (FileTables.mayBeNamedIn(text)) {
      const locations = await this.inTurns(locationSteps(node))
      await this.#inTime(() => files.open(locations))
    }
    for (;;) {
      const unknown = new Set<string>()
      try {
        return await this.#bindOver(files, unknown, steps, own)
      } catch (error) {
        if (unknown.size === 0) throw error
        // Files of views show while they are bound.
        await this.#inTime(() => files.open(unknown))
      }
    }
  }

  /** Binds over files; those that are not among them are added to `unknown`, which raises an error. */
  async #bindOver<T>(
    files: FileTables,
    unknown: Set<string>,
    steps: (context: BindContext) => Steps<T>,
    given: OwnContext,
  ): Promise<Bound<T>> {
    let timed = false
    const own: OwnContext = {
      parameterTypes: this.#scope.parameterTypes,
      ...given,
      resolveFile(location) {
        const entry = files.entry(location)
        if (entry === undefined) unknown.add(location)
        return entry
      },
    }
    const context = this.#bindContext(own, () => {
      timed = true
    })
    const bound = await this.inTurns(steps(context))
    return { bound, repeatable: !timed && files.size === 0 }
  }

  /** Binds expressions that belong to no query: defaults and constraints. */
  binder(): Binder {
    return newBinder(this.#bindContext())
  }

  /** Binds and plans a query, for EXPLAIN. */
  async plan(query: SelectStatement): Promise<PlannedQuery> {
    const { relation } = await this.bind(query)
    return this.planRelation(relation)
  }

  /** A query by all rules, whatever the session's settings say: what it reads is seen in it. */
  async optimized(query: SelectStatement): Promise<Relation> {
    const { relation } = await this.bind(query)
    const steps = planQuery(relation, { ...this.#planningOptions(), disabledRules: new Set() })
    return (await this.inTurns(steps)).optimized
  }

  /** Plans what is bound, or was built by other means than SQL. */
  async planRelation(relation: Relation): Promise<PlannedQuery> {
    const settled = this.#inTime(() => {
      const bound = substituteParameters(relation, this.#scope.parameters)
      return this.#withMemory(withCurrentSettings(bound, this.#settingAccess()))
    })
    return this.#plan(await this.#withLimits(settled))
  }

  /** What a query gives and takes, as it is told to clients before they run it. */
  async shape(query: SelectStatement): Promise<QueryShape> {
    const source = this.#source(query, this.#scope.digits)
    const known = this.#around.shapes.find(source)
    if (known !== undefined) return known
    const bound = await this.bind(query)
    const shape = { columns: columnsOf(bound), parameterTypes: bound.parameterTypes }
    if (bound.repeatable === true) this.#around.shapes.keep(source, shape)
    return shape
  }

  /** The plan of a query, from an earlier run of the same text where it would be the same. */
  async planSelect(query: SelectStatement): Promise<SelectPlan> {
    const { digits } = this.#scope
    const { plans } = this.#around
    // Once it had not enough digits, a text is not run in hope again.
    const source = this.#source(query, digits)
    const known = plans.find(this.#source(query, exactDigits)) ?? plans.find(source)
    if (known?.wasCut === true) digits.markCut()
    if (known !== undefined) return this.#forValues(known)
    const bound = await this.bind(query)
    const { parameters } = this.#scope
    const access = this.#settingAccess()
    const isOpen = bound.parameterTypes.length > 0
    const filled =
      isOpen || bound.needed.surroundings
        ? this.#inTime(() => {
            const given = isOpen ? substituteParameters(bound.relation, parameters) : bound.relation
            if (!bound.needed.surroundings) return given
            return this.#withMemory(withCurrentSettings(withConfigSet(given, access), access))
          })
        : bound.relation
    const { surroundings } = bound.needed
    const settled = await this.#withLimits(surroundings ? await this.#drawn(filled) : filled)
    const generic = parameters.length > 0 ? await this.#planGeneric(bound) : undefined
    const { staged } = generic ?? (await this.#plan(settled))
    const isGeneric = generic !== undefined
    const plan = { columns: columnsOf(bound), staged, isGeneric, wasCut: digits.wasCut }
    const isOfText = isGeneric || (settled === bound.relation && !surroundings)
    if (isOfText && bound.repeatable === true) plans.keep(source, plan)
    return this.#forValues(plan)
  }

  /** One plan for all values of the parameters; undefined where they are to be known. */
  async #planGeneric(bound: BoundSelect): Promise<PlannedQuery | undefined> {
    const { relation, repeatable, needed } = bound
    if (repeatable !== true || needed.surroundings || !mayBeGeneric(relation)) return undefined
    try {
      const planned = await this.#plan(relation)
      return readsFewRows(planned.staged) ? planned : undefined
    } catch (error) {
      if (error instanceof QueryError && error.code === 'FEATURE_NOT_SUPPORTED') return undefined
      throw error
    }
  }

  #forValues(plan: SelectPlan): SelectPlan {
    if (!plan.isGeneric) return plan
    const { parameters } = this.#scope
    return { ...plan, staged: this.#inTime(() => fillParameters(plan.staged, parameters)) }
  }

  /** Optimizes and runs a plan; its output is held by the leases. */
  async run(relation: Relation, rest?: (rest: RunningStream) => void): Promise<ChunkLease> {
    const { staged } = await this.planRelation(await this.#numbered(relation))
    return this.runStaged(staged, { rest })
  }

  pinned(chunks: readonly TableChunk[]): readonly Chunk[] {
    return this.leases.add(chunksInTurn(this.#around.engine, chunks).all()).chunks
  }

  /** As `run`; rows of a table that are filtered and computed only come in the table's order. */
  async runInOrder(relation: Relation): Promise<ChunkLease> {
    const { staged } = await this.planRelation(await this.#numbered(relation))
    return this.runStaged(inOrder(staged))
  }

  /**
   * The rows of a plan, for a client: those of a table where they are stored, others by running it. Where `rest` is
   * given they may be the first rows only, and what makes the others is handed over.
   */
  async give(staged: StagedPlan, rest?: (rest: ChunkStream) => void): Promise<ChunkLease> {
    const stored = storedRows(staged)
    if (stored === undefined) {
      if (rest === undefined) return this.runStaged(staged)
      return this.runStaged(staged, {
        rest: (made) => {
          holdForRest(made, staged, this.#around.engine.catalog)
          rest(made)
        },
      })
    }
    const span = this.#span('run')
    return traced(span, async () => {
      const table = this.#inTime(() => this.#around.engine.catalog.holdTable(stored.source))
      const output = leaseOfStored(this.#around.engine, stored, () => table.release())
      return this.#counted(span, this.leases.add(output))
    })
  }

  /** Runs a plan; its output is held by the leases. `told`: how it was run. */
  async runStaged(
    staged: StagedPlan,
    told: Pick<EngineRunOptions, 'noted' | 'figures' | 'rest'> = {},
  ): Promise<ChunkLease> {
    const { engine } = this.#around
    const { progress } = this.#scope
    // Running counts its turn from here on.
    if (this.#share.isOver) await this.#share.next()
    const span = this.#span('run')
    const waits = (isWaiting: boolean): void => progress?.waits(isWaiting)
    const tasks = (): Promise<ChunkLease> =>
      engine.run(staged, { ...this.#runnerOptions(), waits, ...told })
    return traced(span, async () => {
      return this.#counted(span, this.leases.add(await (progress?.during(tasks) ?? tasks())))
    })
  }

  #counted(span: TraceSpan, output: ChunkLease): ChunkLease {
    span.set('rows', output.rows)
    this.#around.engine.trace.count('rows', output.rows)
    return output
  }

  /** Works in rounds of kernels; ends as a query does, on abort and timeout. */
  rounds<T>(work: (rounds: Rounds) => Promise<T>): Promise<T> {
    return this.#around.engine.rounds(this.#runnerOptions(), work)
  }

  /** A plan with numbers of sequences in place of what draws them. */
  async #numbered(relation: Relation): Promise<Relation> {
    if (!this.#inTime(() => drawsNumbers(relation))) return relation
    return this.#drawn(this.#inTime(() => substituteParameters(relation, this.#scope.parameters)))
  }

  #drawn(relation: Relation): Promise<Relation> {
    const { engine, settled, sequences, temporarySchema, transaction } = this.#around
    const { leases, catalog, columnIds } = this
    const { signal } = this.#scope.options
    return withNumbersDrawn(
      {
        engine,
        leases,
        catalog,
        searchPath: settled.searchPath,
        columnIds,
        sequences,
        temporarySchema,
        transaction,
        store: (rows, added, add) => storeWithColumns(this, engine, { rows, added, add, signal }),
      },
      relation,
    )
  }

  #plan(relation: Relation): Promise<PlannedQuery> {
    const steps = planQuery(relation, this.#planningOptions())
    return traced(this.#span('plan'), () => this.inTurns(steps))
  }

  /** What steps end with, which are cancelled with the statement and let others have the event loop. */
  inTurns<T>(steps: Steps<T>): Promise<T> {
    return inTurns(this.#budget, this.#share, steps)
  }

  #span(name: string): TraceSpan {
    return this.#around.engine.trace.span(name, this.#scope.span)
  }

  /** Everything that the plan of a query follows from. */
  #source({ span }: SelectStatement, { hopeful }: DigitBudget): PlanSource {
    const { inHope, exact } = this.#around.settled
    const { text: own, parameterTypes, routine } = this.#scope
    // The same text means something else in another procedure.
    const text = routine === undefined ? own : `${own}\n${routine.entry.id}`
    const surroundings = hopeful ? inHope : exact
    return { catalog: this.catalog, surroundings, text, start: span.start, parameterTypes }
  }

  #inTime<T>(act: () => T): T {
    return inTime(this.#budget, act)
  }

  /** `onTime` is called when binding reads the time. */
  #bindContext(own: OwnContext = {}, onTime: () => void = () => {}): BindContext {
    const { engine, transaction, settled } = this.#around
    const { startedMicros } = transaction
    let now: bigint | undefined
    const names = namesOf(this.#around, this.catalog)
    const beganMicros = (what: 'transaction' | 'statement'): bigint => {
      onTime()
      now ??= engine.clock.wallMicros()
      return what === 'transaction' ? (startedMicros ?? now) : now
    }
    return {
      parameterTypes: own.parameterTypes,
      resolveFile: own.resolveFile,
      targets: own.targets,
      functions: engine.functions,
      catalog: this.catalog,
      searchPath: settled.searchPath,
      columnIds: this.columnIds,
      beganMicros,
      locale: {
        ...settled.locale,
        nowMicros: () => beganMicros('transaction'),
        objectNames: names,
      },
      ...catalogContext(this.#around, this, names, onTime),
      sessionValue: (name) => sessionValue(this.#around, name),
      digits: this.#scope.digits,
      routine: this.#scope.routine,
      rowsOfChange: (cte) => {
        const rows = this.#scope.rowsOfChanges.get(cte)
        // They are this run's.
        if (rows !== undefined) onTime()
        return rows
      },
    }
  }

  #runnerOptions(): EngineRunOptions {
    const { engine, settled } = this.#around
    const { beganMs, options } = this.#scope
    // A statement may run several plans.
    const spentMs = engine.clock.nowMs() - beganMs
    return {
      signal: options.signal,
      timeoutMs: settled.timeoutMs === 0 ? 0 : Math.max(1, settled.timeoutMs - spentMs),
    }
  }

  #planningOptions(): PlanningOptions {
    const { engine, settled } = this.#around
    return {
      functions: engine.functions,
      columnIds: this.columnIds,
      digits: this.#scope.digits,
      workers: engine.workers,
      disabledRules: settled.disabledRules,
    }
  }

  #withMemory(relation: Relation): Relation {
    return withMemoryRows(relation, () => this.#around.engine.memory)
  }

  #withLimits(relation: Relation): Promise<Relation> {
    return withLimitValues(relation, async (expr) => {
      const count = named(this.columnIds, 'count', expr)
      const { chunks } = await this.run(project(oneRow(), [count]))
      const [column] = chunks[0]?.columns ?? []
      return column === undefined ? null : scalarAt(this.heap, column, 0)
    })
  }

  #settingAccess(): SettingAccess {
    const { settings } = this.#around
    return {
      find: (name) => settings.find(name),
      show: (name) => settings.show(name),
      set: this.#setSetting,
    }
  }
}

/** What was bound. `repeatable`: binding looked at no clock and no file. */
interface Bound<T> {
  readonly bound: T
  readonly repeatable: boolean
}

/** What the query itself adds to what its expressions are bound with. */
type OwnContext = Partial<Pick<BindContext, 'parameterTypes' | 'resolveFile' | 'targets'>>
