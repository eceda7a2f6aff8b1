import { assert } from '../../base/assert.ts'
import type { Heap } from '../arenas/heap.ts'
import { bareText, isBare } from '../types/bare-list.ts'
import { civilFromDays } from '../types/calendar.ts'
import { valueForm } from '../types/catalogue.ts'
import type { TypeKind } from '../types/data-type.ts'
import { formatScalar } from '../types/format-scalar.ts'
import { keyedText } from '../types/sort-key.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  bytesWriter,
  integerReader,
  unlessNull,
  type Cells,
  type CellWriter,
  type ValueWriter,
} from './cells.ts'
import { bytesAt, codeAt, scalarAt } from './to-scalars.ts'
import type { Vector } from './vector.ts'

const MICROS_PER_SECOND = 1_000_000
const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR

/** A power of ten above this is no exact divisor of doubles. */
const EXACT_SCALE_MAX = 15
/** Where PostgreSQL and JavaScript write a double the same way: without an exponent. */
const PLAIN_FLOAT_MIN = 1e-4
const PLAIN_FLOAT_MAX = 1e15
/** The same for float4; whole numbers below have six digits and are exact. */
const PLAIN_SINGLE_MAX = 1e6

/**
 * Writes values as `formatScalar` gives them, in UTF-8, without making a string or a bigint of each
 * where the type allows it.
 */
export function textCells(cells: Cells): CellWriter {
  if (cells.kind === 'scalars') {
    const { values, type } = cells
    return (out, row) => {
      const value = values[row] ?? null
      if (value === null) return false
      out.text(formatScalar(value, type))
      return true
    }
  }
  const { heap, vector } = cells
  return unlessNull(heap, vector, directWriter(heap, vector) ?? anyWriter(heap, vector))
}

/** The form that always works. */
function anyWriter(heap: Heap, vector: Vector): ValueWriter {
  const { type } = vector
  return (out, row) => {
    const value = scalarAt(heap, vector, row)
    if (value !== null) out.text(formatScalar(value, type))
  }
}

/** The bytes of a bytea as hex. */
function byteaWriter(heap: Heap, vector: Vector): ValueWriter {
  const { dictionary } = vector
  if (dictionary !== undefined) {
    const write = byteaWriter(heap, dictionary)
    return (out, row) => write(out, codeAt(heap, vector, row))
  }
  const { u8, u32 } = heap
  const { values } = vector
  const first = vector.offsets >>> 2
  return (out, row) => {
    out.ascii('\\x')
    out.hex(u8, values + u32[first + row]!, values + u32[first + row + 1]!)
  }
}

/** The text behind the keys, or what these tell. */
function keyedWriter(heap: Heap, vector: Vector): ValueWriter {
  const { u8 } = heap
  const { type } = vector
  return (out, row) => {
    const bytes = bytesAt(heap, vector, row)
    if (type.kind === 'array' && isBare(bytes)) return out.text(bareText(bytes, type))
    const text = keyedText(bytes)
    out.copy(u8, text.byteOffset, text.byteOffset + text.length)
  }
}

type DirectWriter = (heap: Heap, vector: Vector) => ValueWriter | undefined

const timestampWriter =
  (zone: string): DirectWriter =>
  (heap, vector) =>
    integerWriter(heap, vector, (out, micros) => writeTimestamp(out, micros, zone))

const plainInteger: DirectWriter = (heap, vector) =>
  integerWriter(heap, vector, (out, value) => out.integer(value))

/** Types that are written without making a value of each; the others take the form that always works. */
const directWriters: Readonly<Partial<Record<TypeKind, DirectWriter>>> = {
  bool: (heap, { values }) => {
    const { u8 } = heap
    return (out, row) => out.byte(((u8[values + (row >> 3)]! >> (row & 7)) & 1) === 1 ? 0x74 : 0x66)
  },
  int2: plainInteger,
  int4: plainInteger,
  int8: plainInteger,
  decimal: decimalWriter,
  date: (heap, vector) => integerWriter(heap, vector, writeDate),
  time: (heap, vector) => integerWriter(heap, vector, writeTime),
  timestamp: timestampWriter(''),
  timestamptz: timestampWriter('+00'),
  float4: floatWriter,
  float8: floatWriter,
  bytea: byteaWriter,
}

