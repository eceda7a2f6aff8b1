import { Lease } from '../arenas/lease.ts'
import type { Chunk } from './vector.ts'

/** Chunks in the shared memory, until the lease is released. */
export class ChunkLease extends Lease<readonly Chunk[]> {
  get chunks(): readonly Chunk[] {
    return this.value
  }

  get rows(): number {
    return rowsOf(this.value)
  }
}

/** Chunks by the partition of an output that they belong to, until the lease is released. */
export class PartitionsLease extends Lease<readonly (readonly Chunk[])[]> {
  get partitions(): readonly (readonly Chunk[])[] {
    return this.value
  }

  get rows(): number {
    return this.value.reduce((rows, chunks) => rows + rowsOf(chunks), 0)
  }
}

function rowsOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
}
