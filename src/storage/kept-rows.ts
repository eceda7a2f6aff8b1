import { closeSync, openSync, writeSync } from 'node:fs'
import { present } from '../base/assert.ts'
import type { Steps } from '../base/steps.ts'
import { describeVector, type HeapRange } from '../data/chunks/chunk-layout.ts'
import type { KeptChunk, KeptColumn } from '../data/chunks/table-chunk.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { Checksums } from '../wasm/kernels/checksum.ts'
import type { SpillMemory } from './extents.ts'
import { spillError } from './spill-errors.ts'

/** What goes to the file at once. */
const BUFFER_BYTES = 1_048_576

/** A file's place and its share of what all files may take. */
export interface KeptFile {
  readonly path: string
  /** Told of bytes before they are written; throws DISK_FULL. */
  readonly reserve: (bytes: number) => void
  /** Removes the file and gives its share back. */
  readonly remove: () => void
}

/**
 * The chunks of one load of a table that are kept outside of the working memory, in a file of their own,
 * column by column: readers read the columns that they want.
 */
export class KeptRows {
  readonly #memory: SpillMemory
  readonly #file: KeptFile
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #descriptor: number | undefined
  #checksums: Checksums | undefined
  #at = 0
  #filled = 0

  constructor(memory: SpillMemory, file: KeptFile) {
    this.#memory = memory
    this.#file = file
  }

  /**
   * Writes a chunk, in steps of about a megabyte; its memory is the caller's as before. Dictionaries are not
   * written: who makes the chunk's table names them. Throws DISK_FULL and IO_ERROR; the rows are of no use then.
   */
  *add({ rows, columns, statistics }: Chunk): Steps<KeptChunk> {
    const { heap, kernels } = this.#memory
    const { path } = this.#file
    const kept: KeptColumn[] = []
    try {
      this.#descriptor ??= openSync(path, 'wx', 0o600)
      this.#checksums ??= new Checksums(heap, kernels)
      for (const vector of columns) {
        const { header, ranges } = describeVector(heap, vector)
        const offset = this.#at + this.#filled
        this.#file.reserve(ranges.reduce((bytes, range) => bytes + range.bytes, 0))
        let checksum = 0
        for (const range of ranges) {
          checksum = this.#checksums.over(checksum, range.start, range.bytes)
          yield* this.#write(range)
        }
        kept.push({ header, dictionary: undefined, offset, checksum })
      }
      this.#flush()
    } catch (error) {
      throw spillError(error, 'write', path)
    }
    return { rows, statistics, kept: { path, columns: kept } }
  }

  /** No chunk comes any more. */
  finish(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.#checksums?.release()
    this.#checksums = undefined
  }

  /** Removes all rows; nobody reads them afterwards. */
  release(): void {
    this.finish()
    this.#file.remove()
  }

  *#write({ start, bytes }: HeapRange): Steps<void> {
    const { u8 } = this.#memory.heap
    for (let from = 0; from < bytes;) {
      const length = Math.min(bytes - from, BUFFER_BYTES - this.#filled)
      this.#buffer.set(u8.subarray(start + from, start + from + length), this.#filled)
      from += length
      this.#filled += length
      if (this.#filled < BUFFER_BYTES) continue
      this.#flush()
      yield
    }
  }

  #flush(): void {
    const descriptor = present(this.#descriptor, 'the file of kept rows is open')
    for (let done = 0; done < this.#filled;) {
      done += writeSync(descriptor, this.#buffer, done, this.#filled - done, this.#at + done)
    }
    this.#at += this.#filled
    this.#filled = 0
  }
}
