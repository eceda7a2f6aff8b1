import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { scalarsOf } from '../../data/vectors/column-scalars.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { trainModel, type ModelOptions } from '../../ml/train.ts'
import type { TrainingContext } from '../../ml/training-set.ts'
import { addModel, lookupModel } from '../../plan/catalog/models.ts'
import { schemaFor } from '../../plan/catalog/schemas.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { CreateModelStatement } from '../../sql/ast/statement.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { optionRecord } from './option-record.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE MODEL: trains by aggregations and rounds over the rows of its query, then adds the model. */
export const createModelEntry: StatementEntry<CreateModelStatement> = {
  tag: () => 'CREATE MODEL',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createModel,
}

async function createModel(
  ctx: StatementContext,
  statement: CreateModelStatement,
): Promise<QueryResult> {
  const { catalog } = ctx
  const name = objectName(statement.name)
  const onConflict = statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'error'
  const schema = schemaFor(catalog, name, ctx.searchPath)
  const taken = lookupModel(catalog, { ...name, schema }, ctx.searchPath) !== undefined
  if (taken && onConflict === 'keep') return QueryResult.ofCommand('CREATE MODEL')
  if (taken && onConflict === 'error') {
    throw new QueryError('DUPLICATE_OBJECT', `model "${name.name}" already exists`, {
      span: statement.name.span,
      hint: 'CREATE OR REPLACE MODEL trains it anew.',
    })
  }
  const bound = await ctx.queries.bind(statement.query)
  const request = {
    schema,
    name: name.name,
    input: bound.relation,
    outputNames: bound.outputNames,
    options: modelOptions(statement),
  }
  const access: TrainingContext = {
    ids: ctx.columnIds,
    run: (relation) => rowsOf(ctx, relation),
    collect: (relation) => ctx.queries.runInOrder(relation),
    rounds: (work) => ctx.queries.rounds(work),
  }
  const model = await trainModel(access, request).catch((error: unknown) => {
    throw placed(error, statement.span)
  })
  await ctx.transaction.change({ apply: (root) => addModel(root, model, onConflict) })
  return QueryResult.ofCommand('CREATE MODEL')
}

/** What is not offered is told with its place, as everywhere. */
function placed(error: unknown, span: Span): unknown {
  if (!(error instanceof QueryError) || error.code !== 'FEATURE_NOT_SUPPORTED') return error
  return new QueryError(error.code, error.message, { span, ...error.details })
}

function modelOptions({ options, span }: CreateModelStatement): ModelOptions {
  const entries = Object.entries(optionRecord(options)).map(([name, value]) => {
    if (typeof value !== 'object') return [name, value] as const
    throw new QueryError('INVALID_PARAMETER_VALUE', `invalid value for model option "${name}"`, {
      span,
      expected: 'a string, a number or a boolean',
      found: JSON.stringify(value),
    })
  })
  return Object.fromEntries(entries)
}

async function rowsOf(
  ctx: StatementContext,
  relation: Relation,
): Promise<readonly (readonly Scalar[])[]> {
  const output = await ctx.queries.run(relation)
  const rows = output.chunks.flatMap((chunk) => {
    const columns = chunk.columns.map((vector) => scalarsOf(ctx.engine.heap, vector))
    return Array.from({ length: chunk.rows }, (_, row) =>
      columns.map((values) => values[row] ?? null),
    )
  })
  output.release()
  return rows
}
