import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { BindTarget } from '../../plan/binder/context.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { ColumnIds } from '../../plan/logical/build.ts'
import type { SearchPath } from '../../plan/catalog/schemas.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { Engine } from '../engine.ts'
import type { BoundSelect, RunOptions } from '../query.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { SelectPlan } from '../plan-cache.ts'
import type { QueryOutput } from '../run-plan.ts'
import type { SessionSettings } from '../settings.ts'
import type { TransactionState } from '../transaction.ts'

/** What a statement may use of the session that runs it. */
export interface StatementContext {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly transaction: TransactionState
  readonly searchPath: SearchPath
  readonly columnIds: ColumnIds
  /** The text that spans point into. */
  readonly text: string
  readonly parameters: readonly Scalar[]
  readonly options: RunOptions
  /** How results are typed that may be too long for decimals. */
  readonly digits: DigitBudget
  /** `targets`: INSERT's columns, which the query's outputs are cast to. */
  bind(query: SelectStatement, targets?: readonly BindTarget[]): Promise<BoundSelect>
  /** Optimizes and runs a plan; its output lies in the engine's memory until released. */
  run(relation: Relation): Promise<QueryOutput>
  /** Binds and plans a query, or finds the plan of the same text. */
  planSelect(query: SelectStatement): Promise<SelectPlan>
  runStaged(staged: StagedPlan): Promise<QueryOutput>
}
