import type { Problem } from './problem.ts'
import { centered, lossSlopes, projection, type Centered } from './reference.ts'

/** What a database made of a problem. */
export interface Fitted {
  /** All that is told of the model, or the error. */
  readonly described: string
  /** Why there is no model, where that is an answer. */
  readonly refused?: string | undefined
  readonly failed?: boolean
  /** Bytes of memory that a training kept. */
  readonly held: number
  readonly lines: ReadonlyMap<string, string>
  /** For every row; of classes 1 for the second. */
  readonly predictions: readonly number[]
  readonly ofNull: unknown
}

/** A prediction may be so far away, in sizes of the target. */
const PREDICTION_ERROR = 1e-9
/** A slope of the loss may be left, for every row. */
const SLOPE_ERROR = 1e-6
const ITERATIONS_MAX = 100
/** Coefficients from there on may be those of an underflow. */
const TINY = 1e-290
const HUGE = 1e290

/** What is wrong with a fit; undefined when nothing is. */
export function judgeFit(problem: Problem, fit: Fitted): string | undefined {
  if (fit.failed === true) return fit.described
  const rows = completeRows(problem)
  const target = rows.map((row) => problem.target[row]!)
  const columns = problem.features.map(({ values }) => rows.map((row) => values[row]!))
  if (fit.refused !== undefined) return judgeRefusal(problem, fit.refused, { columns, target })
  if (columns.some((column) => !column.every(Number.isFinite)))
    return 'trained on what is not finite'
  if (fit.ofNull !== null) return `${String(fit.ofNull)} for NULL`
  if (Number(fit.lines.get('trained_rows')) !== rows.length) return 'trained on other rows'
  const parts = columns.map((column) => centered(Float64Array.from(column)))
  const coefficients = columns.map((_, i) => Number(fit.lines.get(`coefficient of x${i}`)))
  if (!coefficients.every(Number.isFinite)) return `coefficients ${coefficients.join(', ')}`
  const own = Float64Array.from(target)
  const predictions = rows.map((row) => fit.predictions[row]!)
  const made = { parts, coefficients, target: own, predictions, lines: fit.lines }
  if (problem.modelClass === 'LogisticRegression') return judgeLogistic(problem, made)
  return judgeLinear(problem, made)
}

interface Made {
  readonly parts: readonly Centered[]
  readonly coefficients: readonly number[]
  readonly target: Float64Array<ArrayBuffer>
  readonly predictions: readonly number[]
  readonly lines: ReadonlyMap<string, string>
}

function completeRows({ rows, features }: Problem): number[] {
  const all = Array.from({ length: rows }, (_, row) => row)
  return all.filter((row) =>
    features.every(({ values, nullValue }) => nullValue === undefined || values[row] !== nullValue),
  )
}

function judgeRefusal(
  { modelClass }: Problem,
  refused: string,
  rows: { readonly columns: readonly (readonly number[])[]; readonly target: readonly number[] },
): string | undefined {
  const { columns, target } = rows
  if (/not finite/.test(refused)) {
    return columns.some((column) => !column.every(Number.isFinite)) ? undefined : refused
  }
  if (/two classes/.test(refused)) return new Set(target).size < 2 ? undefined : refused
  if (/no rows/.test(refused)) return target.length === 0 ? undefined : refused
  const size = centered(Float64Array.from(target)).unit
  const quotients = columns.map((column) => size / (centered(Float64Array.from(column)).unit || 1))
  const mayOverflow = modelClass === 'LinearRegression' && quotients.some((q) => q > HUGE)
  return /out of the range/.test(refused) && mayOverflow ? undefined : refused
}

function judgeLinear({ features }: Problem, made: Made): string | undefined {
  const { parts, coefficients, target, predictions, lines } = made
  const r2 = Number(lines.get('r2'))
  if (!(r2 >= 0 && r2 <= 1)) return `r2 is ${r2}`
  const own = centered(target)
  if (parts.some(({ unit }) => unit > 0 && !((own.unit || 1) / unit > TINY))) return undefined
  const expected = projection(
    parts.map(({ values }) => values),
    own.values,
  )
  // What the sum of the prediction itself loses.
  const lost = coefficients.reduce(
    (sum, coefficient, i) => {
      const { mean, unit } = parts[i]!
      return sum + 1e-14 * Math.abs(coefficient) * (Math.abs(mean) + unit)
    },
    1e-14 * Math.abs(own.mean),
  )
  const most = PREDICTION_ERROR * own.unit + lost
  const odd = predictions.findIndex((prediction, row) => {
    const right = own.mean + expected[row]! * own.unit
    return !(Math.abs(prediction - right) <= most)
  })
  if (odd !== -1) {
    return `predicts ${predictions[odd]} for ${own.mean + expected[odd]! * own.unit} (within ${most})`
  }
  const unequal = features.findIndex(({ copyOf, nullValue }, i) => {
    if (copyOf === undefined || features[copyOf]!.nullValue !== nullValue) return false
    const [one, other] = [coefficients[i]!, coefficients[copyOf]!]
    return !(Math.abs(one - other) <= 1e-6 * (own.unit / (parts[i]!.unit || 1) + Math.abs(one)))
  })
  return unequal === -1 ? undefined : `x${unequal} is a copy, with another coefficient`
}

function judgeLogistic({ inversePenalty }: Problem, made: Made): string | undefined {
  const { parts, coefficients, target, predictions, lines } = made
  if (Number(lines.get('iterations')) >= ITERATIONS_MAX) return undefined
  // At the mean of the features, with the digits that these lose.
  let level = Number(lines.get('intercept'))
  let lost = 1e-15 * Math.abs(level)
  parts.forEach(({ mean }, i) => {
    level += coefficients[i]! * mean
    lost += 1e-15 * Math.abs(coefficients[i]! * mean)
  })
  const slopes = parts.map(({ unit }, i) => coefficients[i]! * unit)
  const logits = target.map((_, row) =>
    parts.reduce((sum, { values }, i) => sum + slopes[i]! * values[row]!, level),
  )
  const columns = parts.map(({ values }) => values)
  const [constant = NaN, ...found] = lossSlopes(columns, target, logits)
  const most = (SLOPE_ERROR + lost) * target.length
  if (!(Math.abs(constant) <= most)) return `the loss has a slope of ${constant} in the intercept`
  const steep = found.findIndex((slope, i) => {
    const { unit } = parts[i]!
    if (unit === 0) return false
    const penalty = coefficients[i]! / inversePenalty / unit
    // A coefficient so small that its square is none is as good as 0.
    return Math.abs(coefficients[i]!) > 1e-100 && !(Math.abs(slope + penalty) <= most)
  })
  if (steep !== -1) return `the loss has a slope of ${found[steep]} in x${steep}`
  const odd = predictions.findIndex((prediction, row) => {
    const logit = logits[row]!
    return Math.abs(logit) > 1e-9 + lost && prediction !== (logit >= 0 ? 1 : 0)
  })
  return odd === -1 ? undefined : `predicts the class ${predictions[odd]} at ${logits[odd]}`
}
