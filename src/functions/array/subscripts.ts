import { type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { itemForm, sliceForm, takesItem, takesSlice } from './inline.ts'
import { arrayPlace, elementPlace, readArray, writeArray } from '../array-elements.ts'

/** Bounds that were left out in a slice. */
export const SLICE_FROM_START = -2_147_483_648
export const SLICE_TO_END = 2_147_483_647

/** Elements and slices. */
export const subscripts: readonly ScalarFunction[] = [
  scalar({
    name: 'array_element',
    args: ['array', 'int4'],
    variadic: true,
    returns: elementPlace,
    declaredAs: 'first',
    doc: 'array[i][j]: an element, NULL where there is none.',
    example: "array_element('{5,6}'::int[], 2) -- 6",
    evaluate([array = null, ...at], types) {
      const { dimensions, elements } = readArray(array, types[0])
      if (dimensions.length !== at.length) return null
      let index = 0
      for (const [number, { lower, length }] of dimensions.entries()) {
        const offset = Number(at[number]) - lower
        if (offset < 0 || offset >= length) return null
        index = index * length + offset
      }
      return elements[index] ?? null
    },
    inline: itemForm,
    inlineFor: takesItem,
    isDear: true,
  }),
  scalar({
    name: 'array_slice',
    args: ['array', 'int4'],
    variadic: true,
    returns: arrayPlace,
    declaredAs: 'first',
    raises: true,
    doc: 'array[i:j]: the elements within bounds, two of each dimension.',
    example: "array_slice('{5,6,7}'::int[], 2, 3) -- {6,7}",
    evaluate: ([array = null, ...bounds], types) => slice(array, bounds.map(Number), types),
    inline: sliceForm,
    inlineFor: takesSlice,
    isDear: true,
  }),
]

function slice(array: Scalar, bounds: readonly number[], types: readonly DataType[]): string {
  const { dimensions, elements } = readArray(array, types[0])
  if (dimensions.length < bounds.length / 2) return '{}'
  const kept = dimensions.map(({ lower, length }, at) => {
    const from = Math.max(bounds[2 * at] ?? lower, lower)
    const to = Math.min(bounds[2 * at + 1] ?? lower + length - 1, lower + length - 1)
    return { offset: from - lower, length: to - from + 1 }
  })
  if (kept.length === 0 || kept.some(({ length }) => length <= 0)) return '{}'
  let indexes = [0]
  for (const [at, { length }] of dimensions.entries()) {
    const { offset, length: count } = kept[at]!
    indexes = indexes.flatMap((index) =>
      Array.from({ length: count }, (_, step) => index * length + offset + step),
    )
  }
  return writeArray(
    {
      dimensions: kept.map(({ length }) => ({ lower: 1, length })),
      elements: indexes.map((index) => elements[index] ?? null),
    },
    arrayPlace(types),
  )
}
