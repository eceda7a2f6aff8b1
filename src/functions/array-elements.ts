import { assert } from '../base/assert.ts'
import { spend } from '../base/budget.ts'
import {
  ELEMENT_STEPS,
  readArrayText,
  writeArrayText,
  type ArrayDimension,
  type ArrayParts,
} from '../data/types/array-text.ts'
import { QueryError } from '../base/errors.ts'
import { compareScalars } from '../data/types/compare-scalar.ts'
import { isComparable } from '../data/types/catalogue.ts'
import { commonType, postgresType, shownType } from '../data/types/coercion.ts'
import {
  arrayOf,
  sameType,
  text,
  type ArrayType,
  type DataType,
  type ElementType,
} from '../data/types/data-type.ts'
import { formatScalar } from '../data/types/format-scalar.ts'
import { parseScalar } from '../data/types/parse-scalar.ts'
import { unknownElement } from './resolve.ts'
import type { Scalar } from '../data/types/scalar.ts'

/** What an array's members are of; of unknown type, text. */
export function elementType(type: DataType | undefined): ElementType {
  return type?.kind === 'array' ? type.element : { kind: 'text' }
}

/** The array that holds values of a type: of arrays, one with a dimension more. */
export function arrayAround(type: DataType | undefined): ArrayType {
  return type?.kind === 'array' ? type : arrayOf(type ?? { kind: 'text' })
}

interface ReadArray {
  readonly text: string
  readonly element: DataType
  readonly parts: ArrayParts<Scalar>
}

/** The array that was read last: constants are read once, not for every row. */
let lastRead: ReadArray | undefined

/** An array with its elements as plain TypeScript. */
export function readArray(value: Scalar, type: DataType | undefined): ArrayParts<Scalar> {
  assert(typeof value === 'string', 'array of another value')
  const element = elementType(type)
  if (lastRead?.text === value && sameType(lastRead.element, element)) return lastRead.parts
  const { dimensions, elements } = readArrayText(value)
  const values = elements.map((item) => {
    spend(ELEMENT_STEPS)
    return item === null ? null : parseScalar(item, element)
  })
  const parts = { dimensions, elements: values }
  lastRead = { text: value, element, parts }
  return parts
}

/** An array's text of its elements as plain TypeScript. */
export function writeArray({ dimensions, elements }: ArrayParts<Scalar>, type: DataType): string {
  const element = elementType(type)
  const texts = elements.map((item) => {
    spend(ELEMENT_STEPS)
    return item === null ? null : formatScalar(item, element)
  })
  return writeArrayText({ dimensions, elements: texts })
}

/** How many elements there are within one of each dimension but the first. */
export function elementsInFirst(dimensions: readonly ArrayDimension[]): number {
  return dimensions.slice(1).reduce((product, { length }) => product * length, 1)
}

/** Arrays of one type, as operators between arrays want them; undefined where they differ. */
export function sameArrays(types: readonly DataType[]): readonly DataType[] | undefined {
  const known = types.filter(({ kind }) => kind === 'array').map(postgresType)
  const [first] = known
  if (first === undefined || !known.every((type) => sameType(type, first))) return undefined
  const all = types.every(({ kind }) => kind === 'array' || kind === 'unknown')
  return all ? types.map(() => first) : undefined
}

/** The same for operators that compare the elements. Throws UNDEFINED_FUNCTION. */
export function comparableArrays(types: readonly DataType[]): readonly DataType[] | undefined {
  const arrays = sameArrays(types)
  if (arrays !== undefined) checkEquality(elementType(arrays[0]))
  return arrays
}

/** A place of a signature: an array, something that could be an element of it, or a type of its own. */
export type Place = 'array' | 'element' | DataType

/** Brings arrays and elements to one element type (anycompatiblearray and anycompatible in PostgreSQL). */
export function compatible(
  places: readonly Place[],
): (types: readonly DataType[]) => readonly DataType[] | undefined {
  return (types) => {
    const members: DataType[] = []
    for (const [at, place] of places.entries()) {
      const type = types[at]
      if (type === undefined) return undefined
      if (place === 'array') {
        if (type.kind === 'array') members.push(postgresType(type.element))
        else if (type.kind !== 'unknown') return undefined
      } else if (place === 'element') {
        if (type.kind === 'array') return undefined
        members.push(postgresType(type))
      }
    }
    const element = members.length === 0 ? text : commonType(members)
    if (element === undefined || element.kind === 'array') return undefined
    return places.map((place) =>
      place === 'array' ? arrayOf(element) : place === 'element' ? element : place,
    )
  }
}

/** The result is of the first argument's type. */
export const arrayPlace = (types: readonly DataType[]): DataType =>
  types[0] ?? arrayOf({ kind: 'text' })

/** The result is an element of the first argument. */
export const elementPlace = (types: readonly DataType[]): DataType => elementType(types[0])

/** Refuses elements of which nothing says whether two are equal. Throws UNDEFINED_FUNCTION. */
function checkEquality(type: DataType): void {
  if (isComparable(type)) return
  const message = `could not identify an equality operator for type ${shownType(type)}`
  throw new QueryError('UNDEFINED_FUNCTION', message)
}

/** Equal, or both NULL. Throws UNDEFINED_FUNCTION where nothing says whether two values are equal. */
export function isSame(left: Scalar, right: Scalar, type: DataType): boolean {
  checkEquality(type)
  spend(ELEMENT_STEPS)
  if (left === null || right === null) return left === right
  return compareScalars(left, right, type) === 0
}

/** Refuses arrays of several dimensions. */
export function oneDimension(parts: ArrayParts<Scalar>, doing: string): void {
  if (parts.dimensions.length > 1) {
    throw new QueryError(
      'FEATURE_NOT_SUPPORTED',
      `${doing} elements ${doing === 'removing' ? 'from' : 'in'} multidimensional arrays is not supported`,
    )
  }
}

/** Arguments of any type that have to tell which (anyelement in PostgreSQL). Throws DATATYPE_MISMATCH. */
export function knownTypes(types: readonly DataType[]): readonly DataType[] {
  if (types.some(({ kind }) => kind === 'unknown')) throw unknownElement()
  return types
}
