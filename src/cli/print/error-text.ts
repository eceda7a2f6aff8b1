import { errorExcerpt } from '../../base/error-excerpt.ts'
import { QueryError } from '../../base/errors.ts'
import { errorDetail } from '../../server/pgwire/backend-messages.ts'

/**
 * An error as the shell prints it: message, the line of the statement with a caret under the place,
 * what was expected, a hint.
 */
export function errorText(error: unknown, text: string): string {
  if (!(error instanceof QueryError)) {
    return `ERROR: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  const { hint, context } = error.details
  const excerpt = errorExcerpt(text, error)
  const detail = errorDetail(error)
  return [
    `ERROR: ${error.message} (${error.sqlState})`,
    ...(excerpt === undefined ? [] : [excerpt]),
    ...(detail === '' ? [] : [`DETAIL: ${detail}`]),
    ...(hint === undefined ? [] : [`HINT: ${hint}`]),
    ...(context === undefined ? [] : [`CONTEXT: ${context}`]),
  ].join('\n')
}
