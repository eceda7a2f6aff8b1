import { QueryError } from '../base/errors.ts'
import { exponentOf, timesPowerOfTwo, totalOfProducts } from './float64.ts'
import type { TrainingBlocks } from './training-blocks.ts'

/**
 * How columns of blocks were scaled and moved: a value is (block + mean + offset) * 2^exponent. Of
 * columns that stayed as they were, nothing is told.
 */
export interface CenteredColumns {
  readonly rows: number
  /** Squares of numbers near 1 stay in the range of float64, whatever the columns' own range is. */
  readonly exponents: readonly number[]
  /** The least value, so that whole numbers stay whole and what differs in its last digits differs. */
  readonly offsets: readonly number[]
  /** From the offset. */
  readonly means: readonly number[]
  /** Sums of the squares in the blocks; 0 where all values are the same, and only there. */
  readonly squares: readonly number[]
}

/** A range of subnormal numbers has no power of two that takes it to 1: this much is near enough. */
const EXPONENT_MAX = 1022

/**
 * Scales the named columns of blocks to a range of about 1 and moves them to mean 0, so that no digits
 * cancel where a mean is large; those behind them stay as they are. Errors: MODEL_NOT_FITTED without
 * rows, and where a column is not finite.
 */
export async function centerColumns(
  blocks: TrainingBlocks,
  names: readonly string[],
): Promise<CenteredColumns> {
  const { rows, ranges } = blocks
  if (rows === 0) {
    throw new QueryError('MODEL_NOT_FITTED', 'a model cannot be trained on no rows', {
      hint: 'Rows with a NULL in any column are left out.',
    })
  }
  const own = ranges.slice(0, names.length)
  const odd = own.findIndex(({ lowest, highest }) => !Number.isFinite(lowest - lowest + highest))
  if (odd !== -1) throw notFinite(names[odd]!)
  const exponents = own.map(({ lowest, highest }) => {
    const exponent = exponentOf(highest / 2 - lowest / 2) ?? exponentOf(highest) ?? 0
    return Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, exponent))
  })
  const kept = ranges.slice(names.length)
  const unmoved = kept.map(() => 0)
  const scales = exponents.map((exponent) => 2 ** -exponent)
  const offsets = own.map(({ lowest }, i) => lowest * scales[i]!)
  const ones = kept.map(() => 1)
  const { sums } = await blocks.center([...scales, ...ones], [...offsets, ...unmoved])
  const means = own.map((_, i) => sums[i]! / rows)
  const { squares } = await blocks.center(
    ranges.map(() => 1),
    [...means, ...unmoved],
  )
  return { rows, exponents, offsets, means, squares: squares.slice(0, names.length) }
}

function notFinite(name: string): QueryError {
  return new QueryError('MODEL_NOT_FITTED', `column "${name}" has values that are not finite`, {
    expected: 'numbers without NaN and Infinity',
    hint: 'Leave such rows out with WHERE.',
  })
}

/** The deviation of each column from its mean in the blocks' units; Infinity of a constant. */
export function deviationsOf({ rows, squares }: CenteredColumns): number[] {
  return squares.map((square) =>
    square === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(square / rows),
  )
}

/** Slopes of centered columns, and what stands at their mean: terms to add up, times 2^exponent. */
export interface CenteredPredictor {
  /** What the predictor grows by, in units of 2^exponent, with a block's column. */
  readonly slopes: readonly number[]
  readonly level: readonly number[]
  readonly exponent: number
}

/**
 * A predictor of the columns' own values. The intercept is that of the coefficients as they are after
 * rounding, so that at the mean nothing is lost. Errors: MODEL_NOT_FITTED where one leaves float64.
 */
export function inOwnUnits(
  { slopes, level, exponent }: CenteredPredictor,
  { exponents, offsets, means }: CenteredColumns,
  names: readonly string[],
): { readonly coefficients: readonly number[]; readonly intercept: number } {
  const coefficients = slopes.map((slope, i) => timesPowerOfTwo(slope, exponent - exponents[i]!))
  const overflown = coefficients.findIndex((value) => !Number.isFinite(value))
  if (overflown !== -1) throw outOfRange(`the coefficient of "${names[overflown]!}"`)
  const kept = coefficients.map((value, i) => timesPowerOfTwo(value, exponents[i]! - exponent))
  const terms = level.map((value) => [value, 1] as const)
  const shifts = kept.flatMap((slope, i) => [
    [-slope, offsets[i]!] as const,
    [-slope, means[i]!] as const,
  ])
  const intercept = timesPowerOfTwo(totalOfProducts([...terms, ...shifts]), exponent)
  if (!Number.isFinite(intercept)) throw outOfRange('the intercept')
  return { coefficients: coefficients.map((value) => value + 0), intercept }
}

function outOfRange(what: string): QueryError {
  return new QueryError('MODEL_NOT_FITTED', `${what} is out of the range of double precision`, {
    expected: 'features and a target of which the quotients are numbers',
    hint: 'Divide or multiply the columns in the query, so that they are nearer to 1.',
  })
}
