import { QueryError } from '../../../base/errors.ts'
import { guarded } from '../../../data/arrow/from-arrow.ts'
import { readIpcLayout, type IpcLayout } from '../../../data/arrow/ipc-messages.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { openFile, type ByteSource } from '../byte-source.ts'

/** The messages of an IPC file or stream: see readIpcLayout. Errors name the file. */
export function readLayout(file: FileEntry): IpcLayout {
  const source = openFile(file)
  try {
    return located(file, () =>
      readIpcLayout({
        length: file.bytes,
        read: (offset, bytes) => readAt(file, source, offset, bytes),
      }),
    )
  } finally {
    source.close()
  }
}

export function readAt(
  file: FileEntry,
  source: ByteSource,
  offset: number,
  bytes: number,
): Uint8Array {
  const buffer = new Uint8Array(bytes)
  if (source.read(buffer, 0, bytes, offset) < bytes) {
    const message = `file "${file.location}" ends too early`
    throw new QueryError('BAD_FILE', message, { file: file.location })
  }
  return buffer
}

/** Errors of the data name the file. */
export function located<T>(file: FileEntry, read: () => T): T {
  try {
    return guarded(read)
  } catch (error) {
    if (!(error instanceof QueryError) || error.details.file !== undefined) throw error
    const message = `${error.message} (file "${file.location}")`
    throw new QueryError(error.code, message, { ...error.details, file: file.location })
  }
}
