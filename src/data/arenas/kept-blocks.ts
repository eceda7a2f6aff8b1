import { assert } from '../../base/assert.ts'
import { address, NO_ADDRESS, type Address } from './address.ts'
import { SharedLock } from './shared-lock.ts'

/** What a block holds: which bytes of which source, for as long as these are the same. */
export interface KeptKey {
  /** Four words that no two sources share, and none with its own later state. */
  readonly source: Uint32Array
  /** A whole number below 2^53. */
  readonly offset: number
}

/** A block that its holder may read, or has to fill. */
export interface KeptBlock {
  readonly at: Address
  /** Else the holder writes it, and says so by {@link KeptBlocks.filled}, or drops it. */
  readonly isFilled: boolean
  /** Where its entry lies. */
  readonly entry: number
}

/** What of a heap is needed. */
interface Memory {
  readonly u32: Uint32Array
  readonly i32: Int32Array
  readonly bytesMax: number
  readonly bytesInUse: number
  /** A block, {@link NO_ADDRESS} where there is no room. Never gives kept blocks back for it. */
  takeKept(bytes: number): Address
  free(start: Address): void
}

// Words of the state.
const LOCK = 0
const TABLE = 1
const SETS = 2
const BYTES = 3
const BLOCKS = 4
/** How often blocks were asked for. */
const TIME = 5
/** The entry that is looked at next for one that may go. */
const HAND = 6
export const KEPT_WORDS = 8

// Words of an entry.
const STATE = 0
const SOURCE = 1
const OFFSET = 5
const BYTES_OF = 7
const AT = 8
const HOLDERS = 9
const USED = 10
const ENTRY_WORDS = 12

// States of an entry: nothing; a key that was asked for once; a block being written; one that is.
const FREE = 0
const SEEN = 1
const FILLING = 2
const FILLED = 3

/** Entries that a key may have: as many stand in one set. */
const WAYS = 16
/** A memory has one entry for so many bytes. */
const BYTES_PER_ENTRY = 131_072
const SETS_MAX = 1_024
/** A smaller memory keeps nothing. */
const SETS_MIN = 8
/** Of the memory, and of what is not in use of it. */
const KEPT_PART_MAX = 1 / 4
const UNUSED_PART_MAX = 1 / 2
/**
 * A block may go for another one when, since it was used, others were asked for as often as so many times the blocks
 * that there are. So what goes round in more than there is room for keeps a part of itself, in place of nothing.
 */
const IDLE_ROUNDS = 4
const LOOKED_AT_MAX = 256

/**
 * Blocks with what can be made again from a source, found by its key by every thread of a heap. They take what nobody
 * else wants of the memory, up to a part of it: they are not in use, and a heap that has no room gives them back first. A
 * block is made when its key is asked for the second time, so what is read once costs no memory. A set-associative
 * table in the heap, one lock, counts of holders; whoever holds a block may read it, and nobody writes it once it is filled.
 */
export class KeptBlocks {
  readonly #memory: Memory
  readonly #lock: SharedLock
  readonly #state: number

  /** `state`: the address of {@link KEPT_WORDS} words that were zero in the beginning. */
  constructor(memory: Memory, state: number) {
    this.#memory = memory
    this.#state = state >>> 2
    this.#lock = new SharedLock(memory.i32, this.#state + LOCK)
  }

  /** Bytes of all blocks, and of the table. */
  get bytes(): number {
    return this.#get(BYTES)
  }

  /** The block of a key, held until it is released; undefined where none is to be kept, or another thread makes it. */
  hold(key: KeptKey, bytes: number): KeptBlock | undefined {
    return this.#locked(() => {
      if (!this.#hasTable()) return undefined
      this.#set(TIME, this.#get(TIME) + 1)
      const found = this.#find(key)
      if (found === undefined) {
        this.#note(key)
        return undefined
      }
      this.#write(found, USED, this.#get(TIME))
      const state = this.#read(found, STATE)
      if (state === SEEN) return this.#begin(found, bytes)
      if (state === FILLING || this.#read(found, BYTES_OF) !== bytes) return undefined
      this.#write(found, HOLDERS, this.#read(found, HOLDERS) + 1)
      return { at: address(this.#read(found, AT)), isFilled: true, entry: found }
    })
  }

  /** Says that a block that was to be filled is; it is held still. */
  filled({ entry }: KeptBlock): void {
    this.#locked(() => {
      assert(this.#read(entry, STATE) === FILLING, 'a block filled that was not to be')
      this.#write(entry, STATE, FILLED)
    })
  }

  /** Ends a hold. A block that was to be filled and is not goes. */
  release({ entry }: KeptBlock): void {
    this.#locked(() => {
      const holders = this.#read(entry, HOLDERS)
      assert(holders > 0, 'a kept block released that nobody holds')
      this.#write(entry, HOLDERS, holders - 1)
      if (this.#read(entry, STATE) === FILLING) this.#empty(entry)
    })
  }

  /** Gives blocks that nobody holds back to the heap, some `bytes` of them; whether there were any. */
  giveBack(bytes: number): boolean {
    if (this.#get(BLOCKS) === 0) return false
    return this.#locked(() => {
      const before = this.#get(BYTES)
      const entries = this.#get(SETS) * WAYS
      for (let looked = 0; looked < entries && before - this.#get(BYTES) < bytes; looked++) {
        const entry = this.#nextEntry()
        if (this.#isIdle(entry)) this.#empty(entry)
      }
      return this.#get(BYTES) < before
    })
  }

