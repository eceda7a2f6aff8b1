import { assert, present } from '../../base/assert.ts'
import { bool } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { columnReference, falseLiteral, literal, trueLiteral } from '../logical/build.ts'
import type { ColumnId } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import type { PhysicalPlan, PhysicalValues, PhysicalWindow } from './plan.ts'

/** The values of a row's columns, by position. */
export type RowValues = readonly Scalar[]

/** Rows of other tasks next to a task's own, each list in the order of all rows. */
export interface RowsBeside {
  readonly before: readonly RowValues[]
  readonly after: readonly RowValues[]
}

/** Ids of columns that nobody else has. */
const OWN_ROW_ID = -2_900_000_000
const COPY_IDS_BEGIN = -2_500_000_000

/**
 * A window whose calls look at rows next to each row, over a task's own rows: those of the tasks before and after that these
 * may look at are put beside them, as rows of the plan, and what the window gives these is left out.
 */
export function withRowsBeside(plan: PhysicalWindow, beside: RowsBeside): PhysicalPlan {
  const { isAcross: _, reach: __, ...window } = plan
  if (beside.before.length + beside.after.length === 0) return window
  const own: OutputColumn = {
    id: OWN_ROW_ID as ColumnId,
    name: 'own',
    type: bool,
    nullable: false,
  }
  const { input } = plan
  const columns = [...input.columns, own]
  const ownRows: PhysicalPlan = {
    kind: 'project',
    input,
    exprs: [
      ...input.columns.map((column) => {
        return { id: column.id, name: column.name, expr: columnReference(column) }
      }),
      { id: own.id, name: own.name, expr: trueLiteral },
    ],
    columns,
    rows: input.rows,
  }
  const inputs = [
    ...copies(beside.before, columns, COPY_IDS_BEGIN),
    ownRows,
    ...copies(beside.after, columns, COPY_IDS_BEGIN * 2),
  ]
  const union: PhysicalPlan = {
    kind: 'union-all',
    inputs,
    inputColumns: inputs.map((some) => some.columns.map(({ id }) => id)),
    columns,
    rows: input.rows,
  }
  const over = { ...window, input: union, columns: [...plan.columns, own] }
  const filter: PhysicalPlan = {
    kind: 'filter',
    input: over,
    predicate: columnReference(own),
    columns: over.columns,
    rows: plan.rows,
  }
  return {
    kind: 'project',
    input: filter,
    exprs: plan.columns.map((column) => {
      return { id: column.id, name: column.name, expr: columnReference(column) }
    }),
    columns: plan.columns,
    rows: plan.rows,
  }
}

/** Rows of others, as an input of a union; none where there are none. */
function copies(
  rows: readonly RowValues[],
  columns: readonly OutputColumn[],
  idsBegin: number,
): readonly PhysicalValues[] {
  if (rows.length === 0) return []
  const rowExprs = rows.map((values) => {
    assert(values.length === columns.length - 1, 'a row of other columns')
    const literals = values.map((value, at) => {
      return literal(value, present(columns[at], 'a column').type)
    })
    return [...literals, falseLiteral]
  })
  const renamed = columns.map((column, at) => {
    return { ...column, id: (idsBegin - at) as ColumnId }
  })
  return [{ kind: 'values', rowExprs, columns: renamed, rows: rows.length }]
}
