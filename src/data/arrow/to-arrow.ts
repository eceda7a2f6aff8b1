import type * as Arrow from 'apache-arrow'
import { present } from '../../base/assert.ts'
import type { Heap } from '../arenas/heap.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { valueForm, widestLayout } from '../types/catalogue.ts'
import { formatScalar } from '../types/format-scalar.ts'
import type { Schema } from '../types/schema.ts'
import { keyedText } from '../types/sort-key.ts'
import { scalarsOf } from '../vectors/column-scalars.ts'
import { listElements } from '../vectors/list-elements.ts'
import { bytesAt, codeAt, isValid, scalarAt } from '../vectors/to-scalars.ts'
import { NO_ADDRESS, type Chunk, type Layout, type Vector } from '../vectors/vector.ts'
import { arrowField, arrowTypeOf } from './arrow-type.ts'
import {
  fixedValues,
  intervalWords,
  textValues,
  uuidBytes,
  type ArrowBuffer,
  type ArrowValues,
} from './arrow-values.ts'
import { arrow } from './library.ts'
import { arrowColumn } from './scalar-columns.ts'

export interface HandOver {
  /**
   * Copy every buffer out of the shared memory, so that the table outlives the chunks. Otherwise
   * fixed-width columns in their widest layout are views, valid as long as the chunks are; text is
   * always copied, since text decoders refuse shared memory.
   */
  readonly copy: boolean
  /**
   * Values by dictionary become values like others, so that the types do not depend on how rows lie.
   * Otherwise a dictionary that all chunks share is given as one.
   */
  readonly plain?: boolean
}

/** Chunks as an Arrow table, one record batch a chunk. Narrowed columns are widened. */
export function toArrowTable(
  heap: Heap,
  schema: Schema,
  chunks: readonly Chunk[],
  handOver: HandOver = { copy: false },
): Arrow.Table {
  return arrowTable(arrowBatches(heap, schema, chunks, handOver))
}

/** All batches as one table. */
export function arrowTable({ arrowSchema, batches }: ArrowBatches): Arrow.Table {
  return new arrow.Table(arrowSchema, [...batches])
}

export interface ArrowBatches {
  readonly arrowSchema: Arrow.Schema
  /** Made one by one, as they are asked for. */
  readonly batches: Iterable<Arrow.RecordBatch>
}

/** The same, batch by batch. */
export function arrowBatches(
  heap: Heap,
  schema: Schema,
  chunks: Iterable<Chunk>,
  { copy, plain = false }: HandOver,
): ArrowBatches {
  const all = plain ? [] : [...chunks]
  const dictionaries = schema.map((_, column) => sharedDictionary(heap, all, column))
  const types = schema.map((field, column) => dictionaries[column]?.type ?? arrowTypeOf(field.type))
  const fields = schema.map((field, column) => arrowField(field, types[column]!))
  const arrowSchema = new arrow.Schema(fields)
  const batchOf = (chunk: Chunk): Arrow.RecordBatch => {
    const children = chunk.columns.map((vector, column) =>
      arrowData(heap, vector, types[column]!, dictionaries[column], copy),
    )
    return recordBatch(arrowSchema, chunk.rows, children)
  }
  const batches = function* (): Iterable<Arrow.RecordBatch> {
    for (const chunk of plain ? chunks : all) yield batchOf(chunk)
  }
  return { arrowSchema, batches: batches() }
}

/** Columns of equally many rows as a batch. */
export function recordBatch(
  schema: Arrow.Schema,
  rows: number,
  columns: readonly Arrow.Data[],
): Arrow.RecordBatch {
  const struct = new arrow.Struct(schema.fields)
  const data = new arrow.Data(struct, 0, rows, 0, undefined, [...columns])
  // The constructor puts a schema together anew, by names, and loses columns of one name.
  const batch = new arrow.RecordBatch(schema, data)
  return Object.defineProperty(batch, 'schema', { value: schema })
}

interface ArrowDictionary {
  readonly type: Arrow.Dictionary
  readonly values: Arrow.Vector
}

/** The dictionary that all chunks of a column share; undefined when they do not. */
function sharedDictionary(
  heap: MemoryViews,
  chunks: readonly Chunk[],
  column: number,
): ArrowDictionary | undefined {
  const [first, ...rest] = chunks.map((chunk) => chunk.columns[column])
  const dictionary = first?.dictionary
  if (first === undefined || dictionary === undefined) return undefined
  const isShared = rest.every(
    (vector) =>
      vector?.layout === first.layout &&
      vector.dictionary?.values === dictionary.values &&
      vector.dictionary.length === dictionary.length,
  )
  if (!isShared) return undefined
  const type = arrowTypeOf(dictionary.type)
  const values = new arrow.Vector([arrowData(heap, dictionary, type, undefined, true)])
  return { type: new arrow.Dictionary(type, codeType(first.layout)), values }
}

