import { assert, present } from '../../base/assert.ts'
import { DEVIATION_BYTES, valueLanes, type RowField } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarOfBytes } from '../../data/vectors/text-values.ts'
import { readNumericSlot } from '../../data/vectors/numeric-slots.ts'

/** Reads a field of rows by their address, as plain TypeScript; states are finished first. */
export function fieldReader(heap: Heap, field: RowField): (row: number) => Scalar {
  const { u8 } = heap
  const { validOffset, state } = field
  const read = state === undefined ? valueReader(heap, field) : stateReader(heap, field)
  if (validOffset === undefined) return read
  return (row) => (u8[row + validOffset] === 0 ? null : read(row))
}

function stateReader(heap: Heap, field: RowField): (row: number) => Scalar {
  return (row) => stateValue(heap, field, row)
}

/** Reads the lanes of a plain field; rows are aligned to 4 bytes, whatever their lanes are. */
function valueReader(heap: Heap, { type, lanes }: RowField): (row: number) => Scalar {
  const { view, i32 } = heap
  const { offset } = present(lanes[0], 'lane of a field')
  switch (valueForm(type)) {
    case 'bit':
      return (row) => i32[(row + offset) >>> 2] !== 0
    case 'i32':
      return (row) => i32[(row + offset) >>> 2] ?? 0
    case 'f32':
      return (row) => view.getFloat32(row + offset, true)
    case 'f64':
      return (row) => view.getFloat64(row + offset, true)
    case 'text':
    case 'bytes':
    case 'keyed':
      return (row) => scalarOfBytes(textBytes(heap, row + offset), type)
    case 'i64':
      return (row) => view.getBigInt64(row + offset, true)
    case 'i128':
      if (lanes.length === 2) return (row) => signed128(heap, row + offset)
      return (row) => view.getBigInt64(row + offset, true)
    case 'numeric':
      return (row) => readNumericSlot(heap, row + offset)
    case 'interval':
      return (row) => ({
        months: view.getInt32(row + offset, true),
        days: view.getInt32(row + offset + 4, true),
        micros: view.getBigInt64(row + offset + 8, true),
      })
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
  const first = valueLanes(state)
  if (first !== undefined) {
    const lanes = field.lanes.slice(first)
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
