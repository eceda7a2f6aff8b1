import { spend } from '../../../base/budget.ts'
import { assert, present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { ArrayType } from '../../../data/types/data-type.ts'
import { listOf } from '../../../data/types/array-text.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { bytesOfArray } from '../../../data/vectors/array-bytes.ts'
import { scalarsOf } from '../../../data/vectors/column-scalars.ts'
import { codeAt, isValid, scalarAt } from '../../../data/vectors/to-scalars.ts'
import { NO_ADDRESS, widestLayout, type Vector } from '../../../data/vectors/vector.ts'
import type { Heap } from '../../../data/arenas/heap.ts'
import type { LocalFile } from '../../filesystems/local.ts'
import { Scratch } from '../scratch.ts'
import { ColumnReader } from './column-reader.ts'
import { WINDOW_ALIGNMENT_ROWS } from './column-window.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import type { RowGroup } from './footer.ts'
import { SlotLevels } from './levels.ts'
import { ListArrays } from './list-arrays.ts'
import type { ListLevels } from './nesting.ts'
import type { ParquetColumn } from './schema.ts'

/** Rows that are left out at once: so many are looked for in what is decoded. */
const SKIPPED_ROWS = 8_192
/** What an element costs, in steps of a budget. */
const ELEMENT_STEPS = 32
/** What an element costs that kernels write, in steps of a budget. */
const SLOT_STEPS = 1
/** Where `parquetListEnd` counts the lists that begin. */
const BEGUN_MASK = 0x7fff_ffffn
/** Bytes of the arrays of one chunk at most, as offsets are of 32 bits. */
const CHUNK_BYTES_MAX = 2_147_000_000

/**
 * Reads a column of lists as arrays: its elements as a plain column of slots, of which the levels say where
 * lists begin, which are NULL or empty, and which elements are NULL.
 */
export class ListReader {
  readonly #ctx: DecodeContext
  readonly #type: ArrayType
  readonly #slots: SlotLevels
  readonly #arraysOf: ListArrays
  readonly #elements: ColumnReader
  readonly #offsets: Scratch
  readonly #validity: Scratch
  readonly #bytes: Scratch
  #place!: PlaceInFile
  #levels!: ListLevels
  /** Slots that were taken of those that the elements' reader holds: it drops so many at once. */
  #used = 0
  /** Rows of the row group that were not taken yet. */
  #rowsLeft = 0

  constructor(ctx: DecodeContext, type: ArrayType) {
    this.#ctx = ctx
    this.#type = type
    this.#slots = new SlotLevels(ctx.env.heap)
    this.#arraysOf = new ListArrays(ctx, type)
    const { element } = type
    const layout = widestLayout(element)
    this.#elements = new ColumnReader(ctx, { layout, type: element, slots: this.#slots })
    this.#offsets = new Scratch(ctx.env.heap)
    this.#validity = new Scratch(ctx.env.heap)
    this.#bytes = new Scratch(ctx.env.heap)
  }

  /** Begins a row group, at row `start` of it. */
  start(
    file: LocalFile,
    column: ParquetColumn,
    group: RowGroup,
    groupIndex: number,
    start: number,
  ): void {
    const element = present(column.element, 'what lists hold')
    this.#levels = present(element.levels, 'the levels of a list')
    const { location } = file
    this.#place = { location, column, group: groupIndex, row: group.firstRow + 1 }
    this.#rowsLeft = group.rows
    this.#used = 0
    this.#slots.clear()
    this.#elements.start(file, element, group, groupIndex, 0)
    this.skip(start)
  }

  /** Lists have no words of their own. */
  get dictionary(): undefined {
    return undefined
  }

  skip(rows: number): void {
    for (let left = rows; left > 0;) {
      const some = Math.min(left, SKIPPED_ROWS)
      this.#drop(some, this.#slotsOf(some))
      left -= some
    }
  }

  /** The next `rows` rows, valid until rows are asked for again. */
  take(rows: number): Vector {
    const slots = this.#slotsOf(rows)
    const vector = this.#arrays(rows, slots)
    this.#drop(rows, slots)
    return vector
  }

  /** The same without taking them. */
  peek(rows: number): Vector {
    return this.#arrays(rows, this.#slotsOf(rows))
  }

  free(): void {
    this.#elements.free()
    this.#slots.free()
    this.#arraysOf.free()
    for (const scratch of [this.#offsets, this.#validity, this.#bytes]) scratch.release()
  }

  #drop(rows: number, slots: number): void {
    const used = this.#used + slots
    this.#used = used % WINDOW_ALIGNMENT_ROWS
    this.#elements.skip(used - this.#used)
    this.#slots.drop(slots)
    this.#rowsLeft -= rows
  }

  /** How many slots the next `rows` rows have: pages are decoded until where they end is seen. */
  #slotsOf(rows: number): number {
    let [slot, begun] = [0, 0]
    for (;;) {
      const { at, count } = this.#slots
      if (slot === 0 && count > 0 && this.#slots.isWithin(0)) {
        throw badPage(this.#place, 'a list that goes on without a beginning')
      }
      const found = this.#ctx.env.kernels.call('parquetListEnd', at, slot, count, begun, rows)
      // Of a negative number the list's end is not there yet.
      if (found >= 0n) {
        if (rows < this.#rowsLeft) return Number(found)
        throw badPage(this.#place, 'more lists than it has rows')
      }
      ;[slot, begun] = [count, Number((found >> 32n) & BEGUN_MASK)]
      if (!this.#elements.readPage()) break
    }
    if (begun === rows) return slot
    throw badPage(this.#place, 'fewer lists than it has rows', { expected: `${this.#rowsLeft}` })
  }

  #arrays(rows: number, slots: number): Vector {
    const elements = this.#elements.peek(this.#used + slots)
    const offsets = this.#offsets.ensure((rows + 1) * 4)
    const validity = this.#validity.ensure(Math.ceil(rows / 8) + 8)
    this.#ctx.call('fill', validity, 0, Math.ceil(rows / 8) + 8)
    const levels = this.#slots.at
    const listed = { elements, first: this.#used, levels, count: slots }
    const target = { bytes: this.#bytes, offsets, validity, bytesMax: CHUNK_BYTES_MAX }
    spend(SLOT_STEPS * slots)
    const made = this.#arraysOf.make(listed, rows, this.#levels, target, this.#place)
    if (made === undefined) this.#writeArrays(rows, slots, elements, offsets, validity)
    const lists = this.#ctx.call('countBits', validity, rows)
    return {
      type: this.#type,
      layout: 'utf8',
      length: rows,
      validity: lists === rows ? NO_ADDRESS : validity,
      values: this.#bytes.grow(1, made ?? 0),
      offsets,
      dictionary: undefined,
    }
  }

  /** Arrays of elements that kernels do not write. */
  #writeArrays(
    rows: number,
    slots: number,
    elements: Vector,
    offsets: number,
    validity: number,
  ): void {
    const { heap } = this.#ctx.env
    const read = elementReader(heap, elements, this.#used)
    let [slot, end] = [0, 0]
    heap.u32[offsets >>> 2] = 0
    for (let row = 0; row < rows; row++) {
      const first = slot++
      while (slot < slots && this.#slots.isWithin(slot)) slot++
      const bytes = this.#arrayAt(first, slot, read)
      if (bytes !== undefined) {
        const at = this.#bytes.grow(end + bytes.length, end)
        heap.u8.set(bytes, at + end)
        heap.u8[validity + (row >> 3)]! |= 1 << (row & 7)
        end += bytes.length
        if (end > CHUNK_BYTES_MAX) throw tooLong()
      }
      heap.u32[(offsets >>> 2) + row + 1] = end
    }
    assert(slot === slots, 'slots that are of no row')
  }

  /** The array of the slots from `first` to `end`; undefined for NULL. Throws BAD_FILE. */
  #arrayAt(first: number, end: number, read: (slot: number) => Scalar): Uint8Array | undefined {
    const { present: there, filled } = this.#levels
    spend(ELEMENT_STEPS * (end - first))
    const level = this.#slots.definition(first)
    if (level < filled) {
      if (end - first > 1) throw badPage(this.#place, 'a list without elements that goes on')
      return level < there ? undefined : bytesOfArray(listOf([]), this.#type)
    }
    const items: Scalar[] = []
    for (let slot = first; slot < end; slot++) {
      if (this.#slots.definition(slot) < filled) {
        throw badPage(this.#place, 'a list without elements within another one')
      }
      items.push(read(slot))
    }
    return bytesOfArray(listOf(items), this.#type)
  }
}

function tooLong(): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
}

/** Reads the elements from a slot on; those of a dictionary are made once. */
function elementReader(heap: Heap, vector: Vector, first: number): (slot: number) => Scalar {
  const { dictionary } = vector
  if (dictionary === undefined) return (slot) => scalarAt(heap, vector, first + slot)
  const values = scalarsOf(heap, dictionary)
  return (slot) => {
    const at = first + slot
    return isValid(heap, vector, at) ? (values[codeAt(heap, vector, at)] ?? null) : null
  }
}
