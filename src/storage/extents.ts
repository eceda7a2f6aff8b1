import { readSync } from 'node:fs'
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

/** What goes between memory and disk at once; a copy, as the operating system takes no shared memory. */
const BUFFER_BYTES = 1_048_576

/** Writes chunks from an offset on; `reserve` is told of the bytes before they are written, and may throw. */
export async function writeExtents(
  file: FileHandle,
  memory: SpillMemory,
  chunks: readonly Chunk[],
  offset: number,
  reserve: (bytes: number) => void,
): Promise<readonly Extent[]> {
  const extents: Extent[] = []
  let at = offset
  for (const group of groups(memory.heap, chunks)) {
    const { header, ranges } = describeChunks(memory.heap, group)
    reserve(header.bytes)
    const checksum = await writeRanges(file, memory, ranges, at)
    extents.push({ header, offset: at, checksum })
    at += header.bytes
  }
  return extents
}

/** Chunks side by side, as many as make an extent. */
function* groups(heap: Heap, chunks: readonly Chunk[]): Iterable<readonly Chunk[]> {
  const bytesMax = Math.min(EXTENT_BYTES_MAX, heap.bytesMax * EXTENT_PART_MAX)
  let group: Chunk[] = []
  let bytes = 0
  for (const chunk of chunks) {
    group.push(chunk)
    bytes += describeChunks(heap, [chunk]).header.bytes
    if (bytes < bytesMax) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

async function writeRanges(
  file: FileHandle,
  { heap, kernels }: SpillMemory,
  ranges: readonly HeapRange[],
  offset: number,
): Promise<number> {
  const checksum = checksumOf(heap, kernels, ranges)
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let filled = 0
  let at = offset
  const flush = async (): Promise<void> => {
    const full = buffer.subarray(0, filled)
    for (let done = 0; done < filled;) {
      const { bytesWritten } = await file.write(full, done, filled - done, at + done)
      done += bytesWritten
    }
    at += filled
    filled = 0
  }
  for (const range of ranges) {
    for (let from = 0; from < range.bytes;) {
      const length = Math.min(range.bytes - from, BUFFER_BYTES - filled)
      buffer.set(heap.u8.subarray(range.start + from, range.start + from + length), filled)
      from += length
      filled += length
      if (filled === BUFFER_BYTES) await flush()
    }
  }
  if (filled > 0) await flush()
  return checksum
}

function checksumOf(heap: Heap, kernels: Kernels, ranges: readonly HeapRange[]): number {
  const checksums = new Checksums(heap, kernels)
  try {
    return ranges.reduce((before, { start, bytes }) => checksums.over(before, start, bytes), 0)
  } finally {
    checksums.release()
  }
}

/** The chunks of an extent in memory of their own. Throws DATA_CORRUPTED where its bytes are others. */
export async function readExtent(
  file: FileHandle,
  path: string,
  memory: SpillMemory,
  extent: Extent,
): Promise<ChunkLease> {
  const filling = new Filling(memory, path, extent)
  try {
    while (!filling.isFull) {
      const { buffer, position } = filling.next()
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
      filling.take(bytesRead)
    }
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
      const { buffer, position } = filling.next()
      filling.take(readSync(descriptor, buffer, 0, buffer.length, position))
    }
    return filling.finished()
  } catch (error) {
    filling.giveUp()
    throw error
  }
}

/** Memory of an extent while it is filled from its file. */
class Filling {
  readonly #heap: Heap
  readonly #kernels: Kernels
  readonly #path: string
  readonly #extent: Extent
  readonly #allocated: AllocatedChunks
  readonly #buffer: Buffer
  #taken = 0
  #range = 0
  #offset = 0

  constructor({ heap, kernels }: SpillMemory, path: string, extent: Extent) {
    this.#heap = heap
    this.#kernels = kernels
    this.#path = path
    this.#extent = extent
    this.#buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, extent.header.bytes))
    this.#allocated = allocateChunks(heap, extent.header)
  }

  get isFull(): boolean {
    return this.#taken === this.#extent.header.bytes
  }

  /** What to read next, and from where. */
  next(): { readonly buffer: Buffer; readonly position: number } {
    const left = this.#extent.header.bytes - this.#taken
    const buffer = this.#buffer.subarray(0, Math.min(left, BUFFER_BYTES))
    return { buffer, position: this.#extent.offset + this.#taken }
  }

  take(bytes: number): void {
    if (bytes === 0) throw damaged(this.#path, 'it is shorter than it was')
    const read = this.#buffer.subarray(0, bytes)
    this.#taken += bytes
    const { ranges } = this.#allocated
    for (let from = 0; from < bytes;) {
      const range = ranges[this.#range]!
      const length = Math.min(bytes - from, range.bytes - this.#offset)
      this.#heap.u8.set(read.subarray(from, from + length), range.start + this.#offset)
      from += length
      this.#offset += length
      if (this.#offset < range.bytes) continue
      this.#range++
      this.#offset = 0
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
