import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { Guarantees } from './operators/operator.ts'
import { operatorOf } from './operators/table.ts'
import type { PhysicalPlan } from './plan.ts'

/** Remembers what it found out, so that it can be asked for every node of a plan while it is built. */
export interface BoundsAnalysis {
  of(plan: PhysicalPlan): Guarantees
}

/**
 * Value ranges of all columns, from exact statistics alone. Filters do not narrow a column, as the
 * bounds hold for the column wherever it appears.
 */
export function newBoundsAnalysis(): BoundsAnalysis {
  const known = new WeakMap<PhysicalPlan, Guarantees>()
  const analysis: BoundsAnalysis = {
    of: (plan) => {
      let found = known.get(plan)
      if (found === undefined) {
        found = operatorOf(plan).guarantees(plan, analysis.of)
        known.set(plan, found)
      }
      return found
    },
  }
  return analysis
}

const int64SumMax = 2n ** 62n

/** Whether sums of the argument stay within 64 bits, and for how many rows they do at least. */
export function sumWidth(
  arg: ValueBounds | undefined,
  rowsMax: bigint | undefined,
): { readonly fitsInt64: boolean; readonly int64RowsMax?: number } {
  if (arg === undefined) return { fitsInt64: false }
  const largest = -arg.min > arg.max ? -arg.min : arg.max
  if (largest <= 0n) return { fitsInt64: true }
  const safe = int64SumMax / largest
  const int64RowsMax = Number(
    safe < BigInt(Number.MAX_SAFE_INTEGER) ? safe : Number.MAX_SAFE_INTEGER,
  )
  return { fitsInt64: rowsMax !== undefined && rowsMax < safe, int64RowsMax }
}
