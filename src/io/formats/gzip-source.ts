import { QueryError } from '../../base/errors.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'
import { CHECKSUM_TABLE_BYTES, checksum, writeChecksumTables } from '../../wasm/kernels/checksum.ts'
import type { ReaderEnvironment } from '../scan/source.ts'
import { openFile, type ByteSource } from './byte-source.ts'

const INPUT_BYTES = 262_144
/** Zeros behind the last input: a truncated block header reads on into them. */
const INPUT_PADDING_BYTES = 1_024
const OUTPUT_BYTES = 262_144
const WINDOW_BYTES = 32_768
const OUTPUT_PADDING_BYTES = 64
/** Of the inflate kernel (assembly/inflate.ts): state, two tables, code lengths. */
const WORKSPACE_BYTES = 64 + 131_072 + 512
const TRAILER_BYTES = 8
/** Longest gzip header: names and comments in it are not bounded by the format. */
const HEADER_BYTES_MAX = 65_536

const FINISHED = 1
const MALFORMED = 2

interface GzipState {
  readonly env: ReaderEnvironment
  readonly file: FileEntry
  readonly source: ByteSource
  readonly workspace: Address
  readonly crcTables: Address
  readonly input: Address
  readonly output: Address
  readonly out: Address
  /** Offset of the next compressed byte to read, and what is read and not decoded yet. */
  fileOffset: number
  inputStart: number
  inputEnd: number
  isLast: boolean
  /** Decoded bytes that were not asked for yet; the window lies before them. */
  outputStart: number
  outputEnd: number
  /** Offset of `outputStart` in the decompressed file. */
  offset: number
  crc: number
  memberBytes: number
  members: number
  phase: 'header' | 'body' | 'end'
}

/**
 * The decompressed bytes of a gzip file (RFC 1952), in pieces of 256 KiB: several members are read
 * one after the other, lengths and checksums are verified. Goes forward only. BAD_FILE when the
 * file is damaged.
 */
export function openGzip(file: FileEntry, env: ReaderEnvironment): ByteSource {
  const { heap, kernels } = env
  const block = heap.allocate(
    WORKSPACE_BYTES +
      CHECKSUM_TABLE_BYTES +
      INPUT_BYTES +
      INPUT_PADDING_BYTES +
      OUTPUT_BYTES +
      WINDOW_BYTES +
      4 * OUTPUT_PADDING_BYTES,
  )
  const crcTables = address(block + WORKSPACE_BYTES)
  const input = address(crcTables + CHECKSUM_TABLE_BYTES)
  const output = address(input + INPUT_BYTES + INPUT_PADDING_BYTES + OUTPUT_PADDING_BYTES)
  writeChecksumTables(heap, crcTables)
  kernels.call('fill', block, 0, 64)
  const state: GzipState = {
    env,
    file,
    source: openFile(file),
    workspace: block,
    crcTables,
    input,
    output,
    out: address(output + WINDOW_BYTES + OUTPUT_BYTES + OUTPUT_PADDING_BYTES),
    fileOffset: 0,
    inputStart: input,
    inputEnd: input,
    isLast: false,
    outputStart: output + WINDOW_BYTES,
    outputEnd: output + WINDOW_BYTES,
    offset: 0,
    crc: 0,
    memberBytes: 0,
    members: 0,
    phase: 'header',
  }
  return {
    read: (target, start, bytes, offset) => readBytes(state, target, start, bytes, offset),
    close() {
      state.source.close()
      heap.free(block)
    },
  }
}

function readBytes(
  state: GzipState,
  target: Uint8Array,
  start: number,
  bytes: number,
  offset: number,
): number {
  if (offset < state.offset) throw damaged(state, 'it can only be read forwards')
  const { u8 } = state.env.heap
  let total = 0
  while (total < bytes) {
    const available = state.outputEnd - state.outputStart
    if (available === 0) {
      if (!decodeMore(state)) break
      continue
    }
    const skipped = Math.min(available, Math.max(0, offset - state.offset))
    const count = Math.min(available - skipped, bytes - total)
    const from = state.outputStart + skipped
    if (target.buffer === u8.buffer) {
      state.env.kernels.call('copy', target.byteOffset + start + total, from, count)
    } else {
      target.set(u8.subarray(from, from + count), start + total)
    }
    state.outputStart += skipped + count
    state.offset += skipped + count
    total += count
  }
  return total
}

