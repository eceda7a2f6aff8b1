import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm, writeValueKey } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { SortKeyWriter } from '../../data/types/sort-key.ts'
import { scalarsOf } from '../../data/vectors/column-scalars.ts'
import { isValid } from '../../data/vectors/to-scalars.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'

/** Words that a value is: equal values of a type are the same two. */
const WORDS_A_VALUE = 2
const SLOTS_MIN = 64
/** A third of the slots is free at least. */
const ROWS_A_SLOT = 2 / 3
/** What an entry of a map takes beside its text. */
const ENTRY_BYTES = 96

/** Columns as words, one behind the other, and a bit of each NULL. */
interface RowWords {
  readonly rows: number
  readonly words: readonly Int32Array[]
  readonly nulls: readonly (Uint8Array | undefined)[]
}

/**
 * Rows by what they are to DISTINCT: NULLs are equal, and so are values that are written in several ways. It grows with
 * its rows and is looked through in no time that depends on them: open addressing over columns of words. Values of
 * types that are no words are numbered. More than `bytesMax` raise OUT_OF_MEMORY.
 */
export class RowSet {
  readonly #types: readonly DataType[]
  readonly #bytesMax: number
  readonly #wordsARow: number
  #slots = new Int32Array(SLOTS_MIN)
  #rows = 0
  /** Of each row its hash, bits of its NULLs, its words. */
  #stored: Int32Array
  readonly #numbers: readonly Map<string, number>[]
  #numberedBytes = 0
  readonly #key = new SortKeyWriter()

  constructor(types: readonly DataType[], bytesMax: number) {
    this.#types = types
    this.#bytesMax = bytesMax
    this.#wordsARow = 1 + Math.ceil(types.length / 32) + WORDS_A_VALUE * types.length
    this.#stored = new Int32Array(SLOTS_MIN * this.#wordsARow)
    this.#numbers = types.map(() => new Map())
  }

