import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { address, type Address } from './address.ts'

const PAGE_BYTES = 65_536
const MEMORY_PAGES_MAX = 65_536

/** Every block starts on this boundary and is followed by as many readable bytes. */
export const BLOCK_ALIGNMENT_BYTES = 64
const HEADER_BYTES = 64
const BLOCK_BYTES_MIN = 4_096

// The first 64 KiB belong to the kernels' static tables, the next 4 KiB to this allocator.
const CONTROL_ADDRESS = 65_536
const HEAP_START = 131_072
const CLASS_COUNT = 84

// Words of the control block.
const LOCK = 0
const BUMP = 1
const IN_USE_KIB = 2
const FREE_LISTS = 16

/** Sizes grow by quarters of a power of two, so that at most a fifth of a block is wasted. */
function classOf(bytes: number): number {
  if (bytes <= BLOCK_BYTES_MIN) return 0
  const doubling = 31 - Math.clz32((bytes - 1) / BLOCK_BYTES_MIN)
  const base = BLOCK_BYTES_MIN * 2 ** doubling
  return doubling * 4 + Math.ceil((bytes - base) / (base / 4))
}

function classBytes(sizeClass: number): number {
  const base = BLOCK_BYTES_MIN * 2 ** Math.floor(sizeClass / 4)
  return base + (sizeClass % 4) * (base / 4)
}

/**
 * The engine's one shared memory and its allocator, usable from every thread that holds the memory.
 * Blocks are recycled through free lists by size class: a page that was touched once stays warm
 * (a fresh page costs more than most queries). All state lives in the memory itself, behind a lock.
 */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly u8: Uint8Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly i64: BigInt64Array
  readonly f64: Float64Array
  readonly view: DataView
  readonly #control: Int32Array
  readonly #end: number

  /** Wraps a memory; `memory` must come from {@link Heap.createMemory}, here or in another thread. */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
    const { buffer } = memory
    this.u8 = new Uint8Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.i64 = new BigInt64Array(buffer)
    this.f64 = new Float64Array(buffer)
    this.view = new DataView(buffer)
    this.#control = new Int32Array(buffer, CONTROL_ADDRESS, 1_024)
    this.#end = buffer.byteLength - PAGE_BYTES
    Atomics.compareExchange(this.#control, BUMP, 0, HEAP_START)
  }

  /** Size in WebAssembly's pages of 64 KiB; never changes. */
  get pages(): number {
    return this.u8.length / PAGE_BYTES
  }

  /** Reserves address space; pages cost nothing until they are touched. */
  static createMemory(bytesMax: number = PAGE_BYTES * MEMORY_PAGES_MAX): WebAssembly.Memory {
    const pages = Math.min(MEMORY_PAGES_MAX, Math.ceil(bytesMax / PAGE_BYTES))
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  }

  /**
   * A block of at least `bytes` bytes, 64-byte aligned, contents undefined, at least 64 readable
   * bytes behind it. Throws OUT_OF_MEMORY; nothing is allocated then.
   */
  allocate(bytes: number): Address {
    assert(bytes >= 0, 'allocation of a negative size')
    const needed = bytes + HEADER_BYTES + BLOCK_ALIGNMENT_BYTES
    const sizeClass = classOf(needed)
    if (sizeClass >= CLASS_COUNT) throw outOfMemory(bytes)
    this.#lock()
    const block = this.#take(sizeClass)
    this.#unlock()
    if (block === 0) throw outOfMemory(bytes)
    return address(block + HEADER_BYTES)
  }

  /** Gives a block back. Each block is freed exactly once, by any thread. */
  free(block: Address): void {
    const start = block - HEADER_BYTES
    const sizeClass = this.u32[start >>> 2] ?? 0
    assert(this.u32[(start >>> 2) + 1] === ALLOCATED, `free of ${block}, which is not allocated`)
    this.#lock()
    this.u32[(start >>> 2) + 1] = FREED
    this.u32[(start >>> 2) + 2] = this.#control[FREE_LISTS + sizeClass] ?? 0
    this.#control[FREE_LISTS + sizeClass] = start | 0
    this.#addInUse(-classBytes(sizeClass))
    this.#unlock()
  }

  /** Bytes in blocks that are allocated now. */
  get bytesInUse(): number {
    return Atomics.load(this.#control, IN_USE_KIB) * 1_024
  }

  /** Bytes that blocks may take in all. */
  get bytesMax(): number {
    return this.#end - HEAP_START
  }

  #take(sizeClass: number): number {
    let taken = sizeClass
    let block = this.#pop(taken)
    if (block === 0) block = this.#bump(classBytes(sizeClass))
    while (block === 0 && ++taken < CLASS_COUNT) block = this.#pop(taken)
    if (block === 0) return 0
    const recorded = this.u32[block >>> 2] ?? 0
    const actual = taken === sizeClass ? sizeClass : recorded
    this.u32[block >>> 2] = actual
    this.u32[(block >>> 2) + 1] = ALLOCATED
    this.#addInUse(classBytes(actual))
    return block
  }

  #pop(sizeClass: number): number {
    const block = (this.#control[FREE_LISTS + sizeClass] ?? 0) >>> 0
    if (block !== 0) this.#control[FREE_LISTS + sizeClass] = (this.u32[(block >>> 2) + 2] ?? 0) | 0
    return block
  }

  #bump(bytes: number): number {
    const block = (this.#control[BUMP] ?? 0) >>> 0
    if (block + bytes > this.#end) return 0
    this.#control[BUMP] = (block + bytes) | 0
    return block
  }

  #addInUse(bytes: number): void {
    this.#control[IN_USE_KIB] = (this.#control[IN_USE_KIB] ?? 0) + bytes / 1_024
  }

  #lock(): void {
    while (Atomics.compareExchange(this.#control, LOCK, 0, 1) !== 0) {
      Atomics.wait(this.#control, LOCK, 1, 1)
    }
  }

  #unlock(): void {
    Atomics.store(this.#control, LOCK, 0)
    Atomics.notify(this.#control, LOCK, 1)
  }
}

const ALLOCATED = 0x48_44_4c_41
const FREED = 0x48_44_4c_46

function outOfMemory(bytes: number): QueryError {
  return new QueryError('OUT_OF_MEMORY', `out of memory: ${bytes} bytes could not be allocated`, {
    hint: 'Raise memoryBytesMax, or select fewer rows or columns at once.',
  })
}
