import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { present } from '../../../base/assert.ts'
import { readBytes, type LocalFile } from '../../filesystems/local.ts'
import type { ColumnChunk, Extent } from './footer.ts'
import type { ParquetColumn } from './schema.ts'
import { chunkBounds } from './statistics.ts'
import {
  listField,
  readStruct,
  requiredInteger,
  structsField,
  ThriftError,
  type ThriftStruct,
} from './thrift.ts'

/** A page of a column chunk, as the file's page index tells of it. */
export interface IndexedPage {
  /** Of the row group. */
  readonly firstRow: number
  readonly rows: number
  /** What its values lie in; undefined where the index says nothing that can be used. */
  readonly bounds: ValueBounds | undefined
}

/** Larger indexes are not read: they would take longer than what they leave out. */
const INDEX_BYTES_MAX = 16_777_216

/**
 * The pages of a column chunk by its page index; undefined where it has none, or one that cannot be right: whose
 * pages do not follow each other from the first row on, lie outside of the chunk, or have bounds beyond the
 * chunk's. The reader checks what it reads against it: the pages' rows, and all values against their bounds.
 */
export function readPageIndex(
  file: LocalFile,
  column: ParquetColumn,
  chunk: ColumnChunk,
  rows: number,
): readonly IndexedPage[] | undefined {
  const { columnIndex, offsetIndex } = chunk
  // What an index says of lists is said of their slots.
  if (columnIndex === undefined || offsetIndex === undefined || column.levels !== undefined) {
    return undefined
  }
  try {
    const firstRows = firstRowsOf(structAt(file, offsetIndex), chunk, rows)
    const bounds = boundsOf(structAt(file, columnIndex), column, chunk)
    if (firstRows?.length !== bounds?.length) return undefined
    return firstRows?.map((firstRow, page): IndexedPage => {
      const end = firstRows[page + 1] ?? rows
      return { firstRow, rows: end - firstRow, bounds: bounds?.[page] }
    })
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}

function structAt(file: LocalFile, { offset, bytes }: Extent): ThriftStruct {
  if (bytes > INDEX_BYTES_MAX) throw new ThriftError('a page index that is too large')
  return readStruct(readBytes(file, offset, bytes), 0).struct
}

/** Undefined where the pages do not follow each other. */
function firstRowsOf(
  index: ThriftStruct,
  chunk: ColumnChunk,
  rows: number,
): readonly number[] | undefined {
  const pages = structsField(index, 1).map((page) => ({
    offset: requiredInteger(page, 1),
    bytes: requiredInteger(page, 2),
    firstRow: requiredInteger(page, 3),
  }))
  const isPlausible = pages.every(({ offset, bytes, firstRow }, at) => {
    const before = pages[at - 1]
    const isWithin = offset >= chunk.offset && offset + bytes <= chunk.offset + chunk.bytes
    if (before === undefined) return isWithin && firstRow === 0
    return isWithin && firstRow > before.firstRow && offset >= before.offset + before.bytes
  })
  const last = pages.at(-1)
  if (!isPlausible || last === undefined || last.firstRow >= rows) return undefined
  return pages.map(({ firstRow }) => firstRow)
}

/** The bounds of each page, undefined of those without usable ones; undefined where some are beyond the chunk's. */
function boundsOf(
  index: ThriftStruct,
  column: ParquetColumn,
  chunk: ColumnChunk,
): readonly (ValueBounds | undefined)[] | undefined {
  const [areNull, least, most] = [listField(index, 1), listField(index, 2), listField(index, 3)]
  if (least.length !== areNull.length || most.length !== areNull.length) return undefined
  const ofChunk = chunkBounds(column, chunk)
  const all = areNull.map((isNull, page) => {
    // That a page has NULLs alone is told by nothing else, so nothing is left out by it.
    if (isNull !== false) return undefined
    const [min, max] = [bytesOf(least[page]), bytesOf(most[page])]
    return chunkBounds(column, { ...chunk, min, max, legacyBounds: false })
  })
  const isBeyond = (bounds: ValueBounds | undefined): boolean =>
    bounds !== undefined &&
    ofChunk !== undefined &&
    (bounds.min < ofChunk.min || bounds.max > ofChunk.max)
  return all.some(isBeyond) ? undefined : all
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}

/** Runs of rows from `start` to `end` without the pages that `mayHold` rules out, cut at multiples of `align`. */
export function rowsOfPages(
  start: number,
  end: number,
  align: number,
  columns: readonly {
    readonly pages: readonly IndexedPage[]
    readonly mayHold: (bounds: ValueBounds) => boolean
  }[],
): readonly { readonly from: number; readonly to: number }[] {
  const left = new Uint8Array(Math.ceil((end - start) / align)).fill(1)
  for (const { pages, mayHold } of columns) {
    for (const { firstRow, rows, bounds } of pages) {
      if (bounds === undefined || firstRow >= end || firstRow + rows <= start) continue
      if (mayHold(bounds)) continue
      // Only blocks that lie in the page as a whole.
      const from = Math.ceil(Math.max(0, firstRow - start) / align)
      const to =
        firstRow + rows >= end ? left.length : Math.floor((firstRow + rows - start) / align)
      if (to > from) left.fill(0, from, to)
    }
  }
  const runs: { from: number; to: number }[] = []
  for (let block = 0; block < left.length; block++) {
    if (left[block] === 0) continue
    const [from, to] = [start + block * align, Math.min(end, start + (block + 1) * align)]
    const last = runs.at(-1)
    if (last?.to === from) runs[runs.length - 1] = { ...present(last, 'run'), to }
    else runs.push({ from, to })
  }
  return runs
}
