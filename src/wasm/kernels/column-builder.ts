import { assert } from '../../base/assert.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { isWideSlot, NUMERIC_SLOT_BYTES, WideNumerics } from '../../data/vectors/numeric-slots.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  widestLayout,
  type Address,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import { GrowingBlock } from './growing-block.ts'
import { createDictionary, type GrowingDictionary } from './growing-dictionary.ts'
import type { Kernels } from './loader.ts'
import { convertLayout, isIntegerLayout, narrowestLayout } from './narrow.ts'
import { gatherStatistics } from './statistics.ts'

/** A column stays dictionary-coded while a chunk has at least so many rows a distinct value. */
const ROWS_PER_ENTRY_MIN = 8
/** Tables of fewer rows gain nothing from codes. */
const CODED_ROWS_MIN = 256
/** Rows at the beginning of a chunk that tell whether the others are worth a look. */
const SAMPLE_ROWS = 4_096
/** Rows a distinct value that these have where the whole chunk may have enough. */
const SAMPLE_ROWS_PER_ENTRY_MIN = 2
/** Room for text at the beginning: so much a row, but no more than that. */
const TEXT_BYTES_A_ROW = 16
const TEXT_BYTES_START_MAX = 65_536

/** One column of a table that is being built; rows gather until they are flushed as a vector. */
export interface ColumnBuilder {
  /** Copies rows `from` to `from + count` of a vector behind the `at` rows that are there. */
  append(vector: Vector, from: number, count: number, at: number): void
  /** The rows as a vector, which has no dictionary yet. */
  flush(rows: number): Vector
  /** All vectors; their dictionary is made in an arena. */
  finish(dictionaries: Arena): {
    readonly vectors: readonly Vector[]
    readonly statistics: readonly ColumnStatistics[]
  }
  release(): void
}

/** What a column is made for, and in. */
export interface ColumnRoom {
  /** What only building takes; it goes with the builders of all columns. */
  readonly work: Arena
  readonly chunkRowsMax: number
  readonly chunksMax: number
}

interface Staging {
  readonly arena: Arena
  readonly kernels: Kernels
  readonly type: DataType
  readonly room: ColumnRoom
  /** Values in the widest layout; offsets of text; codes are u32. */
  readonly values: Address
  readonly validity: Address
  readonly codes: Address
  readonly text: GrowingBlock
  textBytes: number
  nulls: number
  dictionary: GrowingDictionary | undefined
  wide: WideNumerics
  /** Whether the column has too many distinct values to be coded. */
  abandoned: boolean
}

export function createColumnBuilder(
  arena: Arena,
  kernels: Kernels,
  type: DataType,
  room: ColumnRoom,
): ColumnBuilder {
  const { work, chunkRowsMax: rowsMax } = room
  const layout = widestLayout(type)
  const isText = layout === 'utf8'
  const width = isText ? 4 : layoutBytes[layout] || 1
  const staging: Staging = {
    arena,
    kernels,
    type,
    room,
    values: work.allocate(width * (rowsMax + 1)),
    validity: work.allocate((rowsMax + 7) >>> 3),
    codes: isText ? work.allocate(4 * rowsMax) : NO_ADDRESS,
    text: new GrowingBlock(work, kernels),
    textBytes: 0,
    nulls: 0,
    dictionary: undefined,
    wide: new WideNumerics(arena),
    // Values of other texts may be equal: codes must not tell them apart.
    abandoned: valueForm(type) === 'keyed',
  }
  const vectors: Vector[] = []
  const statistics: ColumnStatistics[] = []
  let narrowest: Layout = 'i8'
  return {
    append(vector, from, count, at) {
      const scratch = new Arena(arena.heap)
      const rows = { vector, from, count, at, scratch }
      try {
        appendValidity(staging, rows)
        if (isText) appendText(staging, rows)
        else appendFixed(staging, layout, rows)
      } finally {
        scratch.release()
      }
    },
    flush(rows) {
      const staged = stagedVector(staging, layout, rows)
      const vector = isText
        ? flushText(staging, staged)
        : flushFixed(staging, staged, (needed) => {
            if (layoutBytes[needed] > layoutBytes[narrowest]) narrowest = needed
            return narrowest
          })
      vectors.push(vector.vector)
      statistics.push(vector.statistics)
      staging.textBytes = 0
      staging.nulls = 0
      // Where the arena's memory goes, that of the next vector is another.
      if (layout === 'numeric') staging.wide = new WideNumerics(arena)
      return vector.vector
    },
    finish(dictionaries) {
      const { dictionary } = staging
      const coded = vectors.some((vector) => vector.layout !== 'utf8')
      if (!isText || !coded || dictionary === undefined) return { vectors, statistics }
      const shared = dictionary.toVector(dictionaries, type)
      return { vectors: vectors.map((vector) => withDictionary(vector, shared)), statistics }
    },
    release() {
      staging.text.release()
      staging.dictionary?.release()
    },
  }
}

