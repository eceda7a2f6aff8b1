import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { address, NO_ADDRESS, type Address } from './address.ts'
import {
  FreeBlocks,
  HEADER_BYTES,
  OWNER_WORDS,
  STATE_WORDS,
  type FreeBlocksReport,
} from './free-blocks.ts'
import { KEPT_WORDS, KeptBlocks } from './kept-blocks.ts'
import { memoryFunctions, type FirstOther, type MemoryFill } from './memory-functions.ts'
import { QUARANTINE_WORDS, RedZones, ZONE_BYTES } from './red-zones.ts'
import { SharedLock } from './shared-lock.ts'

const PAGE_BYTES = 65_536
const MEMORY_PAGES_MAX = 65_536
/** What is not the heap's own takes three. */
const MEMORY_PAGES_MIN = 4

/** Every block starts on this boundary and is followed by as many bytes that may be read and written. */
export const BLOCK_ALIGNMENT_BYTES = 64
const SLACK_BYTES = BLOCK_ALIGNMENT_BYTES

// The first 64 KiB belong to the kernels' static tables, the next 64 KiB to this allocator.
const CONTROL_ADDRESS = 65_536
const HEAP_START = 131_072

// Words of the control block. They count bytes, of which there are fewer than 2^32.
const LOCK = 0
const IS_FOUNDED = 1
const IS_POISONED = 2
const PEAK = 3
const IN_USE = 4
const TAKEN = 5
/** By purpose. */
const IN_USE_FOR = 8
const BLOCKS = 32
const QUARANTINE = BLOCKS + STATE_WORDS
const KEPT = QUARANTINE + QUARANTINE_WORDS
const CONTROL_WORDS = KEPT + KEPT_WORDS

/** What memory is for, so that it can be told who has it. */
export const purposes = ['query', 'result', 'table', 'reader', 'engine'] as const
export type Purpose = (typeof purposes)[number]

const purposeNumbers = Object.fromEntries(
  purposes.map((purpose, number) => [purpose, number]),
) as Readonly<Record<Purpose, number>>
/** Of blocks that are kept and not in use, see {@link KeptBlocks}. */
const KEPT_NUMBER = purposes.length

/** Bytes that blocks of each purpose were asked for. */
export type HeapUsage = Readonly<Record<Purpose, number>>

/** `poison`: a heap that finds faults in its use, see {@link RedZones}; slower, with larger blocks. */
export type HeapMode = 'plain' | 'poison'

/**
 * Of a memory, what running queries leave to others, and no more than so many bytes: whoever reads a result by and by,
 * which may have been waiting in a file, must not fail for a query that took all there was.
 */
const RESERVED_PART = 1 / 16
const RESERVED_BYTES_MAX = 33_554_432

/** In the header of a taken block, with the number of its purpose: nothing else looks like it. */
const ALLOCATED = 0x48_44_4c_00
const QUARANTINED = 0x48_44_51_00
const PURPOSE_MASK = 0xff

