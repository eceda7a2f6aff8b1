/** What the training kernels add up, in plain TypeScript over plain columns. */

/** Columns of equal length; the first is 1 in every row. */
export type TrainingColumns = readonly (readonly number[])[]

/** Of each column what is least, negated, and what is largest. */
export function referenceRanges(columns: TrainingColumns): number[] {
  return columns.flatMap((column) => [-Math.min(...column), Math.max(...column)])
}

export function referenceSums(columns: TrainingColumns): number[] {
  return columns.map((column) => column.reduce((sum, value) => sum + value, 0))
}

/** Columns times a scale with an offset taken off each, their sums, and those of their squares. */
export function referenceCentered(
  columns: TrainingColumns,
  scales: readonly number[],
  offsets: readonly number[],
): { readonly columns: TrainingColumns; readonly sums: readonly number[] } {
  const centered = columns.map((column, i) =>
    column.map((value) => value * scales[i]! - offsets[i]!),
  )
  const squares = referenceSums(centered.map((c) => c.map((v) => v * v)))
  return { columns: centered, sums: [...referenceSums(centered), ...squares] }
}

/** Columns with multiples of all added to each: `factors[target][column]`. */
export function referenceCombined(
  columns: TrainingColumns,
  factors: readonly (readonly number[])[],
): TrainingColumns {
  return columns.map((own, target) =>
    own.map((value, row) =>
      columns.reduce((sum, column, i) => sum + factors[target]![i]! * column[row]!, value),
    ),
  )
}

/** Of what a linear predictor leaves of targets, the sum of squares, and of products with each column. */
export function referenceResidual(
  columns: TrainingColumns,
  targets: readonly number[],
  weights: readonly number[],
): number[] {
  const left = targets.map((target, row) =>
    columns.reduce((rest, column, i) => rest - weights[i]! * column[row]!, target),
  )
  return [left, ...columns].map((column) => column.reduce((s, v, row) => s + v * left[row]!, 0))
}

/** Of every pair of columns the sum of the products. */
export function referenceProducts(columns: TrainingColumns): number[][] {
  return columns.map((left) =>
    columns.map((right) => left.reduce((sum, value, row) => sum + value * right[row]!, 0)),
  )
}

/** Log loss, its gradient and its Hessian, for targets of 0 and 1. */
export function referenceLogistic(
  columns: TrainingColumns,
  targets: readonly number[],
  weights: readonly number[],
): {
  readonly loss: number
  readonly gradient: readonly number[]
  readonly hessian: readonly (readonly number[])[]
} {
  const logits = targets.map((_, row) =>
    columns.reduce((sum, column, i) => sum + weights[i]! * column[row]!, 0),
  )
  const probabilities = logits.map((z) => 1 / (1 + Math.exp(-z)))
  const losses = logits.map(
    (z, row) => Math.max(z, 0) - targets[row]! * z + Math.log1p(Math.exp(-Math.abs(z))),
  )
  const sumOf = (term: (row: number) => number): number =>
    targets.reduce((sum, _, row) => sum + term(row), 0)
  return {
    loss: sumOf((row) => losses[row]!),
    gradient: columns.map((column) =>
      sumOf((row) => (probabilities[row]! - targets[row]!) * column[row]!),
    ),
    hessian: columns.map((left) =>
      columns.map((right) =>
        sumOf((row) => {
          const p = probabilities[row]!
          return p * (1 - p) * left[row]! * right[row]!
        }),
      ),
    ),
  }
}
