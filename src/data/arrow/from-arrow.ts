import type * as Arrow from 'apache-arrow'
import { AssertionError } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { valueForm } from '../types/catalogue.ts'
import type { Arena } from '../arenas/arena.ts'
import {
  listOf,
  readArrayText,
  stackArrays,
  writeArrayText,
  type ArrayParts,
} from '../types/array-text.ts'
import { formatScalar } from '../types/format-scalar.ts'
import { parseScalar } from '../types/parse-scalar.ts'
import { DECIMAL64_PRECISION_MAX, type ArrayType, type DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'
import { UUID_BYTES, uuidOfBytes } from '../types/uuid.ts'
import type { Schema } from '../types/schema.ts'
import { copyBits } from '../vectors/chunk-rows.ts'
import { vectorFromScalars } from '../vectors/from-scalars.ts'
import { scalarsOf } from '../vectors/column-scalars.ts'
import { bytesAt, isValid } from '../vectors/to-scalars.ts'
import {
  layoutBytes,
  NO_ADDRESS,
  type Address,
  type Chunk,
  type Layout,
  type Vector,
} from '../vectors/vector.ts'
import { fieldOfArrow, isListType } from './arrow-type.ts'
import { arrow } from './library.ts'

export interface ArrowColumns {
  readonly schema: Schema
  readonly chunks: readonly Chunk[]
}

/**
 * An Arrow table as chunks in memory of the arena, one a record batch. Buffers are copied as they
 * are where layouts agree. Lengths, offsets and dictionary indexes are checked: a table that lies
 * throws BAD_FILE. Nested types throw FEATURE_NOT_SUPPORTED.
 */
export function fromArrowTable(arena: Arena, table: Arrow.Table): ArrowColumns {
  return guarded(() => {
    const schema = table.schema.fields.map((field) => fieldOfArrow(field))
    // The columns of a batch without rows are not always of the form that they have with some.
    const filled = table.batches.filter((batch) => batch.numRows > 0)
    const chunks = filled.map((batch) => chunkOfBatch(arena, schema, batch))
    return { schema, chunks }
  })
}

/** Rows that a record batch may have. */
const BATCH_ROWS_MAX = 16_777_216

/** Runs what reads Arrow data of others: whatever apache-arrow trips over means that they lie. */
export function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof QueryError || cause instanceof AssertionError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new QueryError('BAD_FILE', `malformed Arrow data: ${reason}`, { cause })
  }
}

/** A record batch as a chunk; `columns` are the positions wanted, all when left out. */
export function chunkOfBatch(
  arena: Arena,
  schema: Schema,
  batch: Arrow.RecordBatch,
  columns: readonly number[] = schema.map((_, at) => at),
): Chunk {
  const rows = batch.numRows
  require(rows >= 0 && rows <= BATCH_ROWS_MAX, 'the number of rows')
  const vectors = columns.map((at) => {
    const data = batch.data.children[at]
    require(data !== undefined && data.length >= rows, 'a column')
    return vectorOfData(arena, data, schema[at]!.type, rows)
  })
  return { rows, columns: vectors, statistics: undefined }
}

/** A column whose NULLs are counted by its bitmap, whatever it claims. */
function counted(data: Arrow.Data): Arrow.Data {
  return data.clone(data.type, data.offset, data.length, UNKNOWN_NULL_COUNT)
}

const UNKNOWN_NULL_COUNT = -1

