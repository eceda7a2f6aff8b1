import { AssertionError, present, unreachable } from '../../base/assert.ts'
import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { QueryError, notSupported, type ErrorCode } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { columnReference } from '../logical/build.ts'
import { evaluate } from '../logical/evaluate.ts'
import type { Expression } from '../logical/expression.ts'
import type { CteReference, Limit, Recursion, Relation } from '../logical/relation.ts'
import { someExpression } from '../logical/walk.ts'
import { distinctCount, newEstimator, type Estimator } from '../optimizer/cardinality.ts'
import { passedOn } from '../optimizer/output-columns.ts'
import { newBoundsAnalysis, type BoundsAnalysis } from './bounds.ts'
import type { PhysicalContext } from './context.ts'
import { distribute } from './distribute.ts'
import { settleNulls } from './never-null.ts'
import { planAggregate, planWindow } from './plan-aggregate.ts'
import { planJoin } from './plan-join.ts'
import type { PhysicalPlan } from './plan.ts'
import { withConstantParts } from './recursion.ts'
import { withSeriesApart } from './series.ts'

/** What choosing how a relation is computed costs. */
const RELATION_STEPS = 8 * NODE_STEPS

interface Planner {
  readonly estimator: Estimator
  readonly analysis: BoundsAnalysis
  /** Planned definitions of the CTEs in scope. */
  readonly definitions: Map<number, PhysicalPlan>
}

/**
 * Turns an optimized logical plan (no parameters, subqueries or Apply left) into what runs: join
 * techniques, accumulators, and for more than one worker the exchanges between them. Throws
 * INVALID_LIMIT and INVALID_OFFSET for negative limits, FEATURE_NOT_SUPPORTED for aggregates that no
 * accumulator computes.
 */
export function planPhysical(relation: Relation, ctx: PhysicalContext): PhysicalPlan {
  return finishSteps(physicalSteps(relation, ctx))
}

/** As {@link planPhysical}, in steps: see {@link isOverdue}. */
export function* physicalSteps(relation: Relation, ctx: PhysicalContext): Steps<PhysicalPlan> {
  const planner: Planner = {
    estimator: newEstimator(relation),
    analysis: newBoundsAnalysis(),
    definitions: new Map(),
  }
  const plan = yield* planRelation(planner, relation)
  return distribute(ordered(plan, relation), ctx)
}

/** Swapped joins have their columns in another order; the result has them in the query's. */
function ordered(plan: PhysicalPlan, { columns }: Relation): PhysicalPlan {
  if (columns.every(({ id }, i) => plan.columns[i]?.id === id)) return plan
  const exprs = passedOn(columns)
  return { kind: 'project', input: plan, exprs, columns, rows: plan.rows }
}

function* planRelation(planner: Planner, relation: Relation): Steps<PhysicalPlan> {
  return settleNulls(yield* planNode(planner, relation))
}

