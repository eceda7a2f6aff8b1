import { present } from '../../base/assert.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { bytesOfScalar } from '../../data/vectors/text-values.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../data/types/scalar.ts'
import { type BytesKeeper, writeNumericSlot } from '../../data/vectors/numeric-slots.ts'

type Write<T> = (row: number, value: T) => void

/**
 * Writes values to a field of the row at an address, as `fieldReader` reads them. Bytes of texts and of wide
 * numerics go to `wide`.
 */
export function fieldWriter(heap: Heap, field: RowField, wide: BytesKeeper): Write<Scalar> {
  const { u8 } = heap
  const valid = present(field.validOffset, 'field that may be NULL')
  const clear = nullWriter(heap, field)
  const write = valueWriter(heap, field, wide)
  return (row, value) => {
    if (value === null) return clear(row)
    u8[row + valid] = 1
    write(row, value)
  }
}

/** Makes a field NULL in the row at an address; its lanes are 0, as they may be looked at all the same. */
export function nullWriter(
  { u8, u32 }: Heap,
  { lanes, validOffset }: RowField,
): (row: number) => void {
  const words = lanes.flatMap(({ type, offset }) =>
    type === 'i64' || type === 'f64' ? [offset, offset + 4] : [offset],
  )
  const valid = present(validOffset, 'field that may be NULL')
  return (row) => {
    for (const word of words) u32[(row + word) >>> 2] = 0
    u8[row + valid] = 0
  }
}

function valueWriter(
  heap: Heap,
  { type, lanes }: RowField,
  wide: BytesKeeper,
): Write<NonNullable<Scalar>> {
  const { view, i32 } = heap
  const { offset } = present(lanes[0], 'lane of a field')
  switch (valueForm(type)) {
    case 'bit':
      return (row, value) => void (i32[(row + offset) >>> 2] = value === true ? 1 : 0)
    case 'i32':
      return (row, value) => void (i32[(row + offset) >>> 2] = Number(value))
    case 'i64':
      return (row, value) => view.setBigInt64(row + offset, value as bigint, true)
    case 'f32':
      return (row, value) => view.setFloat32(row + offset, Number(value), true)
    case 'f64':
      return (row, value) => view.setFloat64(row + offset, Number(value), true)
    case 'text':
    case 'bytes':
    case 'keyed':
      return (row, value) => writeBytes(heap, row + offset, value, type, wide)
    case 'i128':
      return (row, value) => {
        view.setBigInt64(row + offset, BigInt.asIntN(64, value as bigint), true)
        if (lanes.length > 1) view.setBigInt64(row + offset + 8, (value as bigint) >> 64n, true)
      }
    case 'numeric':
      return (row, value) => writeNumericSlot(heap, row + offset, value as NumericValue, wide)
    case 'interval':
      return (row, value) => {
        const { months, days, micros } = value as IntervalValue
        view.setInt32(row + offset, months, true)
        view.setInt32(row + offset + 4, days, true)
        view.setBigInt64(row + offset + 8, micros, true)
      }
  }
}

/** A text may come as the bytes that it is made of. */
function writeBytes(
  { view, u8 }: Heap,
  at: number,
  value: NonNullable<Scalar>,
  type: DataType,
  wide: BytesKeeper,
): void {
  const bytes = bytesOfScalar(value, type)
  const target = wide.allocate(Math.max(1, bytes.length))
  u8.set(bytes, target)
  view.setUint32(at, target, true)
  view.setUint32(at + 4, bytes.length, true)
}
