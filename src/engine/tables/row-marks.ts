import { assert, present } from '../../base/assert.ts'
import { isOverdue, spend } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Vector } from '../../data/vectors/vector.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { StatementContext } from '../context/statement-context.ts'

/** Which rows a statement matched. */
export interface Marks {
  readonly left: ReadonlyMap<TableChunk, Uint8Array>
  /** By stored chunk a bit a row, 1 for those that come first; undefined where none comes again. */
  readonly repeated: readonly Uint8Array[] | undefined
}

/** Which rows of the table are among the stored ones, whose first column numbers them; less than 0: none. In steps: see `isOverdue`. */
export function* markSteps(
  { engine }: StatementContext,
  chunks: readonly TableChunk[],
  stored: readonly TableChunk[],
): Steps<Marks> {
  const places = new Places(chunks)
  const firsts: Uint8Array[] = []
  let isRepeated = false
  for (const chunk of chunksInTurn(engine, stored).inTurn()) {
    const numberAt = numbersOf(engine.heap, present(chunk.columns[0], 'numbers of rows'))
    const first = ones(chunk.rows)
    firsts.push(first)
    spend(chunk.rows)
    if (isOverdue()) yield
    for (let at = 0; at < chunk.rows; at++) {
      const number = numberAt(at)
      if (number < 0 || places.mark(number)) continue
      first[at >> 3]! &= ~(1 << (at & 7))
      isRepeated = true
    }
  }
  return { left: places.left, repeated: isRepeated ? firsts : undefined }
}

/** The numbers of rows, none of which is NULL, whatever they were narrowed to. */
export function numbersOf(heap: Heap, { layout, values }: Vector): (row: number) => number {
  const { u32, view } = heap
  if (layout === 'i8') return (row) => view.getInt8(values + row)
  if (layout === 'i16') return (row) => view.getInt16(values + 2 * row, true)
  if (layout === 'i32') return (row) => u32[(values >>> 2) + row]! | 0
  assert(layout === 'i64', () => `numbers of rows as ${layout}`)
  return (row) => Number(view.getBigInt64(values + 8 * row, true))
}

/** All numbers of rows of a vector. */
export function allNumbersOf(heap: Heap, vector: Vector): Int32Array | Float64Array {
  const { layout, values, length } = vector
  const first = values >>> 2
  if (layout === 'i32') return heap.i32.subarray(first, first + length)
  const numberAt = numbersOf(heap, vector)
  return Float64Array.from({ length }, (_, row) => numberAt(row))
}

/** In place of a chunk: there is none that has the row. */
export const NOWHERE = 0xffffffff

/** By row the place of its chunk among all, or {@link NOWHERE}, and which of the chunk it is. */
export interface Located {
  readonly chunkOf: Uint32Array
  readonly rowOf: Uint32Array
}

/** The rows of a table by their numbers. */
export class Places {
  readonly left = new Map<TableChunk, Uint8Array>()
  readonly #chunks: readonly TableChunk[]
  readonly #firstRows: readonly number[]
  /** The chunk of the last row that was looked for, the rows before it, those up to its end, and its bits. */
  #at = 0
  #first = 0
  #end = 0
  #bits: Uint8Array | undefined

  constructor(chunks: readonly TableChunk[]) {
    this.#chunks = chunks
    let row = 0
    this.#firstRows = chunks.map(({ rows }) => (row += rows) - rows)
  }

  /** Takes a row away; false where it is gone already. */
  mark(row: number): boolean {
    if (row < this.#first || row >= this.#end) this.#goTo(row)
    const bits = (this.#bits ??= this.#newBits())
    const at = row - this.#first
    const bit = 1 << (at & 7)
    if ((bits[at >> 3]! & bit) === 0) return false
    bits[at >> 3]! &= ~bit
    return true
  }

  /** Whether a row was taken away. */
  isMarked(row: number): boolean {
    if (row < this.#first || row >= this.#end) this.#goTo(row)
    const at = row - this.#first
    return this.#bits !== undefined && (this.#bits[at >> 3]! & (1 << (at & 7))) === 0
  }

  /** The chunk that has a row, and the rows before it and up to its end. */
  around(row: number): { readonly chunk: number; readonly first: number; readonly end: number } {
    if (row < this.#first || row >= this.#end) this.#goTo(row)
    return { chunk: this.#at, first: this.#first, end: this.#end }
  }

  /** Which chunk has each of some rows, and which row of it that is. */
  locate(numbers: Int32Array | Float64Array): Located {
    const chunkOf = new Uint32Array(numbers.length)
    const rowOf = new Uint32Array(numbers.length)
    for (let at = 0; at < numbers.length; at++) {
      const row = numbers[at]!
      if (row < 0) {
        chunkOf[at] = NOWHERE
        continue
      }
      if (row < this.#first || row >= this.#end) this.#goTo(row)
      chunkOf[at] = this.#at
      rowOf[at] = row - this.#first
    }
    return { chunkOf, rowOf }
  }

  #newBits(): Uint8Array {
    const chunk = this.#chunks[this.#at]!
    const bits = ones(chunk.rows)
    this.left.set(chunk, bits)
    return bits
  }

  #goTo(row: number): void {
    const first = this.#firstRows
    let [low, high] = [0, first.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (first[middle]! <= row) low = middle
      else high = middle
    }
    // Chunks without rows begin where the next one does.
    while (this.#chunks[low]!.rows === 0) low--
    this.#at = low
    this.#first = first[low]!
    this.#end = this.#first + this.#chunks[low]!.rows
    this.#bits = this.left.get(this.#chunks[low]!)
  }
}

/** Bits that are all 1, as many as there are rows. */
export function ones(rows: number): Uint8Array {
  const bits = new Uint8Array((rows + 7) >> 3).fill(0xff)
  if (rows % 8 > 0) bits[rows >> 3] = (1 << (rows % 8)) - 1
  return bits
}