function withDictionary(vector: Vector, dictionary: Vector): Vector {
  return vector.layout === 'utf8' ? vector : { ...vector, dictionary }
}

/** Rows `from` to `from + count` of a vector, which come behind the `at` rows that are there. */
interface Appended {
  readonly vector: Vector
  readonly from: number
  readonly count: number
  readonly at: number
  /** For this time only. */
  readonly scratch: Arena
}

function appendValidity(staging: Staging, { vector, from, count, at, scratch }: Appended): void {
  const { kernels, validity } = staging
  if (vector.validity === NO_ADDRESS) {
    kernels.call('appendBits', validity, at, 0, count)
    return
  }
  const bits = bitsFrom(scratch, vector.validity, from, count)
  kernels.call('appendBits', validity, at, bits, count)
  staging.nulls += count - kernels.call('countBits', bits, count)
}

/** Bits from a row on, moved to a byte's beginning where they are not. */
function bitsFrom(scratch: Arena, bits: Address, from: number, count: number): Address {
  if (from % 8 === 0) return address(bits + from / 8)
  const { heap } = scratch
  const moved = scratch.allocate((count + 7) >>> 3)
  for (let row = 0; row < count; row++) {
    const bit = ((heap.u8[bits + ((from + row) >> 3)] ?? 0) >> ((from + row) & 7)) & 1
    const byte = moved + (row >> 3)
    heap.u8[byte] = ((heap.u8[byte] ?? 0) & ~(1 << (row & 7))) | (bit << (row & 7))
  }
  return moved
}

function appendFixed(
  staging: Staging,
  layout: Layout,
  { vector, from, count, at, scratch }: Appended,
): void {
  const { kernels, values } = staging
  if (layout === 'bit') {
    const bits = bitsFrom(scratch, vector.values, from, count)
    kernels.call('appendBits', values, at, bits, count)
    return
  }
  const width = layoutBytes[vector.layout]
  const target = values + layoutBytes[layout] * at
  const source = vector.values + width * from
  if (vector.layout === layout) {
    kernels.call('copy', target, source, width * count)
    if (layout === 'numeric') adoptNumerics(staging, target, count)
  } else {
    assert(isIntegerLayout(vector.layout) && isIntegerLayout(layout), 'column of another type')
    kernels.call('convertIntegers', source, width, count, target, layoutBytes[layout])
  }
}

/** Bytes of wide numerics move to the table's memory. */
function adoptNumerics(staging: Staging, slots: number, count: number): void {
  const { view } = staging.arena.heap
  const end = slots + count * NUMERIC_SLOT_BYTES
  for (let slot = slots; slot < end; slot += NUMERIC_SLOT_BYTES) {
    if (isWideSlot(view, slot)) staging.wide.adopt(slot)
  }
}

function appendText(staging: Staging, rows: Appended): void {
  const { kernels, arena, values, text } = staging
  const { vector, from, count, at } = rows
  const plain = vector.dictionary === undefined ? undefined : decodeRows(staging, rows)
  const offsets = plain?.offsets ?? address(vector.offsets + 4 * from)
  const { u32 } = arena.heap
  const first = u32[offsets >>> 2] ?? 0
  const bytes = (u32[(offsets >>> 2) + count] ?? 0) - first
  reserveText(staging, staging.textBytes + bytes)
  const source = (plain?.values ?? vector.values) + first
  kernels.call('copy', text.address + staging.textBytes, source, bytes)
  kernels.call('appendOffsets', values + 4 * at, offsets, count, staging.textBytes)
  staging.textBytes += bytes
}

/** Rows of a dictionary-coded vector as plain text. */
function decodeRows(
  { kernels }: Staging,
  { vector, from, count, scratch }: Appended,
): { readonly offsets: Address; readonly values: Address } {
  const { dictionary, validity } = vector
  assert(dictionary !== undefined, 'codes without a dictionary')
  const width = layoutBytes[vector.layout]
  const bits = validity === NO_ADDRESS ? 0 : bitsFrom(scratch, validity, from, count)
  const offsets = scratch.allocate(4 * (count + 1))
  const decode = (target: number): number =>
    Number(
      kernels.call(
        'decodeCodes',
        vector.values + width * from,
        width,
        bits,
        count,
        dictionary.offsets,
        dictionary.values,
        offsets,
        target,
      ),
    )
  const values = scratch.allocate(decode(0) >>> 0)
  decode(values)
  return { offsets, values }
}

function reserveText({ text, textBytes, room }: Staging, bytes: number): void {
  if (bytes <= text.bytesMax && text.address !== NO_ADDRESS) return
  const first = Math.min(TEXT_BYTES_A_ROW * room.chunkRowsMax, TEXT_BYTES_START_MAX)
  text.grow(Math.max(bytes, 2 * text.bytesMax, first), textBytes)
}

