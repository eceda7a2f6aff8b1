import { TextBuilder } from '../characters.ts'
import type { Expression, Search } from './expression.ts'

/** A replacement read: texts, and groups by number (0 is the whole match). */
type Replacement = readonly (string | number)[]

/** `\1` to `\9` are groups, `\&` the whole match, `\\` a backslash; other backslashes are kept. */
function readReplacement(source: string): Replacement {
  const parts: (string | number)[] = []
  let from = 0
  for (const match of source.matchAll(/\\([1-9&\\])/g)) {
    const mark = match[1] ?? ''
    parts.push(source.slice(from, match.index))
    parts.push(mark === '\\' ? mark : mark === '&' ? 0 : Number(mark))
    from = match.index + match[0].length
  }
  parts.push(source.slice(from))
  return parts.filter((part) => part !== '')
}

export interface Replacing {
  readonly source: string
  readonly replacement: string
  /** Where to begin, in characters from 0. */
  readonly from: number
  /** Which match to replace, from 1; 0 for all. */
  readonly number: number
}

/** The text with matches of an expression replaced. Throws PROGRAM_LIMIT_EXCEEDED if that is too long. */
export function replaceMatches(
  expression: Expression,
  { source, replacement, from, number }: Replacing,
): string {
  const parts = readReplacement(replacement)
  const groups = Math.max(0, ...parts.map((part) => (typeof part === 'number' ? part : 0)))
  const search = expression.search(source, groups)
  const result = new TextBuilder()
  let done = 0
  let place = from
  for (let count = 1; place <= search.length && search.find(place); count++) {
    const [start, end] = [search.start(0), search.end(0)]
    // Behind an empty match the search goes on at the next character.
    place = start === end ? end + 1 : end
    if (number > 0 && count !== number) continue
    result.add(search.slice(done, start))
    addReplacement(result, parts, search, expression.groups)
    done = end
    if (number > 0) break
  }
  if (done === 0 && result.finish() === '') return source
  result.add(search.slice(done, search.length))
  return result.finish()
}

function addReplacement(
  result: TextBuilder,
  parts: Replacement,
  search: Search,
  groups: number,
): void {
  for (const part of parts) {
    if (typeof part === 'string') result.add(part)
    else if (part <= groups) result.add(search.text(part) ?? '')
  }
}
