import type { Steps } from '../../base/steps.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { KeptChunk } from '../../data/chunks/table-chunk.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { KeptRows } from '../../storage/kept-rows.ts'
import type { SpillStore } from '../../storage/spill-store.ts'

/** Of the working memory: what tables may have of it. The rest is for what runs over them. */
const TABLES_PART_MAX = 0.6
/** Of the working memory: while more is in use, whoever it is that has it, tables take no more of it. */
const IN_USE_PART_MAX = 0.8
/** What a load takes beside its chunks is left to it where the memory is small. */
const LOADING_BYTES = 33_554_432
/** Results of a smaller part of the memory are not in the way of storing them. */
const ASIDE_PART_MIN = 1 / 32
/** Smaller chunks stay in memory: each appended row would write a file. */
const KEPT_BYTES_MIN = 65_536

/** When chunks of tables are kept outside of the working memory; bytes. */
export interface TableBounds {
  readonly tableBytesMax: number
  readonly bytesInUseMax: number
  readonly keptBytesMin: number
}

/** For tests: every chunk is kept. */
export const keepsAll: TableBounds = { tableBytesMax: 0, bytesInUseMax: 0, keptBytesMin: 0 }

/** The room that tables have in the working memory, and where their rows go beyond it. */
export class TableRoom {
  readonly #heap: Heap
  readonly #store: SpillStore
  readonly #bounds: TableBounds

  constructor(heap: Heap, store: SpillStore, bounds?: TableBounds) {
    this.#heap = heap
    this.#store = store
    this.#bounds = bounds ?? {
      tableBytesMax: Math.min(
        heap.bytesMax * TABLES_PART_MAX,
        Math.max(0, heap.bytesMax - LOADING_BYTES),
      ),
      bytesInUseMax: heap.bytesMax * IN_USE_PART_MAX,
      keptBytesMin: KEPT_BYTES_MIN,
    }
  }

  /**
   * A result that is about to be stored, which is taken over: in a file where it has the memory that storing it
   * would take. Rejects with DISK_FULL and IO_ERROR; it is released then.
   */
  async aside(output: ChunkLease): Promise<ChunkLease> {
    const { bytesMax, bytesInUse } = this.#heap
    if (output.isKept || bytesInUse <= bytesMax * TABLES_PART_MAX) return output
    if (chunksBytes(this.#heap, output.chunks) < bytesMax * ASIDE_PART_MIN) return output
    try {
      const file = await this.#store.write([output.chunks])
      return ChunkLease.kept(file.piece(0), () => file.release())
    } finally {
      output.release()
    }
  }

  /** Whether tables may have so many bytes more of the working memory. */
  hasFor(bytes: number): boolean {
    const { tableBytesMax, bytesInUseMax } = this.#bounds
    const { usage, bytesInUse } = this.#heap
    return usage.table + bytes <= tableBytesMax && bytesInUse + bytes <= bytesInUseMax
  }

  /** For one load of rows, whose chunks come to an end with {@link TableLoad.finish}. */
  load(): TableLoad {
    return new TableLoad(this.#heap, this.#store, this.#bounds)
  }
}

/**
 * Rows of one load on their way to their place: chunks stay in the working memory while tables have room in it,
 * those that come later go to a file as they are made. What is in memory stays there: to write older chunks in
 * place of new ones would be the same work, and tell no better which of them will be read.
 */
export class TableLoad {
  readonly #heap: Heap
  readonly #store: SpillStore
  readonly #bounds: TableBounds
  #rows: KeptRows | undefined

  constructor(heap: Heap, store: SpillStore, bounds: TableBounds) {
    this.#heap = heap
    this.#store = store
    this.#bounds = bounds
  }

  /** Writes a chunk to the file, in steps, unless it is to stay where it is. Throws DISK_FULL and IO_ERROR. */
  *keep(chunk: Chunk): Steps<KeptChunk | undefined> {
    const { tableBytesMax, bytesInUseMax, keptBytesMin } = this.#bounds
    const { usage, bytesInUse } = this.#heap
    if (usage.table <= tableBytesMax && bytesInUse <= bytesInUseMax) return undefined
    if (keptBytesMin > 0 && chunksBytes(this.#heap, [chunk]) < keptBytesMin) return undefined
    this.#rows ??= this.#store.keep()
    return yield* this.#rows.add(chunk)
  }

  /** The file with the chunks that were kept, which is the caller's to release; undefined where none was. */
  finish(): KeptRows | undefined {
    this.#rows?.finish()
    return this.#rows
  }

  /** Nothing of it is wanted. */
  cancel(): void {
    this.#rows?.release()
  }
}
