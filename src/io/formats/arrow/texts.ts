import { QueryError } from '../../../base/errors.ts'
import type { Heap } from '../../../data/arenas/heap.ts'
import type { Schema } from '../../../data/types/schema.ts'
import { isValid } from '../../../data/vectors/to-scalars.ts'
import type { Chunk, Vector } from '../../../data/vectors/vector.ts'
import type { Kernels } from '../../../wasm/kernels/loader.ts'

/**
 * Checks the text of a chunk as it came from others: UTF-8 without NUL. `columns`: what its columns are.
 * `rowsBefore`: of its record batch, to say the row. Errors: INVALID_ENCODING.
 */
export function checkTexts(
  { heap, kernels }: { readonly heap: Heap; readonly kernels: Kernels },
  { columns }: Pick<Chunk, 'columns'>,
  fields: Schema,
  rowsBefore: number,
): void {
  for (const [at, vector] of columns.entries()) {
    if (vector.type.kind !== 'text') continue
    const texts = vector.dictionary ?? vector
    const bad = firstInvalid(heap, kernels, texts)
    if (bad < 0) continue
    const column = fields[at]?.name ?? ''
    const place =
      texts === vector
        ? `row ${rowsBefore + bad + 1} of a record batch`
        : `value ${bad + 1} of a dictionary`
    throw new QueryError(
      'INVALID_ENCODING',
      `column "${column}" has text that is not valid UTF-8, or has a NUL in it (${place})`,
      { column },
    )
  }
}

/** What lies behind NULLs is nobody's text. */
function firstInvalid(heap: Heap, kernels: Kernels, vector: Vector): number {
  const { length } = vector
  for (let from = 0; from < length;) {
    const offsets = vector.offsets + 4 * from
    const found = kernels.call('utf8FirstInvalid', offsets, length - from, vector.values)
    if (found < 0) return -1
    if (isValid(heap, vector, from + found)) return from + found
    from += found + 1
  }
  return -1
}
