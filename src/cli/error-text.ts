import { QueryError } from '../base/errors.ts'
import { errorDetail } from '../server/pgwire/backend-messages.ts'

/**
 * An error as the shell prints it: message, the line of the statement with a caret under the place,
 * what was expected, a hint.
 */
export function errorText(error: unknown, text: string): string {
  if (!(error instanceof QueryError)) {
    return `ERROR: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  const { span, hint } = error.details
  const detail = errorDetail(error)
  return [
    `ERROR: ${error.message} (${error.sqlState})`,
    ...(span === undefined ? [] : excerpt(text, span.start)),
    ...(detail === '' ? [] : [`DETAIL: ${detail}`]),
    ...(hint === undefined ? [] : [`HINT: ${hint}`]),
  ].join('\n')
}

function excerpt(text: string, offset: number): readonly string[] {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const lineEnd = text.indexOf('\n', offset)
  const line = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd)
  const number = text.slice(0, lineStart).split('\n').length
  const label = `LINE ${number}: `
  return [label + line, ' '.repeat(label.length + offset - lineStart) + '^']
}
