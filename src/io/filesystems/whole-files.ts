import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { QueryError } from '../../base/errors.ts'
import { openError } from './local.ts'
import { allowedPath, isUrl, resolveLocation, type LocationOptions } from './locations.ts'

/** Files that are read from their beginning to their end, and those that are written. */

const READ_BYTES = 1_048_576

type Permitted = Omit<LocationOptions, 'extensions'>

/**
 * The bytes of one file, in pieces that are valid until the next is asked for. Throws FILE_NOT_FOUND,
 * INSUFFICIENT_PRIVILEGE, IO_ERROR, WRONG_OBJECT_TYPE.
 */
export async function* fileBytes(location: string, options: Permitted): AsyncIterable<Uint8Array> {
  const { files } = await resolveLocation(location, { ...options, extensions: [] })
  const [file, second] = files
  if (file === undefined || second !== undefined) {
    throw new QueryError('WRONG_OBJECT_TYPE', `"${location}" is not a regular file`, {
      file: location,
    })
  }
  const handle = await opened(location, () => open(file.path, 'r'))
  try {
    for (;;) {
      const { bytesRead, buffer } = await opened(location, () =>
        handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES),
      )
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

async function opened<T>(location: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw openError(location, error)
  }
}

/** A file that is written; it is there under its name once it is whole. */
export interface WrittenFile {
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
  abort(): void
}

/**
 * Begins a file in the place of the one of this name. Throws FILE_NOT_FOUND, INSUFFICIENT_PRIVILEGE, IO_ERROR,
 * WRONG_OBJECT_TYPE, FEATURE_NOT_SUPPORTED for URLs.
 */
export async function createFile(location: string, options: Permitted): Promise<WrittenFile> {
  if (isUrl(location)) {
    throw new QueryError('FEATURE_NOT_SUPPORTED', 'not supported: writing to a URL', {
      file: location,
    })
  }
  const path = await allowedPath(location, options.allowedRoots)
  await refuseOther(path, location)
  const made = `${path}.${randomUUID()}`
  const handle = await written(location, () => open(made, 'wx', 0o644))
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        at += (await written(location, () => handle.write(bytes, at, bytes.length - at)))
          .bytesWritten
      }
    },
    async end() {
      await handle.close()
      await written(location, () => rename(made, path))
    },
    abort: () => void discarded(handle, made),
  }
}

/** What is there under the name must be a file. */
async function refuseOther(path: string, location: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.isFile()) return
  const what = found.isDirectory() ? 'a directory' : 'not a regular file'
  throw new QueryError('WRONG_OBJECT_TYPE', `"${location}" is ${what}`, { file: location })
}

async function discarded(handle: FileHandle, path: string): Promise<void> {
  // Closing fails where it is closed already.
  await handle.close().catch(() => undefined)
  await rm(path, { force: true }).catch(() => undefined)
}

async function written<T>(location: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const details = { file: location, cause: error }
    const message = `could not open file "${location}" for writing`
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new QueryError('FILE_NOT_FOUND', `${message}: No such file or directory`, details)
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new QueryError('INSUFFICIENT_PRIVILEGE', `${message}: Permission denied`, details)
    }
    if (code === 'ENOSPC') {
      const full = `could not write to file "${location}": No space left on device`
      throw new QueryError('DISK_FULL', full, details)
    }
    const reason = error instanceof Error ? error.message : String(error)
    throw new QueryError('IO_ERROR', `could not write to file "${location}": ${reason}`, details)
  }
}