function stagedVector(staging: Staging, layout: Layout, rows: number): Vector {
  const isText = layout === 'utf8'
  return {
    type: staging.type,
    layout,
    length: rows,
    validity: staging.nulls === 0 ? NO_ADDRESS : staging.validity,
    values: isText ? staging.text.address : staging.values,
    offsets: isText ? staging.values : NO_ADDRESS,
    dictionary: undefined,
  }
}

interface Flushed {
  readonly vector: Vector
  readonly statistics: ColumnStatistics
}

function flushFixed(
  staging: Staging,
  staged: Vector,
  atLeast: (needed: Layout) => Layout,
): Flushed {
  const { arena, kernels } = staging
  const statistics = gatherStatistics(arena.heap, kernels, staged)
  const validity = copyValidity(staging, staged)
  if (isIntegerLayout(staged.layout)) {
    const layout = atLeast(narrowestLayout(statistics, staged.layout))
    if (layout !== staged.layout) {
      return { vector: { ...convertLayout(arena, kernels, staged, layout), validity }, statistics }
    }
  }
  const bytes =
    staged.layout === 'bit' ? (staged.length + 7) >>> 3 : layoutBytes[staged.layout] * staged.length
  return {
    vector: { ...staged, validity, values: copied(staging, staged.values, bytes) },
    statistics,
  }
}

function flushText(staging: Staging, staged: Vector): Flushed {
  const { arena, kernels } = staging
  const validity = copyValidity(staging, staged)
  const coded = codedText(staging, staged)
  if (coded !== undefined) {
    const valid = staged.length - staging.nulls
    const distinct = Math.min(valid, staging.dictionary?.entries() ?? 0)
    const nothing = { min: undefined, max: undefined, ascending: false }
    return {
      vector: { ...coded, validity },
      statistics: { ...nothing, nullCount: staging.nulls, distinct },
    }
  }
  const statistics = gatherStatistics(arena.heap, kernels, staged)
  const values = copied(staging, staged.values, staging.textBytes)
  const offsets = copied(staging, staged.offsets, 4 * (staged.length + 1))
  return { vector: { ...staged, validity, values, offsets }, statistics }
}

/** The rows as codes; undefined, and no more dictionary, when there are too many distinct values. */
function codedText(staging: Staging, staged: Vector): Vector | undefined {
  const { length, offsets, values, validity } = staged
  if (staging.abandoned || (staging.dictionary === undefined && length < CODED_ROWS_MIN)) {
    return undefined
  }
  const { arena, kernels, codes } = staging
  staging.dictionary ??= createDictionary(staging.room.work, kernels, entriesMax(staging.room))
  const { dictionary } = staging
  dictionary.reserve(staging.textBytes)
  const sample = Math.min(length, SAMPLE_ROWS)
  const encode = (rows: number): number =>
    Number(
      kernels.call('dictionaryCodes', dictionary.control, offsets, values, validity, rows, codes),
    )
  const enters = (rows: number, most: number): boolean => {
    const before = dictionary.entries()
    return encode(rows) === rows && dictionary.entries() - before <= most
  }
  const isWorthIt =
    enters(sample, sampleEntriesMax(length)) && enters(length, newEntriesMax(length))
  if (!isWorthIt) return abandon(staging)
  const layout = dictionary.entries() <= 256 ? 'dict8' : 'dict16'
  const width = layoutBytes[layout]
  const narrow = arena.allocate(width * length)
  kernels.call('convertIntegers', codes, 4, length, narrow, width)
  // The dictionary grows on: it is filled in when the table is finished.
  return { ...staged, layout, values: narrow, offsets: NO_ADDRESS }
}

/** Entries that so many rows may add while the column stays coded. */
function newEntriesMax(rows: number): number {
  return rows / ROWS_PER_ENTRY_MIN + 64
}

/** Entries that the sample of a chunk of so many rows may add: many values may each come again behind it. */
function sampleEntriesMax(rows: number): number {
  return rows > SAMPLE_ROWS ? SAMPLE_ROWS / SAMPLE_ROWS_PER_ENTRY_MIN : newEntriesMax(rows)
}

/** More entries than a column can have whose every chunk stayed coded. */
function entriesMax({ chunkRowsMax, chunksMax }: ColumnRoom): number {
  const aChunk = sampleEntriesMax(chunkRowsMax) + newEntriesMax(chunkRowsMax)
  return Math.ceil(aChunk * chunksMax) + 1
}

/** No more codes from here on; chunks that have some keep the dictionary as it is. */
function abandon(staging: Staging): undefined {
  staging.abandoned = true
  return undefined
}

function copyValidity(staging: Staging, staged: Vector): Address {
  if (staged.validity === NO_ADDRESS) return NO_ADDRESS
  return copied(staging, staged.validity, (staged.length + 7) >>> 3)
}

function copied(staging: Staging, from: Address, bytes: number): Address {
  const target = staging.arena.allocate(bytes)
  staging.kernels.call('copy', target, from, bytes)
  return target
}
