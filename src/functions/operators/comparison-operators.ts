/** What WebAssembly calls the comparisons of signed integers, alone and in lanes. */
export const signedComparisons = {
  '=': 'eq',
  '<>': 'ne',
  '<': 'lt_s',
  '<=': 'le_s',
  '>': 'gt_s',
  '>=': 'ge_s',
} as const
