import { columnReference } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import { replaceColumns } from '../logical/walk.ts'
import type { Exchange } from './plan.ts'

/** Rows that are kept as they are made, read once more under ids of their own. */
export interface ReadAgain {
  readonly input: Exchange
  /** An expression over the rows, over these. */
  again(expr: Expression): Expression
}

/** `idsBegin`: those from there down are nobody else's, as many as there are columns in the query. */
export function readAgain(rows: Exchange, idsBegin: number): ReadAgain {
  const columns = rows.columns.map((column) => {
    return { ...column, id: (idsBegin - column.id) as ColumnId }
  })
  const references = new Map(rows.columns.map(({ id }, at) => [id, columnReference(columns[at]!)]))
  return {
    input: { ...rows, columns },
    again: (expr) => replaceColumns(expr, (id) => references.get(id)),
  }
}