/** Fills the output again; false at the end of the file. */
function decodeMore(state: GzipState): boolean {
  while (state.outputEnd === state.outputStart) {
    if (state.phase === 'end') return false
    if (state.phase === 'header') readHeader(state)
    else inflatePiece(state)
  }
  return true
}

function inflatePiece(state: GzipState): void {
  const { kernels, heap } = state.env
  const { output, workspace, out, crcTables } = state
  // What was decoded before stays in front as the window.
  const window = output + WINDOW_BYTES
  const kept = Math.min(WINDOW_BYTES, state.memberBytes, state.outputEnd - output)
  kernels.call('copy', window - kept, state.outputEnd - kept, kept)
  refill(state, INPUT_BYTES)
  const limit = window + OUTPUT_BYTES
  const last = state.isLast ? 1 : 0
  const { inputStart, inputEnd } = state
  const args = [workspace, inputStart, inputEnd, last, window - kept, window, limit, out] as const
  kernels.call('inflate', ...args)
  state.inputStart = heap.view.getUint32(out, true)
  const end = heap.view.getUint32(out + 4, true)
  const status = heap.view.getUint32(out + 8, true)
  if (status === MALFORMED) throw damaged(state, 'its compressed data is malformed')
  const produced = end - window
  state.outputStart = window
  state.outputEnd = end
  state.memberBytes += produced
  state.crc = checksum(kernels, crcTables, state.crc, window, produced)
  if (status === FINISHED) checkTrailer(state)
  else if (produced === 0 && state.inputStart === inputStart) {
    throw damaged(state, 'it ends too early')
  }
}

/** Moves what is left to the front and reads on until `wanted` bytes are there or the file ends. */
function refill(state: GzipState, wanted: number): void {
  const { kernels, heap } = state.env
  const left = state.inputEnd - state.inputStart
  if (left >= wanted || state.isLast) return
  kernels.call('copy', state.input, state.inputStart, left)
  const room = INPUT_BYTES - left
  const got = state.source.read(heap.u8, state.input + left, room, state.fileOffset)
  state.fileOffset += got
  state.isLast = got < room
  state.inputStart = state.input
  state.inputEnd = state.input + left + got
  if (state.isLast) kernels.call('fill', state.inputEnd, 0, INPUT_PADDING_BYTES)
}

const HAS_CHECKSUM = 2
const HAS_EXTRA = 4
const HAS_NAME = 8
const HAS_COMMENT = 16

function readHeader(state: GzipState): void {
  refill(state, HEADER_BYTES_MAX)
  const { u8 } = state.env.heap
  let at = state.inputStart
  const end = state.inputEnd
  if (state.members > 0 && u8.subarray(at, end).every((byte) => byte === 0)) {
    state.phase = 'end'
    return
  }
  const flags = u8[at + 3] ?? 0
  const isGzip = end - at >= 10 && u8[at] === 0x1f && u8[at + 1] === 0x8b && u8[at + 2] === 8
  if (!isGzip || flags > 31) throw damaged(state, 'it has no gzip header')
  at += 10
  if ((flags & HAS_EXTRA) !== 0) at += 2 + (u8[at] ?? 0) + 256 * (u8[at + 1] ?? 0)
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue
    while (at < end && u8[at] !== 0) at++
    at++
  }
  if ((flags & HAS_CHECKSUM) !== 0) at += 2
  if (at > end) throw damaged(state, 'its gzip header is too long')
  state.inputStart = at
  state.env.kernels.call('fill', state.workspace, 0, 64)
  state.crc = 0
  state.memberBytes = 0
  state.members++
  state.phase = 'body'
}

function checkTrailer(state: GzipState): void {
  refill(state, TRAILER_BYTES)
  const { view } = state.env.heap
  const at = state.inputStart
  if (state.inputEnd - at < TRAILER_BYTES) throw damaged(state, 'it ends too early')
  const isSame =
    view.getUint32(at, true) === state.crc &&
    view.getUint32(at + 4, true) === state.memberBytes % 4_294_967_296
  if (!isSame) throw damaged(state, 'its checksum is wrong')
  state.inputStart += TRAILER_BYTES
  state.phase = 'header'
}

function damaged(state: GzipState, what: string): QueryError {
  const { location } = state.file
  return new QueryError('BAD_FILE', `gzip file "${location}" cannot be read: ${what}`, {
    file: location,
  })
}
