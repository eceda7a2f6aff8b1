import { QueryError } from '../../base/errors.ts'
import { float8, int8, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import type { FoldedForm } from '../aggregate-form.ts'
import { pairCode, pairCountCode } from './regression-code.ts'

/** Where the numbers of the state are: sums, and sums of products of deviations from the means. */
const N = 0
const SX = 1
const SXX = 2
const SY = 3
const SYY = 4
const SXY = 5
const NUMBERS = 6

const at = (state: Float64Array, number: number): number => state[number] ?? 0

/** Adds a pair by Youngs and Cramer, as PostgreSQL's float8_regr_accum does; the arguments are y, x. */
function step(state: Float64Array, [second, first]: readonly Scalar[]): void {
  const [x, y] = [Number(first), Number(second)]
  const before = at(state, N)
  const [sumX, sumY] = [at(state, SX), at(state, SY)]
  const n = before + 1
  state[N] = n
  state[SX] = sumX + x
  state[SY] = sumY + y
  if (before === 0) {
    if (!Number.isFinite(x)) state[SXX] = state[SXY] = Number.NaN
    if (!Number.isFinite(y)) state[SYY] = state[SXY] = Number.NaN
    return
  }
  const [dx, dy] = [x * n - at(state, SX), y * n - at(state, SY)]
  const scale = 1 / (n * before)
  state[SXX] = at(state, SXX) + dx * dx * scale
  state[SYY] = at(state, SYY) + dy * dy * scale
  state[SXY] = at(state, SXY) + dx * dy * scale
  const wasFinite = {
    x: isFiniteNumber(sumX) && isFiniteNumber(x),
    y: isFiniteNumber(sumY) && isFiniteNumber(y),
  }
  settleInfinities(state, wasFinite)
}

const isInfinite = (value: number): boolean => Math.abs(value) === Infinity
const isFiniteNumber = (value: number): boolean => !isInfinite(value)

/** A sum of finite values that is infinite is out of range; of infinite ones the deviations are NaN. */
function settleInfinities(
  state: Float64Array,
  wasFinite: { readonly x: boolean; readonly y: boolean },
): void {
  const infinite = (number: number): boolean => isInfinite(at(state, number))
  const overflown =
    ((infinite(SX) || infinite(SXX)) && wasFinite.x) ||
    ((infinite(SY) || infinite(SYY)) && wasFinite.y) ||
    (infinite(SXY) && wasFinite.x && wasFinite.y)
  if (overflown) throw outOfRange()
  for (const number of [SXX, SYY, SXY]) if (infinite(number)) state[number] = Number.NaN
}

function outOfRange(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: overflow')
}

/** Adds the pairs of another state, as float8_regr_combine does. */
function merge(state: Float64Array, other: Float64Array): void {
  const [n1, n2] = [at(state, N), at(other, N)]
  if (n2 === 0) return
  if (n1 === 0) {
    state.set(other)
    return
  }
  const n = n1 + n2
  const dx = at(state, SX) / n1 - at(other, SX) / n2
  const dy = at(state, SY) / n1 - at(other, SY) / n2
  const weight = (n1 * n2) / n
  const add = (number: number, product: number): void => {
    const [own, others] = [at(state, number), at(other, number)]
    state[number] = own + others + product
    const wasFinite = isFiniteNumber(own) && isFiniteNumber(others)
    if (wasFinite && isInfinite(at(state, number))) throw outOfRange()
  }
  state[N] = n
  add(SX, 0)
  add(SY, 0)
  add(SXX, weight * dx * dx)
  add(SYY, weight * dy * dy)
  add(SXY, weight * dx * dy)
}

interface Measure {
  readonly name: string
  readonly doc: string
  readonly example: string
  readonly returns?: DataType
  readonly emptyValue?: Scalar
  readonly own?: Pick<FoldedForm, 'step' | 'code'>
  readonly finish: (state: Float64Array) => Scalar
}

/** Of at least so many pairs; NULL of fewer. */
function ofPairs(least: number, value: (state: Float64Array) => Scalar): Measure['finish'] {
  return (state) => (at(state, N) < least ? null : value(state))
}

/** NULL where all x are the same. */
function ofSlope(value: (state: Float64Array) => number): Measure['finish'] {
  return ofPairs(1, (state) => (at(state, SXX) === 0 ? null : value(state)))
}

const measures: readonly Measure[] = [
  {
    name: 'corr',
    doc: 'Correlation of two columns.',
    example: 'corr(y, x) over (1, 1), (2, 2), (4, 3) -- 0.9819805060619657',
    finish: ofPairs(1, (state) => {
      const [sxx, syy] = [at(state, SXX), at(state, SYY)]
      return sxx === 0 || syy === 0 ? null : at(state, SXY) / Math.sqrt(sxx * syy)
    }),
  },
  {
    name: 'covar_pop',
    doc: 'Covariance of a population.',
    example: 'covar_pop(y, x) over (1, 1), (2, 2), (4, 3) -- 1',
    finish: ofPairs(1, (state) => at(state, SXY) / at(state, N)),
  },
  {
    name: 'covar_samp',
    doc: 'Covariance of a sample; NULL of one pair.',
    example: 'covar_samp(y, x) over (1, 1), (2, 2), (4, 3) -- 1.5',
    finish: ofPairs(2, (state) => at(state, SXY) / (at(state, N) - 1)),
  },
  {
    name: 'regr_avgx',
    doc: 'Mean of x of the pairs without NULL.',
    example: 'regr_avgx(y, x) over (1, 1), (2, 2), (NULL, 3) -- 1.5',
    finish: ofPairs(1, (state) => at(state, SX) / at(state, N)),
  },
  {
    name: 'regr_avgy',
    doc: 'Mean of y of the pairs without NULL.',
    example: 'regr_avgy(y, x) over (1, 1), (2, 2), (3, NULL) -- 1.5',
    finish: ofPairs(1, (state) => at(state, SY) / at(state, N)),
  },
  {
    name: 'regr_count',
    returns: int8,
    emptyValue: 0n,
    doc: 'Number of pairs without NULL.',
    example: 'regr_count(y, x) over (1, 1), (2, 2), (3, NULL) -- 2',
    // Nothing is out of range for a count.
    own: { step: (state) => void (state[N] = at(state, N) + 1), code: pairCountCode },
    finish: (state) => BigInt(at(state, N)),
  },
  {
    name: 'regr_intercept',
    doc: 'Where the line of least squares meets x = 0.',
    example: 'regr_intercept(y, x) over (1, 1), (3, 2), (5, 3) -- -1',
    finish: ofSlope((state) => {
      const slope = (at(state, SX) * at(state, SXY)) / at(state, SXX)
      return (at(state, SY) - slope) / at(state, N)
    }),
  },
  {
    name: 'regr_r2',
    doc: 'Square of the correlation; 1 where all y are the same.',
    example: 'regr_r2(y, x) over (1, 1), (3, 2), (5, 3) -- 1',
    finish: ofSlope((state) => {
      const [sxx, syy, sxy] = [at(state, SXX), at(state, SYY), at(state, SXY)]
      return syy === 0 ? 1 : (sxy * sxy) / (sxx * syy)
    }),
  },
  {
    name: 'regr_slope',
    doc: 'Slope of the line of least squares.',
    example: 'regr_slope(y, x) over (1, 1), (3, 2), (5, 3) -- 2',
    finish: ofSlope((state) => at(state, SXY) / at(state, SXX)),
  },
  {
    name: 'regr_sxx',
    doc: 'Sum of the squared deviations of x from its mean.',
    example: 'regr_sxx(y, x) over (1, 1), (3, 2), (5, 3) -- 2',
    finish: ofPairs(1, (state) => at(state, SXX)),
  },
  {
    name: 'regr_sxy',
    doc: 'Sum of the products of the deviations of x and y from their means.',
    example: 'regr_sxy(y, x) over (1, 1), (3, 2), (5, 3) -- 4',
    finish: ofPairs(1, (state) => at(state, SXY)),
  },
  {
    name: 'regr_syy',
    doc: 'Sum of the squared deviations of y from its mean.',
    example: 'regr_syy(y, x) over (1, 1), (3, 2), (5, 3) -- 8',
    finish: ofPairs(1, (state) => at(state, SYY)),
  },
]

/** Correlation, covariance and the line of least squares through pairs (y, x). */
export const regressionAggregates: readonly AggregateFunction[] = measures.map(
  ({ finish, own = { step, code: pairCode }, returns = float8, emptyValue = null, ...measure }) =>
    aggregate({
      ...measure,
      args: ['float8', 'float8'],
      returns,
      emptyValue,
      form: { kind: 'folded', numbers: NUMBERS, ...own, merge, finish },
    }),
)
