import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'

/** A file opened for positioned reads into the shared memory. */
export interface LocalFile {
  readonly location: string
  readonly descriptor: number
  readonly bytes: number
  readonly modifiedMs: number
}

/** Opens a file. Throws FILE_NOT_FOUND, INSUFFICIENT_PRIVILEGE or IO_ERROR. */
export function openLocal(path: string, location: string): LocalFile {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw openError(location, error)
  }
  const { size, mtimeMs } = fstatSync(descriptor)
  return { location, descriptor, bytes: size, modifiedMs: mtimeMs }
}

/** Files that changed so short ago may change again without their time of change telling it. */
const SETTLED_MS = 2_000
const IDENTITY_WORDS = 4

const identities = new WeakMap<LocalFile, Uint32Array | null>()

/**
 * Four words that stand for a file as it is: no other file has them, nor this one once it has changed. Undefined for one
 * that changed a moment ago.
 */
export function identityOf(file: LocalFile): Uint32Array | undefined {
  const known = identities.get(file)
  if (known !== undefined) return known ?? undefined
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = fstatSync(file.descriptor, { bigint: true })
  const isSettled = Number(ctimeMs) + SETTLED_MS < performance.timeOrigin + performance.now()
  const digest = createHash('sha256').update([dev, ino, size, mtimeNs, ctimeNs].join(' ')).digest()
  const words = Uint32Array.from({ length: IDENTITY_WORDS }, (_, at) => digest.readUInt32LE(at * 4))
  identities.set(file, isSettled ? words : null)
  return isSettled ? words : undefined
}

export function closeLocal(file: LocalFile): void {
  closeSync(file.descriptor)
}

/** Reads exactly `bytes` bytes at a position of the file. Throws BAD_FILE when it ends before. */
export function readInto(
  heap: Heap,
  file: LocalFile,
  position: number,
  bytes: number,
  target: Address,
): void {
  let done = 0
  while (done < bytes) {
    const read = readOnce(heap.u8, file, position + done, bytes - done, target + done)
    if (read === 0) throw endsTooEarly(file, position, bytes, done)
    done += read
  }
}

function endsTooEarly(
  { location }: LocalFile,
  position: number,
  bytes: number,
  done: number,
): QueryError {
  return new QueryError('BAD_FILE', `file "${location}" ends too early`, {
    file: location,
    expected: `${bytes} bytes at ${position}`,
    found: `the end at byte ${position + done}`,
  })
}

/** The same, into memory of its own. */
export function readBytes(file: LocalFile, position: number, bytes: number): Uint8Array {
  const target = new Uint8Array(bytes)
  let done = 0
  while (done < bytes) {
    const read = readOnce(target, file, position + done, bytes - done, done)
    if (read === 0) throw endsTooEarly(file, position, bytes, done)
    done += read
  }
  return target
}

// One call reads at most 2^31 - 1 bytes.
const READ_BYTES_MAX = 1_073_741_824

function readOnce(
  into: Uint8Array,
  file: LocalFile,
  position: number,
  bytes: number,
  target: number,
): number {
  try {
    return readSync(file.descriptor, into, target, Math.min(bytes, READ_BYTES_MAX), position)
  } catch (error) {
    throw openError(file.location, error)
  }
}

/** The error for a file that is no longer the one that was inspected. */
export function changedFile(location: string): QueryError {
  return new QueryError('BAD_FILE', `file "${location}" changed while it was in use`, {
    file: location,
    hint: 'Run the statement again; a table of files that changed is to be created again.',
  })
}

/** A failed system call on a file as an error of ours. */
export function openError(location: string, error: unknown): QueryError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const details = { file: location, cause: error }
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new QueryError(
        'FILE_NOT_FOUND',
        `could not open file "${location}" for reading: No such file or directory`,
        details,
      )
    case 'EACCES':
    case 'EPERM':
      return new QueryError(
        'INSUFFICIENT_PRIVILEGE',
        `could not open file "${location}" for reading: Permission denied`,
        details,
      )
    case 'EISDIR':
      return new QueryError('WRONG_OBJECT_TYPE', `"${location}" is a directory`, details)
    default: {
      const reason = error instanceof Error ? error.message : String(error)
      return new QueryError('IO_ERROR', `could not read file "${location}": ${reason}`, details)
    }
  }
}
