import { assert } from '../../base/assert.ts'

/** Blocks begin and end on this boundary. */
export const GRANULE_BYTES = 64
/** What a block spends on itself; the payload follows. */
export const HEADER_BYTES = 16
const BLOCK_BYTES_MIN = 2 * GRANULE_BYTES

// Words of a block's header.
const SIZE_AND_FLAGS = 0
const PREVIOUS = 1
/** While the block is free; while it is taken these two are its owner's. */
const NEXT_FREE = 2
const PREVIOUS_FREE = 3
export const OWNER_WORDS = [NEXT_FREE, PREVIOUS_FREE] as const

const FREE = 1
const LAST = 2
const FLAGS = GRANULE_BYTES - 1

const STEPS_LOG2 = 5
const STEPS = 1 << STEPS_LOG2
const DOUBLINGS = 23

// Words of the state: bitmaps of the lists that have blocks, and the first block of each list.
const START = 0
const END = 1
const TOUCHED_END = 2
const DOUBLINGS_MAP = 3
const STEPS_MAPS = 4
const LISTS = STEPS_MAPS + DOUBLINGS
export const STATE_WORDS = LISTS + DOUBLINGS * STEPS

/** Blocks of the class that a size itself belongs to, looked through when no larger class has any. */
const SEARCHED_BLOCKS_MAX = 64

/** Blocks from this size on hold columns. */
const LARGE_BYTES_MIN = 65_536
const SYSTEM_PAGE_BYTES = 4_096
/**
 * Where in a page of the system large payloads begin. Columns are read in batches of 1,024 rows, which are
 * as long as a page or half as long; processors read ahead up to the end of a page. In the middle of one,
 * they have read the beginning of the next batch when it comes: a scan that picks some rows of a column of
 * 4 bytes takes 5 to 8 per cent less time than with columns at the beginning of pages.
 */
export const LARGE_PAYLOAD_OFFSET = 2_048

/** What a region is made of just now. */
export interface FreeBlocksReport {
  readonly takenBytes: number
  readonly takenBlocks: number
  readonly freeBytes: number
  readonly freeBlocks: number
  readonly largestFreeBytes: number
}

/**
 * Divides a region of shared memory into blocks: two-level segregated fit (Masmano et al. 2004). Free
 * blocks hang in lists by size, thirty-two lists a doubling; bitmaps find the smallest list that surely
 * fits in a few instructions, whatever the state. Taking splits, the rest at the higher address; giving
 * merges with both neighbours at once, so that no two free blocks ever touch. The last-freed block of a
 * list is taken first: its pages are warm. Memory that was never touched is the end of the highest block
 * and the last choice of all.
 *
 * All state lies in the memory; who calls holds the lock.
 */
export class FreeBlocks {
  readonly #words: Uint32Array
  readonly #state: number

  /** `state`: the address of {@link STATE_WORDS} zeroed words. */
  constructor(words: Uint32Array, state: number) {
    this.#words = words
    this.#state = state >>> 2
  }

  /** Makes one free block of a region; payloads are aligned to {@link GRANULE_BYTES}. Called once. */
  found(start: number, end: number): void {
    const first = start + GRANULE_BYTES - HEADER_BYTES
    const bytes = Math.floor((end - first) / GRANULE_BYTES) * GRANULE_BYTES
    assert(bytes >= BLOCK_BYTES_MIN, 'a region too small for a block')
    this.#set(START, first)
    this.#set(END, first + bytes)
    this.#set(TOUCHED_END, first)
    this.#write(first, SIZE_AND_FLAGS, bytes | LAST)
    this.#write(first, PREVIOUS, 0)
    this.#enlist(first, bytes)
  }

  /** Bytes that a block takes whose payload is to have so many. */
  static blockBytes(payloadBytes: number): number {
    const bytes = Math.ceil((payloadBytes + HEADER_BYTES) / GRANULE_BYTES) * GRANULE_BYTES
    return Math.max(bytes, BLOCK_BYTES_MIN)
  }

  /** All bytes of the region. */
  get bytes(): number {
    return this.#get(END) - this.#get(START)
  }

  /** Bytes from the region's start to the end of the highest block that was ever taken. */
  get touchedBytes(): number {
    return this.#get(TOUCHED_END) - this.#get(START)
  }

