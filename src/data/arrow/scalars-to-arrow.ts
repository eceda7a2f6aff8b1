import { arrowField, arrowTypeOf } from './arrow-type.ts'
import { arrow } from './library.ts'
import { arrowColumn } from './scalar-columns.ts'
import { recordBatch, type ArrowBatches } from './to-arrow.ts'
import type { Scalar } from '../types/scalar.ts'
import type { Schema } from '../types/schema.ts'

/** Columns of scalars as one Arrow record batch, none where there are no rows. */
export function scalarBatches(
  schema: Schema,
  rows: number,
  columns: readonly (readonly Scalar[])[],
): ArrowBatches {
  const types = schema.map(({ type }) => arrowTypeOf(type))
  const arrowSchema = new arrow.Schema(schema.map((field, i) => arrowField(field, types[i]!)))
  if (rows === 0) return { arrowSchema, batches: [] }
  const children = columns.map((scalars, column) =>
    arrowColumn(scalars, schema[column]!.type, types[column]!),
  )
  return { arrowSchema, batches: [recordBatch(arrowSchema, rows, children)] }
}
