import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { TableStatistics } from '../../plan/catalog/catalog.ts'
import { mergeStatistics } from '../../wasm/kernels/statistics.ts'

/** What the chunks of a table say of it together. */
export function tableStatistics(columns: Schema, chunks: readonly TableChunk[]): TableStatistics {
  return {
    rows: rowsOf(chunks),
    exact: true,
    columns: columns.map((_, column) => {
      const [first, ...rest] = chunks.map((chunk) => chunk.statistics?.[column])
      return rest.reduce(
        (left, right) =>
          left === undefined || right === undefined ? undefined : mergeStatistics(left, right),
        first,
      )
    }),
  }
}

/** Of all chunks together. */
export function rowsOf(chunks: readonly TableChunk[]): number {
  return chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
}
