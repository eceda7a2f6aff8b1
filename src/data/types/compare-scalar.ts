import { assert } from '../../base/assert.ts'
import { typeEntry } from './catalogue.ts'
import type { DataType, TypeKind } from './data-type.ts'
import type { Scalar } from './scalar.ts'

/**
 * PostgreSQL's order of two non-NULL values of one type: negative, 0 or positive. NaN equals itself
 * and is above every number, -0 equals 0, text goes by bytes (C collation), an interval's month
 * counts 30 days. Decimals may differ in scale when both types are given.
 */
export function compareScalars(
  left: Scalar,
  right: Scalar,
  leftType: DataType,
  rightType: DataType = leftType,
): number {
  assert(left !== null && right !== null, 'NULL compared')
  return typeEntry(leftType).compare(left, right, leftType, rightType)
}

const looksDifferent: ReadonlySet<TypeKind> = new Set(['numeric', 'interval', 'float4', 'float8'])

/** Whether values that are equal may look different, as 1.0 and 1.00, a month and 30 days, or 0 and -0. */
export function equalsLookDifferent(type: DataType): boolean {
  if (type.kind === 'array') return equalsLookDifferent(type.element)
  if (type.kind === 'record') return type.fields.some((field) => equalsLookDifferent(field.type))
  if ('of' in type) return type.of === 'numrange'
  return looksDifferent.has(type.kind)
}
