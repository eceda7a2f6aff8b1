import { QueryError } from '../../base/errors.ts'
import { checkElements, type ArrayParts } from '../../data/types/array-text.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import {
  arrayPlace,
  compatible,
  elementPlace,
  isSame,
  oneDimension,
  readArray,
  writeArray,
} from '../array-elements.ts'
import {
  insertForm,
  insertsBefore,
  insertsInto,
  joinForm,
  readsElements,
  removeForm,
  replaceForm,
  searchesIn,
  trimForm,
} from './inline.ts'

/** Arrays made of others. */
export const changes: readonly ScalarFunction[] = [
  scalar({
    name: 'array_append',
    args: ['array', 'any'],
    settle: compatible(['array', 'element']),
    returns: arrayPlace,
    nulls: 'called',
    raises: true,
    doc: 'The array with an element behind it; array || element is the same.',
    example: "array_append('{1,2}', 3) -- {1,2,3}",
    evaluate: ([array = null, element = null], _, type) => withElement(array, element, type, false),
    inline: insertForm(false),
    inlineFor: insertsInto,
    isDear: true,
  }),
  scalar({
    name: 'array_prepend',
    args: ['any', 'array'],
    settle: compatible(['element', 'array']),
    returns: (types) => types[1] ?? text,
    nulls: 'called',
    raises: true,
    doc: 'The array with an element before it; element || array is the same.',
    example: "array_prepend(1, '{2,3}') -- {1,2,3}",
    evaluate: ([element = null, array = null], _, type) => withElement(array, element, type, true),
    inline: insertForm(true),
    inlineFor: insertsBefore,
    isDear: true,
  }),
  scalar({
    name: 'array_cat',
    args: ['array', 'array'],
    settle: compatible(['array', 'array']),
    returns: arrayPlace,
    nulls: 'called',
    raises: true,
    doc: 'The arrays one behind the other; array || array is the same.',
    example: "array_cat('{1,2}'::int[], '{3}'::int[]) -- {1,2,3}",
    evaluate: ([left = null, right = null], _, type) => concatenated(left, right, type),
    inline: joinForm,
    isDear: true,
  }),
  scalar({
    name: 'array_remove',
    args: ['array', 'any'],
    settle: compatible(['array', 'element']),
    returns: arrayPlace,
    nulls: 'called',
    raises: true,
    doc: 'The array without the elements that are a value, or NULL.',
    example: "array_remove('{1,2,1}', 1) -- {2}",
    evaluate([array = null, wanted = null], types) {
      if (array === null) return null
      const parts = readArray(array, types[0])
      oneDimension(parts, 'removing')
      const [dimension] = parts.dimensions
      const elements = parts.elements.filter((item) => !isSame(item, wanted, elementPlace(types)))
      if (dimension === undefined || elements.length === 0) return '{}'
      const dimensions = [{ lower: dimension.lower, length: elements.length }]
      return writeArray({ dimensions, elements }, arrayPlace(types))
    },
    inline: removeForm,
    inlineFor: searchesIn,
    isDear: true,
  }),
  scalar({
    name: 'array_replace',
    args: ['array', 'any', 'any'],
    settle: compatible(['array', 'element', 'element']),
    returns: arrayPlace,
    nulls: 'called',
    doc: 'The array with another value in place of each element that is one, or NULL.',
    example: "array_replace('{1,2,1}', 1, 5) -- {5,2,5}",
    evaluate([array = null, wanted = null, other = null], types) {
      if (array === null) return null
      const { dimensions, elements } = readArray(array, types[0])
      const replaced = elements.map((item) =>
        isSame(item, wanted, elementPlace(types)) ? other : item,
      )
      return writeArray({ dimensions, elements: replaced }, arrayPlace(types))
    },
    inline: replaceForm,
    inlineFor: searchesIn,
    isDear: true,
  }),
  scalar({
    name: 'trim_array',
    args: ['array', 'int4'],
    returns: arrayPlace,
    raises: true,
    doc: 'The array without its last elements.',
    example: "trim_array('{1,2,3}'::int[], 2) -- {1}",
    evaluate([array = null, count = null], types) {
      const parts = readArray(array, types[0])
      const [first, ...rest] = parts.dimensions
      const wanted = Number(count)
      const length = first?.length ?? 0
      if (wanted < 0 || wanted > length) {
        const message = `number of elements to trim must be between 0 and ${length}`
        throw new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
      }
      if (first === undefined || wanted === length) return '{}'
      const left = length - wanted
      const each = parts.elements.length / length
      const dimensions = [{ lower: 1, length: left }, ...rest.map((d) => ({ ...d, lower: 1 }))]
      const elements = parts.elements.slice(0, left * each)
      return writeArray({ dimensions, elements }, arrayPlace(types))
    },
    inline: trimForm,
    inlineFor: readsElements,
    isDear: true,
  }),
]

function withElement(array: Scalar, element: Scalar, type: DataType, isFirst: boolean): string {
  const { dimensions, elements } =
    array === null ? { dimensions: [], elements: [] } : readArray(array, type)
  if (dimensions.length > 1) {
    throw new QueryError('DATA_EXCEPTION', 'argument must be empty or one-dimensional array')
  }
  const all = isFirst ? [element, ...elements] : [...elements, element]
  checkElements(all.length)
  return writeArray(
    { dimensions: [{ lower: dimensions[0]?.lower ?? 1, length: all.length }], elements: all },
    type,
  )
}

function concatenated(left: Scalar, right: Scalar, type: DataType): Scalar {
  if (left === null || right === null) return left ?? right
  const [a, b] = [readArray(left, type), readArray(right, type)]
  const [firstA, ...restA] = a.dimensions
  const [firstB, ...restB] = b.dimensions
  if (firstA === undefined) return right
  if (firstB === undefined) return left
  const elements = [...a.elements, ...b.elements]
  checkElements(elements.length)
  const boundsOf = (dimensions: ArrayParts<Scalar>['dimensions']): string =>
    dimensions.map(({ lower, length }) => `${lower}:${length}`).join()
  const written = (dimensions: ArrayParts<Scalar>['dimensions']): string =>
    writeArray({ dimensions, elements }, type)
  if (a.dimensions.length === b.dimensions.length && boundsOf(restA) === boundsOf(restB)) {
    return written([{ ...firstA, length: firstA.length + firstB.length }, ...restA])
  }
  if (
    b.dimensions.length === a.dimensions.length + 1 &&
    boundsOf(restB) === boundsOf(a.dimensions)
  ) {
    return written([{ ...firstB, length: firstB.length + 1 }, ...restB])
  }
  if (
    a.dimensions.length === b.dimensions.length + 1 &&
    boundsOf(restA) === boundsOf(b.dimensions)
  ) {
    return written([{ ...firstA, length: firstA.length + 1 }, ...restA])
  }
  throw new QueryError('ARRAY_SUBSCRIPT_ERROR', 'cannot concatenate incompatible arrays')
}
