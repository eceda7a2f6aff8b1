import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { intersect, typeRange } from '../../functions/emit.ts'

/** Bits that tell literals apart: code for 1 serves 200, and arithmetic on either stays in 64 bits. */
const literalBits = [8, 16, 24, 32, 40, 48, 56, 63, 127]
/** Finer for columns, whose bounds change less often than literals. */
const boundBits = Array.from({ length: 15 }, (_, at) => (at + 1) * 4).concat(63, 127)

/** What generated code may know of a literal that is read at run time: its sign and rough size. */
export function rangeAround(value: bigint, type: DataType): ValueBounds {
  const range =
    value === 0n
      ? { min: 0n, max: 0n }
      : value > 0n
        ? { min: 1n, max: ceiling(value, literalBits) }
        : { min: -ceiling(-value, literalBits) - 1n, max: -1n }
  return withinType(range, type)
}

/** What generated code may know of a column with these bounds: the signs and rough sizes of its ends. */
export function roughBounds({ min, max }: ValueBounds, type: DataType): ValueBounds {
  if (min > max) return { min, max }
  const low = min > 0n ? 1n : min === 0n ? 0n : -ceiling(-min, boundBits) - 1n
  const high = max < 0n ? -1n : max === 0n ? 0n : ceiling(max, boundBits)
  return withinType({ min: low, max: high }, type)
}

function withinType(range: ValueBounds, type: DataType): ValueBounds {
  const limit = typeRange(type)
  return limit === undefined ? range : intersect(range, limit)
}

/** The smallest 2^bits - 1 at or above a positive value. */
function ceiling(value: bigint, steps: readonly number[]): bigint {
  for (const bits of steps) {
    const most = (1n << BigInt(bits)) - 1n
    if (value <= most) return most
  }
  return value
}
