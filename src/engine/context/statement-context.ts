import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { noSpan } from '../../base/trace.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'
import { newColumnIds } from '../../plan/logical/build.ts'
import type { SearchPath } from '../../plan/catalog/schemas.ts'
import type { Engine } from '../process/engine.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { QueryResult, ResultColumn } from '../results/result.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import type { Cursors } from '../queries/cursors.ts'
import type { PreparedStatements } from '../queries/prepared-statements.ts'
import { Queries, type QueryScope } from '../queries/queries.ts'
import type { SessionSettings } from '../settings/settings.ts'
import type { SessionSequences } from '../queries/session-sequences.ts'
import type { Surroundings } from '../queries/surroundings.ts'
import type { TransactionState } from '../transactions/transaction.ts'
import { assignSetting } from './assign-setting.ts'

/** What a statement may use of the session that runs it. */
export interface StatementContext extends QueryScope {
  readonly engine: Engine
  readonly heap: Heap
  readonly settings: SessionSettings
  readonly transaction: TransactionState
  readonly searchPath: SearchPath
  /** The schema of the session's temporary objects, there from the first one on. */
  readonly temporarySchema: string
  /** What the session took of sequences. */
  readonly sequences: SessionSequences
  /** Binds, plans and runs the statement's queries. */
  readonly queries: Queries
  /** The session's prepared statements that have names. */
  readonly prepared: PreparedStatements
  /** Runs a statement that this one is made of, as a part of it, and with other input where that is given. */
  readonly execute: (statement: Statement, input?: StatementInput) => Promise<QueryResult>
  /** What outlives the statement: over a catalog that `leases` hold, which hold all that is made of it. */
  readonly apart: (leases: LeaseScope, input: StatementInput) => StatementContext
  readonly cursors: Cursors
  /** What such a statement gives and takes. */
  readonly describe: (statement: Statement, input?: StatementInput) => Promise<StatementShape>
}

/** What a statement gives and takes, found without running it. */
export interface StatementShape {
  /** Undefined when it gives no rows. */
  readonly columns: readonly ResultColumn[] | undefined
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

/** How statements are run and described, which all entries of them are needed for. */
export interface StatementRunner {
  run(ctx: StatementContext, statement: Statement): Promise<QueryResult>
  describe(ctx: StatementContext, statement: Statement): Promise<StatementShape>
}

/** What a statement is given. */
export type StatementInput = Partial<
  Pick<
    QueryScope,
    | 'text'
    | 'parameters'
    | 'parameterTypes'
    | 'options'
    | 'digits'
    | 'span'
    | 'progress'
    | 'beganMs'
    | 'routine'
  >
> & {
  /** One that is held otherwise. */
  readonly catalog?: Catalog
  /** For statements that are made of others. */
  readonly runner?: StatementRunner
}

/**
 * What a statement that begins now may use. `leases`: of what it holds until it ends, first of all the
 * catalog that it sees.
 */
export function statementContext(
  around: Surroundings,
  leases: LeaseScope,
  input: StatementInput = {},
): StatementContext {
  const { engine, settings, transaction, temporarySchema, settled, sequences } = around
  // Part by part: spreading takes as long as a step of a small statement.
  const scope: QueryScope = {
    text: input.text ?? '',
    parameters: input.parameters ?? [],
    parameterTypes: input.parameterTypes ?? [],
    options: input.options ?? {},
    digits: input.digits ?? new DigitBudget(true),
    span: input.span ?? noSpan,
    progress: input.progress,
    routine: input.routine,
    rowsOfChanges: new Map(),
    leases,
    catalog: input.catalog ?? leases.add(transaction.hold()).value,
    columnIds: newColumnIds(),
    beganMs: input.beganMs ?? engine.clock.nowMs(),
  }
  const queries = new Queries(around, scope, ({ span }, name, text, local) => {
    const place = span ?? { start: 0, end: 0 }
    assignSetting({ settings, transaction }, { name, text, local, span: place })
  })
  const { searchPath } = settled
  const { heap } = engine
  const ctx: StatementContext = {
    text: scope.text,
    parameters: scope.parameters,
    parameterTypes: scope.parameterTypes,
    options: scope.options,
    digits: scope.digits,
    span: scope.span,
    progress: scope.progress,
    routine: scope.routine,
    rowsOfChanges: scope.rowsOfChanges,
    leases,
    catalog: scope.catalog,
    columnIds: scope.columnIds,
    beganMs: scope.beganMs,
    engine,
    heap,
    settings,
    transaction,
    searchPath,
    temporarySchema,
    sequences,
    queries,
    prepared: around.prepared,
    cursors: around.cursors,
    apart: (own, other) => statementContext(around, own, other),
    execute: (statement, other) => runner().run(within(other), statement),
    describe: (statement, other) => runner().describe(within(other), statement),
  }
  const runner = (): StatementRunner => present(input.runner, 'what runs statements')
  const within = (other: StatementInput | undefined): StatementContext =>
    other === undefined ? ctx : statementContext(around, leases, { ...input, ...other })
  return ctx
}
