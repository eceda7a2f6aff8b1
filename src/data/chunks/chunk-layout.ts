import { present } from '../../base/assert.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import { BLOCK_ALIGNMENT_BYTES, type Heap, type Purpose } from '../arenas/heap.ts'
import type { DataType } from '../types/data-type.ts'
import { NUMERIC_SCALE_MAX, NUMERIC_WHOLE_DIGITS_MAX } from '../types/numeric-arithmetic.ts'
import { SPECIAL_EXPONENT, wideNumericHeader } from '../types/wide-numeric.ts'
import {
  isWideSlot,
  NUMERIC_SLOT_BYTES,
  setWideSlot,
  wideBytesOf,
} from '../vectors/numeric-slots.ts'
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
import { checkKeys, checkReferences, hasKeys } from './buffer-checks.ts'

/** A vector without its bytes; these follow as validity, offsets, values, bytes of wide numerics. */
export interface VectorHeader {
  readonly type: DataType
  readonly layout: Layout
  readonly length: number
  readonly hasValidity: boolean
  /** utf8: bytes of text. */
  readonly textBytes: number
  /** numeric: bytes of the values that do not lie in their slots, in the order of rows. */
  readonly wideBytes: number
  /** dict*: index among the header's dictionaries; -1 otherwise. */
  readonly dictionary: number
}

/** A chunk without its bytes. */
export interface ChunkHeader {
  readonly rows: number
  readonly columns: readonly VectorHeader[]
  readonly statistics: readonly ColumnStatistics[] | undefined
}

/** What precedes the bytes of a list of chunks: dictionaries first, then the chunks' vectors. */
export interface ChunksHeader {
  readonly dictionaries: readonly VectorHeader[]
  readonly chunks: readonly ChunkHeader[]
  /** Bytes of all buffers, without gaps. */
  readonly bytes: number
}

/** A run of bytes in the heap. */
export interface HeapRange {
  readonly start: Address
  readonly bytes: number
}

/** Chunks as a header and the heap ranges to send after it, in order. */
export function describeChunks(
  heap: Heap,
  chunks: readonly Chunk[],
): { readonly header: ChunksHeader; readonly ranges: readonly HeapRange[] } {
  const ranges: HeapRange[] = []
  const numbers = new Map<string, number>()
  const dictionaries: VectorHeader[] = []
  const add = (vector: Vector): VectorHeader => {
    const dictionary =
      vector.dictionary === undefined
        ? -1
        : present(numbers.get(keyOf(vector.dictionary)), 'a dictionary comes before its codes')
    const described = describeVector(heap, vector)
    for (const range of described.ranges) ranges.push(range)
    return { ...described.header, dictionary }
  }
  for (const { columns } of chunks) {
    for (const { dictionary } of columns) {
      if (dictionary === undefined) continue
      const key = keyOf(dictionary)
      if (numbers.has(key)) continue
      numbers.set(key, dictionaries.length)
      dictionaries.push(add(dictionary))
    }
  }
  const headers = chunks.map(({ rows, columns, statistics }) => ({
    rows,
    columns: columns.map(add),
    statistics,
  }))
  const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0)
  return { header: { dictionaries, chunks: headers, bytes }, ranges }
}

/** A vector as a header that names no dictionary, and the heap ranges of its own bytes, in order. */
export function describeVector(
  heap: Heap,
  vector: Vector,
): { readonly header: VectorHeader; readonly ranges: readonly HeapRange[] } {
  const { type, layout, length, validity } = vector
  const textBytes = layout === 'utf8' && length > 0 ? heap.u32[(vector.offsets >>> 2) + length]! : 0
  const hasValidity = validity !== NO_ADDRESS
  const wide = layout === 'numeric' ? wideRanges(heap, vector) : []
  const wideBytes = wide.reduce((sum, range) => sum + range.bytes, 0)
  const header = { type, layout, length, hasValidity, textBytes, wideBytes, dictionary: -1 }
  const { validityBytes, offsetsBytes, valuesBytes } = bufferBytes(header)
  const ranges = [
    { start: validity, bytes: validityBytes },
    { start: vector.offsets, bytes: offsetsBytes },
    { start: vector.values, bytes: valuesBytes },
    ...wide,
  ]
  return { header, ranges: ranges.filter(({ bytes }) => bytes > 0) }
}

/** The bytes of wide numerics, value by value. */
function wideRanges({ view }: Heap, { values, length }: Vector): HeapRange[] {
  const ranges: HeapRange[] = []
  for (let row = 0, slot: number = values; row < length; row++, slot += NUMERIC_SLOT_BYTES) {
    const bytes = wideBytesOf(view, slot)
    if (bytes > 0) ranges.push({ start: address(view.getUint32(slot, true)), bytes })
  }
  return ranges
}

/** Room for bytes that are to come. */
export interface ArrivingRange extends HeapRange {
  /** To be called when they are there; throws PROTOCOL_VIOLATION when they cannot be what they should. */
  readonly check?: () => void
}

/** Chunks whose bytes are still to come. */
export interface AllocatedChunks {
  readonly chunks: readonly Chunk[]
  /** To be filled with the bytes, in order. */
  readonly ranges: readonly ArrivingRange[]
  /** Slots whose wide numerics lie one after another from `wide` on. */
  readonly numerics: readonly WideColumn[]
  /** The one block that holds them all; the caller's to free. */
  readonly block: Address
}

