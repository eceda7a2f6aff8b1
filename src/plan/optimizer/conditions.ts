import { sameType, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { castTo } from '../logical/build.ts'
import { commonType } from '../../data/types/coercion.ts'
import type { Expression } from '../logical/expression.ts'
import { columnsUsed, dependsOnlyOn, type ColumnIdSet } from '../logical/walk.ts'
import { comparisonOf } from '../logical/predicates.ts'

/** `left = right` where each side depends on one input only. */
export interface Equality {
  readonly left: Expression
  readonly right: Expression
  /** IS NOT DISTINCT FROM instead of `=`. */
  readonly nullSafe: boolean
}

/**
 * Reads a conjunct as an equality that a hash join can use; both sides are brought to one type.
 * Undefined when it is something else, or when one of its sides depends on both inputs or on none.
 */
export function equalityOf(
  conjunct: Expression,
  leftIds: ColumnIdSet,
  rightIds: ColumnIdSet,
): Equality | undefined {
  const comparison = comparisonOf(conjunct)
  if (conjunct.kind !== 'call' || (comparison !== '=' && comparison !== 'not-distinct')) {
    return undefined
  }
  const [first, second] = conjunct.args
  if (first === undefined || second === undefined) return undefined
  const nullSafe = comparison !== '='
  if (reads(first, leftIds) && reads(second, rightIds)) {
    return aligned(first, second, nullSafe)
  }
  return reads(first, rightIds) && reads(second, leftIds)
    ? aligned(second, first, nullSafe)
    : undefined
}

function reads(expr: Expression, ids: ColumnIdSet): boolean {
  return columnsUsed(expr).size > 0 && dependsOnlyOn(expr, ids)
}

function aligned(left: Expression, right: Expression, nullSafe: boolean): Equality | undefined {
  if (sameType(left.type, right.type)) return { left, right, nullSafe }
  const type = commonType([left.type, right.type])
  if (type === undefined) return undefined
  return { left: castTo(left, type), right: castTo(right, type), nullSafe }
}

/**
 * Whether equal values of a type are one and the same, so that any predicate holds for both or neither and
 * one may stand for the other.
 */
export function hasExactEquality({ kind }: DataType): boolean {
  return exactKinds.has(kind)
}

/** Not floats (0 and -0), numeric (1 and 1.0), intervals (a month and 30 days), nor what holds them. */
const exactKinds: ReadonlySet<TypeKind> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'decimal',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'text',
  'bytea',
  'oid',
  'uuid',
])
