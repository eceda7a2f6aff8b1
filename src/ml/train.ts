import { QueryError } from '../base/errors.ts'
import type { ModelEntry } from '../plan/catalog/catalog.ts'
import type { Relation } from '../plan/logical/relation.ts'
import { fitLinearRegression } from './linear-regression.ts'
import { fitLogisticRegression } from './logistic-regression.ts'
import { trainingSet, type TrainingContext, type TrainingSet } from './training-set.ts'

export type ModelOptions = Readonly<Record<string, string | number | boolean>>

export interface TrainingRequest {
  readonly schema: string
  readonly name: string
  readonly input: Relation
  readonly outputNames: readonly string[]
  /** The WITH list of CREATE MODEL. */
  readonly options: ModelOptions
}

/** Options of every class; the others belong to some. */
const commonOptions = ['model_class', 'target_column'] as const

/** What a class of models finds out. */
type Fit = Pick<ModelEntry, 'coefficients' | 'intercept' | 'classes' | 'trainedRows' | 'metrics'>

/** A class of models: its own options, and how it is trained. */
interface Trainer {
  readonly options: readonly string[]
  fit(ctx: TrainingContext, set: TrainingSet, options: ModelOptions): Promise<Fit>
}

const trainers: { readonly [C in ModelEntry['modelClass']]: Trainer } = {
  LinearRegression: {
    options: [],
    fit: async (ctx, set) => ({ ...(await fitLinearRegression(ctx, set)), classes: [] }),
  },
  LogisticRegression: {
    options: ['c', 'max_iter', 'tol'],
    fit: (ctx, set, options) =>
      fitLogisticRegression(ctx, set, {
        inversePenalty: positive(options, 'c', 1),
        iterationsMax: positive(options, 'max_iter', 100),
        tolerance: positive(options, 'tol', 1e-8),
      }),
  },
}

/** What the WITH list may have, whatever the class. */
export const modelOptionNames: readonly string[] = [
  ...commonOptions,
  ...Object.values(trainers).flatMap(({ options }) => options),
]

/** Trains a model as CREATE MODEL asks and gives its catalog entry. */
export async function trainModel(
  ctx: TrainingContext,
  request: TrainingRequest,
): Promise<ModelEntry> {
  const { options, schema, name } = request
  const modelClass = classNamed(text(options, 'model_class'))
  const trainer = trainers[modelClass]
  checkNames(options, [...commonOptions, ...trainer.options])
  const targetColumn = text(options, 'target_column')
  const set = trainingSet(ctx.ids, request.input, request.outputNames, targetColumn)
  const fit = await trainer.fit(ctx, set, options)
  const features = set.featureNames
  return { kind: 'model', schema, name, modelClass, targetColumn, features, options, ...fit }
}

/** The class of a name, whatever its case. */
function classNamed(name: string): ModelEntry['modelClass'] {
  const known = Object.keys(trainers) as readonly ModelEntry['modelClass'][]
  const found = known.find((each) => each.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new QueryError('FEATURE_NOT_SUPPORTED', `not supported: model class "${name}"`, {
    expected: known.join(' or '),
    found: name,
  })
}

function checkNames(options: ModelOptions, known: readonly string[]): void {
  const odd = Object.keys(options).find((name) => !known.includes(name))
  if (odd === undefined) return
  throw new QueryError('INVALID_PARAMETER_VALUE', `unrecognized model option "${odd}"`, {
    expected: `one of ${known.join(', ')}`,
    found: odd,
  })
}

function text(options: ModelOptions, name: string): string {
  const value = options[name]
  if (typeof value === 'string' && value !== '') return value
  throw new QueryError('INVALID_PARAMETER_VALUE', `CREATE MODEL needs the option ${name}`, {
    expected: `${name} = '...'`,
  })
}

function positive(options: ModelOptions, name: string, fallback: number): number {
  const value = Number(options[name] ?? fallback)
  if (value > 0 && Number.isFinite(value)) return value
  throw new QueryError('INVALID_PARAMETER_VALUE', `invalid value for model option "${name}"`, {
    expected: 'a positive number',
    found: String(options[name]),
  })
}
