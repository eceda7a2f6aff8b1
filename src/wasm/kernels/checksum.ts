import type { Address } from '../../data/arenas/address.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Kernels } from './loader.ts'

/** What the tables of {@link writeChecksumTables} take. */
export const CHECKSUM_TABLE_BYTES = 8_192

let tables: Uint32Array | undefined

function checksumTables(): Uint32Array {
  if (tables !== undefined) return tables
  tables = new Uint32Array(CHECKSUM_TABLE_BYTES / 4)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[byte] = crc >>> 0
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0
    tables[index] = ((tables[before & 255] ?? 0) ^ (before >>> 8)) >>> 0
  }
  return tables
}

/** Writes what {@link checksum} looks up. */
export function writeChecksumTables(heap: Heap, at: Address): void {
  heap.u32.set(checksumTables(), at >>> 2)
}

/** Continues a CRC-32, which begins with 0, over bytes of the memory. */
export function checksum(
  kernels: Kernels,
  tablesAt: Address,
  before: number,
  start: number,
  bytes: number,
): number {
  return kernels.call('crc32', before, start, bytes, tablesAt) >>> 0
}

/** Checksums of bytes in the memory, until it is released. */
export class Checksums {
  readonly #heap: Heap
  readonly #kernels: Kernels
  readonly #tables: Address

  constructor(heap: Heap, kernels: Kernels) {
    this.#heap = heap
    this.#kernels = kernels
    this.#tables = heap.allocate(CHECKSUM_TABLE_BYTES)
    writeChecksumTables(heap, this.#tables)
  }

  /** As {@link checksum}. */
  over(before: number, start: number, bytes: number): number {
    return checksum(this.#kernels, this.#tables, before, start, bytes)
  }

  release(): void {
    this.#heap.free(this.#tables)
  }
}