function vectorOfData(arena: Arena, column: Arrow.Data, type: DataType, rows: number): Vector {
  const data = counted(column)
  const validity = validityOf(arena, data, rows)
  const base = { type, length: rows, validity, dictionary: undefined, offsets: NO_ADDRESS }
  if (arrow.DataType.isDictionary(data.type)) return codedVector(arena, data, base)
  if (type.kind === 'array') {
    return vectorFromScalars(arena, type, arrayScalars(arena, data, type, rows))
  }
  if (type.kind === 'uuid') return uuidVector(arena, data, type, rows)
  if (type.kind === 'json') return fromValues(arena, data, type, rows, (v) => parse(v, type))
  if (type.kind === 'numeric') return fromValues(arena, data, type, rows, (v) => parse(v, type))
  if (type.kind === 'text' || type.kind === 'bytea') return textVector(arena, data, base)
  if (type.kind === 'bool') {
    const values = arena.allocate((rows + 7) >>> 3)
    copyBitmap(arena, bytesOf(data.values), data.offset, rows, values)
    return { ...base, layout: 'bit', values }
  }
  if (type.kind === 'decimal' && type.precision <= DECIMAL64_PRECISION_MAX) {
    return { ...base, layout: 'i64', values: narrowDecimals(arena, data, rows) }
  }
  const layout = sameLayout(data.type)
  const width = layoutBytes[layout ?? 'i64']
  if (layout === undefined) return convertedVector(arena, data, type, rows)
  const bytes = bytesOf(data.values)
  require(bytes.length >= width * rows, 'the length of a buffer')
  const values = arena.allocate(width * rows)
  arena.heap.u8.set(bytes.subarray(0, width * rows), values)
  return { ...base, layout, values }
}

/** 128-bit decimals of up to 18 digits as 64-bit ones. */
function narrowDecimals(arena: Arena, data: Arrow.Data, rows: number): Address {
  const bytes = bytesOf(data.values)
  require(bytes.length >= 16 * rows, 'the length of a buffer')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = arena.allocate(8 * rows)
  const { i32 } = arena.heap
  let fits = true
  for (let row = 0; row < rows; row++) {
    const high = view.getInt32(16 * row + 4, true)
    const rest = view.getInt32(16 * row + 8, true)
    i32[(values >>> 2) + 2 * row] = view.getInt32(16 * row, true)
    i32[(values >>> 2) + 2 * row + 1] = high
    fits &&=
      (high >> 31 === rest && view.getInt32(16 * row + 12, true) === rest) || !isValidRow(data, row)
  }
  require(fits, 'the precision of a decimal')
  return values
}

/** The layout of an Arrow type whose buffer is a vector's as it is; undefined for the others. */
function sameLayout(type: Arrow.DataType): Layout | undefined {
  if (arrow.DataType.isInt(type) && type.isSigned) return `i${type.bitWidth}`
  if (arrow.DataType.isFloat(type)) {
    if (type.precision === arrow.Precision.HALF) return undefined
    return type.precision === arrow.Precision.DOUBLE ? 'f64' : 'f32'
  }
  if (arrow.DataType.isDecimal(type)) return 'i128'
  if (arrow.DataType.isDate(type)) return type.unit === arrow.DateUnit.DAY ? 'i32' : undefined
  if (arrow.DataType.isTimestamp(type) || arrow.DataType.isTime(type)) {
    return type.unit === arrow.TimeUnit.MICROSECOND ? 'i64' : undefined
  }
  return undefined
}

/** Types that need work for each value. */
function convertedVector(arena: Arena, data: Arrow.Data, type: DataType, rows: number): Vector {
  const arrowType = data.type
  if (arrow.DataType.isInt(arrowType)) {
    const asBigint = type.kind === 'int8' || type.kind === 'decimal'
    return fromValues(arena, data, type, rows, (value) =>
      asBigint ? BigInt(value as number | bigint) : Number(value),
    )
  }
  if (arrow.DataType.isFloat(arrowType)) {
    const vector = new arrow.Vector([data])
    return fromValues(arena, data, type, rows, (_, row) => Number(vector.get(row)))
  }
  if (arrow.DataType.isDate(arrowType)) {
    return fromValues(arena, data, type, rows, (value) =>
      Number(BigInt(value as bigint) / MILLIS_PER_DAY),
    )
  }
  if (arrow.DataType.isTimestamp(arrowType) || arrow.DataType.isTime(arrowType)) {
    const { unit } = arrowType
    return fromValues(arena, data, type, rows, (value) => toMicros(BigInt(value as bigint), unit))
  }
  if (arrow.DataType.isDuration(arrowType)) {
    const { unit } = arrowType
    return fromValues(arena, data, type, rows, (value) => ({
      months: 0,
      days: 0,
      micros: toMicros(BigInt(value as bigint), unit),
    }))
  }
  if (arrow.DataType.isInterval(arrowType)) return intervalVector(arena, data, type, rows)
  throw malformed('a type')
}

