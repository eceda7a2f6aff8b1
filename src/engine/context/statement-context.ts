import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { noSpan } from '../../base/trace.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'
import { newColumnIds } from '../../plan/logical/build.ts'
import type { SearchPath } from '../../plan/catalog/schemas.ts'
import type { Engine } from '../process/engine.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { QueryResult } from '../results/result.ts'
import { Queries, type QueryScope } from '../queries/queries.ts'
import type { SessionSettings } from '../settings/settings.ts'
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
  /** Binds, plans and runs the statement's queries. */
  readonly queries: Queries
  /** Runs a statement that this one is made of, as a part of it. */
  readonly execute: (statement: Statement) => Promise<QueryResult>
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
  >
> & {
  /** How statements are run that others are made of. */
  readonly runner?: (ctx: StatementContext, statement: Statement) => Promise<QueryResult>
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
  const { engine, settings, transaction, temporarySchema, settled } = around
  // Part by part: spreading takes as long as a step of a small statement.
  const scope: QueryScope = {
    text: input.text ?? '',
    parameters: input.parameters ?? [],
    parameterTypes: input.parameterTypes ?? [],
    options: input.options ?? {},
    digits: input.digits ?? new DigitBudget(true),
    span: input.span ?? noSpan,
    progress: input.progress,
    rowsOfChanges: new Map(),
    leases,
    catalog: leases.add(transaction.hold()).value,
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
    queries,
    execute(statement) {
      return present(input.runner, 'what runs statements')(ctx, statement)
    },
  }
  return ctx
}
