/** Dense linear algebra for the few dozen unknowns of a linear model. */

/** A square matrix, row by row. */
export type Matrix = readonly (readonly number[])[]

/** A symmetric matrix, ready to solve systems with. */
export interface Factored {
  /** The x with `matrix * x = right`. */
  solve(right: readonly number[]): number[]
}

/**
 * Factors a symmetric positive definite matrix by Cholesky's method (Golub & Van Loan, Matrix
 * Computations, section 4.2). Returns undefined when it is not numerically positive definite.
 */
export function factorCholesky(matrix: Matrix): Factored | undefined {
  const lower: number[][] = []
  for (let i = 0; i < matrix.length; i++) {
    const row: number[] = []
    lower.push(row)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]?.[j] ?? 0
      for (let k = 0; k < j; k++) sum -= (row[k] ?? 0) * (lower[j]?.[k] ?? 0)
      if (i === j) {
        if (!(sum > 1e-12 * Math.abs(matrix[i]?.[i] ?? 1))) return undefined
        row.push(Math.sqrt(sum))
      } else {
        row.push(sum / (lower[j]?.[j] ?? 1))
      }
    }
  }
  return { solve: (right) => backward(lower, forward(lower, right)) }
}

/** Like {@link factorCholesky}, for one system. */
export function solveCholesky(matrix: Matrix, right: readonly number[]): number[] | undefined {
  return factorCholesky(matrix)?.solve(right)
}

/**
 * Like {@link factorCholesky}, and where that finds no factors, with the smallest addition to the
 * diagonal that has some: good for a direction that leads down, not for a solution.
 */
export function factorDamped(matrix: Matrix): Factored {
  const exact = factorCholesky(matrix)
  if (exact !== undefined) return exact
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i] ?? 0)), Number.MIN_VALUE)
  for (let ridge = 1e-10; ridge < 1; ridge *= 10) {
    const damped = matrix.map((row, i) =>
      row.map((value, j) => (i === j ? value + ridge * scale : value)),
    )
    const factors = factorCholesky(damped)
    if (factors !== undefined) return factors
  }
  return { solve: (right) => right.map(() => 0) }
}

function forward(lower: Matrix, right: readonly number[]): number[] {
  const solved: number[] = []
  lower.forEach((row, i) => {
    let sum = right[i] ?? 0
    for (let k = 0; k < i; k++) sum -= (row[k] ?? 0) * (solved[k] ?? 0)
    solved.push(sum / (row[i] ?? 1))
  })
  return solved
}

function backward(lower: Matrix, right: readonly number[]): number[] {
  const solved = [...right]
  for (let i = right.length - 1; i >= 0; i--) {
    let sum = solved[i] ?? 0
    for (let k = i + 1; k < right.length; k++) sum -= (lower[k]?.[i] ?? 0) * (solved[k] ?? 0)
    solved[i] = sum / (lower[i]?.[i] ?? 1)
  }
  return solved
}
