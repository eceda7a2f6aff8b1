import { QueryError } from '../../base/errors.ts'

/** The error for bytes that end too early. */
export function insufficientData(): QueryError {
  return new QueryError('PROTOCOL_VIOLATION', 'insufficient data left in message')
}
