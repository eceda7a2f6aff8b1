import type { QueryError } from './errors.ts'

/** Most characters of a source line that an excerpt shows. */
const excerptWidthMax = 100

/**
 * The line of `text` where the error is, with a caret under its first character, as psql shows it:
 * `LINE 1: select 1 +\n                  ^`. undefined if the error has no position.
 */
export function errorExcerpt(text: string, error: QueryError): string | undefined {
  const { span } = error.details
  if (span === undefined) return undefined
  const position = Math.min(span.start, text.length)
  const before = text.slice(0, position)
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
  const lineEnd = /[\r\n]|$/g
  lineEnd.lastIndex = position
  const line = text.slice(lineStart, lineEnd.exec(text)?.index ?? text.length)
  const lineNumber = before.split(/\r\n|\r|\n/).length
  const column = position - lineStart
  const { shown, offset } = windowOf(line, column)
  const label = `LINE ${lineNumber}: `
  const pad = shown.slice(0, offset).replaceAll(/[^\t]/g, ' ')
  return `${label}${shown}\n${' '.repeat(label.length)}${pad}^`
}

/** Cuts a long line around the column and says where the column is in what is left. */
function windowOf(
  line: string,
  column: number,
): { readonly shown: string; readonly offset: number } {
  if (line.length <= excerptWidthMax) return { shown: line, offset: column }
  const half = excerptWidthMax >> 1
  const from = Math.max(0, Math.min(column - half, line.length - excerptWidthMax))
  const to = Math.min(line.length, from + excerptWidthMax)
  const head = from > 0 ? '...' : ''
  const tail = to < line.length ? '...' : ''
  return { shown: `${head}${line.slice(from, to)}${tail}`, offset: column - from + head.length }
}