  /** Tells of each row of a chunk, in order, whether it is new; it is in the set from then on. */
  enterChunk(heap: Heap, { rows, columns }: Chunk): Uint8Array {
    const words = columns.map((vector, at) => this.#wordsOfVector(heap, vector, at))
    const nulls = columns.map((vector) => nullsOf(heap, vector))
    return this.#enter({ rows, words, nulls })
  }

  /** The same of plain values, column by column. */
  enterValues(columns: readonly (readonly Scalar[])[], rows: number): Uint8Array {
    const words = columns.map((values, at) => this.#wordsOfValues(values, at))
    const nulls = columns.map((values) =>
      values.includes(null)
        ? Uint8Array.from(values, (value) => Number(value === null))
        : undefined,
    )
    return this.#enter({ rows, words, nulls })
  }

  #enter({ rows, words, nulls }: RowWords): Uint8Array {
    const isNew = new Uint8Array(rows)
    const row = new Int32Array(this.#wordsARow)
    const firstWord = 1 + Math.ceil(words.length / 32)
    for (let at = 0; at < rows; at++) {
      row.fill(0)
      for (let column = 0; column < words.length; column++) {
        if (nulls[column]?.[at] === 1) row[1 + (column >>> 5)]! |= 1 << (column & 31)
        else {
          row[firstWord + 2 * column] = words[column]![2 * at]!
          row[firstWord + 2 * column + 1] = words[column]![2 * at + 1]!
        }
      }
      row[0] = hashOf(row)
      if (this.#add(row)) isNew[at] = 1
    }
    return isNew
  }

  #add(row: Int32Array): boolean {
    const mask = this.#slots.length - 1
    const width = this.#wordsARow
    for (let slot = row[0]! & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot]!
      if (found === 0) {
        this.#slots[slot] = this.#append(row)
        this.#grow()
        return true
      }
      const from = (found - 1) * width
      let same = 0
      while (same < width && this.#stored[from + same] === row[same]) same++
      if (same === width) return false
    }
  }

  /** The row's number, from 1. */
  #append(row: Int32Array): number {
    const at = this.#rows * this.#wordsARow
    if (at + row.length > this.#stored.length) {
      this.#requireRoom(8 * this.#stored.length + 4 * this.#slots.length)
      const grown = new Int32Array(2 * this.#stored.length)
      grown.set(this.#stored)
      this.#stored = grown
    }
    this.#stored.set(row, at)
    this.#rows += 1
    return this.#rows
  }

  #grow(): void {
    if (this.#rows < this.#slots.length * ROWS_A_SLOT) return
    this.#requireRoom(4 * this.#stored.length + 8 * this.#slots.length)
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let number = 1; number <= this.#rows; number++) {
      let slot = this.#stored[(number - 1) * this.#wordsARow]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = number
    }
    this.#slots = slots
  }

  #requireRoom(bytes: number): void {
    if (bytes + this.#numberedBytes <= this.#bytesMax) return
    throw new QueryError(
      'OUT_OF_MEMORY',
      'out of memory: the rows of a recursive UNION do not fit',
      {
        detail: `They may take ${this.#bytesMax} bytes, as each row of all rounds is to be told from the others.`,
        hint: 'Raise memoryBytesMax, or select fewer rows or columns.',
      },
    )
  }

  #wordsOfVector(heap: Heap, vector: Vector, column: number): Int32Array {
    const { layout, length, values } = vector
    const { buffer } = heap.u8
    const isPlain = isWhole(this.#types[column]!)
    if (isPlain && layout === 'i64') return new Int32Array(buffer, values, 2 * length)
    if (isPlain && layout === 'i32') return widened(new Int32Array(buffer, values, length))
    if (isPlain && layout === 'i16') return widened(new Int16Array(buffer, values, length))
    if (isPlain && layout === 'i8') return widened(new Int8Array(buffer, values, length))
    return this.#wordsOfValues(scalarsOf(heap, vector), column)
  }

  #wordsOfValues(values: readonly Scalar[], column: number): Int32Array {
    const type = this.#types[column]!
    const words = new Int32Array(WORDS_A_VALUE * values.length)
    if (isWhole(type)) {
      const longs = new BigInt64Array(words.buffer)
      values.forEach((value, at) => {
        if (typeof value === 'number') {
          words[2 * at] = value
          words[2 * at + 1] = value >> 31
        } else if (typeof value === 'bigint') longs[at] = value
      })
      return words
    }
    values.forEach((value, at) => {
      if (value !== null) words[2 * at] = this.#numberOf(value, type, column)
    })
    return words
  }

  #numberOf(value: NonNullable<Scalar>, type: DataType, column: number): number {
    const numbers = this.#numbers[column]!
    const key = this.#keyOf(value, type)
    const known = numbers.get(key)
    if (known !== undefined) return known
    this.#numberedBytes += ENTRY_BYTES + 2 * key.length
    this.#requireRoom(4 * this.#stored.length + 4 * this.#slots.length)
    numbers.set(key, numbers.size)
    return numbers.size - 1
  }

  #keyOf(value: NonNullable<Scalar>, type: DataType): string {
    if (typeof value === 'string' && valueForm(type) === 'text') return value
    this.#key.clear()
    writeValueKey(this.#key, value, type)
    let key = ''
    for (const byte of this.#key.finish()) key += String.fromCharCode(byte)
    return key
  }
}

/** Whether the values are whole numbers of 64 bits at most, equal ones the same. */
function isWhole(type: DataType): boolean {
  const form = valueForm(type)
  return form === 'i32' || form === 'i64'
}

function widened(values: Int32Array | Int16Array | Int8Array): Int32Array {
  const words = new Int32Array(WORDS_A_VALUE * values.length)
  for (let at = 0; at < values.length; at++) {
    words[2 * at] = values[at]!
    words[2 * at + 1] = values[at]! >> 31
  }
  return words
}

function nullsOf(heap: Heap, vector: Vector): Uint8Array | undefined {
  if (vector.validity === 0) return undefined
  return Uint8Array.from({ length: vector.length }, (_, row) => Number(!isValid(heap, vector, row)))
}

/** The final mix of MurmurHash3 (A. Appleby) over each word. */
function hashOf(row: Int32Array): number {
  let hash = 0
  for (let at = 1; at < row.length; at++) {
    hash = Math.imul(hash ^ row[at]!, 0x85eb_ca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
    hash ^= hash >>> 16
  }
  return hash
}