interface WideColumn {
  readonly slots: Address
  readonly rows: number
  readonly wide: Address
  readonly wideBytes: number
}

/**
 * To be called when all bytes are there: slots of wide numerics, which still name addresses of the
 * sender's, get their own. Throws PROTOCOL_VIOLATION when they are not what was announced.
 */
export function finishChunks({ view }: Heap, { numerics }: AllocatedChunks): void {
  for (const { slots, rows, wide, wideBytes } of numerics) {
    let at: number = wide
    for (let row = 0, slot: number = slots; row < rows; row++, slot += NUMERIC_SLOT_BYTES) {
      if (!isWideSlot(view, slot)) continue
      const bytes = wideBytesOf(view, slot)
      const fits = bytes >= wideNumericHeader.bytes && at + bytes <= wide + wideBytes
      if (!fits) throw protocolViolation('numerics of other lengths than announced')
      if (!isPossibleNumeric(view, at, bytes)) throw protocolViolation('a numeric out of range')
      setWideSlot(view, slot, at, bytes)
      at += bytes
    }
    if (at !== wide + wideBytes) throw protocolViolation('bytes of no numeric')
  }
}

/** Whether a wide numeric's digits are digits, as many on each side of the point as there may be. */
function isPossibleNumeric(view: DataView, at: number, bytes: number): boolean {
  const scale = view.getUint16(at + wideNumericHeader.scale, true)
  const exponent = view.getInt32(at + wideNumericHeader.exponent, true)
  if (exponent >= SPECIAL_EXPONENT) return bytes === wideNumericHeader.bytes + 1
  const isWithin = scale <= NUMERIC_SCALE_MAX && exponent < NUMERIC_WHOLE_DIGITS_MAX
  if (!isWithin || exponent < -scale) return false
  for (let digit = at + wideNumericHeader.bytes; digit < at + bytes; digit++) {
    if (view.getUint8(digit) > 99) return false
  }
  return true
}

/** Memory for the chunks of a header, in one block. Throws OUT_OF_MEMORY. */
export function allocateChunks(
  heap: Heap,
  header: ChunksHeader,
  purpose: Purpose = 'result',
): AllocatedChunks {
  const vectors = [...header.dictionaries, ...header.chunks.flatMap((chunk) => chunk.columns)]
  const bytes = vectors.reduce((sum, vector) => sum + paddedBytes(vector), 0)
  const block = heap.allocate(bytes, purpose)
  const ranges: ArrivingRange[] = []
  const numerics: WideColumn[] = []
  let next: number = block
  const place = (bytes: number, check?: () => void): Address => {
    const start = address(next)
    next += padded(bytes)
    if (bytes > 0) ranges.push({ start, bytes, ...(check && { check }) })
    return start
  }
  const make = (vector: VectorHeader, dictionary: Vector | undefined): Vector => {
    const { type, layout, length, hasValidity } = vector
    const { validityBytes, offsetsBytes, valuesBytes, wideBytes } = bufferBytes(vector)
    const check = (): void => checkReferences(heap, made, vector.textBytes)
    const validity = hasValidity ? place(validityBytes) : NO_ADDRESS
    const isText = layout === 'utf8'
    const offsets = isText ? place(offsetsBytes, check) : NO_ADDRESS
    const checkValues = hasKeys(type) ? () => checkKeys(heap, made) : dictionary && check
    const values = place(valuesBytes, checkValues)
    if (layout === 'numeric') {
      numerics.push({ slots: values, rows: length, wide: place(wideBytes), wideBytes })
    }
    const made: Vector = { type, layout, length, validity, values, offsets, dictionary }
    return made
  }
  const dictionaries = header.dictionaries.map((vector) => make(vector, undefined))
  const chunks = header.chunks.map(({ rows, columns, statistics }) => ({
    rows,
    columns: columns.map((column) => make(column, dictionaries[column.dictionary])),
    statistics,
  }))
  return { chunks, ranges, numerics, block }
}

/** Every buffer is aligned, and followed by as many readable bytes. */
function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_ALIGNMENT_BYTES + 1) * BLOCK_ALIGNMENT_BYTES
}

function paddedBytes(vector: VectorHeader): number {
  const { validityBytes, offsetsBytes, valuesBytes, wideBytes } = bufferBytes(vector)
  return padded(validityBytes) + padded(offsetsBytes) + padded(valuesBytes) + padded(wideBytes)
}

function keyOf(dictionary: Vector): string {
  return `${dictionary.values}/${dictionary.offsets}/${dictionary.length}`
}

/** How many bytes each of a vector's buffers takes. */
export function bufferBytes(vector: VectorHeader): {
  readonly validityBytes: number
  readonly offsetsBytes: number
  readonly valuesBytes: number
  readonly wideBytes: number
} {
  const { layout, length, hasValidity, textBytes, wideBytes } = vector
  const bitmapBytes = Math.ceil(length / 8)
  const isText = layout === 'utf8'
  const fixedBytes = layout === 'bit' ? bitmapBytes : length * layoutBytes[layout]
  return {
    validityBytes: hasValidity ? bitmapBytes : 0,
    offsetsBytes: isText ? (length + 1) * 4 : 0,
    valuesBytes: isText ? textBytes : fixedBytes,
    wideBytes: layout === 'numeric' ? wideBytes : 0,
  }
}
