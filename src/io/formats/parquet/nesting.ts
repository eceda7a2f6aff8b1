import { textOfUtf8 } from '../../../base/utf8.ts'
import { bytesField, integerField, structField, type ThriftStruct } from './thrift.ts'

/** What a top-level column is: a value, a list of values, or more than is read. */
export type ColumnShape =
  | { readonly kind: 'plain' }
  | ListShape
  | { readonly kind: 'unsupported'; readonly what: string }

export interface ListShape {
  readonly kind: 'list'
  readonly element: ThriftStruct
  /** Whether lists may be NULL, and what they hold. */
  readonly isNullable: boolean
  readonly hasNulls: boolean
}

/** What the definition levels of a list's slots mean; repetition levels are 1 within a list. */
export interface ListLevels {
  /** From here on the list is not NULL. */
  readonly present: number
  /** From here on the slot holds an element: below, the list has none. */
  readonly filled: number
  /** The level of an element that is not NULL. */
  readonly max: number
}

const REPETITION = { required: 0, optional: 1, repeated: 2 } as const
const LOGICAL_MAP = 2
const LOGICAL_LIST = 3
const CONVERTED_MAP = 1
const CONVERTED_MAP_KEY_VALUE = 2
const CONVERTED_LIST = 3

export function nameOf(element: ThriftStruct): string {
  return textOfUtf8(bytesField(element, 4) ?? new Uint8Array())
}

/** How many children a group has; undefined for a leaf. */
export function childrenOf(element: ThriftStruct): number | undefined {
  return element.get(1) === undefined ? (integerField(element, 5) ?? 0) : undefined
}

/** What a member of the LogicalType union says; undefined where the element has another one. */
export function logicalMember(element: ThriftStruct, id: number): ThriftStruct | undefined {
  const logical = structField(element, 10)
  return logical === undefined ? undefined : structField(logical, id)
}

/**
 * The shape of a column from the elements that describe it, itself first, by the rules of Parquet's
 * LogicalTypes.md, those for older writers included.
 */
export function shapeOf(tree: readonly ThriftStruct[]): ColumnShape {
  const [top, repeated, ...below] = tree
  if (top === undefined) return unsupported('columns without a type')
  if (isLeaf(top)) {
    // A repeated value without a list around it is one of values that are never NULL.
    if (!isRepeated(top)) return { kind: 'plain' }
    return { kind: 'list', element: top, isNullable: false, hasNulls: false }
  }
  if (isMap(top)) return unsupported('columns of maps')
  if (!isList(top)) return unsupported('columns of structs')
  const isOne = childrenOf(top) === 1 && !isRepeated(top)
  if (!isOne || repeated === undefined || !isRepeated(repeated))
    return unsupported('nested columns')
  const isNullable = repetitionOf(top) === REPETITION.optional
  if (isLeaf(repeated)) return { kind: 'list', element: repeated, isNullable, hasNulls: false }
  const [element] = below
  const name = nameOf(repeated)
  const isElement =
    childrenOf(repeated) !== 1 || name === 'array' || name === `${nameOf(top)}_tuple`
  if (element === undefined || isElement) return unsupported('lists of structs')
  if (isRepeated(element)) return unsupported('lists of lists')
  if (isLeaf(element)) {
    const hasNulls = repetitionOf(element) === REPETITION.optional
    return { kind: 'list', element, isNullable, hasNulls }
  }
  if (isList(element)) return unsupported('lists of lists')
  return unsupported(isMap(element) ? 'lists of maps' : 'lists of structs')
}

function unsupported(what: string): ColumnShape {
  return { kind: 'unsupported', what }
}

function isLeaf(element: ThriftStruct): boolean {
  return childrenOf(element) === undefined
}

function repetitionOf(element: ThriftStruct): number {
  return integerField(element, 3) ?? REPETITION.required
}

function isRepeated(element: ThriftStruct): boolean {
  return repetitionOf(element) === REPETITION.repeated
}

function isList(element: ThriftStruct): boolean {
  const converted = integerField(element, 6)
  return converted === CONVERTED_LIST || logicalMember(element, LOGICAL_LIST) !== undefined
}

function isMap(element: ThriftStruct): boolean {
  const converted = integerField(element, 6)
  if (converted === CONVERTED_MAP || converted === CONVERTED_MAP_KEY_VALUE) return true
  return logicalMember(element, LOGICAL_MAP) !== undefined
}