  /**
   * A block of at least `bytes` bytes (from {@link FreeBlocks.blockBytes}); 0 when there is none. Where
   * there is room, the payload of a large one begins at {@link LARGE_PAYLOAD_OFFSET}.
   */
  take(bytes: number): number {
    const found = this.#find(bytes)
    if (found === 0) return 0
    const size = this.sizeOf(found)
    this.#delist(found, size)
    const gap = bytes >= LARGE_BYTES_MIN ? gapBefore(found) : 0
    const isRoomy = gap > 0 && size - gap >= bytes
    const block = isRoomy ? this.#split(found, gap) : found
    if (isRoomy) this.#enlist(found, gap)
    const rest = this.sizeOf(block) - bytes
    if (rest >= BLOCK_BYTES_MIN) this.#enlist(this.#split(block, bytes), rest)
    const end = block + this.sizeOf(block)
    if (end > this.#get(TOUCHED_END)) this.#set(TOUCHED_END, end)
    return block
  }

  /** Makes two of a block that is in no list; gives the second. */
  #split(block: number, bytes: number): number {
    const rest = this.sizeOf(block) - bytes
    const flags = this.#read(block, SIZE_AND_FLAGS) & LAST
    const after = block + bytes
    this.#write(block, SIZE_AND_FLAGS, bytes)
    this.#write(after, SIZE_AND_FLAGS, rest | flags)
    this.#write(after, PREVIOUS, block)
    if (flags !== LAST) this.#write(after + rest, PREVIOUS, after)
    return after
  }

  /** Gives back what a taken block has beyond so many bytes (from {@link FreeBlocks.blockBytes}). */
  shrink(block: number, bytes: number): void {
    if (this.sizeOf(block) - bytes >= BLOCK_BYTES_MIN) this.give(this.#split(block, bytes))
  }

  /** Gives a taken block back. */
  give(block: number): void {
    let start = block
    let bytes = this.sizeOf(block)
    let flags = this.#read(block, SIZE_AND_FLAGS) & LAST
    if (flags !== LAST) {
      const after = block + bytes
      if (this.isFree(after)) {
        const size = this.sizeOf(after)
        this.#delist(after, size)
        flags = this.#read(after, SIZE_AND_FLAGS) & LAST
        bytes += size
      }
    }
    const before = this.#read(block, PREVIOUS)
    if (before !== 0 && this.isFree(before)) {
      const size = this.sizeOf(before)
      this.#delist(before, size)
      // So that giving the block once more is noticed.
      this.#write(block, SIZE_AND_FLAGS, this.#read(block, SIZE_AND_FLAGS) | FREE)
      start = before
      bytes += size
    }
    this.#write(start, SIZE_AND_FLAGS, bytes | flags)
    if (flags !== LAST) this.#write(start + bytes, PREVIOUS, start)
    this.#enlist(start, bytes)
  }

  sizeOf(block: number): number {
    return (this.#read(block, SIZE_AND_FLAGS) & ~FLAGS) >>> 0
  }

  isFree(block: number): boolean {
    return (this.#read(block, SIZE_AND_FLAGS) & FREE) !== 0
  }

  isBlock(block: number): boolean {
    return (
      block >= this.#get(START) &&
      block < this.#get(END) &&
      block % GRANULE_BYTES === GRANULE_BYTES - HEADER_BYTES
    )
  }

  /**
   * Walks the whole region and asserts that it holds together; `taken` is called for each taken block.
   * For tests and inquiries, not cheap.
   */
  report(taken: (block: number, bytes: number) => void = () => {}): FreeBlocksReport {
    let [takenBytes, takenBlocks, freeBytes, freeBlocks, largestFreeBytes] = [0, 0, 0, 0, 0]
    let [before, wasFree] = [0, false]
    const end = this.#get(END)
    for (let block = this.#get(START); block < end;) {
      const bytes = this.sizeOf(block)
      const free = this.isFree(block)
      assert(this.#read(block, PREVIOUS) === before, `block ${block} forgot the one before`)
      assert(!(free && wasFree), `free blocks ${before} and ${block} touch`)
      assert(bytes >= BLOCK_BYTES_MIN && block + bytes <= end, `block ${block} has no size`)
      const isLast = (this.#read(block, SIZE_AND_FLAGS) & LAST) !== 0
      assert(isLast === (block + bytes === end), `block ${block} is wrongly the last`)
      if (free) {
        freeBytes += bytes
        freeBlocks++
        largestFreeBytes = Math.max(largestFreeBytes, bytes)
      } else {
        takenBytes += bytes
        takenBlocks++
        taken(block, bytes)
      }
      ;[before, wasFree] = [block, free]
      block += bytes
    }
    assert(this.#listed() === freeBlocks, 'a free block is in no list')
    return { takenBytes, takenBlocks, freeBytes, freeBlocks, largestFreeBytes }
  }

  #listed(): number {
    let listed = 0
    for (let list = 0; list < DOUBLINGS * STEPS; list++) {
      let before = 0
      for (let at = this.#get(LISTS + list); at !== 0; at = this.#read(at, NEXT_FREE)) {
        assert(this.isFree(at), `block ${at} is in a list and not free`)
        assert(listOf(this.sizeOf(at)) === list, `block ${at} is in the list of another size`)
        assert(this.#read(at, PREVIOUS_FREE) === before, `block ${at} is lost in its list`)
        before = at
        listed++
      }
    }
    return listed
  }

  /** A free block that fits: of the smallest class that surely does, else of the size's own. */
  #find(bytes: number): number {
    const list = listOf(roundedUp(bytes))
    let doubling = list >>> STEPS_LOG2
    if (doubling < DOUBLINGS) {
      let steps = this.#get(STEPS_MAPS + doubling) & (-1 << (list & (STEPS - 1)))
      if (steps === 0) {
        const doublings = this.#get(DOUBLINGS_MAP) & (-1 << (doubling + 1))
        if (doublings !== 0) {
          doubling = lowestBit(doublings)
          steps = this.#get(STEPS_MAPS + doubling)
        }
      }
      if (steps !== 0) return this.#get(LISTS + doubling * STEPS + lowestBit(steps))
    }
    let block = this.#get(LISTS + listOf(bytes))
    for (let looked = 0; block !== 0 && looked < SEARCHED_BLOCKS_MAX; looked++) {
      if (this.sizeOf(block) >= bytes) return block
      block = this.#read(block, NEXT_FREE)
    }
    return 0
  }

  #enlist(block: number, bytes: number): void {
    const list = listOf(bytes)
    const doubling = list >>> STEPS_LOG2
    const head = this.#get(LISTS + list)
    this.#write(block, SIZE_AND_FLAGS, this.#read(block, SIZE_AND_FLAGS) | FREE)
    this.#write(block, NEXT_FREE, head)
    this.#write(block, PREVIOUS_FREE, 0)
    if (head !== 0) this.#write(head, PREVIOUS_FREE, block)
    this.#set(LISTS + list, block)
    const steps = STEPS_MAPS + doubling
    this.#set(steps, this.#get(steps) | (1 << (list & (STEPS - 1))))
    this.#set(DOUBLINGS_MAP, this.#get(DOUBLINGS_MAP) | (1 << doubling))
  }

  #delist(block: number, bytes: number): void {
    const list = listOf(bytes)
    const next = this.#read(block, NEXT_FREE)
    const previous = this.#read(block, PREVIOUS_FREE)
    this.#write(block, SIZE_AND_FLAGS, this.#read(block, SIZE_AND_FLAGS) & ~FREE)
    if (next !== 0) this.#write(next, PREVIOUS_FREE, previous)
    if (previous !== 0) {
      this.#write(previous, NEXT_FREE, next)
      return
    }
    this.#set(LISTS + list, next)
    if (next !== 0) return
    const doubling = list >>> STEPS_LOG2
    const steps = this.#get(STEPS_MAPS + doubling) & ~(1 << (list & (STEPS - 1)))
    this.#set(STEPS_MAPS + doubling, steps)
    if (steps === 0) this.#set(DOUBLINGS_MAP, this.#get(DOUBLINGS_MAP) & ~(1 << doubling))
  }

  #get(word: number): number {
    return this.#words[this.#state + word]!
  }

  #set(word: number, value: number): void {
    this.#words[this.#state + word] = value
  }

  #read(block: number, word: number): number {
    return this.#words[(block >>> 2) + word]!
  }

