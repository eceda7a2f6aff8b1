import type { Rounds } from '../../cluster/rounds.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { BindTarget } from '../../plan/binder/context.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import type { SearchPath } from '../../plan/catalog/schemas.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { RowQueries } from '../catalog-change.ts'
import type { Engine } from '../engine.ts'
import type { BoundSelect, RunOptions } from '../query.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { SelectPlan } from '../plan-cache.ts'
import type { SessionSettings } from '../settings.ts'
import type { TransactionState } from '../transaction.ts'

/** What a statement may use of the session that runs it. */
export interface StatementContext extends RowQueries {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly transaction: TransactionState
  /** What the statement sees: held, with its memory, until the statement ends. */
  readonly catalog: Catalog
  readonly searchPath: SearchPath
  /** The schema of the session's temporary objects, there from the first one on. */
  readonly temporarySchema: string
  /** When the statement began, by the engine's clock. */
  readonly beganMs: number
  /** The text that spans point into. */
  readonly text: string
  readonly parameters: readonly Scalar[]
  readonly options: RunOptions
  /** How results are typed that may be too long for decimals. */
  readonly digits: DigitBudget
  /** `targets`: INSERT's columns, which the query's outputs are cast to. */
  bind(query: SelectStatement, targets?: readonly BindTarget[]): Promise<BoundSelect>
  /** As `run`; rows of a table that are filtered and computed only come in the table's order. */
  runInOrder(relation: Relation): Promise<ChunkLease>
  /** Works in rounds of kernels; ends as a query does, on abort and timeout. */
  rounds<T>(work: (rounds: Rounds) => Promise<T>): Promise<T>
  /** Binds and plans a query, or finds the plan of the same text. */
  planSelect(query: SelectStatement): Promise<SelectPlan>
  runStaged(staged: StagedPlan): Promise<ChunkLease>
}
