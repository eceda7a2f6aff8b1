import { QueryError } from '../../base/errors.ts'
import type { Arena } from '../arenas/arena.ts'
import type { Heap } from '../arenas/heap.ts'
import { DECIMAL_PRECISION_MAX, type DataType, type TypeKind } from '../types/data-type.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  type Address,
  type Chunk,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../vectors/vector.ts'

/**
 * Chunks as bytes, for other processes: the buffers as they lie in memory behind a short header, so
 * that encoding and decoding are copies. Arrow IPC cannot carry narrowed layouts, variable-scale
 * numerics and statistics.
 *
 * ```
 * u32 magic, u32 rows, u32 columns, u32 header bytes
 * per column: vector, then statistics
 * vector: u8 kind, u8 precision, u8 scale, u8 layout, u32 flags, u32 length, u32 bytes of values;
 *         a dictionary's vector follows when flag 2 is set
 * statistics: u32 flags, u32 NULLs, f64 distinct, i128 min, i128 max
 * buffers in the order of the vectors: validity, offsets, values, each from a multiple of 64 bytes
 * ```
 */
const MAGIC = 0x31_43_44_48
const PREFIX_BYTES = 16
const VECTOR_BYTES = 16
const STATISTICS_BYTES = 48
const ALIGNMENT_BYTES = 64
/** Rows and columns that a decoded chunk may have. */
const ROWS_MAX = 16_777_216
const COLUMNS_MAX = 65_536

const HAS_VALIDITY = 1
const HAS_DICTIONARY = 2

const HAS_STATISTICS = 1
const HAS_MIN = 2
const HAS_MAX = 4
const HAS_DISTINCT = 8
const IS_ASCENDING = 16

const kinds: readonly TypeKind[] = [
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'decimal',
  'numeric',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'text',
  'bytea',
  'unknown',
]

const layouts: readonly Layout[] = [
  'bit',
  'i8',
  'i16',
  'i32',
  'i64',
  'i128',
  'numeric',
  'f32',
  'f64',
  'interval',
  'utf8',
  'dict8',
  'dict16',
  'dict32',
]

const integerLayouts: readonly Layout[] = ['i8', 'i16', 'i32', 'i64']
const textLayouts: readonly Layout[] = ['utf8', 'dict8', 'dict16', 'dict32']

/** Layouts that a column of a type may have. */
const layoutsOf: Readonly<Record<TypeKind, readonly Layout[]>> = {
  bool: ['bit'],
  int2: ['i8', 'i16'],
  int4: ['i8', 'i16', 'i32'],
  int8: integerLayouts,
  float4: ['f32'],
  float8: ['f64'],
  decimal: [...integerLayouts, 'i128'],
  numeric: ['numeric'],
  date: ['i8', 'i16', 'i32'],
  time: integerLayouts,
  timestamp: integerLayouts,
  timestamptz: integerLayouts,
  interval: ['interval'],
  text: textLayouts,
  bytea: textLayouts,
  unknown: textLayouts,
}

/** A chunk in bytes of its own; {@link decodeChunk} gives the same chunk back, layouts included. */
export function encodeChunk(heap: Heap, chunk: Chunk): Uint8Array {
  const vectors = chunk.columns.flatMap((column) =>
    column.dictionary === undefined ? [column] : [column, column.dictionary],
  )
  const headerBytes =
    PREFIX_BYTES + VECTOR_BYTES * vectors.length + STATISTICS_BYTES * chunk.columns.length
  const pieces = vectors.flatMap((vector) => buffersOf(heap, vector))
  const total = pieces.reduce((bytes, piece) => bytes + aligned(piece.bytes), aligned(headerBytes))
  const encoded = new Uint8Array(total)
  const view = new DataView(encoded.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, chunk.rows, true)
  view.setUint32(8, chunk.columns.length, true)
  view.setUint32(12, headerBytes, true)
  let at = PREFIX_BYTES
  chunk.columns.forEach((column, index) => {
    at = writeVector(heap, view, at, column)
    if (column.dictionary !== undefined) at = writeVector(heap, view, at, column.dictionary)
    writeStatistics(view, at, chunk.statistics?.[index])
    at += STATISTICS_BYTES
  })
  let to = aligned(headerBytes)
  for (const { start, bytes } of pieces) {
    encoded.set(heap.u8.subarray(start, start + bytes), to)
    to += aligned(bytes)
  }
  return encoded
}

interface Piece {
  readonly start: Address
  readonly bytes: number
}