function codeType(layout: Layout): Arrow.Uint8 | Arrow.Uint16 | Arrow.Uint32 {
  if (layout === 'dict8') return new arrow.Uint8()
  return layout === 'dict16' ? new arrow.Uint16() : new arrow.Uint32()
}

function arrowData(
  heap: MemoryViews,
  vector: Vector,
  type: Arrow.DataType,
  dictionary: ArrowDictionary | undefined,
  copy: boolean,
): Arrow.Data {
  if (vector.type.kind === 'array') {
    return listData(heap, vector, type) ?? arrowColumn(scalarsOf(heap, vector), vector.type, type)
  }
  const { length, validity } = vector
  const bitmapBytes = (length + 7) >>> 3
  const nullBitmap =
    validity === NO_ADDRESS ? undefined : buffer(heap.u8, validity, bitmapBytes, copy)
  const { offsets, values } =
    dictionary === undefined
      ? arrowValues(heap, vector, copy)
      : { offsets: undefined, values: codes(heap, vector, copy) }
  // Offsets, values, validity: apache-arrow's order of buffers. -1: it counts the NULLs itself.
  const buffers = [offsets, values, nullBitmap]
  const nullCount = nullBitmap === undefined ? 0 : -1
  return new arrow.Data(
    type,
    0,
    length,
    nullCount,
    buffers as ConstructorParameters<typeof Arrow.Data>[4],
    [],
    dictionary?.values,
  )
}

/** Lists whose elements are taken apart together; undefined where an array is none of these. */
function listData(heap: MemoryViews, vector: Vector, type: Arrow.DataType): Arrow.Data | undefined {
  if (vector.dictionary !== undefined) return undefined
  const { length, validity } = vector
  if (length === 0) return undefined
  const { memory, elements, ends } = listElements(heap, vector, 0, Number.POSITIVE_INFINITY)
  for (let row = 0; row < length; row++) {
    if (ends[row] === (ends[row - 1] ?? 0) && hasElements(heap, vector, row)) return undefined
  }
  const child = present(type.children?.[0], 'the field of members').type
  const bitmap =
    validity === NO_ADDRESS ? undefined : buffer(heap.u8, validity, (length + 7) >>> 3, true)
  const offsets = new Int32Array(length + 1)
  offsets.set(ends, 1)
  const buffers = [offsets, undefined, bitmap] as ConstructorParameters<typeof Arrow.Data>[4]
  const nullCount = bitmap === undefined ? 0 : -1
  const members = arrowData(memory, elements, child, undefined, false)
  return new arrow.Data(type, 0, length, nullCount, buffers, [members])
}

/** Whether an array that has its text is another one than `{}`. */
function hasElements(heap: MemoryViews, vector: Vector, row: number): boolean {
  return isValid(heap, vector, row) && keyedText(bytesAt(heap, vector, row)).length > 2
}

function arrowValues(heap: MemoryViews, vector: Vector, copy: boolean): ArrowValues {
  const { length, values, type } = vector
  const { buffer: memory } = heap.u8
  const fixed = fixedValues
  const owned = <T extends ArrowBuffer>(array: T): T => (copy ? (array.slice() as T) : array)
  if (type.kind === 'decimal') {
    return fixed(
      vector.layout === 'i128'
        ? owned(new Uint32Array(memory, values, 4 * length))
        : decimals(heap, vector),
    )
  }
  if (type.kind === 'enum') return textValues(length, (row) => pieceAt(heap, vector, row))
  switch (valueForm(type)) {
    case 'bit':
      return fixed(buffer(heap.u8, values, (length + 7) >>> 3, copy))
    case 'i32':
      if (widestLayout(type) === 'i16') {
        return fixed(
          vector.layout === 'i16'
            ? owned(new Int16Array(memory, values, length))
            : Int16Array.from(integers(heap, vector)),
        )
      }
      return fixed(
        vector.layout === 'i32'
          ? owned(new Int32Array(memory, values, length))
          : Int32Array.from(integers(heap, vector)),
      )
    case 'i64':
      return fixed(
        vector.layout === 'i64'
          ? owned(new BigInt64Array(memory, values, length))
          : widened(heap, vector),
      )
    case 'f32':
      return fixed(owned(new Float32Array(memory, values, length)))
    case 'f64':
      return fixed(owned(new Float64Array(memory, values, length)))
    case 'interval':
      return fixed(intervalWords(length, (row) => scalarAt(heap, vector, row)))
    case 'text':
    case 'keyed':
    case 'bytes':
      if (valueForm(type) === 'keyed')
        return textValues(length, (row) => pieceAt(heap, vector, row))
      return vector.layout === 'utf8' ? plainText(heap, vector) : textOfCodes(heap, vector)
    case 'i128':
      return fixed(uuidBytes(length, (row) => scalarAt(heap, vector, row)))
    case 'numeric':
      return textValues(length, (row) => pieceAt(heap, vector, row))
  }
}

