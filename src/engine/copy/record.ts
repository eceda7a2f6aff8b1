import { QueryError, type ErrorDetails } from '../../base/errors.ts'
import { textOfUtf8 } from '../../base/utf8.ts'

const SHOWN_BYTES_MAX = 100

/** A text as messages show it. */
export function shownText(text: string): string {
  const bytes = new TextEncoder().encode(text.slice(0, SHOWN_BYTES_MAX + 1))
  if (bytes.length <= SHOWN_BYTES_MAX) return text
  let end = SHOWN_BYTES_MAX
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return `${textOfUtf8(bytes.subarray(0, end))}...`
}

/** An error of what was copied. `context`: where. */
export function copyFault(message: string, details: ErrorDetails): QueryError {
  return new QueryError('BAD_FILE', message, details)
}

/** An error as it was, with the place in what is copied behind its own. */
export function placedFault(error: unknown, context: string): unknown {
  if (!(error instanceof QueryError)) return error
  const { details } = error
  const own = details.context === undefined ? context : `${details.context}\n${context}`
  return new QueryError(error.code, error.message, { ...details, context: own })
}
