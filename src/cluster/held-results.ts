import { assert } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'
import type { SpillStore } from '../storage/spill-store.ts'
import type { SpilledOutput } from '../storage/spilled-output.ts'
import { BytesLease, type ResultLease, type TaskResult } from './comm/result-lease.ts'

export interface HeldResultsOptions {
  /** Where rows may wait that the memory has no room for, results of at least `spilledBytesMin` bytes first. */
  readonly store?: SpillStore | undefined
  readonly spilledBytesMin?: number | undefined
  /** What results that are bytes may take together. */
  readonly valueBytesMax?: number | undefined
}

/**
 * Results of tasks by name: rows in this process's heap or in files, and bytes. What is dropped stays until
 * its last reader is done.
 */
export class HeldResults {
  readonly #held = new Map<string, Held>()
  readonly #store: SpillStore | undefined
  readonly #bytesMin: number
  readonly #valueBytesMax: number
  #valueBytes = 0

  constructor(options: HeldResultsOptions = {}) {
    this.#store = options.store
    this.#bytesMin = options.spilledBytesMin ?? 0
    this.#valueBytesMax = options.valueBytesMax ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#held.size
  }

  /**
   * Takes over a lease: of one list of chunks for each piece of an output, or of bytes, which are released and
   * OUT_OF_MEMORY thrown where there is no room for them.
   */
  hold(name: string, lease: TaskResult): void {
    assert(!this.#held.has(name), `${name} is held twice`)
    const bytes = lease instanceof BytesLease ? lease.bytes.byteLength : 0
    if (this.#valueBytes + bytes > this.#valueBytesMax) {
      lease.release()
      throw valuesFull(bytes, this.#valueBytes, this.#valueBytesMax)
    }
    this.#valueBytes += bytes
    const released = (): void => void (this.#valueBytes -= bytes)
    this.#held.set(name, new Held(lease, released))
  }

  /**
   * A piece, where it is: one in a file is read when its rows are, `inTurn` or all at once. Undefined when
   * nothing is held by that name.
   */
  read(name: string, slice: number): ResultLease | undefined {
    return this.#held.get(name)?.read(pieceOf(slice))
  }

  /** Bytes that are held and no more than so many. */
  smallValue(name: string, bytesMax: number): Uint8Array | undefined {
    const bytes = this.#held.get(name)?.bytes
    return bytes !== undefined && bytes.byteLength <= bytesMax ? bytes : undefined
  }

  /** A piece in memory, read without holding the event loop. */
  async load(name: string, slice: number): Promise<ResultLease | undefined> {
    return this.#held.get(name)?.load(pieceOf(slice))
  }

  /**
   * Writes rows to files, those that wait longest first, until `isEnough`. What is being read stays. Gives the bytes that were written.
   * Rejects with what the store does; the result in question stays where it is.
   */
  async spill(isEnough: () => boolean): Promise<number> {
    const store = this.#store
    if (store === undefined) return 0
    let bytes = 0
    // What many small ones hold of the memory is more than their bytes: each has blocks of its own.
    for (const bytesMin of [this.#bytesMin, 0]) {
      for (const held of this.#held.values()) {
        if (isEnough()) return bytes
        bytes += await held.spill(store, bytesMin)
      }
    }
    return bytes
  }

  drop(name: string): void {
    const found = this.#held.get(name)
    if (found === undefined) return
    this.#held.delete(name)
    found.drop()
  }

  dropAll(): void {
    for (const name of this.#held.keys()) this.drop(name)
  }
}

function valuesFull(bytes: number, held: number, bytesMax: number): QueryError {
  const message = `out of memory: a result of ${bytes} bytes has no room beside ${held} bytes of others`
  return new QueryError('OUT_OF_MEMORY', message, {
    detail: `A worker holds up to ${bytesMax} bytes of results of functions.`,
    hint: 'Release results that are no longer wanted, or start more workers.',
  })
}

/** Outputs that are not split have one piece, which is the whole. */
function pieceOf(slice: number): number {
  return slice === WHOLE_OUTPUT ? 0 : slice
}

/** One output, in memory or in a file. */
class Held {
  #lease: TaskResult | undefined
  #file: SpilledOutput | undefined
  /** Who reads it, and who writes it to a file. */
  #users = 0
  #isDropped = false

  readonly #released: () => void

  constructor(lease: TaskResult, released: () => void) {
    this.#lease = lease
    this.#released = released
  }

  /** Undefined of rows. */
  get bytes(): Uint8Array | undefined {
    return this.#lease instanceof BytesLease ? this.#lease.bytes : undefined
  }

  read(piece: number): ResultLease | undefined {
    const file = this.#file
    if (file !== undefined) {
      return this.#used((giveBack) => ChunkLease.kept(file.piece(piece), giveBack))
    }
    const lease = this.#lease
    if (lease instanceof BytesLease) {
      assert(piece === 0, 'bytes have one piece')
      return this.#used((giveBack) => new BytesLease(lease.bytes, giveBack))
    }
    const chunks = lease?.value[piece]
    return chunks && this.#used((giveBack) => new ChunkLease(chunks, giveBack))
  }

  async load(piece: number): Promise<ResultLease | undefined> {
    const file = this.#file
    if (file === undefined) return this.read(piece)
    this.#users++
    try {
      return await file.read(piece)
    } finally {
      this.#leave()
    }
  }

  async spill(store: SpillStore, bytesMin: number): Promise<number> {
    const lease = this.#lease
    // Bytes are not the heap's: they make it no room.
    if (lease === undefined || lease instanceof BytesLease || this.#users > 0) return 0
    const { partitions } = lease
    const bytes = chunksBytes(store.heap, partitions.flat())
    if (bytes === 0 || bytes < bytesMin) return 0
    this.#users++
    try {
      const file = await store.write(partitions)
      // Somebody who began to read it meanwhile reads on in memory.
      if (this.#users > 1 || this.#isDropped) file.release()
      else {
        this.#file = file
        this.#lease = undefined
        lease.release()
      }
      return bytes
    } finally {
      this.#leave()
    }
  }

  drop(): void {
    this.#isDropped = true
    if (this.#users === 0) this.#release()
  }

  #used<L extends ResultLease>(lease: (giveBack: () => void) => L): L {
    this.#users++
    return lease(() => this.#leave())
  }

  #leave(): void {
    if (--this.#users === 0 && this.#isDropped) this.#release()
  }

  #release(): void {
    this.#lease?.release()
    this.#file?.release()
    this.#lease = undefined
    this.#file = undefined
    this.#released()
  }
}
