import type { ComparisonOperator } from '../traits.ts'

/** What each comparison makes of the order of two values: negative, 0 or positive. */
export const comparisonHolds: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}
