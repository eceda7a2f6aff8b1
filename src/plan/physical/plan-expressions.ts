import { unreachable } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import type { Expression } from '../logical/expression.ts'
import { mapPlanInputs } from './plan-inputs.ts'
import type { Partitioning, PhysicalPlan, StagedPlan } from './plan.ts'

/** What to put in the place of an expression; the expression itself leaves it. */
export type ExpressionMapper = (expr: Expression) => Expression

/** Replaces every expression of a staged plan. What was one object, stays one. */
export function mapStagedExpressions(plan: StagedPlan, mapper: ExpressionMapper): StagedPlan {
  const known = new Map<Expression, Expression>()
  const map = (expr: Expression): Expression => {
    const before = known.get(expr)
    if (before !== undefined) return before
    const mapped = mapper(expr)
    known.set(expr, mapped)
    return mapped
  }
  const stages = plan.stages.map((stage) => ({
    ...stage,
    root: mapTree(stage.root, map),
    output: mapPartitioning(stage.output, map),
  }))
  return { ...plan, stages }
}

function mapTree(root: PhysicalPlan, map: ExpressionMapper): PhysicalPlan {
  const done = new Map<PhysicalPlan, PhysicalPlan>()
  const visit = (plan: PhysicalPlan): PhysicalPlan => {
    const before = done.get(plan)
    if (before !== undefined) return before
    const mapped = mapOwn(mapPlanInputs(plan, visit), map)
    done.set(plan, mapped)
    return mapped
  }
  return visit(root)
}

function mapOwn(plan: PhysicalPlan, map: ExpressionMapper): PhysicalPlan {
  spend(NODE_STEPS)
  const mapOptional = (expr: Expression | undefined): Expression | undefined => expr && map(expr)
  const mapItem = <T extends { readonly expr: Expression }>(item: T): T => ({
    ...item,
    expr: map(item.expr),
  })
  switch (plan.kind) {
    case 'scan':
      return { ...plan, filters: plan.filters.map(map) }
    case 'values':
      return { ...plan, rowExprs: plan.rowExprs.map((row) => row.map(map)) }
    case 'filter':
      return { ...plan, predicate: map(plan.predicate) }
    case 'project':
      return { ...plan, exprs: plan.exprs.map(mapItem) }
    case 'hash-join': {
      const probeKeys = plan.probeKeys.map(map)
      const buildKeys = plan.buildKeys.map(map)
      return { ...plan, probeKeys, buildKeys, residual: mapOptional(plan.residual) }
    }
    case 'nested-loop-join':
      return { ...plan, condition: mapOptional(plan.condition) }
    case 'hash-aggregate': {
      const aggregates = plan.aggregates.map((aggregate) => ({
        ...aggregate,
        arg: mapOptional(aggregate.arg),
        filter: mapOptional(aggregate.filter),
      }))
      return { ...plan, keys: plan.keys.map(mapItem), aggregates }
    }
    case 'sort':
      return { ...plan, keys: plan.keys.map(mapItem) }
    case 'exchange':
      return { ...plan, partitioning: mapPartitioning(plan.partitioning, map) }
    case 'limit':
    case 'union-all':
    case 'stage-input':
      return plan
    default:
      return unreachable(plan)
  }
}

function mapPartitioning(partitioning: Partitioning, map: ExpressionMapper): Partitioning {
  if (partitioning.kind !== 'hash') return partitioning
  return { ...partitioning, keys: partitioning.keys.map(map) }
}
