import { present } from '../../base/assert.ts'
import { sameType, type DataType } from '../types/data-type.ts'
import {
  layoutBytes,
  type Address,
  type Chunk,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from './vector.ts'

/**
 * The descriptions of chunks, in numbers: another thread gets them several times faster than as
 * objects, which counts for tables of hundreds of chunks. Plain data; the columns' bytes stay where
 * they are.
 */
export interface PackedChunks {
  /** A chunk's rows and number of columns, then the fields of each column's vector. */
  readonly words: Uint32Array<ArrayBuffer>
  readonly types: readonly DataType[]
  readonly dictionaries: readonly Vector[]
  /** By chunk, where any has some. */
  readonly statistics: readonly Chunk['statistics'][] | undefined
}

const layouts = Object.keys(layoutBytes) as readonly Layout[]
const layoutNumbers = new Map(layouts.map((layout, number) => [layout, number]))

const CHUNK_WORDS = 2
const VECTOR_WORDS = 7
const NO_DICTIONARY = 0xffff_ffff

export function packChunks(chunks: readonly Chunk[]): PackedChunks {
  const vectors = chunks.reduce((total, { columns }) => total + columns.length, 0)
  const words = new Uint32Array(chunks.length * CHUNK_WORDS + vectors * VECTOR_WORDS)
  const types = new DistinctTypes()
  const dictionaries = new DistinctDictionaries()
  let at = 0
  for (const { rows, columns } of chunks) {
    words[at++] = rows
    words[at++] = columns.length
    columns.forEach((vector, column) => {
      words[at++] = types.numberOf(vector.type, column)
      words[at++] = present(layoutNumbers.get(vector.layout), 'number of a layout')
      words[at++] = vector.length
      words[at++] = vector.validity
      words[at++] = vector.values
      words[at++] = vector.offsets
      words[at++] = dictionaries.numberOf(vector.dictionary)
    })
  }
  const isKnown = chunks.some(({ statistics }) => statistics !== undefined)
  return {
    words,
    types: types.all,
    dictionaries: dictionaries.all,
    statistics: isKnown ? chunks.map(({ statistics }) => statistics) : undefined,
  }
}

export function unpackChunks(packed: PackedChunks): readonly Chunk[] {
  const { words, types, dictionaries, statistics } = packed
  const chunks: Chunk[] = []
  let at = 0
  const next = (): number => words[at++]!
  while (at < words.length) {
    const rows = next()
    const columns: Vector[] = []
    for (let left = next(); left > 0; left--) {
      columns.push({
        type: present(types[next()], 'type of a vector'),
        layout: present(layouts[next()], 'layout of a vector'),
        length: next(),
        validity: next() as Address,
        values: next() as Address,
        offsets: next() as Address,
        dictionary: dictionaries[next()],
      })
    }
    const known: readonly ColumnStatistics[] | undefined = statistics?.[chunks.length]
    chunks.push({ rows, columns, statistics: known })
  }
  return chunks
}

/** Types by number; the chunks of a table mostly agree. */
class DistinctTypes {
  readonly all: DataType[] = []
  readonly #byColumn: number[] = []

  numberOf(type: DataType, column: number): number {
    const last = this.#byColumn[column]
    const candidate = last === undefined ? undefined : this.all[last]
    if (last !== undefined && candidate !== undefined && sameType(candidate, type)) return last
    this.#byColumn[column] = this.all.length
    return this.all.push(type) - 1
  }
}

/** Dictionaries by number: two descriptions of the same memory are one. */
class DistinctDictionaries {
  readonly all: Vector[] = []
  readonly #byAddress = new Map<Address, number>()

  numberOf(dictionary: Vector | undefined): number {
    if (dictionary === undefined) return NO_DICTIONARY
    const known = this.#byAddress.get(dictionary.values)
    if (known !== undefined && isSameMemory(present(this.all[known], 'dictionary'), dictionary)) {
      return known
    }
    this.#byAddress.set(dictionary.values, this.all.length)
    return this.all.push(dictionary) - 1
  }
}

function isSameMemory(left: Vector, right: Vector): boolean {
  return (
    left.offsets === right.offsets &&
    left.length === right.length &&
    left.layout === right.layout &&
    left.validity === right.validity &&
    sameType(left.type, right.type)
  )
}
