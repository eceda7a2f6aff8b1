import type { Heap } from '../../../data/arenas/heap.ts'
import { address, NO_ADDRESS, type Address } from '../../../data/vectors/vector.ts'

/** A block of the heap that is kept and grows: memory that was touched once stays warm. */
export class Scratch {
  readonly #heap: Heap
  #block: Address = NO_ADDRESS
  #bytes = 0

  constructor(heap: Heap) {
    this.#heap = heap
  }

  get at(): Address {
    return this.#block
  }

  get bytes(): number {
    return this.#bytes
  }

  /** At least `bytes` bytes and 64 of slack, contents undefined. */
  ensure(bytes: number): Address {
    return this.grow(bytes, 0)
  }

  /** The same; the first `kept` bytes keep their contents. */
  grow(bytes: number, kept: number): Address {
    if (bytes <= this.#bytes) return this.#block
    const wanted = Math.max(bytes, Math.ceil(this.#bytes * 1.5), 4_096)
    const block = this.#heap.allocate(wanted + 64)
    if (this.#block !== NO_ADDRESS) {
      if (kept > 0) this.#heap.u8.copyWithin(block, this.#block, this.#block + kept)
      this.#heap.free(this.#block)
    }
    this.#block = block
    this.#bytes = wanted
    return block
  }

  offset(bytes: number): Address {
    return address(this.#block + bytes)
  }

  free(): void {
    if (this.#block !== NO_ADDRESS) this.#heap.free(this.#block)
    this.#block = NO_ADDRESS
    this.#bytes = 0
  }
}
