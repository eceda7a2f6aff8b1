import { QueryError } from '../../base/errors.ts'
import { Lease } from '../../data/arenas/lease.ts'
import { ChunkLease, type PartitionsLease } from '../../data/vectors/chunk-lease.ts'

/** A result of no more bytes goes with the word that it is there: who waits for it need not ask. */
export const TOLD_BYTES_MAX = 512

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

/** The same of who reads values. */
export function bytesOf(result: ResultLease): BytesLease {
  if (result instanceof BytesLease) return result
  result.release()
  throw new QueryError('DATATYPE_MISMATCH', 'a task that reads a value was given rows')
}