function buffersOf(heap: Heap, vector: Vector): readonly Piece[] {
  const { length } = vector
  const pieces: Piece[] = []
  if (vector.validity !== NO_ADDRESS) {
    pieces.push({ start: vector.validity, bytes: (length + 7) >>> 3 })
  }
  if (vector.layout === 'utf8') pieces.push({ start: vector.offsets, bytes: 4 * (length + 1) })
  pieces.push({ start: vector.values, bytes: valueBytes(heap, vector) })
  return pieces
}

function valueBytes(heap: Heap, vector: Vector): number {
  if (vector.layout === 'utf8') return heap.u32[(vector.offsets >>> 2) + vector.length] ?? 0
  return fixedBytes(vector.layout, vector.length)
}

function fixedBytes(layout: Layout, length: number): number {
  return layout === 'bit' ? (length + 7) >>> 3 : layoutBytes[layout] * length
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
}

function writeVector(heap: Heap, view: DataView, at: number, vector: Vector): number {
  const { type } = vector
  view.setUint8(at, kinds.indexOf(type.kind))
  view.setUint8(at + 1, type.kind === 'decimal' ? type.precision : 0)
  view.setUint8(at + 2, type.kind === 'decimal' ? type.scale : 0)
  view.setUint8(at + 3, layouts.indexOf(vector.layout))
  const flags =
    (vector.validity === NO_ADDRESS ? 0 : HAS_VALIDITY) |
    (vector.dictionary === undefined ? 0 : HAS_DICTIONARY)
  view.setUint32(at + 4, flags, true)
  view.setUint32(at + 8, vector.length, true)
  view.setUint32(at + 12, valueBytes(heap, vector), true)
  return at + VECTOR_BYTES
}

function writeStatistics(
  view: DataView,
  at: number,
  statistics: ColumnStatistics | undefined,
): void {
  if (statistics === undefined) return
  const { min, max, distinct, ascending, nullCount } = statistics
  const flags =
    HAS_STATISTICS |
    (min === undefined ? 0 : HAS_MIN) |
    (max === undefined ? 0 : HAS_MAX) |
    (distinct === undefined ? 0 : HAS_DISTINCT) |
    (ascending ? IS_ASCENDING : 0)
  view.setUint32(at, flags, true)
  view.setUint32(at + 4, nullCount, true)
  view.setFloat64(at + 8, distinct ?? 0, true)
  writeInt128(view, at + 16, min ?? 0n)
  writeInt128(view, at + 32, max ?? 0n)
}

function writeInt128(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, BigInt.asUintN(64, value), true)
  view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 64n), true)
}

function readInt128(view: DataView, at: number): bigint {
  return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true)
}

/** A place in the bytes being decoded. */
interface Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly headerBytes: number
  /** Next header entry, next buffer. */
  header: number
  body: number
}

/**
 * A chunk from its bytes, in memory of the arena. Every length, offset and code is checked: bytes
 * that lie throw PROTOCOL_VIOLATION and never lead outside their buffers.
 */
export function decodeChunk(arena: Arena, bytes: Uint8Array): Chunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  require(bytes.length >= PREFIX_BYTES && view.getUint32(0, true) === MAGIC, 'the first bytes')
  const rows = view.getUint32(4, true)
  const columnCount = view.getUint32(8, true)
  const headerBytes = view.getUint32(12, true)
  require(rows <= ROWS_MAX && columnCount <= COLUMNS_MAX, 'the size')
  require(headerBytes <= bytes.length, 'the header')
  const cursor = { bytes, view, headerBytes, header: PREFIX_BYTES, body: aligned(headerBytes) }
  const columns: Vector[] = []
  const statistics: (ColumnStatistics | undefined)[] = []
  for (let index = 0; index < columnCount; index++) {
    const { description, dictionary } = readDescriptions(cursor)
    require(description.length === rows, 'the length of a column')
    take(cursor, STATISTICS_BYTES)
    statistics.push(readStatistics(view, cursor.header - STATISTICS_BYTES))
    columns.push(readVector(arena, cursor, description, dictionary))
  }
  const gathered = statistics.filter((entry) => entry !== undefined)
  const complete = gathered.length === columnCount && columnCount > 0
  return { rows, columns, statistics: complete ? gathered : undefined }
}

interface Description {
  readonly type: DataType
  readonly layout: Layout
  readonly flags: number
  readonly length: number
  readonly valueBytes: number
}

function readDescriptions(cursor: Cursor): {
  readonly description: Description
  readonly dictionary: Description | undefined
} {
  const description = readDescription(cursor)
  const isCoded = description.layout.startsWith('dict')
  require(isCoded === ((description.flags & HAS_DICTIONARY) !== 0), 'a dictionary')
  if (!isCoded) return { description, dictionary: undefined }
  const dictionary = readDescription(cursor)
  require(dictionary.layout === 'utf8' && dictionary.flags === 0, 'a dictionary')
  require(dictionary.type.kind === description.type.kind, 'the type of a dictionary')
  return { description, dictionary }
}

