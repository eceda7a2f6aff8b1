import { assert, present } from '../../base/assert.ts'
import { DEVIATION_BYTES, listCells, type RowField } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarOfBytes } from '../../data/vectors/text-values.ts'
import { readNumericSlot } from '../../data/vectors/numeric-slots.ts'

/** Reads a field of rows by their address, as plain TypeScript; states are finished first. */
export function fieldReader(heap: Heap, field: RowField): (row: number) => Scalar {
  const { view, u8 } = heap
  const { validOffset, state, type } = field
  return (row) => {
    if (validOffset !== undefined && u8[row + validOffset] === 0) return null
    if (state !== undefined) return stateValue(heap, field, row)
    const at = row + present(field.lanes[0], 'lane of a field').offset
    switch (valueForm(type)) {
      case 'bit':
        return view.getInt32(at, true) !== 0
      case 'i32':
        return view.getInt32(at, true)
      case 'f32':
        return view.getFloat32(at, true)
      case 'f64':
        return view.getFloat64(at, true)
      case 'text':
      case 'bytes':
      case 'keyed':
        return scalarOfBytes(textBytes(heap, at), type)
      case 'i64':
        return view.getBigInt64(at, true)
      case 'i128':
        return field.lanes.length === 2 ? signed128(heap, at) : view.getBigInt64(at, true)
      case 'numeric':
        return readNumericSlot(heap, at)
      case 'interval':
        return {
          months: view.getInt32(at, true),
          days: view.getInt32(at + 4, true),
          micros: view.getBigInt64(at + 8, true),
        }
    }
  }
}

function textBytes(heap: Heap, at: number): Uint8Array {
  const address = heap.view.getUint32(at, true)
  return heap.u8.slice(address, address + heap.view.getUint32(at + 4, true))
}

function signed128(heap: Heap, at: number): bigint {
  return (heap.view.getBigInt64(at + 8, true) << 64n) | heap.view.getBigUint64(at, true)
}

/** An accumulator's value, as loadStateField gives it. */
function stateValue(heap: Heap, field: RowField, row: number): Scalar {
  const { view } = heap
  const state = present(field.state, 'field without a state')
  const at = row + present(field.lanes[0], 'cell of a state').offset
  const plain = (): Scalar =>
    fieldReader(heap, { ...field, state: undefined, validOffset: undefined })(row)
  if (state.kept !== undefined) {
    const lanes = field.lanes.slice(listCells.count)
    return fieldReader(heap, { ...field, lanes, state: undefined, validOffset: undefined })(row)
  }
  if (state.accumulator === 'deviation' || state.accumulator === 'deviation-merge') {
    if (field.type.kind === 'bytea') return heap.u8.slice(at, at + DEVIATION_BYTES)
    return view.getFloat64(at + 16, true)
  }
  if (state.accumulator === 'bool-and') return view.getInt32(at, true) === 0
  if (state.sum === undefined || state.sum === 'numeric' || state.sum === 'interval') {
    return plain()
  }
  if (state.sum === 'float') {
    const [sum, error] = [view.getFloat64(at, true), view.getFloat64(at + 8, true)]
    const total = Number.isNaN(error) ? sum : sum + error
    return field.type.kind === 'float4' ? Math.fround(total) : total
  }
  const integer = state.sum === 'int64' ? view.getBigInt64(at, true) : signed128(heap, at)
  if (field.type.kind === 'numeric') {
    const scale = state.argType?.kind === 'decimal' ? state.argType.scale : 0
    return { unscaled: integer, scale }
  }
  assert(field.type.kind === 'decimal' || field.type.kind === 'int8', 'type of an integer sum')
  return integer
}
