import { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** A block that grows by moving to a larger one; before it first grows there is none. */
export class GrowingBlock {
  readonly #kernels: Kernels
  #arena: Arena
  #address: Address = NO_ADDRESS
  #bytesMax = 0

  constructor({ heap }: Arena, kernels: Kernels) {
    this.#kernels = kernels
    this.#arena = new Arena(heap)
  }

  get address(): Address {
    return this.#address
  }

  get bytesMax(): number {
    return this.#bytesMax
  }

  /** Makes room for so many bytes; the first `used` move along. Where there is no memory all stays as it is. */
  grow(bytes: number, used: number): void {
    const arena = new Arena(this.#arena.heap)
    const grown = arena.allocate(bytes)
    this.#kernels.call('copy', grown, this.#address, used)
    this.#arena.release()
    this.#arena = arena
    this.#address = grown
    this.#bytesMax = bytes
  }

  release(): void {
    this.#arena.release()
  }
}
