import { sinkWords } from '../../compile/model/context.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import type { Page } from '../jobs/jobs.ts'

const PAGE_BYTES_MIN = 4_096
const PAGE_BYTES_MAX = 1_048_576
const DIRECTORY_SLOTS_MIN = 1_024
/** Tables grow to these many places; with more groups they leave the cache and are emptied instead. */
const DIRECTORY_SLOTS_MAX = 262_144
/** Places of a table that is emptied again and again. */
const DIRECTORY_SLOTS_REPEATED = 16_384
/** Tables beside a dense directory stay this small. */
const DIRECTORY_SLOTS_DENSE = 65_536

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
  /** A group table that was emptied. */
  emptied: boolean
  /** It made some groups anew afterwards: they may occur more than once in the pages. */
  repeats: boolean
  /** Where the rows begin that the directory holds: a page, and a row of it. */
  tableStart: { readonly page: number; readonly row: number }
}

export function createPageWriter(arena: Arena, rowBytes: number): PageWriter {
  const sink = arena.allocateZeroed(sinkWords.bytes)
  return {
    sink,
    rowBytes,
    pages: [],
    pageBytes: PAGE_BYTES_MIN / 2,
    fullRows: [],
    spare: [],
    emptied: false,
    repeats: false,
    tableStart: { page: 0, row: 0 },
  }
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

/** Sets the rows so far apart from those that come next, which go on in the same block. */
export function cutPage({ heap: { u32 } }: Arena, writer: PageWriter): void {
  const cursor = u32[(writer.sink + sinkWords.cursor) >>> 2] ?? 0
  const page = writer.pages.at(-1)
  if (page === undefined || page === cursor) return
  writer.fullRows.push((cursor - page) / writer.rowBytes)
  writer.pages.push(address(cursor))
}

/** Adds a row of zeros, as every state of an aggregate begins; its address. */
export function addZeros(arena: Arena, writer: PageWriter): Address {
  addPage(arena, writer)
  const { u32, u8 } = arena.heap
  const cursor = (writer.sink + sinkWords.cursor) >>> 2
  const row = u32[cursor] ?? 0
  u8.fill(0, row, row + writer.rowBytes)
  u32[cursor] = row + writer.rowBytes
  return address(row)
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

/**
 * Makes or enlarges a group table's directory, so that at most half of it is taken. When there are too
 * many groups it starts over with an empty one: the rows so far are merged with later ones at the end,
 * part by part in the cache. `bound`: 'dense' when another
 * directory remembers the groups; 'none' when groups must never be made anew.
 */
export function growDirectory(
  arena: Arena,
  kernels: Kernels,
  writer: PageWriter,
  bound: 'cache' | 'dense' | 'none' = 'cache',
): void {
  const { u32 } = arena.heap
  const word = writer.sink >>> 2
  const mask = u32[word + sinkWords.mask / 4] ?? 0
  const known = u32[word + sinkWords.directory / 4] ?? 0
  const slotsMax = bound === 'dense' ? DIRECTORY_SLOTS_DENSE : DIRECTORY_SLOTS_MAX
  if (bound !== 'none' && (writer.emptied || mask + 1 >= slotsMax)) {
    writer.emptied = true
    writer.repeats ||= bound !== 'dense'
    setDirectory(arena, kernels, writer, known as Address, DIRECTORY_SLOTS_REPEATED)
    return
  }
  const slots = mask === 0 ? DIRECTORY_SLOTS_MIN : (mask + 1) * 4
  const directory = arena.allocate(slots * 4)
  const count = u32[word + sinkWords.count / 4] ?? 0
  const start = writer.tableStart
  setDirectory(arena, kernels, writer, directory, slots)
  u32[word + sinkWords.count / 4] = count
  writer.pages.slice(start.page).forEach((page, index) => {
    const all = writer.fullRows[start.page + index] ?? lastRows(arena, writer)
    const skipped = index === 0 ? start.row : 0
    const first = page + skipped * writer.rowBytes
    kernels.call('groupEnter', directory, slots - 1, first, all - skipped, writer.rowBytes)
  })
  writer.tableStart = start
}

/** Empties a group table; its rows stay in the pages. */
export function emptyDirectory(arena: Arena, kernels: Kernels, writer: PageWriter): void {
  const word = writer.sink >>> 2
  const directory = arena.heap.u32[word + sinkWords.directory / 4] ?? 0
  const mask = arena.heap.u32[word + sinkWords.mask / 4] ?? 0
  setDirectory(arena, kernels, writer, directory as Address, mask + 1)
}

function setDirectory(
  arena: Arena,
  kernels: Kernels,
  writer: PageWriter,
  directory: Address,
  slots: number,
): void {
  const { u32 } = arena.heap
  const word = writer.sink >>> 2
  kernels.call('fill', directory, 0, slots * 4)
  u32[word + sinkWords.directory / 4] = directory
  u32[word + sinkWords.mask / 4] = slots - 1
  u32[word + sinkWords.count / 4] = 0
  u32[word + sinkWords.countMax / 4] = slots / 2
  const page = Math.max(0, writer.pages.length - 1)
  writer.tableStart = { page, row: writer.pages.length === 0 ? 0 : lastRows(arena, writer) }
}
