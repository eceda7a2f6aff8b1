import { Scratch } from '../scratch.ts'
import { NEWLINE } from './dialect.ts'
import type { TextScan } from './scan.ts'

/** Bytes looked at together, away from where the reader stands. */
export const WINDOW_BYTES = 16_384
/** Room for what is looked at, and most bytes of a window. */
export const WINDOW_ROOM_BYTES = 1_048_576

/** A copy of the file's bytes from an offset, fewer at its end. */
export function readWindow(
  scan: TextScan,
  scratch: Scratch,
  offset: number,
  bytes: number,
): Uint8Array {
  const { heap } = scan.env
  const block = scratch.ensure(WINDOW_ROOM_BYTES)
  const got = scan.source.read(heap.u8, block, bytes, offset)
  return heap.u8.slice(block, block + got)
}

/**
 * File offset of the first line that begins at `start` or behind it (at most the file's length, which
 * then is not exact but at least the file's end).
 */
export function firstLineAt(scan: TextScan, start: number): number {
  if (start === 0) return 0
  const scratch = new Scratch(scan.env.heap)
  try {
    for (let offset = start - 1; ; offset += WINDOW_BYTES) {
      const window = readWindow(scan, scratch, offset, WINDOW_BYTES)
      const at = window.indexOf(NEWLINE)
      if (at >= 0) return offset + at + 1
      if (window.length < WINDOW_BYTES) return scan.file.bytes
    }
  } finally {
    scratch.release()
  }
}
