/** What the training kernels add up, in plain TypeScript over plain columns. */

/** Columns of equal length; the first is 1 in every row. */
export type TrainingColumns = readonly (readonly number[])[]

export function referenceSums(columns: TrainingColumns): number[] {
  return columns.map((column) => column.reduce((sum, value) => sum + value, 0))
}

/** Columns with an offset taken off each, and the sums of the squares of what is left. */
export function referenceCentered(
  columns: TrainingColumns,
  offsets: readonly number[],
): { readonly columns: TrainingColumns; readonly squares: readonly number[] } {
  const centered = columns.map((column, i) => column.map((value) => value - offsets[i]!))
  return { columns: centered, squares: referenceSums(centered.map((c) => c.map((v) => v * v))) }
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
