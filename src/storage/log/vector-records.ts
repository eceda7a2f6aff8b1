import { closeSync, openSync, readSync } from 'node:fs'
import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import {
  bufferBytes,
  describeVector,
  type HeapRange,
  type VectorHeader,
} from '../../data/chunks/chunk-layout.ts'
import { keptColumnBytes, type KeptColumn } from '../../data/chunks/table-chunk.ts'
import type { Checksums } from '../../wasm/kernels/checksum.ts'
import { crc32 } from './crc32.ts'
import type { LogDisk } from './disk.ts'
import { damagedLog } from './log-errors.ts'
import { segmentName, type LogRecord } from './log-writer.ts'
import type { FreshVector, LoggedVector, VectorPlace } from './logged-chunks.ts'
import { recordHead, type VectorText } from './records.ts'

/** What is copied at once. */
const PIECE_BYTES_MAX = 1_048_576
/** Columns that are moved together: others wait for them. */
const MOVED_BYTES_MAX = 16_777_216

/** What describing columns takes. */
export interface VectorMemory {
  readonly heap: Heap
  readonly checksums: Checksums
}

/** A column on its way into the log. */
interface Outgoing {
  readonly vector: LoggedVector
  readonly header: VectorHeader
  readonly checksum: number
  readonly bytes: number
  readonly pieces: () => Iterable<Uint8Array>
}

/** The record of columns whose bytes are in memory, or in files of others. */
export function vectorsRecord(memory: VectorMemory, fresh: readonly FreshVector[]): LogRecord {
  return recordOf(fresh.map((one) => outgoing(memory, one)))
}

function recordOf(all: readonly Outgoing[]): LogRecord {
  let bodyBytes = 0
  const vectors: VectorText[] = []
  for (const { vector, header, checksum, bytes } of all) {
    const dictionary = vector.dictionary?.id
    vectors.push({ id: vector.id, header, checksum, at: bodyBytes, dictionary })
    bodyBytes += bytes
  }
  return {
    head: recordHead({ kind: 'vectors', vectors }),
    bodyBytes,
    body: piecesOf(all),
    placed({ segment, offset }) {
      for (const [index, { vector, header, checksum }] of all.entries()) {
        const at = present(vectors[index], 'a described column').at
        vector.place = { header, checksum, segment, offset: offset + at }
      }
    },
  }
}

function* piecesOf(all: readonly Outgoing[]): Iterable<Uint8Array> {
  for (const { pieces } of all) yield* pieces()
}

function outgoing({ heap, checksums }: VectorMemory, { vector, source }: FreshVector): Outgoing {
  if (source.kind === 'file') {
    const { path, column } = source
    const { header, checksum } = column
    const pieces = (): Iterable<Uint8Array> => filePieces(path, column)
    return { vector, header, checksum, bytes: keptColumnBytes(column), pieces }
  }
  const { header, ranges } = describeVector(heap, source.vector)
  const checksum = ranges.reduce((crc, { start, bytes }) => checksums.over(crc, start, bytes), 0)
  const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0)
  return { vector, header, checksum, bytes, pieces: () => heapPieces(heap, ranges) }
}

function* heapPieces(heap: Heap, ranges: readonly HeapRange[]): Iterable<Uint8Array> {
  for (const { start, bytes } of ranges) yield heap.u8.subarray(start, start + bytes)
}

function* filePieces(path: string, column: KeptColumn): Iterable<Uint8Array> {
  const descriptor = openSync(path, 'r')
  try {
    const end = column.offset + keptColumnBytes(column)
    const buffer = new Uint8Array(PIECE_BYTES_MAX)
    for (let at = column.offset; at < end;) {
      const read = readSync(descriptor, buffer, 0, Math.min(end - at, PIECE_BYTES_MAX), at)
      if (read === 0) throw damagedLog(path, at, 'it is shorter than it was')
      yield buffer.subarray(0, read)
      at += read
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Bytes that a column takes in the log. */
export function placeBytes({ header }: Pick<VectorPlace, 'header'>): number {
  const { validityBytes, offsetsBytes, valuesBytes, wideBytes } = bufferBytes(header)
  return validityBytes + offsetsBytes + valuesBytes + wideBytes
}

/** Columns in groups that are moved together. */
export function* groupsToMove(vectors: Iterable<LoggedVector>): Generator<readonly LoggedVector[]> {
  let group: LoggedVector[] = []
  let bytes = 0
  for (const vector of vectors) {
    group.push(vector)
    bytes += placeBytes(present(vector.place, 'the place of a column'))
    if (bytes < MOVED_BYTES_MAX) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

/**
 * The record of columns that lie in older files of the log, to be written again; they are found there until `moved` is called.
 * Columns whose bytes are not right any more stay where they are, for whoever wants to look at them.
 */
export function movedRecord(
  disk: LogDisk,
  vectors: readonly LoggedVector[],
): { readonly record: LogRecord; readonly moved: () => void } {
  const copies: { readonly copy: LoggedVector; readonly of: LoggedVector }[] = []
  const all = vectors.flatMap((of): Outgoing[] => {
    const place = present(of.place, 'the place of a column')
    const bytes = disk.read(segmentName(place.segment), place.offset, placeBytes(place))
    if (crc32(0, bytes) !== place.checksum) return []
    const copy = { ...of }
    copies.push({ copy, of })
    const { header, checksum } = place
    return [{ vector: copy, header, checksum, bytes: bytes.length, pieces: () => [bytes] }]
  })
  const moved = (): void => {
    for (const { copy, of } of copies) of.place = copy.place
  }
  return { record: recordOf(all), moved }
}

/** Whether the bodies of a record of columns are what was written. */
export function areWhole(vectors: readonly VectorText[], body: Uint8Array): boolean {
  return vectors.every(({ header, checksum, at }) => {
    const end = at + placeBytes({ header })
    return end <= body.length && crc32(0, body.subarray(at, end)) === checksum
  })
}
