import { QueryError } from '../../base/errors.ts'
import { listOf } from '../../data/types/array-text.ts'
import { arrayOf, bool, int4, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import {
  comparableArrays,
  compatible,
  elementPlace,
  isSame,
  oneDimension,
  readArray,
  writeArray,
} from '../array-elements.ts'
import {
  comparesElements,
  holdsForm,
  positionForm,
  positionsForm,
  searchesFrom,
  searchesIn,
} from './inline.ts'

/** What is in an array. */
export const searches: readonly ScalarFunction[] = [
  scalar({
    name: 'array_position',
    args: ['array', 'any'],
    settle: compatible(['array', 'element']),
    returns: int4,
    nulls: 'called',
    raises: true,
    doc: 'The subscript of the first element that is a value, or NULL; NULL where there is none.',
    example: "array_position('{5,6,5}', 5) -- 1",
    evaluate: ([array = null, wanted = null], types) =>
      positions(array, wanted, types, undefined)[0] ?? null,
    inline: positionForm,
    inlineFor: searchesIn,
    isDear: true,
  }),
  scalar({
    name: 'array_position',
    args: ['array', 'any', 'int4'],
    settle: compatible(['array', 'element', int4]),
    returns: int4,
    nulls: 'called',
    raises: true,
    doc: 'The same from a subscript on.',
    example: "array_position('{5,6,5}', 5, 2) -- 3",
    evaluate([array = null, wanted = null, from = null], types) {
      if (array === null) return null
      // In PostgreSQL's order: what cannot be there is not looked for from anywhere.
      const { dimensions, elements } = readArray(array, types[0])
      const isThere = wanted !== null || elements.includes(null)
      if (dimensions.length === 0 || (dimensions.length === 1 && !isThere)) return null
      if (from === null && dimensions.length === 1) {
        throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'initial position must not be null')
      }
      return positions(array, wanted, types, Number(from))[0] ?? null
    },
    inline: positionForm,
    inlineFor: searchesFrom,
    isDear: true,
  }),
  scalar({
    name: 'array_positions',
    args: ['array', 'any'],
    settle: compatible(['array', 'element']),
    returns: arrayOf({ kind: 'int4' }),
    nulls: 'called',
    raises: true,
    doc: 'The subscripts of all elements that are a value, or NULL.',
    example: "array_positions('{5,6,5}', 5) -- {1,3}",
    evaluate([array = null, wanted = null], types) {
      if (array === null) return null
      return writeArray(
        listOf(positions(array, wanted, types, undefined)),
        arrayOf({ kind: 'int4' }),
      )
    },
    inline: positionsForm,
    inlineFor: searchesIn,
    isDear: true,
  }),
  ...(
    [
      ['@>', 'Whether each element of the right array is in the left one.', "'{1,2}'", "'{2}'"],
      ['<@', 'Whether each element of the left array is in the right one.', "'{2}'", "'{1,2}'"],
      ['&&', 'Whether the arrays have an element in common.', "'{1,2}'", "'{2,3}'"],
    ] as const
  ).map(([name, doc, left, right]) =>
    scalar({
      name,
      args: ['array', 'array'],
      settle: comparableArrays,
      returns: bool,
      doc,
      example: `${left}::int[] ${name} ${right}::int[] -- t`,
      evaluate([a = null, b = null], types) {
        const [one, other] = name === '@>' ? [b, a] : [a, b]
        const members = readArray(other, types[0]).elements
        const isMember = (item: Scalar): boolean =>
          item !== null && members.some((member) => isSame(item, member, elementPlace(types)))
        const { elements } = readArray(one, types[0])
        return name === '&&' ? elements.some(isMember) : elements.every(isMember)
      },
      inline: holdsForm(name === '&&' ? 1 : 0, name !== '<@'),
      inlineFor: comparesElements,
      isDear: true,
    }),
  ),
]

function positions(
  array: Scalar,
  wanted: Scalar,
  types: readonly DataType[],
  from: number | undefined,
): readonly number[] {
  if (array === null) return []
  const parts = readArray(array, types[0])
  oneDimension(parts, 'searching for')
  // Before anybody asks whether elements can be compared.
  if (wanted === null && !parts.elements.includes(null)) return []
  const lower = parts.dimensions[0]?.lower ?? 1
  const type = elementPlace(types)
  return parts.elements.flatMap((item, at) =>
    lower + at >= (from ?? lower) && isSame(item, wanted, type) ? [lower + at] : [],
  )
}
