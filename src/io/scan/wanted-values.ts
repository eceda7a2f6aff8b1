import type { ColumnStatistics } from '../../data/vectors/vector.ts'
import type { WantedValues } from './source.ts'

/** Whether rows of which this is known may hold a wanted value. */
export function mayHoldWanted(
  wanted: WantedValues,
  known: Pick<ColumnStatistics, 'min' | 'max' | 'nullCount'> | undefined,
): boolean {
  if (!wanted.values && !wanted.nulls) return false
  if (known === undefined || (wanted.nulls && known.nullCount > 0)) return true
  if (!wanted.values) return false
  const { min, max } = known
  if (min === undefined || max === undefined) return true
  return (
    (wanted.min === undefined || max >= wanted.min) &&
    (wanted.max === undefined || min <= wanted.max)
  )
}
