import { present } from '../../base/assert.ts'
import { int4 } from '../../data/types/data-type.ts'
import { seriesFunctions } from '../../functions/tables/series.ts'
import { columnReference } from '../logical/build.ts'
import type { ColumnId, NamedExpression } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import type { PhysicalExpand, PhysicalPlan } from './plan.ts'

/** A column of numbers of tasks. */
export function intColumn(id: ColumnId, name: string): OutputColumn {
  return { id, name, type: int4, nullable: false }
}

export function asTheyAre(columns: readonly OutputColumn[]): readonly NamedExpression[] {
  return columns.map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
}

/** Each row once for all numbers from that of one of its columns to that of another, and the number. */
export function repeated(
  input: PhysicalPlan,
  [first, last]: readonly [OutputColumn, OutputColumn],
  id: ColumnId,
): PhysicalExpand {
  const fn = present(
    seriesFunctions.find(({ args }) => args.length === 2 && args[0] === 'int4'),
    'a series of int4',
  )
  const output = { id, name: 'target', type: int4 }
  const args = [columnReference(first), columnReference(last)]
  return {
    kind: 'expand',
    input,
    calls: [{ outputs: [output], fn, args }],
    ordinality: undefined,
    columns: [...input.columns, { ...output, nullable: true }],
    rows: input.rows,
  }
}
