import type { Heap } from '../../data/arenas/heap.ts'
import type { ByteWriter } from '../../data/vectors/byte-writer.ts'
import {
  bytesWriter,
  cellAt,
  integerReader,
  unlessNull,
  type Cells,
  type CellWriter,
  type ValueWriter,
} from '../../data/vectors/cells.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import type { Vector } from '../../data/vectors/vector.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { DAYS_1970_TO_2000, encodeBinary } from './binary-values.ts'

const MICROS_1970_TO_2000 = 946_684_800_000_000
const WORD = 2 ** 32

/** Writes values in PostgreSQL's binary format, without making objects of them where it can. */
export function binaryCells(cells: Cells, type: DataType): CellWriter {
  if (cells.kind === 'scalars') {
    return (out, row) => {
      const value = cellAt(cells, row)
      if (value === null) return false
      const bytes = encodeBinary(value, type)
      out.copy(bytes, 0, bytes.length)
      return true
    }
  }
  const { heap, vector } = cells
  return unlessNull(heap, vector, directWriter(heap, vector) ?? anyWriter(heap, vector))
}

/** The form that always works. */
function anyWriter(heap: Heap, vector: Vector): ValueWriter {
  return (out, row) => {
    const value = scalarAt(heap, vector, row)
    if (value === null) return
    const bytes = encodeBinary(value, vector.type)
    out.copy(bytes, 0, bytes.length)
  }
}

function directWriter(heap: Heap, vector: Vector): ValueWriter | undefined {
  switch (vector.type.kind) {
    case 'text':
    case 'unknown':
    case 'bytea':
      return bytesWriter(heap, vector)
    case 'int2':
      return integerWriter(heap, vector, (out, value) => out.int16(value))
    case 'int4':
      return integerWriter(heap, vector, (out, value) => out.int32(value))
    case 'date':
      return integerWriter(heap, vector, (out, days) => out.int32(days - DAYS_1970_TO_2000))
    case 'int8':
    case 'time':
      return integerWriter(heap, vector, writeInt64)
    case 'timestamp':
    case 'timestamptz':
      return integerWriter(heap, vector, (out, micros) =>
        writeInt64(out, micros - MICROS_1970_TO_2000),
      )
    case 'bool':
      return (out, row) => {
        out.byte((heap.u8[vector.values + (row >> 3)]! >> (row & 7)) & 1)
      }
    case 'float4':
      return (out, row) => out.int32(heap.view.getInt32(vector.values + 4 * row, true))
    case 'float8':
      return (out, row) => {
        out.int32(heap.view.getInt32(vector.values + 8 * row + 4, true))
        out.int32(heap.view.getInt32(vector.values + 8 * row, true))
      }
    case 'decimal':
    case 'interval':
    case 'numeric':
      return undefined
  }
}

function integerWriter(
  heap: Heap,
  vector: Vector,
  write: (out: ByteWriter, value: number) => void,
): ValueWriter | undefined {
  const read = integerReader(heap, vector)
  if (read === undefined) return undefined
  const any = anyWriter(heap, vector)
  return (out, row) => {
    const value = read(row)
    // A sum or difference beyond 2^53 would be rounded.
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER - MICROS_1970_TO_2000) write(out, value)
    else any(out, row)
  }
}

function writeInt64(out: ByteWriter, value: number): void {
  const high = Math.floor(value / WORD)
  out.int32(high)
  out.int32(value - high * WORD)
}