const MILLIS_PER_DAY = 86_400_000n
const INT64_MAX = 2n ** 63n - 1n

function toMicros(value: bigint, unit: Arrow.TimeUnit): bigint {
  if (unit === arrow.TimeUnit.NANOSECOND) {
    // Towards the past, as a time of day never rounds into the next second.
    return (value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n
  }
  const factors = { [arrow.TimeUnit.SECOND]: 1_000_000n, [arrow.TimeUnit.MILLISECOND]: 1_000n }
  const micros = value * (unit === arrow.TimeUnit.MICROSECOND ? 1n : factors[unit])
  if (micros > INT64_MAX || micros < -INT64_MAX) {
    throw new QueryError('DATETIME_OVERFLOW', 'timestamp out of range')
  }
  return micros
}

/** Lists as arrays, lists of lists as arrays of two dimensions. */
function arrayScalars(
  arena: Arena,
  data: Arrow.Data,
  type: ArrayType,
  rows: number,
): readonly (string | null)[] {
  // Where there are no rows, writers may leave the members out.
  if (rows === 0) return []
  const member = data.children[0]
  require(member !== undefined, 'the members of a list')
  const ends = listEnds(data, rows)
  const [first = 0] = ends
  const last = ends.at(-1) ?? first
  const isAscending = ends.every((end, at) => at === 0 || end >= (ends[at - 1] ?? 0))
  require(first >= 0 && isAscending && last <= member.length, 'the offsets of a list')
  const children = counted(member)
  const partsOf = isListType(member.type)
    ? nestedParts(arrayScalars(arena, children, type, member.length))
    : plainParts(membersOf(arena, children, type.element), type.element)
  return Array.from({ length: rows }, (_, row) =>
    isValidRow(data, row) ? writeArrayText(partsOf(ends[row] ?? 0, ends[row + 1] ?? 0)) : null,
  )
}

/** Members of a list; texts among them are held to be UTF-8. */
function membersOf(arena: Arena, data: Arrow.Data, element: DataType): readonly Scalar[] {
  const vector = vectorOfData(arena, data, element, data.length)
  if (valueForm(element) !== 'text') return scalarsOf(arena.heap, vector)
  return Array.from({ length: data.length }, (_, row) =>
    isValid(arena.heap, vector, row) ? decodeUtf8(bytesAt(arena.heap, vector, row).slice()) : null,
  )
}

type Parts = (start: number, end: number) => ArrayParts<string | null>

function nestedParts(arrays: readonly (string | null)[]): Parts {
  return (start, end) =>
    stackArrays(arrays.slice(start, end).map((text) => readArrayText(text ?? '{}')))
}

function plainParts(scalars: readonly Scalar[], element: DataType): Parts {
  const texts = scalars.map((value) => (value === null ? null : formatScalar(value, element)))
  return (start, end) => listOf(texts.slice(start, end))
}

/** Where each list ends, behind where the first begins. */
function listEnds({ type, valueOffsets }: Arrow.Data, rows: number): readonly number[] {
  if (arrow.DataType.isFixedSizeList(type)) {
    return Array.from({ length: rows + 1 }, (_, row) => row * type.listSize)
  }
  const offsets = valueOffsets as unknown as Int32Array | BigInt64Array
  require(offsets.length > rows || rows === 0, 'the offsets of a column')
  return Array.from({ length: rows + 1 }, (_, row) => Number(offsets[row] ?? 0))
}

/** Values of 16 bytes, which the field says are uuids. */
function uuidVector(arena: Arena, data: Arrow.Data, type: DataType, rows: number): Vector {
  const bytes = bytesOf(data.values)
  require(bytes.length >= UUID_BYTES * rows, 'the length of a buffer')
  const scalars = Array.from({ length: rows }, (_, row) =>
    isValidRow(data, row) ? uuidOfBytes(bytes, UUID_BYTES * row) : null,
  )
  return vectorFromScalars(arena, type, scalars)
}

function intervalVector(arena: Arena, data: Arrow.Data, type: DataType, rows: number): Vector {
  const bytes = bytesOf(data.values)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { unit } = data.type as Arrow.Interval
  const width = { [arrow.IntervalUnit.YEAR_MONTH]: 4, [arrow.IntervalUnit.DAY_TIME]: 8 }
  const stride = unit === arrow.IntervalUnit.MONTH_DAY_NANO ? 16 : width[unit]
  require(bytes.length >= stride * rows, 'the length of a buffer')
  const scalars = Array.from({ length: rows }, (_, row): Scalar => {
    if (!isValidRow(data, row)) return null
    const at = stride * row
    if (stride === 4) return { months: view.getInt32(at, true), days: 0, micros: 0n }
    if (stride === 8) {
      const micros = 1_000n * BigInt(view.getInt32(at + 4, true))
      return { months: 0, days: view.getInt32(at, true), micros }
    }
    const nanos = view.getBigInt64(at + 8, true)
    return {
      months: view.getInt32(at, true),
      days: view.getInt32(at + 4, true),
      micros: nanos / 1_000n,
    }
  })
  return vectorFromScalars(arena, type, scalars)
}

/** One value at a time, for the types that do not occur in bulk. */
function fromValues(
  arena: Arena,
  data: Arrow.Data,
  type: DataType,
  rows: number,
  convert: (value: unknown, row: number) => Scalar,
): Vector {
  const isText = type.kind === 'numeric' || type.kind === 'json'
  const vector = isText ? new arrow.Vector([data]) : undefined
  const values = data.values as ArrayLike<unknown>
  require(isText || values.length >= rows, 'the length of a buffer')
  const scalars = Array.from({ length: rows }, (_, row) => {
    if (!isValidRow(data, row)) return null
    return convert(vector === undefined ? values[row] : vector.get(row), row)
  })
  return vectorFromScalars(arena, type, scalars)
}

function parse(value: unknown, type: DataType): Scalar {
  return parseScalar(String(value), type)
}

interface VectorBase {
  readonly type: DataType
  readonly length: number
  readonly validity: Address
  readonly offsets: Address
  readonly dictionary: undefined
}

function textVector(arena: Arena, data: Arrow.Data, base: VectorBase): Vector {
  const { length } = base
  const { Utf8, Binary, LargeUtf8, LargeBinary, Null } = arrow.Type
  const { typeId } = data.type
  if (typeId === Null) return nullVector(arena, base)
  if (![Utf8, Binary, LargeUtf8, LargeBinary].includes(typeId)) {
    // Views and fixed-size binary: apache-arrow's own access checks nothing but stays in bounds.
    const vector = new arrow.Vector([data])
    const scalars = Array.from({ length }, (_, row) => vector.get(row) as Scalar)
    return vectorFromScalars(arena, base.type, scalars)
  }
  const source = data.valueOffsets as unknown as Int32Array | BigInt64Array
  // Where there are no rows, writers may leave the one offset out.
  require(source.length > length || length === 0, 'the offsets of a column')
  const first = Number(source[0] ?? 0)
  const offsets = arena.allocate(4 * (length + 1))
  const { u32, u8 } = arena.heap
  const bytes = bytesOf(data.values)
  let previous = first
  let ascending = first >= 0
  for (let row = 0; row <= length; row++) {
    const offset = Number(source[row] ?? 0)
    ascending &&= offset >= previous
    previous = offset
    u32[(offsets >>> 2) + row] = offset - first
  }
  require(ascending && previous <= bytes.length, 'the offsets of a column')
  const values = arena.allocate(previous - first)
  u8.set(bytes.subarray(first, previous), values)
  return { ...base, layout: 'utf8', values, offsets }
}

/** NULLs only: no buffer of the file stands behind them. */
function nullVector(arena: Arena, base: VectorBase): Vector {
  const validity = arena.allocateZeroed((base.length + 7) >>> 3)
  const offsets = arena.allocateZeroed(4 * (base.length + 1))
  return { ...base, layout: 'utf8', validity, values: arena.allocate(0), offsets }
}

function codedVector(arena: Arena, data: Arrow.Data, base: VectorBase): Vector {
  const { length, type } = base
  const distinct = data.dictionary as Arrow.Vector | undefined
  require(distinct !== undefined, 'a dictionary')
  const codes = data.values as ArrayLike<number | bigint>
  require(codes.length >= length, 'the length of a buffer')
  const isPlainText =
    (type.kind === 'text' || type.kind === 'bytea') &&
    distinct.data.every((piece) => counted(piece).nullCount === 0)
  const indexes = Array.from({ length }, (_, row) =>
    isValidRow(data, row) ? Number(codes[row]) : 0,
  )
  const highest = indexes.reduce((most, index) => Math.max(most, index), 0)
  const lowest = indexes.reduce((least, index) => Math.min(least, index), 0)
  const isEmpty = distinct.length === 0
  require(lowest >= 0 && (highest < distinct.length || (isEmpty && highest === 0)), 'an index')
  if (!isPlainText || distinct.data.length !== 1) return decodedVector(arena, data, base, indexes)
  const dictionary = isEmpty
    ? vectorFromScalars(arena, type, [''])
    : vectorOfData(arena, distinct.data[0]!, type, distinct.length)
  const layout =
    dictionary.length <= 256 ? 'dict8' : dictionary.length <= 65_536 ? 'dict16' : 'dict32'
  const values = arena.allocate(layoutBytes[layout] * length)
  const { view } = arena.heap
  indexes.forEach((index, row) => {
    if (layout === 'dict8') view.setUint8(values + row, index)
    else if (layout === 'dict16') view.setUint16(values + 2 * row, index, true)
    else view.setUint32(values + 4 * row, index, true)
  })
  return { ...base, layout, values, dictionary }
}

/** Dictionaries of other types, in several pieces, or with NULLs: looked up value by value. */
function decodedVector(
  arena: Arena,
  data: Arrow.Data,
  base: VectorBase,
  indexes: readonly number[],
): Vector {
  const distinct = data.dictionary as unknown as Arrow.Vector
  const scratch = distinct.data.map((piece) => scalarsOfData(arena, piece, base.type))
  const values = scratch.flat()
  const scalars = indexes.map((index, row) =>
    isValidRow(data, row) ? (values[index] ?? null) : null,
  )
  return vectorFromScalars(arena, base.type, scalars)
}

function scalarsOfData(arena: Arena, data: Arrow.Data, type: DataType): readonly Scalar[] {
  return scalarsOf(arena.heap, vectorOfData(arena, data, type, data.length))
}

function validityOf(arena: Arena, data: Arrow.Data, rows: number): Address {
  const bits = bytesOf(data.nullBitmap)
  if (bits.length === 0 || data.nullCount === 0) return NO_ADDRESS
  const validity = arena.allocate((rows + 7) >>> 3)
  copyBitmap(arena, bits, data.offset, rows, validity)
  return validity
}

function isValidRow(data: Arrow.Data, row: number): boolean {
  const bits = bytesOf(data.nullBitmap)
  if (bits.length === 0 || data.nullCount === 0) return true
  const at = data.offset + row
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
}

function copyBitmap(
  arena: Arena,
  bits: Uint8Array,
  from: number,
  count: number,
  to: Address,
): void {
  require(bits.length >= (from + count + 7) >>> 3, 'the length of a bitmap')
  copyBits(bits, from, count, arena.heap.u8, to)
}

function bytesOf(values: unknown): Uint8Array {
  if (!ArrayBuffer.isView(values)) return new Uint8Array(0)
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function require(condition: boolean, what: string): asserts condition {
  if (!condition) throw malformed(what)
}

function malformed(what: string): QueryError {
  return new QueryError('BAD_FILE', `malformed Arrow data: ${what} is wrong`)
}
