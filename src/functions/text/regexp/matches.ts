import { spend } from '../../../base/budget.ts'
import { QueryError } from '../../../base/errors.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { type Expression, expressionOf, type Search } from './expression.ts'
import { readFlags } from './options.ts'

/** The expression of a function's arguments; option g is for those that look for one match only. */
export function expressionFor(
  name: string,
  pattern: Scalar | undefined,
  flags: Scalar = '',
): Expression {
  const { options, everywhere } = readFlags(String(flags))
  if (everywhere) {
    const message = `${name}() does not support the "global" option`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  return expressionOf(String(pattern), options)
}

/** Goes through the matches from a place on; behind an empty one the next begins a character further. */
export function* eachMatch(search: Search, from = 0): Generator<Search> {
  for (let place = from; place <= search.length && search.find(place);) {
    spend(1)
    yield search
    place = search.end(0) + (search.start(0) === search.end(0) ? 1 : 0)
  }
}

/**
 * The groups of each match, or the match itself where there are none; of all matches with option g. All are
 * looked for at once: another search with the expression may begin before the last one is wanted.
 */
export function matchesOf(
  source: Scalar | undefined,
  pattern: Scalar | undefined,
  flags: Scalar = '',
): readonly (readonly (string | null)[])[] {
  const { options, everywhere } = readFlags(String(flags))
  const expression = expressionOf(String(pattern), options)
  const { groups } = expression
  const first = Math.min(1, groups)
  const search = expression.search(String(source), groups)
  const found: (readonly (string | null)[])[] = []
  for (const match of eachMatch(search)) {
    const length = groups - first + 1
    found.push(Array.from({ length }, (_, at) => match.text(first + at) ?? null))
    if (!everywhere) break
  }
  return found
}

/**
 * The pieces of a text between matches. Empty matches at its beginning or end, or right behind another match,
 * are none (setup_regexp_matches of PostgreSQL).
 */
export function splitPieces(
  name: string,
  source: Scalar | undefined,
  pattern: Scalar | undefined,
  flags: Scalar = '',
): readonly string[] {
  const pieces: string[] = []
  const search = expressionFor(name, pattern, flags).search(String(source), 0)
  let [start, before] = [0, 0]
  for (const match of eachMatch(search)) {
    const [from, to] = [match.start(0), match.end(0)]
    if (from < search.length && to > before) {
      pieces.push(search.slice(start, from))
      start = to
    }
    before = to
  }
  pieces.push(search.slice(start, search.length))
  return pieces
}
