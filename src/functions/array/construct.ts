import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { checkBounds, checkElements, listOf, stackArrays } from '../../data/types/array-text.ts'
import { arrayOf, type DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { makesArray, valuesForm } from './inline.ts'
import { fillForm, fillsWith } from './shape-forms.ts'
import { arrayAround, elementType, knownTypes, readArray, writeArray } from '../array-elements.ts'

/** ARRAY[...] and arrays made of numbers. */
export const constructors: readonly ScalarFunction[] = [
  scalar({
    name: 'array_of',
    args: ['any'],
    variadic: true,
    sameTypes: true,
    nulls: 'called',
    raises: true,
    returns: ([first]) => arrayAround(first),
    declaredAs: 'all',
    doc: 'ARRAY[...]: an array of the values; of arrays, one with a dimension more.',
    example: 'array_of(1, 2) -- {1,2}',
    evaluate(args, types, result) {
      if (types[0]?.kind !== 'array') return writeArray(listOf(args), result)
      const parts = args.map((value) =>
        value === null ? { dimensions: [], elements: [] } : readArray(value, result),
      )
      return writeArray(stackArrays(parts), result)
    },
    inline: valuesForm,
    inlineFor: makesArray,
    isDear: true,
  }),
  scalar({
    name: 'array_fill',
    args: ['any', 'array'],
    nulls: 'called',
    raises: true,
    settle: (types) => fillTypes(types),
    returns: ([value]) => arrayAround(value),
    doc: 'An array of these dimensions, full of one value.',
    example: "array_fill(7, '{2}') -- {7,7}",
    evaluate: ([value = null, lengths = null], types, result) =>
      filled(value, lengths, null, types, result),
    inline: fillForm,
    inlineFor: fillsWith,
    isDear: true,
  }),
  scalar({
    name: 'array_fill',
    args: ['any', 'array', 'array'],
    nulls: 'called',
    raises: true,
    settle: (types) => fillTypes(types),
    returns: ([value]) => arrayAround(value),
    doc: 'The same with the subscripts of the first elements.',
    example: "array_fill(7, '{2}', '{0}') -- [0:1]={7,7}",
    evaluate: ([value = null, lengths = null, lowers = null], types, result) =>
      filled(value, lengths, lowers, types, result),
    inline: fillForm,
    inlineFor: fillsWith,
    isDear: true,
  }),
]

const INT32_MAX = 2 ** 31 - 1
/** What an element costs at least, in steps of a budget. */
const ELEMENT_STEPS = 16

function fillTypes([value, ...bounds]: readonly DataType[]): readonly DataType[] | undefined {
  if (value === undefined || value.kind === 'array') return undefined
  knownTypes([value])
  const fits = bounds.every(
    (type) => type.kind === 'unknown' || (type.kind === 'array' && type.element.kind === 'int4'),
  )
  return fits ? [value, ...bounds.map(() => arrayOf({ kind: 'int4' }))] : undefined
}

/** Numbers of one dimension. Throws ARRAY_SUBSCRIPT_ERROR and NULL_VALUE_NOT_ALLOWED. */
function boundsOf(array: Scalar, type: DataType | undefined): readonly Scalar[] {
  const { dimensions, elements } = readArray(array, type)
  if (dimensions.length > 1) throw wrongSubscripts()
  if (elements.includes(null)) {
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'dimension values cannot be null')
  }
  return elements
}

function wrongSubscripts(): QueryError {
  return new QueryError('ARRAY_SUBSCRIPT_ERROR', 'wrong number of array subscripts')
}

function filled(
  value: Scalar,
  lengths: Scalar,
  lowers: Scalar,
  types: readonly DataType[],
  result: DataType,
): Scalar {
  if (lengths === null || (lowers === null && types.length === 3)) {
    const message = 'dimension array or low bound array cannot be null'
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
  }
  const wanted = boundsOf(lengths, types[1])
  const from = lowers === null ? wanted.map(() => 1) : boundsOf(lowers, types[2])
  if (wanted.length !== from.length) throw wrongSubscripts()
  const dimensions = wanted.map((length, at) => ({
    length: Number(length),
    lower: Number(from[at] ?? 1),
  }))
  // In PostgreSQL's order: products of 32 bits, from the left, then the bounds, even of no elements.
  let count = 1
  for (const { length } of dimensions) {
    count *= length
    checkElements(length < 0 || count > INT32_MAX ? Infinity : 0)
  }
  checkElements(count)
  checkBounds(dimensions)
  if (count <= 0 || dimensions.length === 0) return '{}'
  checkBytes(count * (value === null ? 5 : formatScalar(value, elementType(result)).length + 1))
  const elements = Array.from({ length: count }, () => {
    spend(ELEMENT_STEPS)
    return value
  })
  return writeArray({ dimensions, elements }, result)
}
