import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import {
  checkDimensions,
  checkElements,
  listOf,
  readArrayText,
  writeArrayText,
  type ArrayDimension,
} from '../../data/types/array-text.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { ownBytes } from '../../data/types/sort-key.ts'
import { bytesOfArray } from '../../data/vectors/array-bytes.ts'
import { arrayAround } from '../array-elements.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import type { CollectedRows } from '../aggregate-form.ts'

/** What an element costs at least, in steps of a budget. */
const ELEMENT_STEPS = 16

/** All values, NULLs among them, as an array. Throws PROGRAM_LIMIT_EXCEEDED. */
function arrayOfValues(rows: CollectedRows): Scalar {
  if (rows.count === 0) return null
  const values: Scalar[] = []
  let bytes = 0
  for (let row = 0; row < rows.count; row++) {
    spend(ELEMENT_STEPS)
    const value = rows.value(row, 0)
    const isLong = typeof value === 'string' || value instanceof Uint8Array
    checkBytes((bytes += isLong ? value.length : 1))
    values.push(value)
  }
  const made = bytesOfArray(listOf(values), arrayAround(rows.result))
  checkBytes(ownBytes(made))
  return made
}

/** All arrays as one with a dimension more. Throws what accumArrayResultArr of PostgreSQL does. */
function arrayOfArrays(rows: CollectedRows): Scalar {
  if (rows.count === 0) return null
  let inner: readonly ArrayDimension[] = []
  const elements: (string | null)[] = []
  let bytes = 0
  for (let row = 0; row < rows.count; row++) {
    const value = rows.value(row, 0)
    if (value === null) {
      throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'cannot accumulate null arrays')
    }
    checkBytes((bytes += String(value).length))
    const parts = readArrayText(String(value))
    if (row === 0) inner = outermost(parts.dimensions)
    else if (!sameDimensions(parts.dimensions, inner)) {
      const message = 'cannot accumulate arrays of different dimensionality'
      throw new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
    }
    for (const item of parts.elements) elements.push(item)
  }
  checkElements(elements.length)
  return writeArrayText({ dimensions: [{ lower: 1, length: rows.count }, ...inner], elements })
}

function outermost(dimensions: readonly ArrayDimension[]): readonly ArrayDimension[] {
  if (dimensions.length === 0) {
    throw new QueryError('ARRAY_SUBSCRIPT_ERROR', 'cannot accumulate empty arrays')
  }
  checkDimensions(dimensions.length + 1)
  return dimensions
}

function sameDimensions(
  left: readonly ArrayDimension[],
  right: readonly ArrayDimension[],
): boolean {
  return (
    left.length === right.length &&
    left.every(
      ({ lower, length }, at) => lower === right[at]?.lower && length === right[at]?.length,
    )
  )
}

/** Aggregates that put values into arrays. */
export const arrayAggregates: readonly AggregateFunction[] = [
  aggregate({
    name: 'array_agg',
    args: ['any'],
    returns: ([type]) => arrayAround(type),
    emptyValue: null,
    form: {
      kind: 'collected',
      required: [],
      order: 'given',
      made: 'array',
      finish: arrayOfValues,
    },
    doc: 'The values as an array, NULLs among them; NULL over no rows.',
    example: 'array_agg(x) over 1, NULL, 3 -- {1,NULL,3}',
  }),
  aggregate({
    name: 'array_agg',
    args: ['array'],
    returns: ([type]) => arrayAround(type),
    emptyValue: null,
    form: {
      kind: 'collected',
      required: [],
      order: 'given',
      made: 'arrays',
      finish: arrayOfArrays,
    },
    doc: 'Arrays of the same dimensions as one with a dimension more.',
    example: "array_agg(x) over '{1,2}', '{3,4}' -- {{1,2},{3,4}}",
  }),
]
