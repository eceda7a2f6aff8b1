import { QueryError, type ErrorDetails } from '../../../base/errors.ts'

/** BAD_FILE for a Parquet file; `where` narrows it down, `expected` says what the format asks for. */
export function badFile(
  location: string,
  message: string,
  details: Omit<ErrorDetails, 'file'> = {},
): QueryError {
  const column = details.column === undefined ? '' : `, column "${details.column}"`
  const text = `invalid Parquet file "${location}"${column}: ${message}`
  return new QueryError('BAD_FILE', text, { ...details, file: location })
}
