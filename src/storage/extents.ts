import { readv, readvSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { Heap } from '../data/arenas/heap.ts'
import {
  allocateChunks,
  describeChunks,
  finishChunks,
  type AllocatedChunks,
  type ChunksHeader,
  type HeapRange,
} from '../data/chunks/chunk-layout.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { Checksums } from '../wasm/kernels/checksum.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { damaged } from './spill-errors.ts'

/** Where chunks lie while they are not in a file. */
export interface SpillMemory {
  readonly heap: Heap
  readonly kernels: Kernels
}

/** Some chunks in a file: what is read at once. */
export interface Extent {
  readonly header: ChunksHeader
  readonly offset: number
  readonly checksum: number
}

/**
 * Rows of about so many bytes make an extent, less where the memory is small, so that many can read a result at once, a
 * little at a time.
 */
const EXTENT_BYTES_MAX = 4_194_304
const EXTENT_PART_MAX = 1 / 128

/** What goes to disk at once; a copy, so that small pieces go together. */
const BUFFER_BYTES = 1_048_576
/** Up to so many bytes are read without letting others on in between: asking for them takes longer. */
const READ_NOW_BYTES_MAX = 1_048_576
/** What the operating system reads into several places at once. */
const PLACES_MAX = 1_024

/** Pieces of one output, written to its file one behind the other. */
export class ExtentWriter {
  readonly #file: FileHandle
  readonly #memory: SpillMemory
  readonly #reserve: (bytes: number) => void
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #filled = 0
  /** Where the buffer's first byte goes. */
  #at = 0

  /** `reserve` is told of bytes before they are written, and may throw. */
  constructor(file: FileHandle, memory: SpillMemory, reserve: (bytes: number) => void) {
    this.#file = file
    this.#memory = memory
    this.#reserve = reserve
  }

  /** The extents of some chunks; their bytes are all in the file after {@link finish}. */
  async write(chunks: readonly Chunk[]): Promise<readonly Extent[]> {
    const { heap, kernels } = this.#memory
    const extents: Extent[] = []
    for (const group of groups(heap, chunks)) {
      const { header, ranges } = describeChunks(heap, group)
      this.#reserve(header.bytes)
      const offset = this.#at + this.#filled
      extents.push({ header, offset, checksum: checksumOf(heap, kernels, ranges) })
      for (const range of ranges) await this.#add(range)
    }
    return extents
  }

  async finish(): Promise<void> {
    if (this.#filled > 0) await this.#flush()
  }

  async #add({ start, bytes }: HeapRange): Promise<void> {
    const { u8 } = this.#memory.heap
    for (let from = 0; from < bytes;) {
      const length = Math.min(bytes - from, BUFFER_BYTES - this.#filled)
      this.#buffer.set(u8.subarray(start + from, start + from + length), this.#filled)
      from += length
      this.#filled += length
      if (this.#filled === BUFFER_BYTES) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const full = this.#buffer.subarray(0, this.#filled)
    for (let done = 0; done < full.length;) {
      const left = full.length - done
      const { bytesWritten } = await this.#file.write(full, done, left, this.#at + done)
      done += bytesWritten
    }
    this.#at += this.#filled
    this.#filled = 0
  }
}

/** Chunks side by side, as many as make an extent. */
function* groups(heap: Heap, chunks: readonly Chunk[]): Iterable<readonly Chunk[]> {
  const bytesMax = Math.min(EXTENT_BYTES_MAX, heap.bytesMax * EXTENT_PART_MAX)
  let group: Chunk[] = []
  let bytes = 0
  for (const chunk of chunks) {
    group.push(chunk)
    bytes += chunksBytes(heap, [chunk])
    if (bytes < bytesMax) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

function checksumOf(heap: Heap, kernels: Kernels, ranges: readonly HeapRange[]): number {
  const checksums = new Checksums(heap, kernels)
  try {
    return ranges.reduce((before, { start, bytes }) => checksums.over(before, start, bytes), 0)
  } finally {
    checksums.release()
  }
}

/**
 * The chunks of an extent in memory of their own, of a file that is open until then. Throws DATA_CORRUPTED where its bytes are
 * others.
 */
export async function readExtent(
  descriptor: number,
  path: string,
  memory: SpillMemory,
  extent: Extent,
): Promise<ChunkLease> {
  if (extent.header.bytes <= READ_NOW_BYTES_MAX) {
    return readExtentNow(descriptor, path, memory, extent)
  }
  const filling = new Filling(memory, path, extent)
  try {
    while (!filling.isFull) filling.took(await readInto(descriptor, filling))
    return filling.finished()
  } catch (error) {
    filling.giveUp()
    throw error
  }
}

/** The same without letting others on in between: for a few megabytes, when they are asked for so. */
export function readExtentNow(
  descriptor: number,
  path: string,
  memory: SpillMemory,
  extent: Extent,
): ChunkLease {
  const filling = new Filling(memory, path, extent)
  try {
    while (!filling.isFull) {
      filling.took(readvSync(descriptor, filling.places(), filling.position))
    }
    return filling.finished()
  } catch (error) {
    filling.giveUp()
    throw error
  }
}

function readInto(descriptor: number, filling: Filling): Promise<number> {
  return new Promise((resolve, reject) => {
    readv(descriptor, filling.places(), filling.position, (error, bytes) => {
      if (error === null) resolve(bytes)
      else reject(error)
    })
  })
}

/** Memory of an extent while it is filled from its file. */
class Filling {
  readonly #heap: Heap
  readonly #kernels: Kernels
  readonly #path: string
  readonly #extent: Extent
  readonly #allocated: AllocatedChunks
  #taken = 0
  #range = 0
  #offset = 0

  constructor({ heap, kernels }: SpillMemory, path: string, extent: Extent) {
    this.#heap = heap
    this.#kernels = kernels
    this.#path = path
    this.#extent = extent
    this.#allocated = allocateChunks(heap, extent.header)
  }

  get isFull(): boolean {
    return this.#taken === this.#extent.header.bytes
  }

  /** From where in the file the next bytes come. */
  get position(): number {
    return this.#extent.offset + this.#taken
  }

  /** Where they go, in order. */
  places(): Uint8Array[] {
    const { u8 } = this.#heap
    const ranges = this.#allocated.ranges.slice(this.#range, this.#range + PLACES_MAX)
    return ranges.map(({ start, bytes }, at) =>
      u8.subarray(at === 0 ? start + this.#offset : start, start + bytes),
    )
  }

  /** So many bytes came. */
  took(bytes: number): void {
    if (bytes === 0) throw damaged(this.#path, 'it is shorter than it was')
    this.#taken += bytes
    this.#offset += bytes
    const { ranges } = this.#allocated
    for (let range = ranges[this.#range]; range !== undefined; range = ranges[this.#range]) {
      if (this.#offset < range.bytes) return
      this.#offset -= range.bytes
      this.#range++
    }
  }

  finished(): ChunkLease {
    const { chunks, block, ranges } = this.#allocated
    // Right bytes lead nowhere else: they were ours.
    if (checksumOf(this.#heap, this.#kernels, ranges) !== this.#extent.checksum) {
      throw damaged(this.#path, 'its bytes changed')
    }
    for (const { check } of this.#allocated.ranges) check?.()
    finishChunks(this.#heap, this.#allocated)
    return new ChunkLease(chunks, () => this.#heap.free(block))
  }

  giveUp(): void {
    this.#heap.free(this.#allocated.block)
  }
}
