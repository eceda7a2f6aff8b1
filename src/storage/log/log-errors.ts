import { QueryError } from '../../base/errors.ts'

const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What an operating system says of a file of a data folder, as an error of ours. Errors of ours stay as they are. */
export function logError(error: unknown, act: 'read' | 'write', path: string): unknown {
  if (!(error instanceof Error) || error instanceof QueryError || !('code' in error)) return error
  const details = { detail: error.message, cause: error }
  if (fullDisk.has(String(error.code))) {
    const message = `could not write file "${path}": no space left on device`
    return new QueryError('DISK_FULL', message, { ...details, hint: 'Make room on the disk.' })
  }
  return new QueryError('IO_ERROR', `could not ${act} file "${path}"`, details)
}

/** A file of a data folder that is not what was written. */
export function damagedLog(path: string, at: number, what: string): QueryError {
  return new QueryError('DATA_CORRUPTED', `file "${path}" is damaged at byte ${at}: ${what}`, {
    hint: 'Restore the folder from a copy: somebody else changed the file, or the disk is failing.',
  })
}

export function newerFolder(path: string, version: number): QueryError {
  return new QueryError(
    'FEATURE_NOT_SUPPORTED',
    `not supported: file "${path}" has version ${version} of the format, of a newer Heddle`,
  )
}
