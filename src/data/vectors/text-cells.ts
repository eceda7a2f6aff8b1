import { assert } from '../../base/assert.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { valueForm } from '../types/catalogue.ts'
import type { TypeKind } from '../types/data-type.ts'
import type { Locale } from '../types/datetime/locale.ts'
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
import { arrayWriter } from './list-texts.ts'
import { writeDate, writeInterval, writeTime, writeTimestamp, zonedWriter } from './moment-texts.ts'
import { inlineScale, isWideSlot, NUMERIC_SLOT_BYTES } from './numeric-slots.ts'
import { bytesAt, codeAt, scalarAt } from './to-scalars.ts'
import type { Vector } from './vector.ts'
import { take120, take128, take64, writeTaken, writeUuidText } from './wide-texts.ts'

const UUID_BYTES = 16
const WORD = 2 ** 32
/** From which on a double does not hold the high words of integers. */
const HIGH_WORD_MAX = 2 ** 21

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
export function textCells(cells: Cells, locale?: Locale): CellWriter {
  if (cells.kind === 'scalars') {
    const { values, type } = cells
    return (out, row) => {
      const value = values[row] ?? null
      if (value === null) return false
      out.text(formatScalar(value, type, locale))
      return true
    }
  }
  const { heap, vector } = cells
  if (locale !== undefined) {
    return unlessNull(heap, vector, localeWriter(heap, vector, locale))
  }
  return unlessNull(heap, vector, directWriter(heap, vector) ?? anyWriter(heap, vector))
}

/** In a session's style; moments in ISO's are by the clock of its zone. */
function localeWriter(heap: MemoryViews, vector: Vector, locale: Locale): ValueWriter {
  const { type } = vector
  const any: ValueWriter = (out, row) => {
    const value = scalarAt(heap, vector, row)
    if (value !== null) out.text(formatScalar(value, type, locale))
  }
  if (type.kind !== 'timestamptz' || locale.dateStyle !== 'ISO') return any
  const read = integerReader(heap, vector)
  const shown = zonedWriter(locale.zone)
  return (out, row) => {
    const value = read?.(row) ?? Number.NaN
    if (Number.isNaN(value)) any(out, row)
    else shown(out, value)
  }
}

/** The form that always works. */
function anyWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  const { type } = vector
  return (out, row) => {
    const value = scalarAt(heap, vector, row)
    if (value !== null) out.text(formatScalar(value, type))
  }
}

/** The bytes of a bytea as hex. */
function byteaWriter(heap: MemoryViews, vector: Vector): ValueWriter {
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
function keyedWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  const { u8 } = heap
  const { type } = vector
  if (type.kind === 'array') {
    return type.vector ? anyWriter(heap, vector) : arrayWriter(heap, vector, type, textCells)
  }
  return (out, row) => {
    const text = keyedText(bytesAt(heap, vector, row))
    out.copy(u8, text.byteOffset, text.byteOffset + text.length)
  }
}

type DirectWriter = (heap: MemoryViews, vector: Vector) => ValueWriter | undefined

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
  oid: plainInteger,
  decimal: decimalWriter,
  date: (heap, vector) => integerWriter(heap, vector, writeDate),
  time: (heap, vector) => integerWriter(heap, vector, writeTime),
  timestamp: timestampWriter(''),
  timestamptz: timestampWriter('+00'),
  float4: floatWriter,
  float8: floatWriter,
  numeric: numericWriter,
  interval: intervalWriter,
  uuid: (heap, { values }) => {
    return (out, row) => writeUuidText(out, heap, values + UUID_BYTES * row)
  },
  bytea: byteaWriter,
}

function directWriter(heap: MemoryViews, vector: Vector): ValueWriter | undefined {
  const form = valueForm(vector.type)
  if (form === 'text') return bytesWriter(heap, vector)
  if (form === 'keyed') return keyedWriter(heap, vector)
  return directWriters[vector.type.kind]?.(heap, vector)
}

/** Integers of any width; those that no double holds take the form that always works. */
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
    if (Number.isNaN(value)) any(out, row)
    else write(out, value)
  }
}

function decimalWriter(heap: MemoryViews, vector: Vector): ValueWriter | undefined {
  const { type, values } = vector
  assert(type.kind === 'decimal', 'decimals of another type')
  const { scale } = type
  if (vector.layout === 'i128') {
    return (out, row) => writeTaken(out, take128(heap, values + 16 * row), scale)
  }
  if (vector.layout === 'i64' && scale > EXACT_SCALE_MAX) {
    return (out, row) => writeTaken(out, take64(heap, values + 8 * row), scale)
  }
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

function numericWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  const any = anyWriter(heap, vector)
  const { values } = vector
  return (out, row) => {
    const slot = values + NUMERIC_SLOT_BYTES * row
    if (isWideSlot(heap.view, slot)) any(out, row)
    else writeTaken(out, take120(heap, slot), inlineScale(heap.view, slot))
  }
}

function intervalWriter(heap: MemoryViews, vector: Vector): ValueWriter {
  const any = anyWriter(heap, vector)
  const { i32, u32 } = heap
  return (out, row) => {
    const at = (vector.values >>> 2) + 4 * row
    const high = i32[at + 3]!
    // Micros that a double does not hold.
    if (high < -HIGH_WORD_MAX || high >= HIGH_WORD_MAX) return any(out, row)
    writeInterval(out, i32[at]!, i32[at + 1]!, high * WORD + u32[at + 2]!)
  }
}

function floatWriter(heap: MemoryViews, vector: Vector): ValueWriter {
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
