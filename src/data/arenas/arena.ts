import type { Address } from './address.ts'
import { address } from './address.ts'
import { BLOCK_ALIGNMENT_BYTES, type Heap, type Purpose } from './heap.ts'

/** The first block is small, as most arenas hold little; later ones take as much as all before. */
const BLOCK_BYTES_MIN = 4_096
const BLOCK_BYTES_MAX = 262_144
/** What takes a larger part of a block gets one of its own. */
const BLOCK_PARTS = 4

/**
 * Bump allocation for what lives and dies together (one query's state on one thread, one result).
 * Not shared between threads; {@link Arena.release} gives every block back at once.
 */
export class Arena {
  readonly heap: Heap
  readonly #purpose: Purpose
  #blocks: Address[] = []
  #next = 0
  #end = 0
  #bytes = 0

  constructor(heap: Heap, purpose: Purpose = 'query') {
    this.heap = heap
    this.#purpose = purpose
  }

  /**
   * At least `bytes` bytes, 64-byte aligned, followed by 64 bytes that may be read and written;
   * contents undefined.
   */
  allocate(bytes: number): Address {
    const rounded = roundUp(bytes + BLOCK_ALIGNMENT_BYTES)
    if (this.#next + rounded > this.#end) {
      const wanted = Math.min(Math.max(this.#bytes, BLOCK_BYTES_MIN), BLOCK_BYTES_MAX)
      // A heap that looks for faults looks at each block: there, everything is one.
      if (rounded > wanted / BLOCK_PARTS || this.heap.mode === 'poison') return this.#block(bytes)
      this.#next = this.#block(wanted)
      this.#end = this.#next + wanted
    }
    const taken = this.#next
    this.#next += rounded
    return address(taken)
  }

  /** Like {@link allocate}, every byte 0. */
  allocateZeroed(bytes: number): Address {
    const block = this.allocate(bytes)
    this.heap.fill(block, 0, bytes)
    return block
  }

  /** Gives back what is allocated here behind the first `bytes` bytes, if it is large enough to be a block of its own. */
  shrink(start: Address, bytes: number): void {
    // Others may lie behind what begins a smaller block.
    if (!this.#blocks.includes(start)) return
    const before = this.heap.bytesOf(start)
    if (before <= BLOCK_BYTES_MAX || bytes > before) return
    this.heap.shrink(start, bytes)
    this.#bytes -= before - bytes
  }

  /** Bytes of the blocks that were allocated here and not handed on. */
  get bytes(): number {
    return this.#bytes
  }

  /** Bytes of all heap blocks held, those too that others made. */
  get bytesHeld(): number {
    return this.#blocks.reduce((bytes, block) => bytes + this.heap.bytesOf(block), 0)
  }

  /** The heap blocks held, for handing their ownership to another arena or thread. */
  takeBlocks(): readonly Address[] {
    const blocks = this.#blocks
    this.#blocks = []
    this.#next = 0
    this.#end = 0
    this.#bytes = 0
    return blocks
  }

  /** Becomes the owner of blocks that another arena gave away. */
  adoptBlocks(blocks: readonly Address[]): void {
    for (const block of blocks) this.#blocks.push(block)
  }

  release(): void {
    for (const block of this.takeBlocks()) this.heap.free(block)
  }

  #block(bytes: number): Address {
    const block = this.heap.allocate(bytes, this.#purpose)
    this.#blocks.push(block)
    this.#bytes += bytes
    return block
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK_ALIGNMENT_BYTES) * BLOCK_ALIGNMENT_BYTES
}
