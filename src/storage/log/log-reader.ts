import { textOfUtf8 } from '../../base/utf8.ts'
import type { LogDisk } from './disk.ts'
import {
  FORMAT_VERSION,
  FRAME_ALIGNMENT_BYTES,
  frameBytes,
  readFrame,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  FRAME_BYTES,
  FRAME_FIRST_BYTE,
  type FrameHeader,
} from './frames.ts'
import { damagedLog, newerFolder } from './log-errors.ts'
import { segmentName } from './log-writer.ts'

/** A record as it was read back. */
export interface ReadRecord {
  readonly head: string
  readonly body: Uint8Array
  readonly segment: number
  /** Of the body in the file. */
  readonly offset: number
}

/** Takes a record; false: what it holds is not what was written. */
export type TakeRecord = (record: ReadRecord) => boolean

/** How far the log could be read. */
export interface ReadEnd {
  /** The newest file that there is; one less than the first where there is none. */
  readonly segment: number
  /** The number of the record that comes next. */
  readonly record: number
  /** Where the newest file ends in bytes of no whole record: how many are to stay. */
  readonly torn: number | undefined
}

/**
 * Reads the files of a log from one on, in order. Ends at the first record that is not whole, if all behind it may never
 * have been written: what was not synced is lost in any order. Throws DATA_CORRUPTED where it was synced; FEATURE_NOT_SUPPORTED
 * for a newer format.
 */
export function readLog(
  disk: LogDisk,
  first: { readonly segment: number; readonly record: number },
  take: TakeRecord,
): ReadEnd {
  const names = new Set(disk.names())
  let end: ReadEnd = { segment: first.segment - 1, record: first.record, torn: undefined }
  for (let segment = first.segment; names.has(segmentName(segment)); segment++) {
    const bytes = bytesOf(disk, segment)
    const hasNext = names.has(segmentName(segment + 1)) && isBegun(disk, segment + 1)
    const header = headerOf(disk, segment, bytes, hasNext)
    // It was about to be begun.
    if (header === undefined) return end
    if (header.firstRecord !== end.record) {
      throw damagedLog(pathOf(disk, segment), 0, `it begins with record ${header.firstRecord}`)
    }
    const { at, record } = readRecords(bytes, { segment, record: end.record }, take)
    if (at === bytes.length) {
      end = { segment, record, torn: undefined }
      continue
    }
    const wasSynced = hasNext || syncedBehind(bytes, at)
    if (wasSynced) throw damagedLog(pathOf(disk, segment), at, 'a record is not what was written')
    return { segment, record, torn: at }
  }
  return end
}

function pathOf(disk: LogDisk, segment: number): string {
  return disk.pathOf(segmentName(segment))
}

function bytesOf(disk: LogDisk, segment: number): Uint8Array {
  const name = segmentName(segment)
  return disk.read(name, 0, disk.sizeOf(name))
}

/** Whether a file of the log was begun, and so all before it was on the disk. */
function isBegun(disk: LogDisk, segment: number): boolean {
  return readSegmentHeader(disk.read(segmentName(segment), 0, SEGMENT_HEADER_BYTES)) !== undefined
}

function headerOf(disk: LogDisk, segment: number, bytes: Uint8Array, hasNext: boolean) {
  const header = readSegmentHeader(bytes)
  const path = pathOf(disk, segment)
  if (header === undefined) {
    if (hasNext || syncedBehind(bytes, 0)) throw damagedLog(path, 0, 'its header is not there')
    return undefined
  }
  if (header.version > FORMAT_VERSION) throw newerFolder(path, header.version)
  if (header.segment !== segment) throw damagedLog(path, 0, 'it is another file of the log')
  return header
}

function readRecords(
  bytes: Uint8Array,
  { segment, record }: { readonly segment: number; readonly record: number },
  take: TakeRecord,
): { readonly at: number; readonly record: number } {
  let at = SEGMENT_HEADER_BYTES
  let next = record
  for (;;) {
    const read = readFrame(bytes, at)
    if (read?.frame.record !== next) return { at, record: next }
    const { frame, head } = read
    const offset = at + FRAME_BYTES + frame.headBytes
    const body = bytes.subarray(offset, offset + frame.bodyBytes)
    if (!take({ head: textOfUtf8(head), body, segment, offset })) {
      return { at, record: next }
    }
    at += frameBytes(frame)
    next++
  }
}

/** Whether a whole record behind a place says that what lies at the place was on the disk when it was written. */
function syncedBehind(bytes: Uint8Array, at: number): boolean {
  const first = Math.ceil(at / FRAME_ALIGNMENT_BYTES) * FRAME_ALIGNMENT_BYTES
  for (let next = first; next + FRAME_BYTES <= bytes.length; next += FRAME_ALIGNMENT_BYTES) {
    if (bytes[next] !== FRAME_FIRST_BYTE) continue
    const frame: FrameHeader | undefined = readFrame(bytes, next)?.frame
    if (frame !== undefined && frame.syncedBytes > at) return true
  }
  return false
}
