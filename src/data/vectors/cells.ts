import { assert } from '../../base/assert.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { valueForm } from '../types/catalogue.ts'
import type { DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'
import { codeAt, scalarAt } from './to-scalars.ts'
import { NO_ADDRESS, type Vector } from './vector.ts'
import type { ByteWriter } from './byte-writer.ts'

/** The values of one column of a piece of a result, where they lie. */
export type Cells =
  | { readonly kind: 'vector'; readonly heap: MemoryViews; readonly vector: Vector }
  | { readonly kind: 'scalars'; readonly type: DataType; readonly values: readonly Scalar[] }

/** Writes the value of a row behind what was written; false for NULL, for which nothing is. */
export type CellWriter = (out: ByteWriter, row: number) => boolean

/** Writes a value that is not NULL. */
export type ValueWriter = (out: ByteWriter, row: number) => void

/** One value as plain TypeScript. */
export function cellAt(cells: Cells, row: number): Scalar {
  if (cells.kind === 'scalars') return cells.values[row] ?? null
  return scalarAt(cells.heap, cells.vector, row)
}

/** Looks at a vector's validity before its values are written. */
export function unlessNull(
  heap: MemoryViews,
  { validity }: Vector,
  write: ValueWriter,
): CellWriter {
  if (validity === NO_ADDRESS) {
    return (out, row) => {
      write(out, row)
      return true
    }
  }
  const { u8 } = heap
  return (out, row) => {
    if (((u8[validity + (row >> 3)]! >> (row & 7)) & 1) === 0) return false
    write(out, row)
    return true
  }
}

/** Writes the bytes of text or bytea, straight from the engine's memory. */
export function bytesWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  const { dictionary } = vector
  assert(valueForm(vector.type) !== 'keyed', 'bytes of a keyed value')
  if (dictionary !== undefined) {
    const write = bytesWriter(heap, dictionary)
    return (out, row) => write(out, codeAt(heap, vector, row))
  }
  assert(vector.layout === 'utf8', `bytes of layout ${vector.layout}`)
  const { u8, u32 } = heap
  const { values } = vector
  const first = vector.offsets >>> 2
  return (out, row) => out.copy(u8, values + u32[first + row]!, values + u32[first + row + 1]!)
}

/**
 * Reads integers of up to 64 bits as doubles; undefined for other layouts. Gives NaN for values
 * beyond 2^53, which a double does not hold.
 */
export function integerReader(
  heap: MemoryViews,
  vector: Vector,
): ((row: number) => number) | undefined {
  const { values, layout } = vector
  const { view, i32, u32 } = heap
  if (layout === 'i8') return (row) => view.getInt8(values + row)
  if (layout === 'i16') return (row) => view.getInt16(values + 2 * row, true)
  if (layout === 'i32') return (row) => view.getInt32(values + 4 * row, true)
  if (layout !== 'i64') return undefined
  const first = values >>> 2
  return (row) => {
    const high = i32[first + 2 * row + 1]!
    const exact = high >= -HIGH_WORD_MAX && high < HIGH_WORD_MAX
    return exact ? high * WORD + u32[first + 2 * row]! : Number.NaN
  }
}

const WORD = 2 ** 32
const HIGH_WORD_MAX = 2 ** 21
