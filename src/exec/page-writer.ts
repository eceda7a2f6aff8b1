import { sinkWords } from '../compile/pipeline/context.ts'
import type { Arena } from '../data/arenas/arena.ts'
import type { Address } from '../data/vectors/vector.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import type { Page } from './jobs.ts'

const PAGE_BYTES_MIN = 4_096
const PAGE_BYTES_MAX = 1_048_576
const DIRECTORY_SLOTS_MIN = 1_024

/** Rows that generated code appends through the words of a sink block (see sinkWords). */
export interface PageWriter {
  readonly sink: Address
  readonly rowBytes: number
  readonly pages: Address[]
  pageBytes: number
  /** Rows of the pages before the last. */
  readonly fullRows: number[]
  /** Top-k: two blocks that take turns in holding the rows that are kept. */
  spare: Address[]
}

export function createPageWriter(arena: Arena, rowBytes: number): PageWriter {
  const sink = arena.allocateZeroed(sinkWords.bytes)
  return { sink, rowBytes, pages: [], pageBytes: PAGE_BYTES_MIN / 2, fullRows: [], spare: [] }
}

/** Gives the writer another page, twice the size of the last. */
export function addPage(arena: Arena, writer: PageWriter): void {
  const { u32 } = arena.heap
  const word = writer.sink >>> 2
  if (writer.pages.length > 0) writer.fullRows.push(lastRows(arena, writer))
  writer.pageBytes = Math.max(Math.min(writer.pageBytes * 2, PAGE_BYTES_MAX), writer.rowBytes)
  const page = arena.allocate(writer.pageBytes)
  writer.pages.push(page)
  u32[word + sinkWords.cursor / 4] = page
  u32[word + sinkWords.end / 4] = page + writer.pageBytes
}

function lastRows(arena: Arena, writer: PageWriter): number {
  const cursor = arena.heap.u32[(writer.sink + sinkWords.cursor) >>> 2] ?? 0
  const page = writer.pages.at(-1) ?? cursor
  return (cursor - page) / writer.rowBytes
}

/** The rows written so far. */
export function pagesOf(arena: Arena, writer: PageWriter): readonly Page[] {
  return writer.pages.flatMap((address, index) => {
    const rows = writer.fullRows[index] ?? lastRows(arena, writer)
    return rows === 0 ? [] : [{ address, rows }]
  })
}

/** Forgets the rows before and starts over with rows that lie in one block of their own. */
export function replaceRows(
  arena: Arena,
  writer: PageWriter,
  page: Address,
  rows: number,
  capacityRows: number,
): void {
  const { u32 } = arena.heap
  writer.pages.splice(0, writer.pages.length, page)
  writer.fullRows.splice(0)
  u32[(writer.sink + sinkWords.cursor) >>> 2] = page + rows * writer.rowBytes
  u32[(writer.sink + sinkWords.end) >>> 2] = page + capacityRows * writer.rowBytes
}

/** Makes or enlarges a group table's directory, so that at most half of it is taken. */
export function growDirectory(arena: Arena, kernels: Kernels, writer: PageWriter): void {
  const { u32 } = arena.heap
  const word = writer.sink >>> 2
  const mask = u32[word + sinkWords.mask / 4] ?? 0
  const slots = mask === 0 ? DIRECTORY_SLOTS_MIN : (mask + 1) * 4
  const directory = arena.allocate(slots * 4)
  kernels.call('fill', directory, 0, slots * 4)
  for (const { address, rows } of pagesOf(arena, writer)) {
    kernels.call('groupEnter', directory, slots - 1, address, rows, writer.rowBytes)
  }
  u32[word + sinkWords.directory / 4] = directory
  u32[word + sinkWords.mask / 4] = slots - 1
  u32[word + sinkWords.countMax / 4] = slots / 2
}
