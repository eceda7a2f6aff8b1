import { closeSync, openSync, readSync } from 'node:fs'
import type { Address } from '../data/arenas/address.ts'
import type { Arena } from '../data/arenas/arena.ts'
import type { Heap, Purpose } from '../data/arenas/heap.ts'
import {
  allocateChunks,
  finishChunks,
  type AllocatedChunks,
  type HeapRange,
} from '../data/chunks/chunk-layout.ts'
import {
  isKept,
  keptColumnBytes,
  type KeptChunk,
  type TableChunk,
} from '../data/chunks/table-chunk.ts'
import { ChunkLease, type KeptChunks } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { Checksums } from '../wasm/kernels/checksum.ts'
import type { SpillMemory } from './extents.ts'
import { damaged, spillError } from './spill-errors.ts'

/** Files that are open at once; the one opened first is closed for another. */
const OPEN_FILES_MAX = 32

/**
 * Brings kept chunks into the working memory while somebody reads them. One thread's, for one piece of
 * work; what it opened is closed with it.
 */
export class KeptReader {
  readonly #heap: Heap
  readonly #memory: SpillMemory
  readonly #descriptors = new Map<string, number>()
  #checksums: Checksums | undefined

  constructor(memory: SpillMemory) {
    this.#heap = memory.heap
    this.#memory = memory
  }

  /**
   * The columns that a chunk names, in memory of their own until the lease ends. Reads where it stands. Throws
   * IO_ERROR, DATA_CORRUPTED and OUT_OF_MEMORY; nothing is held then.
   */
  pin(chunk: KeptChunk): ChunkLease {
    const { block, pinned } = this.#pinned(chunk)
    return new ChunkLease([pinned], () => this.#heap.free(block))
  }

  /** The same in memory of an arena. */
  pinIn(arena: Arena, chunk: KeptChunk, purpose?: Purpose): Chunk {
    const { block, pinned } = this.#pinned(chunk, purpose)
    arena.adoptBlocks([block])
    return pinned
  }

  /** Chunks of a table one after another; each that is kept is in memory until the next is asked for. */
  *inTurn(chunks: readonly TableChunk[]): Generator<Chunk> {
    for (const chunk of chunks) {
      if (!isKept(chunk)) {
        yield chunk
        continue
      }
      const pinned = this.pin(chunk)
      try {
        yield* pinned.chunks
      } finally {
        pinned.release()
      }
    }
  }

  /** All of them in memory. */
  all(chunks: readonly TableChunk[]): ChunkLease {
    const pinned: ChunkLease[] = []
    const release = (): void => {
      for (const lease of pinned) lease.release()
    }
    try {
      const there = chunks.flatMap((chunk): readonly Chunk[] => {
        if (!isKept(chunk)) return [chunk]
        const lease = this.pin(chunk)
        pinned.push(lease)
        return lease.chunks
      })
      return new ChunkLease(there, release)
    } catch (error) {
      release()
      throw error
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
    this.#checksums?.release()
    this.#checksums = undefined
  }

  #pinned(
    chunk: KeptChunk,
    purpose: Purpose = 'reader',
  ): { readonly block: Address; readonly pinned: Chunk } {
    const { rows, statistics, kept } = chunk
    const columns = kept.columns.map(({ header }) => header)
    const header = { dictionaries: [], chunks: [{ rows, columns, statistics }], bytes: 0 }
    const allocated = allocateChunks(this.#heap, header, purpose)
    const { block } = allocated
    try {
      this.#fill(chunk, allocated)
      finishChunks(this.#heap, allocated)
    } catch (error) {
      this.#heap.free(block)
      throw spillError(error, 'read', kept.path)
    }
    const vectors = allocated.chunks.flatMap((made) => made.columns)
    const pinned = vectors.map((vector, at) => ({
      ...vector,
      dictionary: kept.columns[at]?.dictionary,
    }))
    return { block, pinned: { rows, columns: pinned, statistics } }
  }

  #fill({ kept: { path, columns } }: KeptChunk, { ranges }: AllocatedChunks): void {
    this.#checksums ??= new Checksums(this.#heap, this.#memory.kernels)
    let next = 0
    for (const column of columns) {
      const end = column.offset + keptColumnBytes(column)
      let checksum = 0
      for (let at = column.offset; at < end;) {
        const range = ranges[next++]!
        this.#read(path, range, at)
        checksum = this.#checksums.over(checksum, range.start, range.bytes)
        at += range.bytes
      }
      if (checksum !== column.checksum) throw damaged(path, 'its bytes changed')
    }
  }

  /** Straight into the working memory: what reads where it stands takes shared memory. */
  #read(path: string, { start, bytes }: HeapRange, offset: number): void {
    const descriptor = this.#descriptor(path)
    for (let done = 0; done < bytes;) {
      const read = readSync(descriptor, this.#heap.u8, start + done, bytes - done, offset + done)
      if (read === 0) throw damaged(path, 'it is shorter than it was')
      done += read
    }
  }

  #descriptor(path: string): number {
    const known = this.#descriptors.get(path)
    if (known !== undefined) return known
    const [first] = this.#descriptors
    if (first !== undefined && this.#descriptors.size >= OPEN_FILES_MAX) {
      this.#descriptors.delete(first[0])
      closeSync(first[1])
    }
    const descriptor = openSync(path, 'r')
    this.#descriptors.set(path, descriptor)
    return descriptor
  }
}

/** Chunks of a table for somebody who reads them by and by; those that are kept are read when they are asked for. */
export function chunksInTurn(memory: SpillMemory, chunks: readonly TableChunk[]): KeptChunks {
  return {
    rows: chunks.reduce((rows, chunk) => rows + chunk.rows, 0),
    *inTurn() {
      const reader = new KeptReader(memory)
      try {
        yield* reader.inTurn(chunks)
      } finally {
        reader.close()
      }
    },
    all() {
      const reader = new KeptReader(memory)
      try {
        return reader.all(chunks)
      } finally {
        reader.close()
      }
    },
  }
}
