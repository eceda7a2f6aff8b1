import { QueryError } from '../../base/errors.ts'
import { Lease } from '../../data/arenas/lease.ts'
import { ChunkLease, type PartitionsLease } from '../../data/vectors/chunk-lease.ts'

/** Bytes that no heap holds, until the lease is released; nobody changes them. */
export class BytesLease extends Lease<Uint8Array> {
  /** How long it took to make them, where that is known and not just how long it was waited for. */
  readonly tookMs: number | undefined

  constructor(bytes: Uint8Array, release: () => void, tookMs?: number) {
    super(bytes, release)
    this.tookMs = tookMs
  }

  get bytes(): Uint8Array {
    return this.value
  }
}

/** What a task gives: rows by the piece, or bytes, which are one piece. */
export type TaskResult = PartitionsLease | BytesLease

/** One piece of a {@link TaskResult}. */
export type ResultLease = ChunkLease | BytesLease

/** The result of who reads rows; it is released, and DATATYPE_MISMATCH thrown, where it is bytes. */
export function rowsOf(result: ResultLease): ChunkLease {
  if (result instanceof ChunkLease) return result
  result.release()
  throw new QueryError('DATATYPE_MISMATCH', 'a task that reads rows was given a value')
}