function readDescription(cursor: Cursor): Description {
  const at = cursor.header
  take(cursor, VECTOR_BYTES)
  const { view } = cursor
  const kind = kinds[view.getUint8(at)]
  const layout = layouts[view.getUint8(at + 3)]
  const length = view.getUint32(at + 8, true)
  require(kind !== undefined && layout !== undefined, 'a type')
  require(layoutsOf[kind].includes(layout) && length <= ROWS_MAX, 'a layout')
  const type = typeOf(kind, view.getUint8(at + 1), view.getUint8(at + 2))
  const flags = view.getUint32(at + 4, true)
  require(flags <= (HAS_VALIDITY | HAS_DICTIONARY), 'flags')
  return { type, layout, flags, length, valueBytes: view.getUint32(at + 12, true) }
}

function typeOf(kind: TypeKind, precision: number, scale: number): DataType {
  if (kind !== 'decimal') return { kind }
  require(precision >= 1 && precision <= DECIMAL_PRECISION_MAX && scale <= precision, 'a decimal')
  return { kind, precision, scale }
}

function readVector(
  arena: Arena,
  cursor: Cursor,
  description: Description,
  dictionaryDescription: Description | undefined,
): Vector {
  const { type, layout, length, flags, valueBytes: bytes } = description
  const validity =
    (flags & HAS_VALIDITY) === 0 ? NO_ADDRESS : readBuffer(arena, cursor, (length + 7) >>> 3)
  const isText = layout === 'utf8'
  require(isText || bytes === fixedBytes(layout, length), 'the bytes of a column')
  const offsets = isText ? readBuffer(arena, cursor, 4 * (length + 1)) : NO_ADDRESS
  const values = readBuffer(arena, cursor, bytes)
  const base = { type, layout, length, validity, values, offsets }
  if (isText) checkOffsets(arena.heap, offsets, length, bytes)
  if (dictionaryDescription === undefined) return { ...base, dictionary: undefined }
  const dictionary = readVector(arena, cursor, dictionaryDescription, undefined)
  checkCodes(arena.heap, base, dictionary.length)
  return { ...base, dictionary }
}

function readBuffer(arena: Arena, cursor: Cursor, bytes: number): Address {
  const start = cursor.body
  require(start + bytes <= cursor.bytes.length, 'a buffer')
  cursor.body = start + aligned(bytes)
  const target = arena.allocate(bytes)
  arena.heap.u8.set(cursor.bytes.subarray(start, start + bytes), target)
  return address(target)
}

function checkOffsets(heap: Heap, offsets: Address, length: number, bytes: number): void {
  const words = heap.u32.subarray(offsets >>> 2, (offsets >>> 2) + length + 1)
  let previous = 0
  let ascending = true
  for (const offset of words) {
    ascending &&= offset >= previous
    previous = offset
  }
  require(ascending && words[0] === 0 && previous === bytes, 'the offsets of a column')
}

function checkCodes(
  heap: Heap,
  coded: Pick<Vector, 'layout' | 'values' | 'length'>,
  distinct: number,
): void {
  const { values, length } = coded
  if (coded.layout === 'dict8') {
    requireBelow(heap.u8.subarray(values, values + length), distinct)
  } else if (coded.layout === 'dict16') {
    requireBelow(new Uint16Array(heap.u8.buffer, values, length), distinct)
  } else {
    requireBelow(heap.u32.subarray(values >>> 2, (values >>> 2) + length), distinct)
  }
}

function requireBelow(codes: Uint8Array | Uint16Array | Uint32Array, bound: number): void {
  let highest = -1
  for (const code of codes) if (code > highest) highest = code
  require(highest < bound, 'the codes of a column')
}

function readStatistics(view: DataView, at: number): ColumnStatistics | undefined {
  const flags = view.getUint32(at, true)
  if ((flags & HAS_STATISTICS) === 0) return undefined
  return {
    min: (flags & HAS_MIN) === 0 ? undefined : readInt128(view, at + 16),
    max: (flags & HAS_MAX) === 0 ? undefined : readInt128(view, at + 32),
    nullCount: view.getUint32(at + 4, true),
    distinct: (flags & HAS_DISTINCT) === 0 ? undefined : view.getFloat64(at + 8, true),
    ascending: (flags & IS_ASCENDING) !== 0,
  }
}

function take(cursor: Cursor, bytes: number): void {
  cursor.header += bytes
  require(cursor.header <= cursor.headerBytes, 'the header')
}

function require(condition: boolean, what: string): asserts condition {
  if (!condition) throw new QueryError('PROTOCOL_VIOLATION', `malformed chunk: ${what} is wrong`)
}
