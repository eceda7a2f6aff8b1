import { isIntegerLike } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { integerScalar, mayAllBeTrue, type ValueRange } from './prune.ts'

/** The values of a column that rows may have which satisfy predicates. */
export interface WantedRange {
  /** Inclusive, in the column's own unit; `min` above `max`: no value. */
  readonly min: bigint
  readonly max: bigint
  /** Whether a NULL may satisfy them. */
  readonly nulls: boolean
}

/**
 * The narrowest range within `bounds` outside of which it is proved that no row satisfies predicates over
 * the column, found by halving what their bounds rule out. Undefined where the column's values are no integers.
 */
export function wantedRange(
  predicates: readonly Expression[],
  column: ColumnId,
  type: DataType,
  bounds: ValueBounds,
): WantedRange | undefined {
  if (!isIntegerLike(type)) return undefined
  const holds = (range: ValueRange): boolean =>
    mayAllBeTrue(predicates, (id) => (id === column ? range : undefined))
  const mayHold = (from: bigint, to: bigint): boolean => {
    const [min, max] = [integerScalar(from, type), integerScalar(to, type)]
    return holds({ type, min, max, mayBeNull: false, mayBeValue: true })
  }
  const nulls = holds({ type, min: null, max: null, mayBeNull: true, mayBeValue: false })
  let { min, max } = bounds
  if (!mayHold(min, max)) return { min: 1n, max: 0n, nulls }
  // Whatever holds of a range holds of those around it, so that both ends are found by halving.
  for (let last = max; min < last;) {
    const middle = min + ((last - min) >> 1n)
    if (mayHold(bounds.min, middle)) last = middle
    else min = middle + 1n
  }
  for (let first = min; first < max;) {
    const middle = first + ((max - first + 1n) >> 1n)
    if (mayHold(middle, bounds.max)) first = middle
    else max = middle - 1n
  }
  return { min, max, nulls }
}