  #locked<T>(run: () => T): T {
    this.#lock.take()
    try {
      return run()
    } finally {
      this.#lock.give()
    }
  }

  /** Makes the table when a block is first asked for; false where the memory is too small, or full. */
  #hasTable(): boolean {
    if (this.#get(TABLE) !== 0) return true
    const { bytesMax, u32 } = this.#memory
    const sets = 2 ** Math.floor(Math.log2(bytesMax / BYTES_PER_ENTRY / WAYS))
    if (!(sets >= SETS_MIN)) return false
    const count = Math.min(sets, SETS_MAX)
    const bytes = count * WAYS * ENTRY_WORDS * 4
    const table = this.#memory.takeKept(bytes)
    if (table === NO_ADDRESS) return false
    for (let at = table >>> 2; at < (table + bytes) >>> 2; at++) u32[at] = 0
    this.#set(TABLE, table)
    this.#set(SETS, count)
    this.#set(BYTES, bytes)
    return true
  }

  #find(key: KeptKey): number | undefined {
    const first = this.#setOf(key)
    for (let way = 0; way < WAYS; way++) {
      const entry = first + way * ENTRY_WORDS
      if (this.#read(entry, STATE) !== FREE && this.#isOf(entry, key)) return entry
    }
    return undefined
  }

  /** The first entry of a key's set. */
  #setOf({ source, offset }: KeptKey): number {
    const [low, high] = wordsOf(offset)
    const mixed = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b) ^ (source[0] ?? 0), 0x9e37_79b1)
    const set = (mixed >>> 16) & (this.#get(SETS) - 1)
    return (this.#get(TABLE) >>> 2) + set * WAYS * ENTRY_WORDS
  }

  #isOf(entry: number, { source, offset }: KeptKey): boolean {
    const [low, high] = wordsOf(offset)
    const isSame = this.#read(entry, OFFSET) === low && this.#read(entry, OFFSET + 1) === high
    return isSame && source.every((word, at) => this.#read(entry, SOURCE + at) === word)
  }

  /** Remembers that a key was asked for, in place of what was asked for longest ago. */
  #note(key: KeptKey): void {
    const first = this.#setOf(key)
    let oldest: number | undefined
    for (let way = 0; way < WAYS; way++) {
      const entry = first + way * ENTRY_WORDS
      const state = this.#read(entry, STATE)
      if (state === FREE) {
        oldest = entry
        break
      }
      const mayGo = state === SEEN || (state === FILLED && this.#isOverdue(entry))
      if (mayGo && (oldest === undefined || this.#idleOf(entry) > this.#idleOf(oldest))) {
        oldest = entry
      }
    }
    if (oldest === undefined) return
    if (this.#read(oldest, STATE) === FILLED) this.#empty(oldest)
    key.source.forEach((word, at) => this.#write(oldest, SOURCE + at, word))
    wordsOf(key.offset).forEach((word, at) => this.#write(oldest, OFFSET + at, word))
    this.#write(oldest, USED, this.#get(TIME))
    this.#write(oldest, STATE, SEEN)
  }

  /** A block for a key that is asked for again, for its holder to fill. */
  #begin(entry: number, bytes: number): KeptBlock | undefined {
    if (!this.#makeRoom(bytes)) return undefined
    const at = this.#memory.takeKept(bytes)
    if (at === NO_ADDRESS) return undefined
    this.#write(entry, STATE, FILLING)
    this.#write(entry, BYTES_OF, bytes)
    this.#write(entry, AT, at)
    this.#write(entry, HOLDERS, 1)
    this.#set(BYTES, this.#get(BYTES) + bytes)
    this.#set(BLOCKS, this.#get(BLOCKS) + 1)
    return { at, isFilled: false, entry }
  }

  #makeRoom(bytes: number): boolean {
    const { bytesMax, bytesInUse } = this.#memory
    const unused = (bytesMax - bytesInUse) * UNUSED_PART_MAX
    const most = Math.min(bytesMax * KEPT_PART_MAX, unused)
    for (let looked = 0; this.#get(BYTES) + bytes > most; looked++) {
      if (looked === LOOKED_AT_MAX) return false
      const entry = this.#nextEntry()
      if (this.#isOverdue(entry)) this.#empty(entry)
    }
    return true
  }

  #nextEntry(): number {
    const hand = (this.#get(HAND) + 1) % (this.#get(SETS) * WAYS)
    this.#set(HAND, hand)
    return (this.#get(TABLE) >>> 2) + hand * ENTRY_WORDS
  }

  #isIdle(entry: number): boolean {
    return this.#read(entry, STATE) === FILLED && this.#read(entry, HOLDERS) === 0
  }

  #isOverdue(entry: number): boolean {
    return this.#isIdle(entry) && this.#idleOf(entry) > IDLE_ROUNDS * this.#get(BLOCKS)
  }

  /** How often blocks were asked for since an entry's was. */
  #idleOf(entry: number): number {
    return (this.#get(TIME) - this.#read(entry, USED)) >>> 0
  }

  #empty(entry: number): void {
    this.#memory.free(address(this.#read(entry, AT)))
    this.#write(entry, STATE, FREE)
    this.#set(BYTES, this.#get(BYTES) - this.#read(entry, BYTES_OF))
    this.#set(BLOCKS, this.#get(BLOCKS) - 1)
  }

  #get(word: number): number {
    return this.#memory.u32[this.#state + word]!
  }

  #set(word: number, value: number): void {
    this.#memory.u32[this.#state + word] = value
  }

  #read(entry: number, word: number): number {
    return this.#memory.u32[entry + word]!
  }

  #write(entry: number, word: number, value: number): void {
    this.#memory.u32[entry + word] = value
  }
}

const TWO_32 = 4_294_967_296

function wordsOf(offset: number): readonly [number, number] {
  return [offset % TWO_32, Math.floor(offset / TWO_32)]
}
