import { textOfUtf8 } from '../../base/utf8.ts'
import { crc32 } from './crc32.ts'

/** Of all that is in the folder; raised with every change that older programs cannot read. */
export const FORMAT_VERSION = 1

/** What a file of the log begins with. */
export interface SegmentHeader {
  readonly version: number
  readonly segment: number
  /** The number of its first record. */
  readonly firstRecord: number
}

export const SEGMENT_HEADER_BYTES = 32
const SEGMENT_MAGIC = 'HEDDLLOG'
const segmentField = { version: 8, segment: 12, firstRecord: 16, checksum: 28 }

export function writeSegmentHeader({ version, segment, firstRecord }: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(SEGMENT_MAGIC))
  view.setUint32(segmentField.version, version, true)
  view.setUint32(segmentField.segment, segment, true)
  view.setBigUint64(segmentField.firstRecord, BigInt(firstRecord), true)
  view.setUint32(segmentField.checksum, crc32(0, bytes.subarray(0, segmentField.checksum)), true)
  return bytes
}

/** Undefined where these are not the bytes of a header. */
export function readSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  if (textOfUtf8(bytes.subarray(0, 8)) !== SEGMENT_MAGIC) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const checksum = crc32(0, bytes.subarray(0, segmentField.checksum))
  if (view.getUint32(segmentField.checksum, true) !== checksum) return undefined
  return {
    version: view.getUint32(segmentField.version, true),
    segment: view.getUint32(segmentField.segment, true),
    firstRecord: Number(view.getBigUint64(segmentField.firstRecord, true)),
  }
}

/** What a record begins with: its head and its body follow. */
export interface FrameHeader {
  readonly headBytes: number
  readonly bodyBytes: number
  /** Records are numbered one after another, whatever file they are in. */
  readonly record: number
  /** How many bytes of the file were on the disk for sure when it was written. */
  readonly syncedBytes: number
}

export const FRAME_BYTES = 40
/** Records begin at such multiples. */
export const FRAME_ALIGNMENT_BYTES = 8
/** No head is longer: it is read at once. */
export const HEAD_BYTES_MAX = 1_073_741_824
const FRAME_MAGIC = 0x52_4c_44_48
/** Of every record. */
export const FRAME_FIRST_BYTE = FRAME_MAGIC & 255
const frameField = {
  headBytes: 4,
  bodyBytes: 8,
  record: 16,
  synced: 24,
  reserved: 32,
  checksum: 36,
}

export function writeFrameHeader(frame: FrameHeader, head: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, FRAME_MAGIC, true)
  view.setUint32(frameField.headBytes, frame.headBytes, true)
  view.setBigUint64(frameField.bodyBytes, BigInt(frame.bodyBytes), true)
  view.setBigUint64(frameField.record, BigInt(frame.record), true)
  view.setBigUint64(frameField.synced, BigInt(frame.syncedBytes), true)
  view.setUint32(frameField.checksum, frameChecksum(bytes, head), true)
  return bytes
}

/** The frame that begins at a place of a file's bytes, and its head; undefined where none does, or it is not whole. */
export function readFrame(
  bytes: Uint8Array,
  at: number,
): { readonly frame: FrameHeader; readonly head: Uint8Array } | undefined {
  if (at + FRAME_BYTES > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_BYTES)
  if (view.getUint32(0, true) !== FRAME_MAGIC) return undefined
  const frame = {
    headBytes: view.getUint32(frameField.headBytes, true),
    bodyBytes: Number(view.getBigUint64(frameField.bodyBytes, true)),
    record: Number(view.getBigUint64(frameField.record, true)),
    syncedBytes: Number(view.getBigUint64(frameField.synced, true)),
  }
  if (at + frameBytes(frame) > bytes.length) return undefined
  const head = bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + frame.headBytes)
  const checksum = frameChecksum(bytes.subarray(at, at + FRAME_BYTES), head)
  return view.getUint32(frameField.checksum, true) === checksum ? { frame, head } : undefined
}

/** What a record takes with all that belongs to it. */
export function frameBytes({ headBytes, bodyBytes }: FrameHeader): number {
  const bytes = FRAME_BYTES + headBytes + bodyBytes
  return Math.ceil(bytes / FRAME_ALIGNMENT_BYTES) * FRAME_ALIGNMENT_BYTES
}

function frameChecksum(frame: Uint8Array, head: Uint8Array): number {
  return crc32(crc32(0, frame.subarray(0, frameField.checksum)), head)
}
