import type { Heap } from '../../data/arenas/heap.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'

/** A reader's own growing block of shared memory, reused from chunk to chunk. */
export class Scratch {
  readonly #heap: Heap
  #block: Address = NO_ADDRESS
  #bytes = 0

  constructor(heap: Heap) {
    this.#heap = heap
  }

  /** A block of at least `bytes` bytes. What it held is lost when it has to grow. */
  ensure(bytes: number): Address {
    if (bytes <= this.#bytes && this.#block !== NO_ADDRESS) return this.#block
    this.release()
    this.#block = this.#heap.allocate(bytes)
    this.#bytes = bytes
    return this.#block
  }

  /** Like {@link ensure}, but the first `kept` bytes survive. */
  grow(bytes: number, kept: number): Address {
    if (bytes <= this.#bytes) return this.#block
    const grown = this.#heap.allocate(bytes)
    this.#heap.u8.copyWithin(grown, this.#block, this.#block + kept)
    this.release()
    this.#block = grown
    this.#bytes = bytes
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
