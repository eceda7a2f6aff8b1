import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { QueryError } from '../../../base/errors.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { openError } from '../../filesystems/local.ts'
import { badFile } from './bad-file.ts'
import { chunksOf, columnsOf, type ParquetColumn } from './schema.ts'
import {
  bytesField,
  integerField,
  readStruct,
  requiredInteger,
  structField,
  structsField,
  ThriftError,
  type ThriftStruct,
} from './thrift.ts'

/** One column of one row group, as the footer describes it. */
export interface ColumnChunk {
  /** Number of the CompressionCodec enum. */
  readonly codec: number
  readonly values: number
  /** Where its pages begin and how many bytes they take. */
  readonly offset: number
  readonly bytes: number
  readonly isEncrypted: boolean
  /** Smallest and largest value in PLAIN form; undefined where the file gives none that can be used. */
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
  /** The bounds are the deprecated ones, ordered as signed numbers whatever the type. */
  readonly legacyBounds: boolean
  readonly nullCount: number | undefined
  readonly distinct: number | undefined
  /** Where the bounds of its pages are, and where its pages begin, if the file says so. */
  readonly columnIndex: Extent | undefined
  readonly offsetIndex: Extent | undefined
}

/** Bytes of a file. */
export interface Extent {
  readonly offset: number
  readonly bytes: number
}

export interface RowGroup {
  readonly rows: number
  /** Row number of its first row in the file. */
  readonly firstRow: number
  readonly bytes: number
  readonly chunks: readonly ColumnChunk[]
  /** Column chunk by which rows ascend, if the file says so. */
  readonly sortedBy: number | undefined
}

export interface Footer {
  readonly rows: number
  readonly columns: readonly ParquetColumn[]
  readonly groups: readonly RowGroup[]
}

const FOOTER_BYTES_MAX = 268_435_456
/** Of footers in their files; read, they take some ten times as much. */
const CACHED_FOOTER_BYTES_MAX = 8_388_608

interface CachedFooter {
  readonly footer: Footer
  readonly bytes: number
}

const cache = new Map<string, CachedFooter>()
let cachedBytes = 0

/** Reads a file's footer, or takes it from the cache when path, size and time of change are the same. */
export function readFooter(file: FileEntry): Footer {
  const key = `${file.path}\n${file.bytes}\n${file.modifiedMs}`
  const cached = cache.get(key)
  if (cached !== undefined) {
    // Moved to the end: the map's order is the order of use.
    cache.delete(key)
    cache.set(key, cached)
    return cached.footer
  }
  const bytes = footerBytes(file)
  const footer = parseFooter(file, bytes)
  cache.set(key, { footer, bytes: bytes.length })
  cachedBytes += bytes.length
  for (const [oldest, { bytes: freed }] of cache) {
    // The newest stays, whatever its size: its row groups are read one after another.
    if (cachedBytes <= CACHED_FOOTER_BYTES_MAX || oldest === key) break
    cache.delete(oldest)
    cachedBytes -= freed
  }
  return footer
}

function footerBytes(file: FileEntry): Uint8Array {
  let descriptor: number
  try {
    descriptor = openSync(file.path, 'r')
  } catch (error) {
    throw openError(file.location, error)
  }
  try {
    const { size } = fstatSync(descriptor)
    if (size < 12) throw badFile(file.location, `${size} bytes are too few for a footer`)
    const tail = readAt(descriptor, size - 8, 8, file)
    const magic = String.fromCharCode(...tail.subarray(4))
    if (magic === 'PARE') {
      throw new QueryError(
        'FEATURE_NOT_SUPPORTED',
        `not supported: encrypted Parquet files ("${file.location}")`,
        { file: file.location },
      )
    }
    if (magic !== 'PAR1') {
      const found = JSON.stringify(magic)
      throw badFile(file.location, 'it does not end in "PAR1"', { expected: '"PAR1"', found })
    }
    const bytes = new DataView(tail.buffer).getUint32(0, true)
    if (bytes > size - 12 || bytes > FOOTER_BYTES_MAX) {
      throw badFile(file.location, `a footer of ${bytes} bytes in a file of ${size}`)
    }
    return readAt(descriptor, size - 8 - bytes, bytes, file)
  } finally {
    closeSync(descriptor)
  }
}

function readAt(descriptor: number, position: number, bytes: number, file: FileEntry): Uint8Array {
  const buffer = new Uint8Array(bytes)
  let done = 0
  while (done < bytes) {
    const read = readSync(descriptor, buffer, done, bytes - done, position + done)
    if (read === 0) throw badFile(file.location, `it ends at byte ${position + done}`)
    done += read
  }
  return buffer
}