function* planNode(planner: Planner, relation: Relation): Steps<PhysicalPlan> {
  spend(RELATION_STEPS)
  if (isOverdue()) yield
  const { rows } = planner.estimator.profile(relation)
  const { columns } = relation
  switch (relation.kind) {
    case 'scan': {
      const { table, sourceColumns, filters } = relation
      return { kind: 'scan', table, sourceColumns, filters, columns, rows }
    }
    case 'values':
      return { kind: 'values', rowExprs: relation.rows, columns, rows }
    case 'filter': {
      const input = yield* planRelation(planner, relation.input)
      return { kind: 'filter', input, predicate: relation.predicate, columns, rows }
    }
    case 'expand': {
      const input = yield* planRelation(planner, relation.input)
      const { calls, ordinality } = relation
      return withSeriesApart({ kind: 'expand', input, calls, ordinality, columns, rows })
    }
    case 'project': {
      const input = yield* planRelation(planner, relation.input)
      return { kind: 'project', input, exprs: relation.exprs, columns, rows }
    }
    case 'join': {
      const left = yield* planRelation(planner, relation.left)
      const right = yield* planRelation(planner, relation.right)
      const leftValues = (keys: readonly Expression[]): number =>
        distinctCount(planner.estimator.profile(relation.left), keys)
      return planJoin(relation, { left, right, rows, leftValues })
    }
    case 'aggregate': {
      const input = yield* planRelation(planner, relation.input)
      return planAggregate(relation, input, rows, planner.analysis)
    }
    case 'window': {
      const input = yield* planRelation(planner, relation.input)
      return planWindow(relation, input, rows, planner.analysis)
    }
    case 'sort': {
      const input = yield* planRelation(planner, relation.input)
      const { keys, limitRows } = relation
      return { kind: 'sort', input, keys, limitRows, columns, rows }
    }
    case 'limit':
      return planLimit(yield* planRelation(planner, relation.input), relation, rows)
    case 'union-all': {
      const inputs: PhysicalPlan[] = []
      for (const input of relation.inputs) inputs.push(yield* planRelation(planner, input))
      return { kind: 'union-all', inputs, inputColumns: relation.inputColumns, columns, rows }
    }
    case 'with':
      planner.definitions.set(relation.cteId, yield* planRelation(planner, relation.definition))
      return yield* planRelation(planner, relation.input)
    case 'cte-reference':
      return planReference(planner, relation, rows)
    case 'recursion':
      return yield* planRecursion(planner, relation, rows)
    case 'working-table': {
      const { recursionId, name } = relation
      return { kind: 'working-table', recursionId, name, columns, rows }
    }
    case 'apply':
      throw new AssertionError('internal error: an Apply is left after unnesting')
    default:
      return unreachable(relation)
  }
}

function* planRecursion(planner: Planner, relation: Recursion, rows: number): Steps<PhysicalPlan> {
  const base = yield* planRelation(planner, relation.base)
  const step = withConstantParts(yield* planRelation(planner, relation.step))
  const { recursionId, name, inputColumns, isDistinct, columns } = relation
  return {
    kind: 'recursion',
    recursionId,
    name,
    base,
    step,
    inputColumns,
    isDistinct,
    columns,
    rows,
  }
}

/** The CTE's rows come through an exchange, so that its definition runs once, as its own stage. */
function planReference(planner: Planner, relation: CteReference, rows: number): PhysicalPlan {
  const { cteId, definitionColumns, columns } = relation
  const input = present(planner.definitions.get(cteId), `CTE ${relation.name} is not in scope`)
  const sources = input.columns.map(({ id }) => id)
  const all = input.columns.map((column) => {
    const position = definitionColumns.indexOf(column.id)
    return position < 0 ? column : present(columns[position], 'a CTE reference lacks a column')
  })
  const partitioning = { kind: 'gather' } as const
  const read: PhysicalPlan = { kind: 'exchange', input, partitioning, cteId, columns: all, rows }
  const straight =
    sources.length === definitionColumns.length &&
    sources.every((id, i) => id === definitionColumns[i])
  if (straight) return read
  // Several columns may stand for one of the definition; the first of them is read.
  const exprs = columns.map((column, i) => {
    const first = present(columns[definitionColumns.indexOf(definitionColumns[i]!)], 'no column')
    return { id: column.id, name: column.name, expr: columnReference(first) }
  })
  return { kind: 'project', input: read, exprs, columns, rows }
}

function planLimit(input: PhysicalPlan, relation: Limit, rows: number): PhysicalPlan {
  const offsetRows = rowCount(relation.offset, 'INVALID_OFFSET', 'OFFSET') ?? 0
  const limitRows = rowCount(relation.limit, 'INVALID_LIMIT', 'LIMIT')
  return { kind: 'limit', input, limitRows, offsetRows, columns: relation.columns, rows }
}

/** The value of a LIMIT or OFFSET: undefined for none and for NULL, which both mean no bound. */
function rowCount(
  expr: Expression | undefined,
  code: ErrorCode,
  clause: string,
): number | undefined {
  if (expr === undefined) return undefined
  const constant = !someExpression(expr, ({ kind }) => kind === 'subquery' || kind === 'parameter')
  if (!constant) throw notSupported(`${clause} that is not constant`, expr.span)
  const value = evaluate(expr, () => null)
  if (value === null) return undefined
  const rows = Number(value)
  if (rows < 0) {
    const details = expr.span === undefined ? {} : { span: expr.span }
    throw new QueryError(code, `${clause} must not be negative`, details)
  }
  return rows
}
