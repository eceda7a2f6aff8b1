import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { bool, float8, int4, int8, text } from '../../data/types/data-type.ts'
import { castKind, shownType } from '../../data/types/coercion.ts'
import type { PredictTable } from '../../sql/ast/select.ts'
import type { ModelEntry } from '../catalog/catalog.ts'
import { findModel } from '../catalog/models.ts'
import { nameInView } from '../catalog/schemas.ts'
import { didYouMean } from '../catalog/suggest.ts'
import { castTo, caseOf, columnReference, literal, named, project } from '../logical/build.ts'
import type { Expression, Literal } from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { typedCall } from '../logical/typing.ts'
import type { Binder, QueryEnvironment } from './context.ts'
import { objectName } from './object-name.ts'

/**
 * PREDICT(MODEL m, SELECT ...): the query's columns and the prediction under the name of the model's
 * target, in the place of a column of that name if there is one. Features are found by name.
 */
export function bindPredict(
  environment: QueryEnvironment,
  table: PredictTable,
  input: Relation,
): Relation {
  const { binder } = environment
  const { catalog, searchPath, columnIds } = binder.ctx
  const written = objectName(table.model)
  const name = nameInView(written, binder.views.at(-1)?.modelSchemas)
  const model = findModel(catalog, name, searchPath)
  if (binder.views.length === 0) binder.needed.models.push([written, model])
  const prediction = predictionOf(binder, model, input, table.model.span)
  const taken = input.columns.some((column) => column.name === model.targetColumn)
  const outputs = input.columns.map((column) =>
    named(
      columnIds,
      column.name,
      column.name === model.targetColumn ? prediction : columnReference(column),
    ),
  )
  if (!taken) outputs.push(named(columnIds, model.targetColumn, prediction))
  return project(input, outputs)
}

/** The model as an expression over the features: a weighted sum, or the class that its sign tells. */
export function predictionOf(
  binder: Binder,
  model: ModelEntry,
  input: Relation,
  span: Span,
): Expression {
  let sum: Expression = literal(model.intercept, float8, span)
  for (const [index, feature] of model.features.entries()) {
    const weight = literal(model.coefficients[index] ?? 0, float8, span)
    const value = featureValue(model, feature, input, span)
    const product = typedCall(binder, '*', [weight, value], span)
    sum = typedCall(binder, '+', [sum, product], span)
  }
  return predictions[model.modelClass](binder, model, sum, span)
}

/** What a class of models makes of the weighted sum. */
type Prediction = (binder: Binder, model: ModelEntry, sum: Expression, span: Span) => Expression

const predictions: { readonly [C in ModelEntry['modelClass']]: Prediction } = {
  LinearRegression: (_binder, _model, sum) => sum,
  LogisticRegression(binder, model, sum, span) {
    const [below, above] = classLiterals(model)
    const zero = literal(0, float8, span)
    // The logistic function reaches one half exactly where its argument reaches zero.
    const branches = [
      { when: typedCall(binder, '>=', [sum, zero], span), then: above },
      { when: typedCall(binder, '<', [sum, zero], span), then: below },
    ]
    return caseOf(branches, literal(null, above.type), span)
  },
}

function featureValue(model: ModelEntry, feature: string, input: Relation, span: Span): Expression {
  const column = input.columns.find((candidate) => candidate.name === feature)
  if (column === undefined) {
    throw new QueryError(
      'UNDEFINED_COLUMN',
      `column "${feature}" does not exist: model "${model.name}" needs it as a feature`,
      {
        span,
        ...didYouMean(
          feature,
          input.columns.map((candidate) => candidate.name),
        ),
      },
    )
  }
  return asNumber(model, column, span)
}

function asNumber(model: ModelEntry, column: OutputColumn, span: Span): Expression {
  const reference = columnReference(column, span)
  if (column.type.kind === 'bool') {
    const one = { when: reference, then: literal(1, float8, span) }
    const isFalse = { kind: 'cast', arg: reference, lenient: false, type: int4, span } as const
    return caseOf([one], castTo(isFalse, float8), span)
  }
  if (castKind(column.type, float8) !== 'implicit') {
    throw new QueryError(
      'DATATYPE_MISMATCH',
      `feature "${column.name}" of model "${model.name}" must be a number, not type ` +
        shownType(column.type),
      { span },
    )
  }
  return castTo(reference, float8)
}

function classLiterals(model: ModelEntry): readonly [Literal, Literal] {
  const [below = 0, above = 1] = model.classes
  const both = [below, above]
  if (both.every((value) => typeof value === 'boolean')) {
    return [literal(below, bool), literal(above, bool)]
  }
  if (both.every((value) => typeof value === 'number' && (value | 0) === value)) {
    return [literal(below, int4), literal(above, int4)]
  }
  if (both.every((value) => typeof value === 'bigint')) {
    return [literal(below, int8), literal(above, int8)]
  }
  if (both.every((value) => typeof value === 'number')) {
    return [literal(below, float8), literal(above, float8)]
  }
  return [literal(String(below), text), literal(String(above), text)]
}
