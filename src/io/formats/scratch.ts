import type { Heap } from '../../data/arenas/heap.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'

/**
 * A reader's own growing block of shared memory, reused from chunk to chunk: memory that was touched
 * once stays warm. 64 bytes behind it may be written as well.
 */
export class Scratch {
  readonly #heap: Heap
  #block: Address = NO_ADDRESS
  #bytes = 0

  constructor(heap: Heap) {
    this.#heap = heap
  }

  /** The block as it is; {@link NO_ADDRESS} before the first use. */
  get at(): Address {
    return this.#block
  }

  /** A block of at least `bytes` bytes. What it held is lost when it has to grow. */
  ensure(bytes: number): Address {
    if (bytes <= this.#bytes && this.#block !== NO_ADDRESS) return this.#block
    this.release()
    this.#block = this.#heap.allocate(bytes, 'reader')
    this.#bytes = bytes
    return this.#block
  }

  /** Like {@link ensure}, but the first `kept` bytes survive. */
  grow(bytes: number, kept: number): Address {
    if (bytes <= this.#bytes && this.#block !== NO_ADDRESS) return this.#block
    // By half at least, so that growing step by step does not copy each time.
    const capacity = Math.max(bytes, Math.ceil(this.#bytes * 1.5))
    const grown = this.#heap.allocate(capacity, 'reader')
    this.#heap.u8.copyWithin(grown, this.#block, this.#block + kept)
    this.release()
    this.#block = grown
    this.#bytes = capacity
    return grown
  }

  /** A block of fixed size, written when it is first asked for. */
  once(bytes: number, write: (block: Address) => void): Address {
    if (this.#block === NO_ADDRESS) write(this.ensure(bytes))
    return this.#block
  }

  release(): void {
    if (this.#block !== NO_ADDRESS) this.#heap.free(this.#block)
    this.#block = NO_ADDRESS
    this.#bytes = 0
  }
}
