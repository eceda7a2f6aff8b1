import { QueryError } from '../base/errors.ts'
import type { ModelEntry } from '../plan/catalog/catalog.ts'
import type { Relation } from '../plan/logical/relation.ts'
import { fitLinearRegression } from './linear-regression.ts'
import { fitLogisticRegression } from './logistic-regression.ts'
import { trainingSet, type TrainingContext } from './training-set.ts'

export type ModelOptions = Readonly<Record<string, string | number | boolean>>

export interface TrainingRequest {
  readonly schema: string
  readonly name: string
  readonly input: Relation
  readonly outputNames: readonly string[]
  /** The WITH list of CREATE MODEL. */
  readonly options: ModelOptions
}

/** What the WITH list may have. */
export const modelOptionNames: readonly string[] = [
  'model_class',
  'target_column',
  'c',
  'max_iter',
  'tol',
]

/** Trains a model as CREATE MODEL asks and gives its catalog entry. */
export async function trainModel(
  ctx: TrainingContext,
  request: TrainingRequest,
): Promise<ModelEntry> {
  const { options } = request
  checkNames(options)
  const modelClass = text(options, 'model_class')
  const targetColumn = text(options, 'target_column')
  const set = trainingSet(ctx.ids, request.input, request.outputNames, targetColumn)
  const base = {
    kind: 'model' as const,
    schema: request.schema,
    name: request.name,
    targetColumn,
    features: set.featureNames,
    options,
  }
  switch (modelClass.toLowerCase()) {
    case 'linearregression':
      return {
        ...base,
        ...(await fitLinearRegression(ctx, set)),
        modelClass: 'LinearRegression',
        classes: [],
      }
    case 'logisticregression': {
      const fit = await fitLogisticRegression(ctx, set, {
        inversePenalty: positive(options, 'c', 1),
        iterationsMax: positive(options, 'max_iter', 100),
        tolerance: positive(options, 'tol', 1e-8),
      })
      return { ...base, ...fit, modelClass: 'LogisticRegression' }
    }
    default:
      throw new QueryError('FEATURE_NOT_SUPPORTED', `not supported: model class "${modelClass}"`, {
        expected: 'LinearRegression or LogisticRegression',
        found: modelClass,
      })
  }
}

function checkNames(options: ModelOptions): void {
  const odd = Object.keys(options).find((name) => !modelOptionNames.includes(name))
  if (odd === undefined) return
  throw new QueryError('INVALID_PARAMETER_VALUE', `unrecognized model option "${odd}"`, {
    expected: `one of ${modelOptionNames.join(', ')}`,
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
