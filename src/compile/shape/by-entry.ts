import { isVolatile } from '../../plan/logical/expression-size.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { traitsOf } from '../expressions/expression-traits.ts'
import type { ColumnPlace } from '../model/lane-test.ts'
import type { PipelineView } from '../model/shapes.ts'

/** A dictionary-encoded column of the driving chunk, with rows enough for each of its entries. */
export interface CodedColumn {
  readonly place: ColumnPlace
  readonly layout: 'dict8' | 'dict16' | 'dict32'
  readonly nullable: boolean
  readonly entries: 'few' | 'many'
}

/**
 * The column of which the value of an expression follows, where that is one whose entries are few: then the
 * value is found once for each entry that rows have, not once for each row.
 */
export function byEntry(view: PipelineView, expr: Expression): CodedColumn | undefined {
  if (expr.kind === 'column' || expr.kind === 'literal' || expr.kind === 'parameter')
    return undefined
  if (!hasEntries(view) || isVolatile(expr)) return undefined
  const column = onlyColumn(view, expr)
  return column === undefined ? undefined : codedColumn(view, column)
}

/** The same of a column itself. */
export function codedColumn(view: PipelineView, column: ColumnId): CodedColumn | undefined {
  const place = view.places.get(column)
  const source = place === undefined ? undefined : view.sources[place.source]
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const shape = source.columns[place.index]
  if (shape?.entries === undefined) return undefined
  const { layout, nullable, entries } = shape
  if (layout !== 'dict8' && layout !== 'dict16' && layout !== 'dict32') return undefined
  return { place, layout, nullable, entries }
}

/** Whether the driving chunk has a dictionary worth looking at. */
export function hasEntries({ sources: [driver] }: PipelineView): boolean {
  return driver?.kind === 'chunk' && driver.columns.some(({ entries }) => entries !== undefined)
}

/** The one column of a source that an expression reads, projections put in place. */
function onlyColumn(view: PipelineView, expr: Expression): ColumnId | undefined {
  let of = expr
  for (;;) {
    const { column } = traitsOf(of)
    if (typeof column === 'string') return undefined
    const definition = view.pipeline.definitions.get(column.id)
    if (definition === undefined) return column.id
    if (isVolatile(definition)) return undefined
    of = definition
  }
}
