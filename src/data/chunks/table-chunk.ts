import { NO_ADDRESS, type Chunk, type ColumnStatistics, type Vector } from '../vectors/vector.ts'
import { bufferBytes, type VectorHeader } from './chunk-layout.ts'

/**
 * Rows of a table as its catalog names them: in the working memory, or kept outside of it. Of those that are
 * kept there is nothing to read but what pinning them gives.
 */
export type TableChunk = Chunk | KeptChunk

/** A chunk whose bytes lie outside of the working memory. Plain data: it travels to threads as it is. */
export interface KeptChunk {
  readonly rows: number
  /** One entry a column, in the order of `kept.columns`, where statistics were gathered. */
  readonly statistics: readonly ColumnStatistics[] | undefined
  readonly kept: KeptBytes
}

/** Where the bytes of a chunk lie. */
export interface KeptBytes {
  /** Of a file. */
  readonly path: string
  readonly columns: readonly KeptColumn[]
}

/** A column of a kept chunk: its validity, offsets, values and wide numerics lie side by side. */
export interface KeptColumn {
  readonly header: VectorHeader
  /** dict*: the distinct values, which stay in the working memory for all chunks that share them. */
  readonly dictionary: Vector | undefined
  /** Of its first byte in the file. */
  readonly offset: number
  /** CRC-32 of its bytes. */
  readonly checksum: number
}

/** Whether a chunk's bytes lie outside of the working memory. */
export function isKept(chunk: TableChunk): chunk is KeptChunk {
  return 'kept' in chunk
}

/** Bytes that a column takes where it is kept, and about so many in memory. */
export function keptColumnBytes({ header }: KeptColumn): number {
  const { validityBytes, offsetsBytes, valuesBytes, wideBytes } = bufferBytes(header)
  return validityBytes + offsetsBytes + valuesBytes + wideBytes
}

/** The same of all columns that a chunk names. */
export function keptBytes({ kept }: KeptChunk): number {
  return kept.columns.reduce((bytes, column) => bytes + keptColumnBytes(column), 0)
}

/** Whether a column of a chunk has bits that say where it is NULL. */
export function mayHaveNulls(chunk: TableChunk, column: number): boolean {
  if (isKept(chunk)) return chunk.kept.columns[column]?.header.hasValidity !== false
  return chunk.columns[column]?.validity !== NO_ADDRESS
}
