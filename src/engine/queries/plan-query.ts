import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { ColumnIds } from '../../plan/logical/build.ts'
import { visitRelation } from '../../plan/logical/walk.ts'
import { optimizeSteps } from '../../plan/optimizer/optimize.ts'
import { physicalSteps } from '../../plan/physical/plan-query.ts'
import { cutStages } from '../../plan/physical/stages.ts'
import type { PhysicalPlan } from '../../plan/physical/plan.ts'

/** What planning depends on besides the query. */
export interface PlanningOptions {
  readonly functions: FunctionCatalogue
  readonly columnIds: ColumnIds
  readonly workers: number
  readonly disabledRules: ReadonlySet<string>
  readonly digits: DigitBudget
}

/** A query at every step of its way, for running and for EXPLAIN. */
export interface PlannedQuery {
  readonly logical: Relation
  readonly optimized: Relation
  readonly physical: PhysicalPlan
  readonly staged: StagedPlan
}

/** The plan with its result's rows in the order of their table, as far as that has one. */
export function inOrder(plan: StagedPlan): StagedPlan {
  const last = plan.stages.length - 1
  const stages = plan.stages.map((stage, at) => (at === last ? { ...stage, inOrder: true } : stage))
  // Several tasks would give the rows in another order.
  return { ...plan, stages, whole: undefined }
}

/** The way of a bound query to tasks, in steps: optimizer, physical plan, stages. No I/O. */
export function* planQuery(logical: Relation, options: PlanningOptions): Steps<PlannedQuery> {
  refuseUnpopulated(logical)
  const optimized = yield* optimizeSteps(logical, options)
  const physical = yield* physicalSteps(optimized, options)
  const staged = cutStages(physical, options)
  return { logical, optimized, physical, staged }
}

/** Errors: OBJECT_NOT_IN_STATE for a materialized view that has no rows yet. */
function refuseUnpopulated(logical: Relation): void {
  visitRelation(logical, {
    relation: (node) => {
      if (node.kind !== 'scan' || node.table.isUnpopulated !== true) return
      const message = `materialized view "${node.table.name}" has not been populated`
      throw new QueryError('OBJECT_NOT_IN_STATE', message, {
        hint: 'Use the REFRESH MATERIALIZED VIEW command.',
      })
    },
  })
}
