import type { FrameBound } from './expression.ts'

type End = FrameBound['kind']

/**
 * What PostgreSQL's grammar refuses in frames of windows, in its words. `between`: whether the end is written;
 * the current row ends a frame otherwise.
 */
export function frameProblem(start: End, end: End, between: boolean): string | undefined {
  if (start === 'unbounded-following') return 'frame start cannot be UNBOUNDED FOLLOWING'
  if (end === 'unbounded-preceding') return 'frame end cannot be UNBOUNDED PRECEDING'
  if (start === 'current-row' && end === 'preceding') {
    return 'frame starting from current row cannot have preceding rows'
  }
  if (start !== 'following') return undefined
  if (!between) return 'frame starting from following row cannot end with current row'
  const isBefore = end === 'current-row' || end === 'preceding'
  return isBefore ? 'frame starting from following row cannot have preceding rows' : undefined
}
