import { present } from '../../../base/assert.ts'
import { elementType } from '../../../functions/array-elements.ts'
import { isKernelElement } from '../../../functions/array/cells.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import { valueKindOf, valueKinds } from '../../../wasm/kernels/value-kinds.ts'
import { laneBytes, type RowField } from '../../model/row-layout.ts'

/** Words of an array as the kernel `arrayRows` has it; those behind the first seven are its own. */
export const ARRAY_WORDS = 12
const NEVER_NULL = -1

/** The fields of arrays that are taken apart, and of their elements. */
export interface ArrayFields {
  readonly array: RowField
  readonly element: RowField
}

/** Whether the kernel makes rows for the elements of such an array. */
export function isTakenApart(array: DataType): boolean {
  const type = elementType(array)
  // A key tells of an interval how long it is, not what it is made of.
  return isKernelElement(type) && type.kind !== 'interval'
}

/** Whether it leaves none of them to TypeScript: exact numbers it reads as texts, of which some are too long. */
export function isTakenApartWhole(array: DataType): boolean {
  const { kind } = elementType(array)
  return isTakenApart(array) && kind !== 'decimal' && kind !== 'numeric'
}

/** What the kernel is told of an array, in words. */
export function wordsOfArray({ array, element }: ArrayFields): readonly number[] {
  const { type, lanes } = element
  const bytes = lanes.reduce((total, lane) => total + laneBytes(lane.type), 0)
  const kind = present(valueKindOf(type), `kind of ${type.kind}`)
  const places = type.kind === 'decimal' ? type.scale : 0
  const own = [valueKinds[kind], places, laneOffset(element), markOf(element), bytes]
  return [laneOffset(array), array.validOffset ?? NEVER_NULL, ...own]
}

/** Where the first lane of a field is in its row. */
export function laneOffset({ lanes }: RowField): number {
  return present(lanes[0], 'lane of a field').offset
}

/** Where the byte is that says whether a field is NULL. */
export function markOf({ validOffset }: RowField): number {
  return present(validOffset, 'field that may be NULL')
}
