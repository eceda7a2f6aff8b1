import { QueryError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'

/** An error of the scanner in PostgreSQL's words: `<what> at or near "<text>"`. */
export function lexicalError(what: string, text: string, start: number, end: number): QueryError {
  const near = text.slice(start, end)
  const message = start < text.length ? `${what} at or near "${near}"` : `${what} at end of input`
  return new QueryError('SYNTAX_ERROR', message, { span: { start, end } })
}

/** An error inside a literal that PostgreSQL reports without quoting the text. */
export function literalError(
  code: ErrorCode,
  message: string,
  start: number,
  end: number,
  hint?: string,
): QueryError {
  const span = { start, end }
  return new QueryError(code, message, hint === undefined ? { span } : { span, hint })
}
