import { QueryError } from '../../base/errors.ts'
import type { ArrayDimension, ArrayParts } from '../../data/types/array-text.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { arrayPlace, readArray, writeArray } from '../array-elements.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { SLICE_FROM_START, SLICE_TO_END } from './subscripts.ts'
import { checkElements } from '../../data/types/array-text.ts'

/*
 * Columns of which an element or a slice is assigned to (array_set_element and array_set_slice of arrayfuncs.c).
 */

function subscriptError(message: string, detail?: string): QueryError {
  return new QueryError('ARRAY_SUBSCRIPT_ERROR', message, detail === undefined ? {} : { detail })
}

function numbersOf(subscripts: readonly Scalar[]): readonly number[] {
  return subscripts.map((subscript) => {
    if (subscript !== null) return Number(subscript)
    const message = 'array subscript in assignment must not be null'
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
  })
}

type Parts = ArrayParts<Scalar>

const empty: Parts = { dimensions: [], elements: [] }

/** An array of one dimension that reaches from one subscript to another, NULL where it had nothing. */
function widened({ dimensions, elements }: Parts, from: number, to: number): Parts {
  const { lower, length } = dimensions[0] ?? { lower: from, length: 0 }
  const first = Math.min(lower, from)
  const last = Math.max(lower + length - 1, to)
  const count = last - first + 1
  checkElements(count)
  const all = Array.from<Scalar>({ length: count }).fill(null)
  elements.forEach((element, at) => (all[lower - first + at] = element))
  return { dimensions: [{ lower: first, length: all.length }], elements: all }
}

function withElement(array: Parts, value: Scalar, at: readonly number[]): Parts {
  const { dimensions } = array
  if (dimensions.length === 0) {
    return { dimensions: at.map((lower) => ({ lower, length: 1 })), elements: [value] }
  }
  if (dimensions.length !== at.length) throw subscriptError('wrong number of array subscripts')
  const [first = 0] = at
  const wide = dimensions.length === 1 ? widened(array, first, first) : array
  const elements = [...wide.elements]
  elements[placeOf(wide.dimensions, at)] = value
  return { dimensions: wide.dimensions, elements }
}

/** Where the element of some subscripts is. Throws for those beyond the array. */
function placeOf(dimensions: readonly ArrayDimension[], at: readonly number[]): number {
  return dimensions.reduce((place, { lower, length }, number) => {
    const offset = (at[number] ?? lower) - lower
    if (offset < 0 || offset >= length) throw subscriptError('array subscript out of range')
    return place * length + offset
  }, 0)
}

interface Range {
  readonly from: number
  readonly to: number
}

function rangesOf(bounds: readonly number[], dimensions: readonly ArrayDimension[]): Range[] {
  return Array.from({ length: bounds.length / 2 }, (_, at) => {
    const [from = 0, to = 0] = [bounds[2 * at], bounds[2 * at + 1]]
    const { lower, length } = dimensions[at] ?? { lower: 1, length: 0 }
    return {
      from: from === SLICE_FROM_START ? lower : from,
      to: to === SLICE_TO_END ? lower + length - 1 : to,
    }
  })
}

const SLICE_DETAIL =
  'When assigning to a slice of an empty array value, slice boundaries must be fully specified.'

function withSlice(array: Parts, source: Parts, bounds: readonly number[]): Parts {
  const { dimensions } = array
  if (dimensions.length === 0) {
    if (bounds.some((bound) => bound === SLICE_FROM_START || bound === SLICE_TO_END)) {
      throw subscriptError('array slice subscript must provide both boundaries', SLICE_DETAIL)
    }
    const ranges = rangesOf(bounds, [])
    const made = ranges.map(({ from, to }) => ({ lower: from, length: to - from + 1 }))
    checkRanges(ranges)
    const count = made.reduce((all, { length }) => all * length, 1)
    checkElements(count)
    checkSource(source, count)
    return { dimensions: made, elements: source.elements.slice(0, count) }
  }
  if (dimensions.length < bounds.length / 2)
    throw subscriptError('wrong number of array subscripts')
  const given = rangesOf(bounds, dimensions)
  checkRanges(given)
  const ranges = dimensions.map(
    ({ lower, length }, at) => given[at] ?? { from: lower, to: lower + length - 1 },
  )
  const [only] = ranges
  const isList = dimensions.length === 1 && only !== undefined
  const wide = isList ? widened(array, only.from, only.to) : array
  const elements = [...wide.elements]
  const places = placesOf(wide.dimensions, ranges)
  checkSource(source, places.length)
  places.forEach((place, at) => (elements[place] = source.elements[at] ?? null))
  return { dimensions: wide.dimensions, elements }
}

function checkRanges(ranges: readonly Range[]): void {
  if (ranges.every(({ from, to }) => from <= to)) return
  throw subscriptError('upper bound cannot be less than lower bound')
}

function checkSource({ elements }: Parts, count: number): void {
  if (elements.length < count) throw subscriptError('source array too small')
}

function placesOf(
  dimensions: readonly ArrayDimension[],
  ranges: readonly Range[],
): readonly number[] {
  let places: readonly number[] = [0]
  for (const [at, { lower, length }] of dimensions.entries()) {
    const { from, to } = ranges[at] ?? { from: lower, to: lower + length - 1 }
    if (from < lower || to >= lower + length) throw subscriptError('array subscript out of range')
    places = places.flatMap((place) =>
      Array.from({ length: to - from + 1 }, (_, step) => place * length + from - lower + step),
    )
  }
  return places
}

export const assignedParts: readonly ScalarFunction[] = [
  scalar({
    name: 'array_with_element',
    args: ['array', 'any', 'int4'],
    variadic: true,
    returns: arrayPlace,
    declaredAs: 'first',
    nulls: 'called',
    raises: true,
    doc: 'SET array[i][j] = value: the array with another element.',
    example: "array_with_element('{5,6}'::int[], 7, 3) -- {5,6,7}",
    evaluate([array = null, value = null, ...at], types) {
      const parts = array === null ? empty : readArray(array, types[0])
      return writeArray(withElement(parts, value, numbersOf(at)), arrayPlace(types))
    },
  }),
  scalar({
    name: 'array_with_slice',
    args: ['array', 'array', 'int4'],
    variadic: true,
    returns: arrayPlace,
    declaredAs: 'first',
    nulls: 'called',
    raises: true,
    doc: 'SET array[i:j] = elements: the array with other elements within bounds, two of each dimension.',
    example: "array_with_slice('{5,6,7}'::int[], '{1,2}'::int[], 2, 3) -- {5,1,2}",
    evaluate([array = null, source = null, ...bounds], types) {
      const numbers = numbersOf(bounds)
      if (source === null) return array
      const parts = array === null ? empty : readArray(array, types[0])
      const made = withSlice(parts, readArray(source, types[1]), numbers)
      return writeArray(made, arrayPlace(types))
    },
  }),
]