  #write(block: number, word: number, value: number): void {
    this.#words[(block >>> 2) + word] = value
  }
}

/** What must lie before the place in a free block where a large payload begins well: nothing or a block. */
function gapBefore(block: number): number {
  const past = (block + HEADER_BYTES) % SYSTEM_PAGE_BYTES
  const gap = (LARGE_PAYLOAD_OFFSET + SYSTEM_PAGE_BYTES - past) % SYSTEM_PAGE_BYTES
  return gap > 0 && gap < BLOCK_BYTES_MIN ? gap + SYSTEM_PAGE_BYTES : gap
}

/** The list of the blocks of a size: linear up to 32 granules, then 32 steps a doubling. */
function listOf(bytes: number): number {
  const granules = bytes / GRANULE_BYTES
  if (granules < STEPS) return granules
  const log2 = 31 - Math.clz32(granules)
  return ((log2 - STEPS_LOG2) << STEPS_LOG2) + (granules >>> (log2 - STEPS_LOG2))
}

/** The smallest size of which every block of its list has at least `bytes`. */
function roundedUp(bytes: number): number {
  const granules = bytes / GRANULE_BYTES
  if (granules < STEPS) return bytes
  const step = 1 << (31 - Math.clz32(granules) - STEPS_LOG2)
  return Math.ceil(granules / step) * step * GRANULE_BYTES
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
