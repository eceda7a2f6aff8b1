import { Lease } from '../arenas/lease.ts'
import type { Chunk } from './vector.ts'

/** Chunks in the shared memory, until the lease is released. */
export class ChunkLease extends Lease<readonly Chunk[]> {
  get chunks(): readonly Chunk[] {
    return this.value
  }

  get rows(): number {
    return this.value.reduce((rows, chunk) => rows + chunk.rows, 0)
  }
}
