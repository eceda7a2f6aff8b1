import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { QueryError } from '../../base/errors.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'
import { changedFile } from '../filesystems/local.ts'

/** Bytes of a file, read synchronously into memory of the caller's. */
export interface ByteSource {
  /**
   * Fills `target[start, start + bytes)` from an offset of the (decompressed) file; returns how many
   * bytes there were, fewer only at the end. Compressed sources go forward only.
   */
  read(target: Uint8Array, start: number, bytes: number, offset: number): number
  close(): void
}

/** Opens a file that was inspected before; BAD_FILE when it changed since. */
export function openFile(file: FileEntry): ByteSource {
  let descriptor: number
  try {
    descriptor = openSync(file.path, 'r')
  } catch (cause) {
    throw new QueryError('FILE_NOT_FOUND', `could not open file "${file.location}" for reading`, {
      file: file.location,
      cause,
    })
  }
  const { size, mtimeMs } = fstatSync(descriptor)
  if (size !== file.bytes || mtimeMs !== file.modifiedMs) {
    closeSync(descriptor)
    throw changedFile(file.location)
  }
  return {
    read(target, start, bytes, offset) {
      let total = 0
      while (total < bytes) {
        const got = readInto(file, descriptor, target, start + total, bytes - total, offset + total)
        if (got === 0) break
        total += got
      }
      return total
    },
    close: () => closeSync(descriptor),
  }
}

function readInto(
  file: FileEntry,
  descriptor: number,
  target: Uint8Array,
  start: number,
  bytes: number,
  offset: number,
): number {
  try {
    return readSync(descriptor, target, start, bytes, offset)
  } catch (cause) {
    throw new QueryError('IO_ERROR', `could not read file "${file.location}"`, {
      file: file.location,
      cause,
    })
  }
}
