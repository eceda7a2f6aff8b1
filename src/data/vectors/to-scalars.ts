import { assert } from '../../base/assert.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { valueForm } from '../types/catalogue.ts'
import type { Scalar } from '../types/scalar.ts'
import { readNumericSlot } from './numeric-slots.ts'
import { scalarOfBytes } from './text-values.ts'
import { layoutBytes, NO_ADDRESS, type Vector } from './vector.ts'

/** Whether a row holds a value. */
export function isValid(heap: MemoryViews, vector: Vector, row: number): boolean {
  if (vector.validity === NO_ADDRESS) return true
  return (((heap.u8[vector.validity + (row >> 3)] ?? 0) >> (row & 7)) & 1) === 1
}

/** One value of a vector as plain TypeScript. */
export function scalarAt(heap: MemoryViews, vector: Vector, row: number): Scalar {
  assert(row >= 0 && row < vector.length, 'row outside the vector')
  return isValid(heap, vector, row) ? valueAt(heap, vector, row) : null
}

/** The bytes of a non-NULL text or bytea value, a view into the shared memory. */
export function bytesAt(heap: MemoryViews, vector: Vector, row: number): Uint8Array {
  const { dictionary } = vector
  if (dictionary !== undefined) return bytesAt(heap, dictionary, codeAt(heap, vector, row))
  assert(vector.layout === 'utf8', `bytes of layout ${vector.layout}`)
  const index = (vector.offsets >>> 2) + row
  const start = vector.values + (heap.u32[index] ?? 0)
  return heap.u8.subarray(start, vector.values + (heap.u32[index + 1] ?? 0))
}

/** The dictionary code of a row. */
export function codeAt(heap: MemoryViews, vector: Vector, row: number): number {
  const at = vector.values + layoutBytes[vector.layout] * row
  if (vector.layout === 'dict8') return heap.view.getUint8(at)
  if (vector.layout === 'dict16') return heap.view.getUint16(at, true)
  assert(vector.layout === 'dict32', `code of layout ${vector.layout}`)
  return heap.view.getUint32(at, true)
}

function valueAt(heap: MemoryViews, vector: Vector, row: number): Scalar {
  const { view } = heap
  const at = vector.values + layoutBytes[vector.layout] * row
  switch (vector.layout) {
    case 'bit':
      return (((heap.u8[vector.values + (row >> 3)] ?? 0) >> (row & 7)) & 1) === 1
    case 'i8':
      return integer(vector, view.getInt8(at))
    case 'i16':
      return integer(vector, view.getInt16(at, true))
    case 'i32':
      return integer(vector, view.getInt32(at, true))
    case 'i64':
      return integer(vector, view.getBigInt64(at, true))
    case 'i128':
      return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true)
    case 'numeric':
      return readNumericSlot(heap, at)
    case 'f32':
      return view.getFloat32(at, true)
    case 'f64':
      return view.getFloat64(at, true)
    case 'interval':
      return {
        months: view.getInt32(at, true),
        days: view.getInt32(at + 4, true),
        micros: view.getBigInt64(at + 8, true),
      }
    case 'utf8':
    case 'dict8':
    case 'dict16':
    case 'dict32':
      return textAt(heap, vector, row)
  }
}

/** A stored integer in the host type of the vector's data type, whatever its width in memory. */
function integer(vector: Vector, stored: number | bigint): number | bigint {
  return valueForm(vector.type) === 'i32' ? Number(stored) : BigInt(stored)
}

function textAt(heap: MemoryViews, vector: Vector, row: number): Scalar {
  // TextDecoder refuses shared memory, hence the copy.
  return scalarOfBytes(bytesAt(heap, vector, row).slice(), vector.type)
}