/**
 * The engine's one shared memory and its allocator, usable from every thread that holds the memory.
 * All state lies in the memory itself, behind a lock that is held for a few dozen instructions.
 * WebAssembly memory never shrinks: pages that were touched stay with the process, which is why free
 * memory is taken where it was used before, see {@link FreeBlocks}.
 */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly u8: Uint8Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly i64: BigInt64Array
  readonly f64: Float64Array
  readonly view: DataView
  /** Sets bytes, fast. */
  readonly fill: MemoryFill
  /** Finds bytes that were not set so, fast. */
  readonly firstOther: FirstOther
  /** What is kept in the memory that nobody uses, and given back when somebody asks for it. */
  readonly kept: KeptBlocks
  readonly #control: Int32Array
  readonly #counts: Uint32Array
  readonly #lock: SharedLock
  readonly #blocks: FreeBlocks
  readonly #redZones: RedZones | undefined
  readonly #sizeOf = (block: number): number => this.#blocks.sizeOf(block)

  /**
   * Wraps a memory; `memory` must come from {@link Heap.createMemory}, here or in another thread. The
   * first to wrap it decides on the mode.
   */
  constructor(memory: WebAssembly.Memory, mode: HeapMode = modeOfEnvironment()) {
    this.memory = memory
    const { buffer } = memory
    this.u8 = new Uint8Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.i64 = new BigInt64Array(buffer)
    this.f64 = new Float64Array(buffer)
    this.view = new DataView(buffer)
    const { fill, firstOther } = memoryFunctions(memory)
    this.fill = fill
    this.firstOther = firstOther
    this.#control = new Int32Array(buffer, CONTROL_ADDRESS, CONTROL_WORDS)
    this.#counts = new Uint32Array(buffer, CONTROL_ADDRESS, CONTROL_WORDS)
    this.#lock = new SharedLock(this.#control, LOCK)
    this.#blocks = new FreeBlocks(this.u32, CONTROL_ADDRESS + 4 * BLOCKS)
    this.#found(mode)
    if (this.#control[IS_POISONED] === 1) {
      this.#redZones = new RedZones(this, CONTROL_ADDRESS + 4 * QUARANTINE)
    }
    this.kept = new KeptBlocks(this, CONTROL_ADDRESS + 4 * KEPT)
  }

  /** Size in WebAssembly's pages of 64 KiB; never changes. */
  get pages(): number {
    return this.u8.length / PAGE_BYTES
  }

  get mode(): HeapMode {
    return this.#redZones === undefined ? 'plain' : 'poison'
  }

  /** Reserves address space; pages cost nothing until they are touched. */
  static createMemory(bytesMax: number = PAGE_BYTES * MEMORY_PAGES_MAX): WebAssembly.Memory {
    const wanted = Math.max(MEMORY_PAGES_MIN, Math.ceil(bytesMax / PAGE_BYTES))
    const pages = Math.min(MEMORY_PAGES_MAX, wanted)
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  }

  /**
   * A block of at least `bytes` bytes, 64-byte aligned, contents undefined, with 64 bytes behind it
   * that may be read and written too. Throws OUT_OF_MEMORY; nothing is allocated then.
   */
  allocate(bytes: number, purpose: Purpose = 'query'): Address {
    assert(bytes >= 0, 'allocation of a negative size')
    const needed = this.#neededFor(bytes)
    if (needed > this.#blocks.bytes || (purpose === 'query' && this.#isReserved(bytes))) {
      throw outOfMemory(bytes, this)
    }
    const number = purposeNumbers[purpose]
    let block = this.#take(needed, bytes, number)
    while (block === NO_ADDRESS && this.kept.giveBack(needed)) {
      block = this.#take(needed, bytes, number)
    }
    if (block === NO_ADDRESS) throw outOfMemory(bytes, this)
    return block
  }

  /** For {@link KeptBlocks} alone: a block that is not in use, {@link NO_ADDRESS} where there is no room. */
  takeKept(bytes: number): Address {
    return this.#take(this.#neededFor(bytes), bytes, KEPT_NUMBER)
  }

  #neededFor(bytes: number): number {
    const zones = this.#redZones === undefined ? 0 : 2 * ZONE_BYTES
    return FreeBlocks.blockBytes(bytes + SLACK_BYTES + zones)
  }

  #take(needed: number, bytes: number, purposeNumber: number): Address {
    this.#lock.take()
    let block = this.#blocks.take(needed)
    while (block === 0 && this.#giveQuarantined()) block = this.#blocks.take(needed)
    if (block !== 0) {
      this.#setOwner(block, bytes, ALLOCATED | purposeNumber)
      this.#account(purposeNumber, bytes, this.#blocks.sizeOf(block))
    }
    this.#lock.give()
    this.#redZones?.refuseFaults()
    if (block === 0) return NO_ADDRESS
    if (this.#redZones === undefined) return address(block + HEADER_BYTES)
    return this.#redZones.lay(block, this.#blocks.sizeOf(block), bytes + SLACK_BYTES)
  }

  #isReserved(bytes: number): boolean {
    const all = this.#blocks.bytes
    const reserved = Math.min(all * RESERVED_PART, RESERVED_BYTES_MAX)
    return this.bytesInUse + bytes > all - reserved
  }

  /** Throws OUT_OF_MEMORY where so many bytes have no room beside those in use, before anybody fills them. */
  requireRoom(bytes: number): void {
    if (this.bytesInUse + bytes > this.bytesMax) throw outOfMemory(bytes, this)
  }

  /** Gives a block back. Each block is freed exactly once, by any thread. */
  free(start: Address): void {
    const block = this.#blockAt(start)
    const tag = this.#tagOf(block)
    const isOurs =
      this.#blocks.isBlock(block) &&
      !this.#blocks.isFree(block) &&
      (tag & ~PURPOSE_MASK) === ALLOCATED
    assert(isOurs, `free of ${start}, which is not allocated`)
    const bytes = this.#requestedOf(block)
    const size = this.#blocks.sizeOf(block)
    this.#redZones?.retire(block, size, bytes + SLACK_BYTES)
    this.#lock.take()
    this.#account(tag & PURPOSE_MASK, -bytes, -size)
    this.#setOwner(block, bytes, QUARANTINED)
    if (this.#redZones === undefined) this.#blocks.give(block)
    else this.#quarantine(this.#redZones, block, size)
    this.#lock.give()
    this.#redZones?.refuseFaults()
  }

  /** Gives back the end of an allocated block, of which so many bytes and the 64 behind them stay. */
  shrink(start: Address, bytes: number): void {
    const block = this.#blockAt(start)
    const [requested, tag] = [this.#requestedOf(block), this.#tagOf(block)]
    assert((tag & ~PURPOSE_MASK) === ALLOCATED && bytes <= requested, `shrink of ${start}`)
    const size = this.#blocks.sizeOf(block)
    this.#redZones?.check(block, size, requested + SLACK_BYTES)
    this.#lock.take()
    this.#blocks.shrink(block, this.#neededFor(bytes))
    const left = this.#blocks.sizeOf(block)
    this.#account(tag & PURPOSE_MASK, bytes - requested, left - size)
    this.#setOwner(block, bytes, tag)
    this.#redZones?.end(block, left, bytes + SLACK_BYTES)
    this.#lock.give()
  }

  /** What an allocated block was asked for, in bytes. */
  bytesOf(start: Address): number {
    return this.#requestedOf(this.#blockAt(start))
  }

  /** Bytes that allocated blocks were asked for, to the byte. */
  get bytesInUse(): number {
    return this.#counts[IN_USE]!
  }

  /** What these blocks take, with what each spends on itself: of small ones that is most. */
  get bytesTaken(): number {
    return this.#counts[TAKEN]!
  }

  /** The same as {@link Heap.bytesInUse} by purpose. */
  get usage(): HeapUsage {
    const entries = purposes.map((purpose, number) => [purpose, this.#counts[IN_USE_FOR + number]!])
    return Object.fromEntries(entries) as HeapUsage
  }

  /** The most bytes that were in use at once since {@link Heap.resetPeak}. */
  get bytesPeak(): number {
    return this.#counts[PEAK]!
  }

  resetPeak(): void {
    this.#lock.take()
    this.#counts[PEAK] = this.#counts[IN_USE]!
    this.#lock.give()
  }

  /** Bytes that blocks may take in all, what they spend on themselves included. */
  get bytesMax(): number {
    return this.#blocks.bytes
  }

  /** Bytes up to the end of the highest block there ever was: at most so much is resident. */
  get bytesTouched(): number {
    return this.#blocks.touchedBytes
  }

  /**
   * What the memory is divided into; asserts that it holds together, and in a heap that looks for faults
   * that nobody wrote past a block or after it was freed. No other thread may be allocating. Takes long.
   */
  inspect(): FreeBlocksReport {
    this.#lock.take()
    try {
      const zones = this.#redZones
      while (this.#giveQuarantined());
      zones?.refuseFaults()
      return this.#blocks.report((block, size) =>
        zones?.check(block, size, this.#requestedOf(block) + SLACK_BYTES),
      )
    } finally {
      this.#lock.give()
    }
  }

  #found(mode: HeapMode): void {
    this.#lock.take()
    if (this.#control[IS_FOUNDED] === 0) {
      this.#control[IS_FOUNDED] = 1
      this.#control[IS_POISONED] = mode === 'poison' ? 1 : 0
      // The last page is never given away, so that reading on behind a block stays inside.
      this.#blocks.found(HEAP_START, this.u8.length - PAGE_BYTES)
    }
    this.#lock.give()
  }

  #blockAt(start: Address): number {
    return start - HEADER_BYTES - (this.#redZones === undefined ? 0 : ZONE_BYTES)
  }

  #requestedOf(block: number): number {
    return this.u32[(block >>> 2) + OWNER_WORDS[0]] ?? 0
  }

  #tagOf(block: number): number {
    return this.u32[(block >>> 2) + OWNER_WORDS[1]] ?? 0
  }

  #setOwner(block: number, bytes: number, tag: number): void {
    this.u32[(block >>> 2) + OWNER_WORDS[0]] = bytes
    this.u32[(block >>> 2) + OWNER_WORDS[1]] = tag
  }

  #account(purpose: number, bytes: number, taken: number): void {
    if (purpose === KEPT_NUMBER) return
    const counts = this.#counts
    counts[TAKEN] = counts[TAKEN]! + taken
    const inUse = counts[IN_USE]! + bytes
    counts[IN_USE] = inUse
    counts[IN_USE_FOR + purpose]! += bytes
    if (inUse > counts[PEAK]!) counts[PEAK] = inUse
  }

  #quarantine(zones: RedZones, block: number, size: number): void {
    zones.keep(block, size)
    for (let old = zones.overdue(this.#sizeOf); old !== 0; old = zones.overdue(this.#sizeOf)) {
      this.#blocks.give(old)
    }
  }

  #giveQuarantined(): boolean {
    const block = this.#redZones?.oldest(this.#sizeOf) ?? 0
    if (block !== 0) this.#blocks.give(block)
    return block !== 0
  }
}

/** HEDDLE_HEAP=poison in the environment, where there is one. */
function modeOfEnvironment(): HeapMode {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.['HEDDLE_HEAP'] === 'poison' ? 'poison' : 'plain'
}

/** How the detail of the error begins that says that this memory is full. */
const FULL = 'The working memory is full:'

/** Whether an error says that no room was left in the working memory; there are other kinds of memory. */
export function isWorkingMemoryFull(error: unknown): boolean {
  if (!(error instanceof QueryError) || error.code !== 'OUT_OF_MEMORY') return false
  return error.details.detail?.startsWith(FULL) === true
}

function outOfMemory(bytes: number, { bytesInUse, bytesMax }: Heap): QueryError {
  return new QueryError('OUT_OF_MEMORY', `out of memory: ${bytes} bytes could not be allocated`, {
    detail: `${FULL} ${bytesInUse} of ${bytesMax} bytes are in use.`,
    hint: 'Raise memoryBytesMax, or select fewer rows or columns at once.',
  })
}
