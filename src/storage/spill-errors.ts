import { QueryError } from '../base/errors.ts'

const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What an operating system says of a temporary file, as an error of ours. Errors of ours stay as they are. */
export function spillError(error: unknown, act: 'read' | 'write', path: string): unknown {
  if (!(error instanceof Error) || error instanceof QueryError || !('code' in error)) return error
  const code = String(error.code)
  const details = { detail: error.message, cause: error }
  if (fullDisk.has(code)) {
    const message = `could not write temporary file "${path}": no space left on device`
    const hint = 'Set temp_directory to a disk with more room.'
    return new QueryError('DISK_FULL', message, { ...details, hint })
  }
  return new QueryError('IO_ERROR', `could not ${act} temporary file "${path}"`, details)
}

/** A file that is not what was written: shorter, or with other bytes. */
export function damaged(path: string, what: string): QueryError {
  return new QueryError('DATA_CORRUPTED', `temporary file "${path}" is damaged: ${what}`, {
    hint: 'Somebody else changed it, or the disk is failing.',
  })
}
