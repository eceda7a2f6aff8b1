import { assert } from '../../base/assert.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'

/** A row as columns by id. */
export type ReferenceRow = ReadonlyMap<ColumnId, Scalar>

export function valueOf(expr: Expression, row: ReferenceRow): Scalar {
  return evaluate(expr, (id) => {
    const value = row.get(id)
    assert(value !== undefined, () => `column ${id} is not in the row`)
    return value
  })
}

/** Whether two values are equal to GROUP BY: NULLs are, NaNs are. */
export function same(left: Scalar, right: Scalar, type: DataType): boolean {
  if (left === null || right === null) return left === right
  return compareScalars(left, right, type) === 0
}
