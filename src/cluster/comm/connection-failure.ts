import { QueryError } from '../../base/errors.ts'

/** The error of a worker that cannot be reached. */
export function connectionFailure(what: string, cause?: unknown): QueryError {
  const details = cause === undefined ? {} : { cause }
  return new QueryError('CONNECTION_FAILURE', `the connection to a worker ${what}`, details)
}
