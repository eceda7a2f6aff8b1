import { QueryError } from './errors.ts'

/** What comes from another process cannot be: nothing of it is used. */
export function protocolViolation(what: string, cause?: unknown): QueryError {
  const details = cause === undefined ? {} : { cause }
  return new QueryError(
    'PROTOCOL_VIOLATION',
    `protocol violation between processes: ${what}`,
    details,
  )
}
