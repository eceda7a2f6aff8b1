/** Least squares and logistic loss in plain TypeScript, over columns. */

type Columns = readonly Float64Array<ArrayBuffer>[]

/** A column as one with mean 0, whose largest value is about 1. */
export interface Centered {
  readonly values: Float64Array<ArrayBuffer>
  readonly mean: number
  /** What 1 of the values is; 0 of a constant. */
  readonly unit: number
}

export function centered(values: Float64Array<ArrayBuffer>): Centered {
  const first = values[0]!
  const unit = values.reduce((most, value) => Math.max(most, Math.abs(value / 2 - first / 2)), 0)
  if (unit === 0) return { values: values.map(() => 0), mean: first, unit }
  const moved = values.map((value) => (value / 2 - first / 2) / unit)
  const mean = moved.reduce((sum, value) => sum + value, 0) / values.length
  return {
    values: moved.map((value) => value - mean),
    mean: first + 2 * mean * unit,
    unit: 2 * unit,
  }
}

/** Of a column, what others leave of it relative to its size, where they tell all but rounding. */
const DEPENDENT = 1e-12

/**
 * The projection of a target onto columns, by Householder's QR factorization with column pivoting
 * (Golub & Van Loan, Matrix Computations, section 5.4.2). Columns are of size about 1 or all 0.
 */
export function projection(columns: Columns, target: Float64Array<ArrayBuffer>): Float64Array {
  const work = columns.map((column) => column.slice())
  const sizes = new Map(work.map((column) => [column, length(column, 0)]))
  const reflections: Float64Array<ArrayBuffer>[] = []
  const rest = target.slice()
  const shareOf = (column: Float64Array<ArrayBuffer>, step: number): number =>
    length(column, step) / (sizes.get(column)! || 1)
  for (let step = 0; work.length > 0 && step < target.length; step++) {
    const shares = work.map((column) => shareOf(column, step))
    const best = shares.indexOf(Math.max(...shares))
    if (!(shares[best]! > DEPENDENT)) break
    const [column] = work.splice(best, 1)
    const reflection = column!.slice()
    reflection.fill(0, 0, step)
    const size = length(column!, step)
    reflection[step]! += reflection[step]! < 0 ? -size : size
    const own = length(reflection, step)
    for (let row = step; row < reflection.length; row++) reflection[row]! /= own
    for (const other of [...work, rest]) reflect(reflection, other, step)
    reflections.push(reflection)
  }
  rest.fill(0, reflections.length)
  reflections.toReversed().forEach((reflection) => reflect(reflection, rest, 0))
  return rest
}

function length(values: Float64Array, from: number): number {
  let sum = 0
  for (let row = from; row < values.length; row++) sum += values[row]! ** 2
  return Math.sqrt(sum)
}

function reflect(by: Float64Array, values: Float64Array, from: number): void {
  let product = 0
  for (let row = from; row < by.length; row++) product += by[row]! * values[row]!
  for (let row = from; row < by.length; row++) values[row]! -= 2 * product * by[row]!
}

/** The slope of the log loss in every one of centered columns, the constant first, at these logits. */
export function lossSlopes(
  columns: Columns,
  target: Float64Array,
  logits: Float64Array<ArrayBuffer>,
): number[] {
  const errors = logits.map((logit, row) => 1 / (1 + Math.exp(-logit)) - target[row]!)
  const constant = errors.reduce((sum, error) => sum + error, 0)
  return [
    constant,
    ...columns.map((column) => errors.reduce((s, e, row) => s + e * column[row]!, 0)),
  ]
}