function parseFooter(file: FileEntry, bytes: Uint8Array): Footer {
  try {
    const { struct } = readStruct(bytes, 0)
    const elements = structsField(struct, 2)
    const columns = columnsOf(elements)
    const chunkCount = chunksOf(elements)
    let firstRow = 0
    const groups = structsField(struct, 4).map((group, index) => {
      const parsed = rowGroup(group, file, columns, firstRow)
      if (parsed.chunks.length !== chunkCount) {
        const found = `${parsed.chunks.length} column chunks`
        const expected = `${chunkCount}`
        throw badFile(file.location, `row group ${index + 1} has ${found}`, { expected, found })
      }
      firstRow += parsed.rows
      return parsed
    })
    return { rows: firstRow, columns: columns.map((column) => readable(column, groups)), groups }
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    throw badFile(file.location, `its footer cannot be read: ${error.message}`, { cause: error })
  }
}

/** A column that is encrypted in some row group cannot be read; others of the file can. */
function readable(column: ParquetColumn, groups: readonly RowGroup[]): ParquetColumn {
  const isEncrypted = groups.some(({ chunks }) => chunks[column.chunk]?.isEncrypted === true)
  return isEncrypted ? { ...column, unsupported: 'encrypted columns' } : column
}

function rowGroup(
  group: ThriftStruct,
  file: FileEntry,
  columns: readonly ParquetColumn[],
  firstRow: number,
): RowGroup {
  const rows = requiredInteger(group, 3)
  const byChunk = new Map(columns.map((column) => [column.chunk, column]))
  const chunks = structsField(group, 1).map((chunk, index) => {
    const parsed = columnChunk(chunk, file.bytes)
    // Where there are no rows there are no pages, and writers put anything for their place.
    const within = rows === 0 || (parsed.offset >= 4 && parsed.offset + parsed.bytes <= file.bytes)
    const column = byChunk.get(index)
    if (!within) {
      const details = column === undefined ? {} : { column: column.name }
      const range = `bytes ${parsed.offset} to ${parsed.offset + parsed.bytes}`
      throw badFile(file.location, `${range} of a file of ${file.bytes}`, details)
    }
    return parsed
  })
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
  return { rows, firstRow, bytes, chunks, sortedBy: sortedBy(group) }
}

function sortedBy(group: ThriftStruct): number | undefined {
  const [first] = structsField(group, 4)
  if (first === undefined || first.get(2) === true) return undefined
  return integerField(first, 1)
}

/** A chunk whose description is encrypted too: it lies nowhere that could be told. */
const ENCRYPTED_CHUNK = {
  codec: 0,
  values: 0,
  offset: 4,
  bytes: 0,
  isEncrypted: true,
  columnIndex: undefined,
  offsetIndex: undefined,
}

/** A place and its length, in two fields; undefined where the file has no such bytes. */
function extentOf(chunk: ThriftStruct, field: number, fileBytes: number): Extent | undefined {
  const [offset, bytes] = [integerField(chunk, field), integerField(chunk, field + 1)]
  if (offset === undefined || bytes === undefined) return undefined
  return offset >= 4 && bytes > 0 && offset + bytes <= fileBytes ? { offset, bytes } : undefined
}

function columnChunk(chunk: ThriftStruct, fileBytes: number): ColumnChunk {
  const isEncrypted = chunk.has(8) || chunk.has(9)
  const meta = structField(chunk, 3)
  if (meta === undefined && isEncrypted) return { ...ENCRYPTED_CHUNK, ...statisticsOf(undefined) }
  if (meta === undefined) throw new ThriftError('a column chunk without metadata')
  if (bytesField(chunk, 1) !== undefined) {
    throw new ThriftError('a column chunk that lies in another file')
  }
  const dataOffset = requiredInteger(meta, 9)
  const dictionaryOffset = integerField(meta, 11)
  // Some writers put 0 where there is no dictionary.
  const offset =
    dictionaryOffset !== undefined && dictionaryOffset >= 4
      ? Math.min(dictionaryOffset, dataOffset)
      : dataOffset
  return {
    codec: integerField(meta, 4) ?? 0,
    values: requiredInteger(meta, 5),
    offset,
    bytes: requiredInteger(meta, 7),
    isEncrypted,
    columnIndex: extentOf(chunk, 6, fileBytes),
    offsetIndex: extentOf(chunk, 4, fileBytes),
    ...statisticsOf(structField(meta, 12)),
  }
}

function statisticsOf(
  statistics: ThriftStruct | undefined,
): Pick<ColumnChunk, 'min' | 'max' | 'legacyBounds' | 'nullCount' | 'distinct'> {
  if (statistics === undefined) {
    const none = { min: undefined, max: undefined, nullCount: undefined, distinct: undefined }
    return { ...none, legacyBounds: false }
  }
  const nullCount = integerField(statistics, 3)
  const min = bytesField(statistics, 6)
  const max = bytesField(statistics, 5)
  const current = min !== undefined || max !== undefined
  return {
    min: current ? min : bytesField(statistics, 2),
    max: current ? max : bytesField(statistics, 1),
    legacyBounds: !current,
    nullCount: nullCount !== undefined && nullCount >= 0 ? nullCount : undefined,
    distinct: integerField(statistics, 4),
  }
}
