import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { FrameBound } from '../../plan/logical/expression.ts'

const words = { start: 'starting', end: 'ending' } as const

/**
 * The value of an offset: 0 for the current row. Errors: NULL_VALUE_NOT_ALLOWED.
 */
export function offsetOf({ offset }: FrameBound, side: 'start' | 'end'): Scalar {
  if (offset === undefined) return 0n
  const value = evaluate(offset, () => present<never>(undefined, 'column in a frame'))
  if (value !== null) return value
  const message = `frame ${words[side]} offset must not be null`
  throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
}

/** More rows than any partition has. */
const ROWS_MAX = 2 ** 31 - 1

/**
 * By how many rows, or groups, a bound is away from the current row; negative before it. Errors:
 * NULL_VALUE_NOT_ALLOWED, INVALID_FRAME_OFFSET for offsets that are NULL or negative.
 */
export function rowsStep(bound: FrameBound, side: 'start' | 'end'): number {
  const count = countOf(offsetOf(bound, side), side)
  return bound.kind === 'preceding' ? -count : count
}

function countOf(offset: Scalar, side: 'start' | 'end'): number {
  const count = Math.min(Number(offset), ROWS_MAX)
  if (count >= 0) return count
  const message = `frame ${words[side]} offset must not be negative`
  throw new QueryError('INVALID_FRAME_OFFSET', message)
}
