import { present } from '../../base/assert.ts'
import type { DataType } from '../types/data-type.ts'
import { packChunks, unpackChunks, type PackedChunks } from '../vectors/packed-chunks.ts'
import { layoutBytes, type Chunk, type Layout, type Vector } from '../vectors/vector.ts'
import { isKept, type KeptChunk, type KeptColumn, type TableChunk } from './table-chunk.ts'

/** The descriptions of a table's chunks in numbers, as {@link PackedChunks}; kept ones apart from the others. */
export interface PackedTableChunks {
  readonly here: PackedChunks
  /** Undefined where none is kept. */
  readonly kept: PackedKept | undefined
}

interface PackedKept {
  /**
   * Of each chunk its place in the list, its rows, the number of its file and how many columns it has, then
   * the fields of each column. Offsets may be beyond 32 bits.
   */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly paths: readonly string[]
  readonly types: readonly DataType[]
  readonly dictionaries: readonly Vector[]
  readonly statistics: readonly KeptChunk['statistics'][]
}

const layouts = Object.keys(layoutBytes) as readonly Layout[]
const layoutNumbers = new Map(layouts.map((layout, number) => [layout, number]))

const CHUNK_NUMBERS = 4
const COLUMN_NUMBERS = 9
const NO_DICTIONARY = -1

export function packTableChunks(chunks: readonly TableChunk[]): PackedTableChunks {
  const here: Chunk[] = []
  const kept: [place: number, chunk: KeptChunk][] = []
  for (const [place, chunk] of chunks.entries()) {
    if (isKept(chunk)) kept.push([place, chunk])
    else here.push(chunk)
  }
  return { here: packChunks(here), kept: kept.length === 0 ? undefined : packKept(kept) }
}

export function unpackTableChunks({ here, kept }: PackedTableChunks): readonly TableChunk[] {
  const chunks: readonly TableChunk[] = unpackChunks(here)
  if (kept === undefined) return chunks
  const all: TableChunk[] = []
  let next = 0
  for (const [place, chunk] of unpackKept(kept)) {
    while (all.length < place) all.push(present(chunks[next++], 'chunk before a kept one'))
    all.push(chunk)
  }
  for (; next < chunks.length; next++) all.push(present(chunks[next], 'chunk'))
  return all
}

function packKept(chunks: readonly (readonly [place: number, chunk: KeptChunk])[]): PackedKept {
  const columns = chunks.reduce((total, [, { kept }]) => total + kept.columns.length, 0)
  const numbers = new Float64Array(chunks.length * CHUNK_NUMBERS + columns * COLUMN_NUMBERS)
  const paths = new Numbered<string>()
  const types = new Numbered<DataType>()
  const dictionaries = new Numbered<Vector>()
  let at = 0
  for (const [place, { rows, kept }] of chunks) {
    for (const number of [place, rows, paths.numberOf(kept.path), kept.columns.length]) {
      numbers[at++] = number
    }
    for (const { header, dictionary, offset, checksum } of kept.columns) {
      numbers[at++] = types.numberOf(header.type)
      numbers[at++] = present(layoutNumbers.get(header.layout), 'number of a layout')
      numbers[at++] = header.length
      numbers[at++] = header.hasValidity ? 1 : 0
      numbers[at++] = header.textBytes
      numbers[at++] = header.wideBytes
      numbers[at++] = dictionary === undefined ? NO_DICTIONARY : dictionaries.numberOf(dictionary)
      numbers[at++] = offset
      numbers[at++] = checksum
    }
  }
  return {
    numbers,
    paths: paths.all,
    types: types.all,
    dictionaries: dictionaries.all,
    statistics: chunks.map(([, { statistics }]) => statistics),
  }
}

function unpackKept(packed: PackedKept): readonly (readonly [number, KeptChunk])[] {
  const { numbers, paths, types, dictionaries, statistics } = packed
  let at = 0
  const next = (): number => numbers[at++]!
  return statistics.map((known) => {
    const [place, rows] = [next(), next()]
    const path = present(paths[next()], 'file of a kept chunk')
    const columns = Array.from({ length: next() }, (): KeptColumn => {
      const header = {
        type: present(types[next()], 'type of a kept column'),
        layout: present(layouts[next()], 'layout of a kept column'),
        length: next(),
        hasValidity: next() === 1,
        textBytes: next(),
        wideBytes: next(),
        dictionary: -1,
      }
      return { header, dictionary: dictionaries[next()], offset: next(), checksum: next() }
    })
    return [place, { rows, statistics: known, kept: { path, columns } }]
  })
}

/** Things by number; the chunks of a table have many in common. */
class Numbered<T> {
  readonly all: T[] = []
  readonly #numbers = new Map<T, number>()

  numberOf(thing: T): number {
    const known = this.#numbers.get(thing)
    if (known !== undefined) return known
    this.#numbers.set(thing, this.all.length)
    return this.all.push(thing) - 1
  }
}
