import { present } from '../../base/assert.ts'
import type { VectorHeader } from '../../data/chunks/chunk-layout.ts'
import { isKept, type KeptColumn, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { layoutBytes, type ColumnStatistics, type Vector } from '../../data/vectors/vector.ts'

/** A column's bytes in the log. */
export interface LoggedVector {
  readonly id: number
  /** dict*: the distinct values. */
  readonly dictionary: LoggedVector | undefined
  /** Where the bytes lie, once they do. */
  place: VectorPlace | undefined
  /** Whether the bytes are, or are about to be, in the log. */
  isLogged: boolean
}

export interface VectorPlace {
  readonly header: VectorHeader
  readonly checksum: number
  readonly segment: number
  /** Of the first byte in the file. */
  readonly offset: number
}

/** Rows of a column in the log, from one of it on. */
export interface LoggedColumn {
  readonly vector: LoggedVector
  readonly firstRow: number
}

/** A chunk as the log knows it. */
export interface LoggedChunk {
  readonly id: number
  readonly rows: number
  readonly statistics: readonly ColumnStatistics[] | undefined
  readonly columns: readonly LoggedColumn[]
}

/** A column whose bytes are not in the log yet, and where they are. */
export interface FreshVector {
  readonly vector: LoggedVector
  readonly source: VectorSource
}

export type VectorSource =
  | { readonly kind: 'memory'; readonly vector: Vector }
  | { readonly kind: 'file'; readonly path: string; readonly column: KeptColumn }

/** Where a column of a chunk lies that shares memory with another one. */
export interface SharedColumn {
  readonly of: TableChunk
  readonly column: number
}

/** Which chunks of tables are in the log. What nobody reaches any more it forgets by itself. */
export class LoggedChunks {
  readonly #chunks = new WeakMap<TableChunk, LoggedChunk>()
  readonly #dictionaries = new WeakMap<Vector, LoggedVector>()
  /** Of chunks that share columns with such as are in the log. */
  readonly #shared = new WeakMap<TableChunk, readonly (LoggedColumn | undefined)[]>()
  #nextId: number

  constructor(nextId: number) {
    this.#nextId = nextId
  }

  /** Above all that were given. */
  get nextId(): number {
    return this.#nextId
  }

  /** Undefined where the chunk is not in the log. */
  find(chunk: TableChunk): LoggedChunk | undefined {
    const known = this.#chunks.get(chunk)
    return known?.columns.every(isThere) === true ? known : undefined
  }

  /** A chunk that was read from the log. */
  know(chunk: TableChunk, logged: LoggedChunk): void {
    this.#chunks.set(chunk, logged)
    for (const [at, { vector }] of logged.columns.entries()) {
      const dictionary = dictionaryOf(chunk, at)
      if (dictionary !== undefined && vector.dictionary !== undefined) {
        this.#dictionaries.set(dictionary, vector.dictionary)
      }
    }
  }

  /** A chunk has columns in the memory of others. */
  share(chunk: TableChunk, homes: readonly SharedColumn[]): void {
    const columns = homes.map((home, at) => this.#columnAt(chunk, at, home))
    if (columns.some((column) => column !== undefined)) this.#shared.set(chunk, columns)
  }

  #columnAt(chunk: TableChunk, at: number, home: SharedColumn): LoggedColumn | undefined {
    const { of, column } = home
    if (isKept(chunk) || isKept(of)) return undefined
    const base = this.#chunks.get(of)?.columns[column] ?? this.#shared.get(of)?.[column]
    if (base === undefined || !isThere(base)) return undefined
    const [own, its] = [chunk.columns[at], of.columns[column]]
    const skipped = rowsBetween(present(its, 'a shared column'), present(own, 'a column'))
    return { vector: base.vector, firstRow: base.firstRow + skipped }
  }

  /** Makes a chunk one of the log; `fresh` is told of what is to be written. */
  add(chunk: TableChunk, fresh: (vector: FreshVector) => void): LoggedChunk {
    const { rows, statistics } = chunk
    const shared = this.#shared.get(chunk)
    const count = isKept(chunk) ? chunk.kept.columns.length : chunk.columns.length
    const columns = Array.from({ length: count }, (_, at): LoggedColumn => {
      const known = shared?.[at]
      if (known !== undefined && isThere(known)) return known
      return { vector: this.#addVector(chunk, at, fresh), firstRow: 0 }
    })
    const logged = { id: this.#nextId++, rows, statistics, columns }
    this.#chunks.set(chunk, logged)
    this.#shared.delete(chunk)
    return logged
  }

  #addVector(chunk: TableChunk, at: number, fresh: (vector: FreshVector) => void): LoggedVector {
    const values = dictionaryOf(chunk, at)
    const dictionary = values && this.#addDictionary(values, fresh)
    const vector = this.#newVector(dictionary)
    fresh({ vector, source: sourceOf(chunk, at) })
    return vector
  }

  #addDictionary(values: Vector, fresh: (vector: FreshVector) => void): LoggedVector {
    const known = this.#dictionaries.get(values)
    if (known?.isLogged === true) return known
    const vector = this.#newVector(undefined)
    this.#dictionaries.set(values, vector)
    fresh({ vector, source: { kind: 'memory', vector: values } })
    return vector
  }

  #newVector(dictionary: LoggedVector | undefined): LoggedVector {
    return { id: this.#nextId++, dictionary, place: undefined, isLogged: true }
  }
}

/** What was to be written never was. */
export function isThere({ vector }: LoggedColumn): boolean {
  return vector.isLogged && vector.dictionary?.isLogged !== false
}

function sourceOf(chunk: TableChunk, at: number): VectorSource {
  if (!isKept(chunk)) return { kind: 'memory', vector: present(chunk.columns[at], 'a column') }
  const { path, columns } = chunk.kept
  return { kind: 'file', path, column: present(columns[at], 'a kept column') }
}

function dictionaryOf(chunk: TableChunk, at: number): Vector | undefined {
  return isKept(chunk) ? chunk.kept.columns[at]?.dictionary : chunk.columns[at]?.dictionary
}

/** How many rows of one column come before the first of another in its memory. */
function rowsBetween(of: Vector, view: Vector): number {
  if (of.layout === 'utf8') return (view.offsets - of.offsets) / 4
  if (of.layout === 'bit') return (view.values - of.values) * 8
  return (view.values - of.values) / layoutBytes[of.layout]
}