function buffer(bytes: Uint8Array, start: number, length: number, copy: boolean): Uint8Array {
  return copy ? bytes.slice(start, start + length) : bytes.subarray(start, start + length)
}

/** Integers of up to four bytes as numbers. */
function integers(
  heap: MemoryViews,
  { layout, values, length }: Vector,
): Int8Array | Int16Array | Int32Array {
  const { buffer: memory } = heap.u8
  if (layout === 'i8') return new Int8Array(memory, values, length)
  if (layout === 'i16') return new Int16Array(memory, values, length)
  return new Int32Array(memory, values, length)
}

/** Integers of up to four bytes as 64-bit ones, written as pairs of words. */
function widened(heap: MemoryViews, vector: Vector): BigInt64Array {
  const words = new Int32Array(2 * vector.length)
  integers(heap, vector).forEach((value, row) => {
    words[2 * row] = value
    words[2 * row + 1] = value >> 31
  })
  return new BigInt64Array(words.buffer)
}

function decimals(heap: MemoryViews, vector: Vector): Uint32Array {
  const words = new Int32Array(4 * vector.length)
  if (vector.layout === 'i64') {
    const base = vector.values >>> 2
    for (let row = 0; row < vector.length; row++) {
      const high = heap.i32[base + 2 * row + 1] ?? 0
      words[4 * row] = heap.i32[base + 2 * row] ?? 0
      words[4 * row + 1] = high
      words.fill(high >> 31, 4 * row + 2, 4 * row + 4)
    }
  } else {
    integers(heap, vector).forEach((value, row) => {
      words[4 * row] = value
      words.fill(value >> 31, 4 * row + 1, 4 * row + 4)
    })
  }
  return new Uint32Array(words.buffer)
}

function plainText(heap: MemoryViews, { offsets, values, length }: Vector): ArrowValues {
  const start = offsets >>> 2
  const bytes = heap.u32[start + length] ?? 0
  return {
    offsets: heap.i32.slice(start, start + length + 1),
    values: heap.u8.slice(values, values + bytes),
  }
}

const encoder = new TextEncoder()

/** Keyed values and numerics as plain text. */
function pieceAt(heap: MemoryViews, vector: Vector, row: number): Uint8Array | undefined {
  if (!isValid(heap, vector, row)) return undefined
  if (vector.dictionary !== undefined) {
    return bytesAt(heap, vector.dictionary, codeAt(heap, vector, row))
  }
  const scalar = scalarAt(heap, vector, row)
  return scalar === null ? new Uint8Array(0) : encoder.encode(formatScalar(scalar, vector.type))
}

/** The texts that codes stand for, one behind the other. */
function textOfCodes(heap: MemoryViews, vector: Vector): ArrowValues {
  const dictionary = present(vector.dictionary, 'dictionary of codes')
  const { u8, u32 } = heap
  const starts = dictionary.offsets >>> 2
  const read = codes(heap, vector, false)
  const offsets = new Int32Array(vector.length + 1)
  let total = 0
  for (let row = 0; row < vector.length; row++) {
    const start = starts + read[row]!
    if (isValid(heap, vector, row)) total += u32[start + 1]! - u32[start]!
    offsets[row + 1] = total
  }
  const values = new Uint8Array(total)
  let at = 0
  for (let row = 0; row < vector.length; row++) {
    const end = offsets[row + 1]!
    let from = dictionary.values + u32[starts + read[row]!]!
    while (at < end) values[at++] = u8[from++]!
  }
  return { offsets, values }
}

function codes(
  heap: MemoryViews,
  vector: Vector,
  copy: boolean,
): Uint8Array | Uint16Array | Uint32Array {
  const { layout, values, length } = vector
  const { buffer: memory } = heap.u8
  const owned = <T extends ArrowBuffer>(array: T): T => (copy ? (array.slice() as T) : array)
  if (layout === 'dict8') return owned(new Uint8Array(memory, values, length))
  if (layout === 'dict16') return owned(new Uint16Array(memory, values, length))
  return owned(new Uint32Array(memory, values, length))
}
