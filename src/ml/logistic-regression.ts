import { notSupported, QueryError } from '../base/errors.ts'
import { float8, int8, typeName, type TypeKind } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { aggregate, caseOf, columnReference, limit, literal } from '../plan/logical/build.ts'
import { compared } from '../plan/logical/predicates.ts'
import { type LinearFit } from './linear-regression.ts'
import { factorDamped, type Factored } from './solve.ts'
import {
  centerColumns,
  deviationsOf,
  inOwnUnits,
  type CenteredColumns,
} from './centered-columns.ts'
import { timesPowerOfTwo } from './float64.ts'
import type { TrainingBlocks } from './training-blocks.ts'
import {
  standardizedMatrix,
  trainingBlocks,
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

/** A coefficient that costs more is 0 to the last digit of every prediction. */
const PENALTY_MAX = 1e100

/** The two values of the target, the one predicted below probability 0.5 first. */
export type TwoClasses = readonly [Label, Label]

type Label = string | number | boolean | bigint

export interface LogisticFit extends LinearFit {
  readonly classes: TwoClasses
}

/** Once parameters move by less, the Hessian hardly changes: its factors serve for the next step too. */
const SETTLED_MOVE = 0.01
/** Halvings of a step that led uphill; after these the way down is below the numbers' precision. */
const HALVINGS_MAX = 40
/** An objective may seem to grow by so much of itself where only rounding differs. */
const ROUNDING = 1e-13

/**
 * Binary logistic regression with an L2 penalty by Newton's method (Hastie, Tibshirani & Friedman,
 * The Elements of Statistical Learning, section 4.4.1), steps halved while they lead uphill. The rows
 * are read once, into blocks of columns; each iteration is a round of one kernel over these.
 */
export async function fitLogisticRegression(
  ctx: TrainingContext,
  set: TrainingSet,
  options: LogisticOptions,
): Promise<LogisticFit> {
  const classes = await twoClasses(ctx, set)
  return ctx.rounds(async (rounds) => {
    const { relation, target } = set
    const isSecond = compared('=', columnReference(target), literal(classes[1], target.type))
    const label = caseOf([{ when: isSecond, then: literal(1, float8) }], literal(0, float8))
    const blocks = await trainingBlocks(ctx, rounds, relation, [...set.features, label])
    const labels = blocks.ranges.at(-1)
    if (labels?.lowest === labels?.highest) throw needsTwoClasses('1')
    const centered = await centerColumns(blocks, set.featureNames)
    const objective = new Objective(blocks, centered, options.inversePenalty)
    const found = await minimize(objective, options)
    const [intercept = 0, ...slopes] = objective.inBlockUnits(found.weights)
    return {
      ...inOwnUnits({ slopes, level: [intercept], exponent: 0 }, centered, set.featureNames),
      trainedRows: blocks.rows,
      classes,
      metrics: { log_loss: found.point.loss / blocks.rows, iterations: found.iterations },
    }
  })
}

/** What the parameters (of the standardized features, the intercept first) cost, and the slope there. */
interface Point {
  /** Without the penalty. */
  readonly loss: number
  readonly objective: number
  readonly gradient: readonly number[]
  /** Undefined where it was not asked for. */
  readonly hessian: Factored | undefined
}

class Objective {
  readonly #blocks: TrainingBlocks
  /** What a standardized unit is in the blocks' units. */
  readonly #units: readonly number[]
  /** In standardized units the penalty on coefficient i is divided by the feature's variance. */
  readonly #penalties: readonly number[]

  constructor(blocks: TrainingBlocks, centered: CenteredColumns, inversePenalty: number) {
    const { exponents } = centered
    const deviations = deviationsOf(centered)
    const penalties = deviations.map((value, i) =>
      timesPowerOfTwo(1 / inversePenalty / value ** 2, -2 * exponents[i]!),
    )
    const isHeld = penalties.map((value) => value > PENALTY_MAX)
    this.#blocks = blocks
    this.#units = [1, ...deviations.map((value, i) => (isHeld[i]! ? Infinity : value))]
    this.#penalties = [0, ...penalties.map((value, i) => (isHeld[i]! ? 0 : value))]
  }

  inBlockUnits(weights: readonly number[]): readonly number[] {
    return weights.map((weight, i) => weight / this.#units[i]!)
  }

  get parameters(): number {
    return this.#units.length
  }

  async at(weights: readonly number[], hessianWanted: boolean): Promise<Point> {
    const size = weights.length
    const units = this.#units
    const values = this.inBlockUnits(weights)
    const flag = hessianWanted ? 1 : 0
    const figures = 1 + size + (hessianWanted ? size * size : 0)
    const sums = await this.#blocks.round('trainingLogistic', size, { flag, values }, figures)
    const penalties = this.#penalties
    const gradient = weights.map((w, i) => sums[1 + i]! / units[i]! + penalties[i]! * w)
    const loss = sums[0]!
    const penalty = weights.reduce((all, weight, i) => all + (penalties[i]! * weight ** 2) / 2, 0)
    const point = { loss, objective: loss + penalty, gradient }
    if (!hessianWanted) return { ...point, hessian: undefined }
    const matrix = standardizedMatrix(units, (i, j) => sums[1 + size + i * size + j]!)
    penalties.forEach((value, i) => (matrix[i]![i]! += value))
    return { ...point, hessian: factorDamped(matrix) }
  }
}

interface Minimum {
  readonly weights: readonly number[]
  readonly point: Point
  readonly iterations: number
}

async function minimize(
  objective: Objective,
  { iterationsMax, tolerance }: LogisticOptions,
): Promise<Minimum> {
  let weights: readonly number[] = Array.from({ length: objective.parameters }, () => 0)
  let point = await objective.at(weights, true)
  let factors = point.hessian
  let iterations = 0
  for (let moved = Infinity; iterations < iterationsMax && moved > tolerance; iterations++) {
    const direction = factors?.solve(point.gradient) ?? []
    const next = await descend(objective, { weights, point, direction })
    if (next === undefined) break
    moved = Math.max(...weights.map((weight, i) => Math.abs(next.weights[i]! - weight)))
    weights = next.weights
    point = next.point
    factors = point.hessian ?? factors
  }
  return { weights, point, iterations }
}

/** Goes against a direction, as far as that leads down; undefined where it does not. */
async function descend(
  objective: Objective,
  from: {
    readonly weights: readonly number[]
    readonly point: Point
    readonly direction: readonly number[]
  },
): Promise<Pick<Minimum, 'weights' | 'point'> | undefined> {
  const { direction, point } = from
  const highest = point.objective + ROUNDING * Math.abs(point.objective)
  const settled = Math.max(...direction.map(Math.abs)) < SETTLED_MOVE
  let share = 1
  for (let halvings = 0; halvings < HALVINGS_MAX; halvings++) {
    const weights = from.weights.map((weight, i) => weight - share * direction[i]!)
    const next = await objective.at(weights, !settled)
    if (next.objective <= highest) return { weights, point: next }
    share /= 2
  }
  return undefined
}

async function twoClasses(
  { ids, run }: TrainingContext,
  { relation, target }: TrainingSet,
): Promise<TwoClasses> {
  if (!labelKinds.has(target.type.kind)) {
    throw notSupported(`a target of type ${typeName(target.type)} for LogisticRegression`)
  }
  const key = { id: ids.next(), name: target.name, expr: columnReference(target) }
  // Whether there are more than two is all that matters of further classes.
  const grouped = limit(aggregate(relation, [key], []), { limit: literal(3n, int8) })
  const rows = await run(grouped)
  const classes = rows.map(([value]) => value ?? null).filter(isLabel)
  if (classes.length !== 2) {
    throw needsTwoClasses(classes.length > 2 ? 'more' : String(classes.length))
  }
  const [first, second] = classes.toSorted(compareLabels)
  return [first!, second!]
}

function needsTwoClasses(found: string): QueryError {
  return new QueryError('MODEL_NOT_FITTED', 'LogisticRegression needs a target of two classes', {
    expected: '2 distinct values',
    found,
  })
}

/** Values of which are labels as they are; decimals and dates would lose what they mean. */
const labelKinds: ReadonlySet<TypeKind> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'text',
])

function isLabel(value: Scalar): value is Label {
  return value !== null && typeof value !== 'object'
}

function compareLabels(left: Label, right: Label): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
