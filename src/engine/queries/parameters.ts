import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { literal } from '../../plan/logical/build.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation, RelationKind } from '../../plan/logical/relation.ts'
import { simplify } from '../../plan/logical/simplify.ts'
import { operatorOf } from '../../plan/logical/predicates.ts'
import {
  columnsUsed,
  rewriteAllExpressions,
  rewriteExpression,
  someExpression,
  visitRelation,
} from '../../plan/logical/walk.ts'
import { mapStagedExpressions } from '../../plan/physical/plan-expressions.ts'
import { planInputs } from '../../plan/physical/plan-inputs.ts'
import type { PhysicalPlan, PhysicalScan, StagedPlan } from '../../plan/physical/plan.ts'

/** Puts the values of $1, $2, ... into a query that is to be planned for them. */
export function substituteParameters(relation: Relation, values: readonly Scalar[]): Relation {
  return rewriteAllExpressions(relation, (expr) => valueInPlace(expr, values))
}

/** Puts the values of $1, $2, ... into a plan that was made without knowing them. */
export function fillParameters(plan: StagedPlan, values: readonly Scalar[]): StagedPlan {
  return mapStagedExpressions(plan, (expr) => {
    const filled = rewriteExpression(expr, (node) => valueInPlace(node, values))
    return filled === expr ? expr : simplify(filled)
  })
}

function valueInPlace(expr: Expression, values: readonly Scalar[]): Expression {
  if (expr.kind !== 'parameter') return expr
  const value = values[expr.index]
  if (value !== undefined) return literal(value, expr.type, expr.span)
  throw new QueryError('UNDEFINED_PARAMETER', `there is no parameter $${expr.index + 1}`, {
    ...(expr.span && { span: expr.span }),
    expected: `a value for $${expr.index + 1}`,
    found: `${values.length} values`,
  })
}

/** Over more rows planning takes next to nothing beside running, and a plan for the values runs faster. */
const GENERIC_ROWS_MAX = 100_000

/** What is planned the same way whatever the values: nothing whose order or kind hangs on estimates. */
const genericKinds: ReadonlySet<RelationKind> = new Set([
  'scan',
  'values',
  'filter',
  'project',
  'aggregate',
  'sort',
  'limit',
  'union-all',
])

/**
 * Whether one plan may serve a query for all values of its parameters. Not so where a rule needs a value
 * (LIMIT $1) or an estimate from it (joins, subqueries), and where many rows are read; of tables whose rows
 * ascend by some column that is yet to be seen, see {@link readsFewRows}.
 */
export function mayBeGeneric(relation: Relation): boolean {
  let rows = 0
  let generic = true
  visitRelation(relation, {
    relation(node) {
      generic &&= genericKinds.has(node.kind)
      if (node.kind === 'scan') {
        const { source, statistics } = node.table
        const ascends = statistics.columns.some((column) => column?.ascending === true)
        rows += ascends ? 0 : statistics.rows
        generic &&= source.kind === 'memory'
      }
      if (node.kind === 'limit') {
        const bounds = [node.limit, node.offset].filter((expr) => expr !== undefined)
        generic &&= !bounds.some((expr) => someExpression(expr, ({ kind }) => kind === 'parameter'))
      }
    },
    expression(expr) {
      generic &&= expr.kind !== 'subquery'
    },
  })
  return generic && rows <= GENERIC_ROWS_MAX
}

/**
 * Whether a plan reads few rows whatever the values: all of small tables, and of others those that lie
 * together because the rows ascend by what a condition compares.
 */
export function readsFewRows({ stages }: StagedPlan): boolean {
  const rows = stages.reduce((all, { root }) => all + rowsRead(root), 0)
  return rows <= GENERIC_ROWS_MAX
}

function rowsRead(plan: PhysicalPlan): number {
  if (plan.kind === 'scan') return isSearched(plan) ? plan.rows : plan.table.statistics.rows
  return planInputs(plan).reduce((all, input) => all + rowsRead(input), 0)
}

/** Whether a scan finds its rows by halving, see exec/fragment/scanned-chunks.ts. */
function isSearched({ table, columns, sourceColumns, filters }: PhysicalScan): boolean {
  const ascends = (expr: Expression): boolean => {
    if (expr.kind !== 'column') return false
    const at = sourceColumns[columns.findIndex(({ id }) => id === expr.id)]
    return at !== undefined && table.statistics.columns[at]?.ascending === true
  }
  const isGiven = (expr: Expression): boolean => columnsUsed(expr).size === 0
  return filters.some((filter) => {
    if (filter.kind !== 'call' || operatorOf(filter) === undefined) return false
    const [left, right] = filter.args
    if (left === undefined || right === undefined) return false
    return (ascends(left) && isGiven(right)) || (ascends(right) && isGiven(left))
  })
}
