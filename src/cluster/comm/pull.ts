import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import {
  allocateChunks,
  finishChunks,
  type AllocatedChunks,
  type ChunksHeader,
} from '../../data/chunks/chunk-layout.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import type { DataRef } from './data-messages.ts'
import { BytesLease, type ResultLease } from './result-lease.ts'

export interface PullHandlers {
  resolve(fetched: readonly ResultLease[]): void
  reject(error: unknown): void
}

/**
 * Something asked of another process, while it comes in. What fails it (no room, wrong bytes, an abort)
 * is its own affair: the rest of its bytes is let through and kept nowhere, and what others asked for over
 * the same connection comes after them.
 */
export class Pull {
  readonly refs: readonly DataRef[]
  readonly #heap: Heap
  readonly #handlers: PullHandlers
  readonly #fetched: ResultLease[] = []
  #arriving: AllocatedChunks | undefined
  /** What arrives, where it is no rows. */
  #bytes: Uint8Array | undefined
  #bytesLeft = 0
  #range = 0
  #offset = 0
  #refsLeft: number
  #isSettled = false

  constructor(heap: Heap, refs: readonly DataRef[], handlers: PullHandlers) {
    this.#heap = heap
    this.refs = refs
    this.#refsLeft = refs.length
    this.#handlers = handlers
  }

  /** Whether nobody waits for it any more. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whether bytes of a ref are still to come, rather than a header. */
  get isArriving(): boolean {
    return this.#bytesLeft > 0
  }

  /** The next ref's bytes follow; true when there are none, and it was the last. */
  begin(header: ChunksHeader): boolean {
    this.#bytesLeft = header.bytes
    this.#range = 0
    this.#offset = 0
    if (!this.#isSettled) {
      try {
        // A table's copy is kept for later queries, a result's ends with its own.
        const purpose = this.refs[0]?.kind === 'table' ? 'table' : 'result'
        this.#arriving = allocateChunks(this.#heap, header, purpose)
      } catch (error) {
        this.fail(error)
      }
    }
    return this.#bytesLeft === 0 && this.#arrived()
  }

  /** The same of so many bytes that are no rows. */
  beginBytes(bytes: number): boolean {
    this.#bytesLeft = bytes
    this.#offset = 0
    if (!this.#isSettled) {
      try {
        const ref = this.refs.at(-this.#refsLeft)
        if (ref?.kind === 'table') throw protocolViolation('rows of a table that are none')
        this.#bytes = allocatedBytes(bytes)
      } catch (error) {
        this.fail(error)
      }
    }
    return this.#bytesLeft === 0 && this.#arrived()
  }

  /** Takes the next bytes in; true when everything is there. */
  take(data: Buffer): boolean {
    if (data.length > this.#bytesLeft) throw protocolViolation('more data than was announced')
    this.#bytesLeft -= data.length
    try {
      this.#fill(data)
    } catch (error) {
      this.fail(error)
    }
    return this.#bytesLeft === 0 && this.#arrived()
  }

  /** Nothing of it is held any more; only the first error counts. */
  fail(error: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    if (this.#arriving !== undefined) this.#heap.free(this.#arriving.block)
    this.#arriving = undefined
    this.#bytes = undefined
    for (const fetched of this.#fetched) fetched.release()
    this.#handlers.reject(error)
  }

  #fill(data: Buffer): void {
    if (this.#bytes !== undefined) {
      this.#bytes.set(data, this.#offset)
      this.#offset += data.length
      return
    }
    if (this.#arriving === undefined) return
    const { ranges } = this.#arriving
    for (let from = 0; from < data.length;) {
      const range = ranges[this.#range]!
      const length = Math.min(data.length - from, range.bytes - this.#offset)
      this.#heap.u8.set(data.subarray(from, from + length), range.start + this.#offset)
      from += length
      this.#offset += length
      if (this.#offset < range.bytes) continue
      range.check?.()
      this.#range++
      this.#offset = 0
    }
  }

  #arrived(): boolean {
    const arriving = this.#arriving
    if (this.#bytes !== undefined) {
      this.#fetched.push(new BytesLease(this.#bytes, () => {}))
      this.#bytes = undefined
    }
    if (arriving !== undefined) {
      try {
        finishChunks(this.#heap, arriving)
        this.#arriving = undefined
        const { chunks, block } = arriving
        this.#fetched.push(new ChunkLease(chunks, () => this.#heap.free(block)))
      } catch (error) {
        this.fail(error)
      }
    }
    if (--this.#refsLeft > 0) return false
    if (!this.#isSettled) {
      this.#isSettled = true
      this.#handlers.resolve(this.#fetched)
    }
    return true
  }
}

/** Memory is asked for when it is known how much comes, which may be more than there is. */
function allocatedBytes(bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const message = `out of memory: ${bytes} bytes could not be allocated`
    throw new QueryError('OUT_OF_MEMORY', message, { cause: error })
  }
}
