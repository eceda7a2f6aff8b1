import type { Scalar } from '../types/scalar.ts'
import { Lease, type OnFirstRead } from '../arenas/lease.ts'
import type { Chunk } from './vector.ts'

/** Few rows as plain values, column by column. */
export interface PlainRows {
  readonly rows: number
  readonly columns: readonly (readonly Scalar[])[]
}

/** Chunks in the shared memory, until the lease is released. */
export class ChunkLease extends Lease<readonly Chunk[]> {
  /** The same rows, where they were worked out as plain values: chunks of them are made when they are read. */
  readonly plain: PlainRows | undefined

  constructor(
    chunks: readonly Chunk[] | OnFirstRead<readonly Chunk[]>,
    giveBack: () => void,
    plain?: PlainRows,
  ) {
    super(chunks, giveBack)
    this.plain = plain
  }

  get chunks(): readonly Chunk[] {
    return this.value
  }

  get rows(): number {
    return this.plain?.rows ?? rowsOf(this.value)
  }
}

/** Chunks by the partition of an output that they belong to, until the lease is released. */
export class PartitionsLease extends Lease<readonly (readonly Chunk[])[]> {
  /** The rows of an output of one partition, as {@link ChunkLease.plain}. */
  readonly plain: PlainRows | undefined

  constructor(
    partitions: readonly (readonly Chunk[])[] | OnFirstRead<readonly (readonly Chunk[])[]>,
    giveBack: () => void,
    plain?: PlainRows,
  ) {
    super(partitions, giveBack)
    this.plain = plain
  }

  get partitions(): readonly (readonly Chunk[])[] {
    return this.value
  }

  get rows(): number {
    return this.plain?.rows ?? this.value.reduce((rows, chunks) => rows + rowsOf(chunks), 0)
  }
}

function rowsOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
}
