import { listOf, writeArrayText } from '../../data/types/array-text.ts'
import { arrayOf, text } from '../../data/types/data-type.ts'
import { piecesOf } from '../array/texts.ts'
import { tableFunction } from '../define.ts'
import type { TableFunction } from '../function.ts'
import { matchesOf, splitPieces } from '../text/regexp/matches.ts'

/** Pieces of a text that nothing is known of. */
const PIECES_UNKNOWN = 10

/** Functions that take texts apart. */
export const textRows: readonly TableFunction[] = ([2, 3] as const).flatMap((count) => {
  const own = {
    args: (['text', 'text', 'text'] as const).slice(0, count),
    rowsOf: () => PIECES_UNKNOWN,
  }
  const isShort = count === 2
  const flags = isShort ? '' : ", 'i'"
  return [
    tableFunction({
      ...own,
      name: 'string_to_table',
      returns: text,
      nulls: 'called',
      doc: isShort
        ? 'The pieces of a text between separators; without one, its characters.'
        : 'The same; pieces that are a certain text become NULL.',
      example: isShort
        ? "string_to_table('a,b', ',') -- a, b"
        : "string_to_table('a,,b', ',', '') -- a, NULL, b",
      rows: ([whole = null, between = null, ofNull = null]) =>
        whole === null ? [] : piecesOf(String(whole), between, ofNull),
    }),
    tableFunction({
      ...own,
      name: 'regexp_split_to_table',
      returns: text,
      doc: 'The pieces of a text between the matches of a regular expression.',
      example: `regexp_split_to_table('a1B2', '[1b]+'${flags}) -- ${isShort ? 'a, B2' : 'a, 2'}`,
      rows: ([source, pattern, options]) =>
        splitPieces('regexp_split_to_table', source, pattern, options),
    }),
    tableFunction({
      ...own,
      name: 'regexp_matches',
      returns: arrayOf({ kind: 'text' }),
      doc: 'The groups of the first match of a regular expression, or of every match with option g.',
      example: isShort
        ? "regexp_matches('a1b2', '([a-z])(.)') -- {a,1}"
        : "regexp_matches('a1b2', '([a-z])(.)', 'g') -- {a,1}, {b,2}",
      rows: ([source, pattern, options]) =>
        matchesOf(source, pattern, options).map((groups) => writeArrayText(listOf(groups))),
    }),
  ]
})
