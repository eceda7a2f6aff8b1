import { spend } from '../../base/budget.ts'
import { ELEMENT_STEPS, listOf, writeArrayText } from '../../data/types/array-text.ts'
import { arrayOf, text, type DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { joinedTextForm, piecesForm, readsElements } from './inline.ts'
import { elementPlace, readArray } from '../array-elements.ts'

/** Between arrays and texts. */
export const texts: readonly ScalarFunction[] = [
  scalar({
    name: 'array_to_string',
    writesArguments: 'elements',
    args: ['array', 'text'],
    returns: text,
    raises: true,
    doc: 'The elements one behind the other with a text between them; NULLs are left out.',
    example: "array_to_string('{1,NULL,2}'::int[], ',') -- 1,2",
    evaluate: ([array = null, between = null], types) => joined(array, between, null, types),
    inline: joinedTextForm,
    inlineFor: readsElements,
  }),
  scalar({
    name: 'array_to_string',
    writesArguments: 'elements',
    args: ['array', 'text', 'text'],
    returns: text,
    nulls: 'called',
    raises: true,
    doc: 'The same with a text for NULLs.',
    example: "array_to_string('{1,NULL,2}'::int[], ',', '-') -- 1,-,2",
    evaluate: ([array = null, between = null, ofNull = null], types) =>
      array === null || between === null ? null : joined(array, between, ofNull, types),
    inline: joinedTextForm,
    inlineFor: readsElements,
    isDear: true,
  }),
  scalar({
    name: 'string_to_array',
    args: ['text', 'text'],
    returns: arrayOf({ kind: 'text' }),
    nulls: 'called',
    raises: true,
    doc: 'The pieces of a text between separators; without one, its characters.',
    example: "string_to_array('a,b', ',') -- {a,b}",
    evaluate: ([whole = null, between = null]) => split(whole, between, null),
    inline: piecesForm,
    isDear: true,
  }),
  scalar({
    name: 'string_to_array',
    args: ['text', 'text', 'text'],
    returns: arrayOf({ kind: 'text' }),
    nulls: 'called',
    raises: true,
    doc: 'The same; pieces that are a certain text become NULL.',
    example: "string_to_array('a,,b', ',', '') -- {a,NULL,b}",
    evaluate: ([whole = null, between = null, ofNull = null]) => split(whole, between, ofNull),
    inline: piecesForm,
    isDear: true,
  }),
]

function joined(
  array: Scalar,
  between: Scalar,
  ofNull: Scalar,
  types: readonly DataType[],
): string {
  const type = elementPlace(types)
  const parts = readArray(array, types[0]).elements.flatMap((item) => {
    spend(ELEMENT_STEPS)
    const shown = item === null ? ofNull : formatScalar(item, type)
    return shown === null ? [] : [String(shown)]
  })
  const separator = String(between)
  const length = parts.reduce((total, part) => total + part.length, 0)
  checkBytes(length + separator.length * Math.max(0, parts.length - 1))
  return parts.join(separator)
}

function split(whole: Scalar, between: Scalar, ofNull: Scalar): Scalar {
  if (whole === null) return null
  return writeArrayText(listOf(piecesOf(String(whole), between, ofNull)))
}

/** The pieces of a text between separators, those that are `ofNull` as NULL; for NULL its characters. */
export function piecesOf(
  source: string,
  between: Scalar,
  ofNull: Scalar,
): readonly (string | null)[] {
  const pieces = source === '' ? [] : dividedAt(source, between)
  return pieces.map((piece) => (piece === ofNull ? null : piece))
}

/** Piece by piece: a text of megabytes in one go could not be cancelled. */
function dividedAt(source: string, between: Scalar): readonly string[] {
  const pieces: string[] = []
  if (between === null) {
    for (const character of source) {
      spend(1)
      pieces.push(character)
    }
    return pieces
  }
  const separator = String(between)
  if (separator === '') return [source]
  let start = 0
  for (let end = source.indexOf(separator); end >= 0; end = source.indexOf(separator, start)) {
    spend(1 + end - start)
    pieces.push(source.slice(start, end))
    start = end + separator.length
  }
  pieces.push(source.slice(start))
  return pieces
}