function directWriter(heap: Heap, vector: Vector): ValueWriter | undefined {
  const form = valueForm(vector.type)
  if (form === 'text') return bytesWriter(heap, vector)
  if (form === 'keyed') return keyedWriter(heap, vector)
  return directWriters[vector.type.kind]?.(heap, vector)
}

/** Integers of any width; those that no double holds take the form that always works. */
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
    if (Number.isNaN(value)) any(out, row)
    else write(out, value)
  }
}

function decimalWriter(heap: Heap, vector: Vector): ValueWriter | undefined {
  const { type } = vector
  assert(type.kind === 'decimal', 'decimals of another type')
  const { scale } = type
  if (scale === 0) return integerWriter(heap, vector, (out, value) => out.integer(value))
  if (scale > EXACT_SCALE_MAX) return undefined
  const unit = 10 ** scale
  return integerWriter(heap, vector, (out, value) => {
    const magnitude = Math.abs(value)
    const whole = Math.floor(magnitude / unit)
    if (value < 0) out.byte(0x2d)
    out.integer(whole)
    out.byte(0x2e)
    out.padded(magnitude - whole * unit, scale)
  })
}

function floatWriter(heap: Heap, vector: Vector): ValueWriter {
  const { values, type } = vector
  const any = anyWriter(heap, vector)
  const { view } = heap
  const single = type.kind === 'float4'
  return (out, row) => {
    const value = single
      ? view.getFloat32(values + 4 * row, true)
      : view.getFloat64(values + 8 * row, true)
    const magnitude = Math.abs(value)
    if (Number.isInteger(value) && magnitude < PLAIN_SINGLE_MAX && !Object.is(value, -0)) {
      out.integer(value)
    } else if (!single && magnitude >= PLAIN_FLOAT_MIN && magnitude < PLAIN_FLOAT_MAX) {
      out.ascii(String(value))
    } else {
      any(out, row)
    }
  }
}

function writeDate(out: ByteWriter, days: number): void {
  if (!writeDay(out, days)) out.ascii(' BC')
}

/** Whether the year is one of our era; the caller says so of others. */
function writeDay(out: ByteWriter, days: number): boolean {
  const { year, month, day } = civilFromDays(days)
  const shown = year > 0 ? year : 1 - year
  if (shown < 10_000) out.padded(shown, 4)
  else out.integer(shown)
  out.byte(0x2d)
  out.padded(month, 2)
  out.byte(0x2d)
  out.padded(day, 2)
  return year > 0
}

function writeTime(out: ByteWriter, micros: number): void {
  const hours = Math.floor(micros / MICROS_PER_HOUR)
  const minutes = Math.floor((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE)
  const seconds = Math.floor((micros % MICROS_PER_MINUTE) / MICROS_PER_SECOND)
  out.padded(hours, 2)
  out.byte(0x3a)
  out.padded(minutes, 2)
  out.byte(0x3a)
  out.padded(seconds, 2)
  const fraction = micros % MICROS_PER_SECOND
  if (fraction === 0) return
  out.byte(0x2e)
  out.padded(fraction, 6)
  while (out.bytes[out.at - 1] === 0x30) out.at--
}

function writeTimestamp(out: ByteWriter, micros: number, zone: string): void {
  const days = Math.floor(micros / MICROS_PER_DAY)
  const isOurs = writeDay(out, days)
  out.byte(0x20)
  writeTime(out, micros - days * MICROS_PER_DAY)
  out.ascii(zone)
  if (!isOurs) out.ascii(' BC')
}
