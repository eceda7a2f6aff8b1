import type { Address } from './address.ts'
import { address } from './address.ts'
import { BLOCK_ALIGNMENT_BYTES, type Heap } from './heap.ts'

const ARENA_BLOCK_BYTES = 262_144

/**
 * Bump allocation for what lives and dies together (one query's state on one thread, one result).
 * Not shared between threads; {@link Arena.release} gives every block back at once.
 */
export class Arena {
  readonly heap: Heap
  #blocks: Address[] = []
  #next = 0
  #end = 0

  constructor(heap: Heap) {
    this.heap = heap
  }

  /** At least `bytes` bytes, 64-byte aligned, followed by 64 readable bytes; contents undefined. */
  allocate(bytes: number): Address {
    const rounded = roundUp(bytes + BLOCK_ALIGNMENT_BYTES)
    if (rounded > ARENA_BLOCK_BYTES / 4) return this.#block(bytes)
    if (this.#next + rounded > this.#end) {
      this.#next = this.#block(ARENA_BLOCK_BYTES)
      this.#end = this.#next + ARENA_BLOCK_BYTES
    }
    const taken = this.#next
    this.#next += rounded
    return address(taken)
  }

  /** Like {@link allocate}, every byte 0. */
  allocateZeroed(bytes: number): Address {
    const block = this.allocate(bytes)
    // Small blocks only: on shared memory TypedArray.fill is slow, large ones use the fill kernel.
    this.heap.u8.fill(0, block, block + bytes)
    return block
  }

  /** The heap blocks held, for handing their ownership to another arena or thread. */
  takeBlocks(): readonly Address[] {
    const blocks = this.#blocks
    this.#blocks = []
    this.#next = 0
    this.#end = 0
    return blocks
  }

  /** Becomes the owner of blocks that another arena gave away. */
  adoptBlocks(blocks: readonly Address[]): void {
    this.#blocks.push(...blocks)
  }

  release(): void {
    for (const block of this.takeBlocks()) this.heap.free(block)
  }

  #block(bytes: number): Address {
    const block = this.heap.allocate(bytes)
    this.#blocks.push(block)
    return block
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK_ALIGNMENT_BYTES) * BLOCK_ALIGNMENT_BYTES
}
