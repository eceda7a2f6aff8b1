import { present } from '../../base/assert.ts'
import { idsOf, LoggedCatalog, type ChunkRuns, type LoggedEntry } from './catalog-edits.ts'
import type { ReadRecord } from './log-reader.ts'
import type { LoggedChunk, LoggedVector } from './logged-chunks.ts'
import type { Manifest, PlacedVectorText } from './manifest.ts'
import { readRecordHead, type ChunkText, type NumbersText } from './records.ts'
import { areWhole } from './vector-records.ts'

/** What a log has come to, as it is read back. */
export class LogState {
  readonly catalog = new LoggedCatalog()
  readonly #vectorTexts = new Map<number, PlacedVectorText>()
  readonly #chunkTexts = new Map<number, ChunkText>()
  readonly #vectors = new Map<number, LoggedVector>()
  #nextId: number

  constructor({ vectors, chunks, edits, nextId }: Manifest) {
    this.#nextId = nextId
    for (const vector of vectors) this.#vectorTexts.set(vector.id, vector)
    for (const chunk of chunks) this.#chunkTexts.set(chunk.id, chunk)
    for (const edit of edits) this.catalog.apply(edit)
  }

  /** Above the numbers of all vectors and chunks. */
  get nextId(): number {
    return this.#nextId
  }

  /** Takes the next record of the log; false where its bytes are others. */
  take({ head, body, segment, offset }: ReadRecord): boolean {
    const record = readRecordHead(head)
    switch (record.kind) {
      case 'vectors':
        if (!areWhole(record.vectors, body)) return false
        for (const vector of record.vectors) {
          this.#see(vector.id)
          this.#vectorTexts.set(vector.id, { ...vector, at: offset + vector.at, segment })
        }
        return true
      case 'commit':
        for (const chunk of record.chunks) {
          this.#see(chunk.id)
          this.#chunkTexts.set(chunk.id, chunk)
        }
        for (const edit of record.edits) this.catalog.apply(edit)
        return true
      case 'numbers':
        for (const numbers of record.sequences) this.#setNumbers(numbers)
        return true
    }
  }

  #see(id: number): void {
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  /** A sequence may have been dropped since. */
  #setNumbers({ id, last, isCalled }: NumbersText): void {
    for (const entries of this.catalog.groups.get('relations')?.values() ?? []) {
      for (const [name, { entry }] of entries) {
        if (!('id' in entry) || entry.id !== id) continue
        const numbers = { last, isCalled, logged: 0 }
        entries.set(name, { entry: { ...entry, numbers }, rows: undefined } satisfies LoggedEntry)
      }
    }
  }

  /** The chunks of a table, in order. */
  chunksOf(rows: ChunkRuns): readonly LoggedChunk[] {
    return [...idsOf(rows)].map((id): LoggedChunk => {
      const { rows: count, statistics, columns } = present(this.#chunkTexts.get(id), 'a chunk')
      return {
        id,
        rows: count,
        statistics,
        columns: columns.map(([vector, firstRow]) => ({ vector: this.#vector(vector), firstRow })),
      }
    })
  }

  #vector(id: number): LoggedVector {
    const known = this.#vectors.get(id)
    if (known !== undefined) return known
    const text = present(this.#vectorTexts.get(id), 'a column')
    const { header, checksum, segment, at, dictionary } = text
    const made: LoggedVector = {
      id,
      dictionary: dictionary === undefined ? undefined : this.#vector(dictionary),
      place: { header, checksum, segment, offset: at },
      isLogged: true,
    }
    this.#vectors.set(id, made)
    return made
  }
}
