import type { MemoryViews } from '../arenas/memory-views.ts'
import type { ByteWriter } from '../vectors/byte-writer.ts'
import {
  bytesWriter,
  cellAt,
  integerReader,
  unlessNull,
  type Cells,
  type CellWriter,
  type ValueWriter,
} from '../vectors/cells.ts'
import { scalarAt } from '../vectors/to-scalars.ts'
import type { Vector } from '../vectors/vector.ts'
import type { DataType, TypeKind } from '../types/data-type.ts'
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
function anyWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  return (out, row) => {
    const value = scalarAt(heap, vector, row)
    if (value === null) return
    const bytes = encodeBinary(value, vector.type)
    out.copy(bytes, 0, bytes.length)
  }
}

type DirectWriter = (heap: MemoryViews, vector: Vector) => ValueWriter | undefined

const integers =
  (write: (out: ByteWriter, value: number) => void): DirectWriter =>
  (heap, vector) =>
    integerWriter(heap, vector, write)

const timestamps = integers((out, micros) => writeInt64(out, micros - MICROS_1970_TO_2000))

/** Types that are written without making a value of each; the others take the form that always works. */
const directWriters: Readonly<Partial<Record<TypeKind, DirectWriter>>> = {
  text: bytesWriter,
  unknown: bytesWriter,
  bytea: bytesWriter,
  int2: integers((out, value) => out.int16(value)),
  int4: integers((out, value) => out.int32(value)),
  date: integers((out, days) => out.int32(days - DAYS_1970_TO_2000)),
  int8: integers(writeInt64),
  time: integers(writeInt64),
  timestamp: timestamps,
  timestamptz: timestamps,
  bool: (heap, vector) => (out, row) => {
    out.byte((heap.u8[vector.values + (row >> 3)]! >> (row & 7)) & 1)
  },
  float4: (heap, vector) => (out, row) => {
    out.int32(heap.view.getInt32(vector.values + 4 * row, true))
  },
  float8: (heap, vector) => (out, row) => {
    out.int32(heap.view.getInt32(vector.values + 8 * row + 4, true))
    out.int32(heap.view.getInt32(vector.values + 8 * row, true))
  },
}

function directWriter(heap: MemoryViews, vector: Vector): ValueWriter | undefined {
  return directWriters[vector.type.kind]?.(heap, vector)
}

function integerWriter(
  heap: MemoryViews,
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
