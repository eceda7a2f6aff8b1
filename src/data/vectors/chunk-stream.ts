import type { ChunkLease } from './chunk-lease.ts'

/** Rows that are made as somebody takes them. */
export interface ChunkStream {
  /**
   * The next rows, which are the caller's to release; undefined once there are no more. Rejects with the error of
   * what makes them, or QUERY_CANCELED on abort, and is closed then. Nobody asks again before it has answered.
   */
  next(signal?: AbortSignal): Promise<ChunkLease | undefined>
  /** Nothing more is wanted: lets go of what making them holds, at once or when what runs has stopped. */
  close(): void
  /** Bytes that are there until it is closed, to make further rows. */
  readonly heldBytes: number
}

/** One whose end can be waited for. */
export interface RunningStream extends ChunkStream {
  /** Resolves when nothing runs for it any more, and nothing will. */
  readonly ended: Promise<void>
}
