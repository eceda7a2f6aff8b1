import { QueryError } from '../base/errors.ts'
import { int8 } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { aggregate, caseOf, columnReference, literal } from '../plan/logical/build.ts'
import type { AggregateCall, Expression } from '../plan/logical/expression.ts'
import {
  callOf,
  linear,
  minus,
  number,
  plus,
  sigmoid,
  softplus,
  sum,
  times,
} from './float-expressions.ts'
import { symmetric, type LinearFit } from './linear-regression.ts'
import { solveSymmetric } from './solve.ts'
import {
  featureScales,
  standardized,
  unstandardize,
  type FeatureScales,
  type TrainingContext,
  type TrainingSet,
} from './training-set.ts'

export interface LogisticOptions {
  /** Inverse strength of the L2 penalty on the coefficients (not the intercept), as in scikit-learn. */
  readonly inversePenalty: number
  readonly iterationsMax: number
  /** Stop when no parameter (of the standardized features) moves by more. */
  readonly tolerance: number
}

export interface LogisticFit extends LinearFit {
  /** The two values of the target, the one predicted below probability 0.5 first. */
  readonly classes: readonly [NonNullable<Scalar>, NonNullable<Scalar>]
}

/**
 * Binary logistic regression with an L2 penalty by Newton's method (Hastie, Tibshirani & Friedman,
 * The Elements of Statistical Learning, section 4.4.1). Each iteration is one aggregation over
 * partitions: gradient, Hessian and loss.
 */
export async function fitLogisticRegression(
  ctx: TrainingContext,
  set: TrainingSet,
  options: LogisticOptions,
): Promise<LogisticFit> {
  const classes = await twoClasses(ctx, set)
  const scales = await featureScales(ctx, set)
  const columns = [number(1), ...standardized(set, scales)]
  const isSecond = callOf('=', columnReference(set.target), literal(classes[1], set.target.type))
  const target = caseOf([{ when: isSecond, then: number(1) }], number(0))
  let weights = columns.map(() => 0)
  let iterations = 0
  let loss = 0
  for (let moved = Infinity; iterations < options.iterationsMax && moved > options.tolerance;) {
    const step = await newtonStep(ctx, { set, columns, target, weights, scales, options })
    loss = step.loss
    const next = weights.map((weight, i) => weight - (step.delta[i] ?? 0))
    moved = Math.max(...step.delta.map(Math.abs))
    weights = next
    iterations++
  }
  const [intercept = 0, ...coefficients] = weights
  return {
    ...unstandardize(coefficients, intercept, scales),
    trainedRows: scales.rows,
    classes,
    metrics: { log_loss: loss / scales.rows, iterations },
  }
}

interface NewtonState {
  readonly set: TrainingSet
  readonly columns: readonly Expression[]
  readonly target: Expression
  readonly weights: readonly number[]
  readonly scales: FeatureScales
  readonly options: LogisticOptions
}

/** Where the sums put the step and the loss before it (without the penalty). */
async function newtonStep(
  { ids, run }: TrainingContext,
  { set, columns, target, weights, scales, options }: NewtonState,
): Promise<{ readonly delta: readonly number[]; readonly loss: number }> {
  const [intercept = 0, ...slopes] = weights
  const logit = linear(columns.slice(1), slopes, intercept)
  const probability = sigmoid(logit)
  const weight = times(probability, minus(number(1), probability))
  const residual = minus(probability, target)
  const gradient = columns.map((column, i) => sum(ids, `g_${i}`, times(residual, column)))
  const hessian = columns.flatMap((left, i) =>
    columns
      .slice(i)
      .map((right, k) => sum(ids, `h_${i}_${i + k}`, times(times(weight, left), right))),
  )
  const lossTerm = minus(softplus(logit), times(target, logit))
  const aggregates = [...gradient, ...hessian, sum(ids, 'loss', plus(lossTerm, number(0)))]
  const [row] = await run(aggregate(set.relation, [], aggregates))
  const figures = aggregates.map((_, i) => Number(row?.[i] ?? 0))
  const size = columns.length
  const matrix = symmetric(size, figures.slice(size, -1))
  const right = figures.slice(0, size)
  for (let i = 1; i < size; i++) {
    // In scaled units the penalty on coefficient i is divided by the feature's variance.
    const penalty = 1 / (options.inversePenalty * (scales.deviations[i - 1] ?? 1) ** 2)
    matrix[i]![i]! += penalty
    right[i]! += penalty * (weights[i] ?? 0)
  }
  return { delta: solveSymmetric(matrix, right), loss: figures.at(-1) ?? 0 }
}

async function twoClasses(
  { ids, run }: TrainingContext,
  { relation, target }: TrainingSet,
): Promise<readonly [NonNullable<Scalar>, NonNullable<Scalar>]> {
  const key = { id: ids.next(), name: target.name, expr: columnReference(target) }
  const count: AggregateCall = {
    id: ids.next(),
    name: 'rows',
    type: int8,
    fn: 'count(*)',
    args: [],
    distinct: false,
  }
  const rows = await run(aggregate(relation, [key], [count]))
  const classes = rows.map(([value]) => value ?? null).filter((value) => value !== null)
  const [first, second] = classes.toSorted(compareClasses)
  if (classes.length === 2 && first !== undefined && second !== undefined) return [first, second]
  throw new QueryError('MODEL_NOT_FITTED', 'LogisticRegression needs a target of two classes', {
    expected: '2 distinct values',
    found: String(classes.length),
  })
}

function compareClasses(left: NonNullable<Scalar>, right: NonNullable<Scalar>): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
