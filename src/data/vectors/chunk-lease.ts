import type { Scalar } from '../types/scalar.ts'
import { assert } from '../../base/assert.ts'
import { Lease, OnFirstRead } from '../arenas/lease.ts'
import type { Chunk } from './vector.ts'

/** Few rows as plain values, column by column. */
export interface PlainRows {
  readonly rows: number
  readonly columns: readonly (readonly Scalar[])[]
}

/** Chunks that are kept elsewhere. */
export interface KeptChunks {
  readonly rows: number
  /** One after another; each is in memory until the next is asked for. */
  inTurn(): Generator<Chunk>
  /** All of them in memory. Throws OUT_OF_MEMORY where they do not fit. */
  all(): ChunkLease
}

/** Chunks in the shared memory, until the lease is released. */
export class ChunkLease extends Lease<readonly Chunk[]> {
  /** The same rows, where they were worked out as plain values: chunks of them are made when they are read. */
  readonly plain: PlainRows | undefined
  /** Where they are kept until all of them are read at once. */
  #kept: KeptChunks | undefined

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

  /** Chunks that are kept elsewhere, in memory only while they are read. */
  static kept(kept: KeptChunks, giveBack: () => void): ChunkLease {
    let all: ChunkLease | undefined
    const turns = new Set<Generator<Chunk>>()
    const lease: ChunkLease = new ChunkLease(
      new OnFirstRead(() => {
        all = kept.all()
        return all.chunks
      }),
      () => {
        all?.release()
        // Who stopped in between holds memory and a file.
        for (const turn of turns) turn.return(undefined)
        giveBack()
      },
    )
    lease.#kept = {
      rows: kept.rows,
      all: kept.all,
      *inTurn() {
        const turn = kept.inTurn()
        turns.add(turn)
        try {
          yield* turn
        } finally {
          turns.delete(turn)
        }
      },
    }
    return lease
  }

  /** The chunks of several leases, in their order; released with it, before `released` is called. */
  static together(leases: readonly ChunkLease[], released: () => void): ChunkLease {
    const giveBack = (): void => {
      for (const lease of leases) lease.release()
      released()
    }
    if (leases.every((lease) => lease.#kept === undefined)) {
      return new ChunkLease(
        leases.flatMap((lease) => lease.chunks),
        giveBack,
      )
    }
    return ChunkLease.kept(
      {
        rows: leases.reduce((rows, lease) => rows + lease.rows, 0),
        *inTurn() {
          for (const lease of leases) yield* lease.inTurn()
        },
        all: () =>
          new ChunkLease(
            leases.flatMap((lease) => lease.chunks),
            () => {},
          ),
      },
      giveBack,
    )
  }

  /** Whether it is kept elsewhere: chunks that were given in turn do not stay. */
  get isKept(): boolean {
    return this.#kept !== undefined
  }

  get rows(): number {
    return this.plain?.rows ?? this.#kept?.rows ?? rowsOf(this.value)
  }

  /** The chunks one after another: each may be gone when the next is asked for. */
  *inTurn(): Generator<Chunk> {
    assert(!this.isReleased, 'a lease was read after its release')
    if (this.#kept === undefined) yield* this.value
    else yield* this.#kept.inTurn()
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
