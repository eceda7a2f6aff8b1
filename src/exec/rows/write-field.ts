import { present } from '../../base/assert.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { bytesOfScalar } from '../../data/vectors/text-values.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../data/types/scalar.ts'
import { WideNumerics, writeNumericSlot } from '../../data/vectors/numeric-slots.ts'

/** Writes values to fields of rows, as `fieldReader` reads them; bytes of texts live as long as the arena. */
export class FieldWriter {
  readonly #arena: Arena
  readonly #wide: WideNumerics

  constructor(arena: Arena) {
    this.#arena = arena
    this.#wide = new WideNumerics(arena)
  }

  write(field: RowField, row: number, value: Scalar): void {
    const { u8 } = this.#arena.heap
    const valid = present(field.validOffset, 'field that may be NULL')
    u8[row + valid] = value === null ? 0 : 1
    if (value !== null) this.#writeValue(field, row, value)
  }

  #writeValue({ type, lanes }: RowField, row: number, value: Scalar): void {
    const { heap } = this.#arena
    const { view } = heap
    const at = row + present(lanes[0], 'lane of a field').offset
    switch (valueForm(type)) {
      case 'bit':
        return view.setInt32(at, value === true ? 1 : 0, true)
      case 'i32':
        return view.setInt32(at, Number(value), true)
      case 'f32':
        return view.setFloat32(at, Number(value), true)
      case 'f64':
        return view.setFloat64(at, Number(value), true)
      case 'text':
      case 'bytes':
      case 'keyed':
        return this.#writeBytes(at, present(value, 'a value'), type)
      case 'i128':
        view.setBigInt64(at, BigInt.asIntN(64, value as bigint), true)
        if (lanes.length > 1) view.setBigInt64(at + 8, (value as bigint) >> 64n, true)
        return
      case 'numeric':
        return writeNumericSlot(heap, at, value as NumericValue, this.#wide)
      case 'interval': {
        const { months, days, micros } = value as IntervalValue
        view.setInt32(at, months, true)
        view.setInt32(at + 4, days, true)
        return view.setBigInt64(at + 8, micros, true)
      }
      case 'i64':
        return view.setBigInt64(at, value as bigint, true)
    }
  }

  /** A text may come as the bytes that it is made of. */
  #writeBytes(at: number, value: NonNullable<Scalar>, type: DataType): void {
    const { view, u8 } = this.#arena.heap
    const bytes = bytesOfScalar(value, type)
    const target = this.#wide.allocate(Math.max(1, bytes.length))
    u8.set(bytes, target)
    view.setUint32(at, target, true)
    view.setUint32(at + 4, bytes.length, true)
  }
}
