import { assert } from '../../base/assert.ts'
import { address, type Address } from './address.ts'
import { HEADER_BYTES } from './free-blocks.ts'
import type { FirstOther, MemoryFill } from './memory-functions.ts'

/** Bytes before what a block is used for, and at least as many behind it, that nobody may write. */
export const ZONE_BYTES = 64

const ZONE = 0xfd
const POISON = 0xdb
const POISON_WORD = 0xdb_db_db_db

// Words of the state: the ring of freed blocks that are not used again yet.
const OLDEST = 0
const COUNT = 1
const BYTES = 2
const FAULT = 3
const RING = 4
const RING_BLOCKS = 256
/** Of the memory, at most; so much is missing to those who look for a large block. */
const RING_SHARE = 64
const RING_BYTES_MAX = 4 * 1_048_576
export const QUARANTINE_WORDS = RING + RING_BLOCKS

/** What of a heap the zones need. */
interface Memory {
  readonly u8: Uint8Array
  readonly u32: Uint32Array
  readonly fill: MemoryFill
  readonly firstOther: FirstOther
}

/**
 * Makes faults in the use of memory show: new and freed memory is filled with 0xDB, so that what nobody wrote
 * is seldom right by chance; zones round each block are checked when it is freed; and a freed block
 * stays away for a while and must then be as it was left. State lies in the memory, the caller holds the
 * lock where it says so.
 */
export class RedZones {
  readonly #memory: Memory
  readonly #state: number
  readonly #ringBytesMax: number

  constructor(memory: Memory, state: number) {
    this.#memory = memory
    this.#ringBytesMax = Math.min(RING_BYTES_MAX, memory.u8.length / RING_SHARE)
    this.#state = state >>> 2
  }

  /** Prepares a new block; gives the address from which `bytes` bytes are its user's. */
  lay(block: number, size: number, bytes: number): Address {
    const { fill } = this.#memory
    const front = block + HEADER_BYTES
    const start = front + ZONE_BYTES
    fill(front, ZONE, ZONE_BYTES)
    fill(start, POISON, bytes)
    this.end(block, size, bytes)
    return address(start)
  }

  /** Ends a block behind the first `bytes` bytes that its user has. */
  end(block: number, size: number, bytes: number): void {
    const start = block + HEADER_BYTES + ZONE_BYTES
    this.#memory.fill(start + bytes, ZONE, block + size - start - bytes)
  }

  /** Asserts that nobody wrote to the zones of a block. */
  check(block: number, size: number, bytes: number): void {
    const front = block + HEADER_BYTES
    const start = front + ZONE_BYTES
    this.#checkZone(start, front, start, 'before')
    this.#checkZone(start, start + bytes, block + size, 'behind')
  }

  /** Checks the zones of a block that is freed, and poisons it. */
  retire(block: number, size: number, bytes: number): void {
    this.check(block, size, bytes)
    this.#memory.fill(block + HEADER_BYTES, POISON, size - HEADER_BYTES)
  }

  /** Keeps a retired block for a while. Under the lock; {@link RedZones.overdue} has made room. */
  keep(block: number, size: number): void {
    const position = (this.#get(OLDEST) + this.#get(COUNT)) % RING_BLOCKS
    this.#set(RING + position, block)
    this.#set(COUNT, this.#get(COUNT) + 1)
    this.#set(BYTES, this.#get(BYTES) + size)
  }

  /** A block that was kept long enough, 0 when there is none. Under the lock. */
  overdue(sizeOf: (block: number) => number): number {
    const isFull = this.#get(COUNT) === RING_BLOCKS - 1 || this.#get(BYTES) > this.#ringBytesMax
    return isFull ? this.oldest(sizeOf) : 0
  }

  /** The block that was kept longest, 0 when there is none. Under the lock. */
  oldest(sizeOf: (block: number) => number): number {
    if (this.#get(COUNT) === 0) return 0
    const position = this.#get(OLDEST)
    const block = this.#get(RING + position)
    const size = sizeOf(block)
    this.#set(OLDEST, (position + 1) % RING_BLOCKS)
    this.#set(COUNT, this.#get(COUNT) - 1)
    this.#set(BYTES, this.#get(BYTES) - size)
    const written = this.#firstWritten(block + HEADER_BYTES, block + size)
    if (written !== 0) this.#set(FAULT, written)
    return block
  }

  /** Asserts that no block was written after it was freed. */
  refuseFaults(): void {
    const fault = this.#get(FAULT)
    if (fault === 0) return
    this.#set(FAULT, 0)
    assert(false, `memory at ${fault} was written after it was freed`)
  }

  #checkZone(start: number, from: number, to: number, where: 'before' | 'behind'): void {
    const { u8 } = this.#memory
    for (let at = from; at < to; at++) {
      if (u8[at] === ZONE) continue
      assert(false, `block ${start} was written ${at - start} bytes from its start, ${where} it`)
    }
  }

  #firstWritten(from: number, to: number): number {
    const { u32, firstOther } = this.#memory
    // The function takes and gives signed words.
    for (let at = firstOther(from, to, POISON_WORD) >>> 0; at < to; at += 4) {
      if (u32[at >>> 2] !== POISON_WORD) return at
    }
    return 0
  }

  #get(word: number): number {
    return this.#memory.u32[this.#state + word]!
  }

  #set(word: number, value: number): void {
    this.#memory.u32[this.#state + word] = value
  }
}
