import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { explainExpression } from '../../logical/explain.ts'
import type { ColumnId } from '../../logical/expression.ts'
import { single, spread } from '../distribution.ts'
import type { PhysicalScan, PhysicalValues } from '../plan.ts'
import { expressionBounds, union, type BoundsByColumn } from '../value-bounds.ts'
import { setBounds, type Guarantees, type PhysicalOperator } from './operator.ts'
import { columnText } from './texts.ts'

export const scan: PhysicalOperator<'scan'> = {
  inputs: (plan) => plan,
  expressions: (plan, to) => ({ ...plan, filters: plan.filters.map(to) }),
  explain: (plan) => {
    const columns = plan.columns.map(columnText).join(', ')
    const where = plan.filters.map(explainExpression).join(' and ')
    const detail = `${plan.table.name} [${columns}]${where === '' ? '' : ` where ${where}`}`
    return { node: 'Scan', detail }
  },
  guarantees: scanGuarantees,
  place: (plan) => ({ plan, distribution: spread }),
}

export const values: PhysicalOperator<'values'> = {
  inputs: (plan) => plan,
  expressions: (plan, to) => ({ ...plan, rowExprs: plan.rowExprs.map((row) => row.map(to)) }),
  explain: (plan) => {
    const count = plan.rowExprs.length
    return { node: 'Values', detail: count === 1 ? '1 row' : `${count} rows` }
  },
  guarantees: (plan) => ({ rowsMax: BigInt(plan.rowExprs.length), bounds: valuesBounds(plan) }),
  place: (plan) => ({ plan, distribution: single }),
}

export const stageInput: PhysicalOperator<'stage-input'> = {
  inputs: (plan) => plan,
  expressions: (plan) => plan,
  explain: (plan) => ({ node: 'StageInput', detail: `stage ${plan.stage}` }),
  guarantees: () => ({ rowsMax: undefined, bounds: new Map() }),
  place: (plan) => ({ plan, distribution: single }),
}

function scanGuarantees(plan: PhysicalScan): Guarantees {
  const { statistics, columns } = plan.table
  const bounds = new Map<ColumnId, ValueBounds>()
  if (!statistics.exact) return { rowsMax: undefined, bounds }
  for (const [i, column] of plan.columns.entries()) {
    const position = plan.sourceColumns[i]
    if (position === undefined || columns[position] === undefined) continue
    const known = statistics.columns[position]
    if (known?.min !== undefined && known.max !== undefined) {
      bounds.set(column.id, { min: known.min, max: known.max })
    }
  }
  return { rowsMax: BigInt(Math.ceil(statistics.rows)), bounds }
}

function valuesBounds(plan: PhysicalValues): BoundsByColumn {
  const bounds = new Map<ColumnId, ValueBounds>()
  const none: BoundsByColumn = new Map()
  for (const [i, { id }] of plan.columns.entries()) {
    let all: ValueBounds | undefined
    const complete = plan.rowExprs.every((row) => {
      const expr = row[i]
      if (expr === undefined || (expr.kind === 'literal' && expr.value === null)) return true
      const one = expressionBounds(expr, none)
      if (one !== undefined) all = all === undefined ? one : union(all, one)
      return one !== undefined
    })
    if (complete) setBounds(bounds, id, all)
  }
  return bounds
}
