import { text } from '../../data/types/data-type.ts'
import { declaredName, type DeclaredField } from '../../data/types/declared-name.ts'
import type { Field } from '../../data/types/schema.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { kindName } from '../../plan/catalog/catalog.ts'
import { findModel } from '../../plan/catalog/models.ts'
import { isTemporarySchema } from '../../plan/catalog/schemas.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import type { DescribeStatement, ShowStatement } from '../../sql/ast/statement.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { shownSettingName } from '../settings/settings.ts'
import { QueryResult, type ResultColumn } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { rowsOf, type StatementEntry } from './entry.ts'

function textColumns(...names: readonly string[]): readonly ResultColumn[] {
  return names.map((name) => ({ name, type: text }))
}

/** The columns that a SHOW gives; needed before it runs when a client prepares it. */
function showColumns({ subject, setting }: ShowStatement): readonly ResultColumn[] {
  switch (subject) {
    case 'tables':
      return textColumns('schema', 'name', 'type')
    case 'schemas':
      return textColumns('name')
    case 'models':
      return textColumns('schema', 'name', 'model_class', 'target_column')
    case 'columns':
      return describeColumns
    case 'setting':
      return textColumns(shownSettingName(setting ?? ''))
    case 'all':
      return textColumns('name', 'setting', 'description')
  }
}

const describeColumns = textColumns('column', 'type', 'nullable', 'default')
const describeModelColumns = textColumns('property', 'value')

/** SHOW TABLES | SCHEMAS | MODELS | COLUMNS FROM t | ALL | a setting. */
export const showEntry: StatementEntry<ShowStatement> = {
  tag: () => 'SHOW',
  looks: ({ subject }) => subject !== 'setting' && subject !== 'all',
  writes: 'no',
  describe: (_, statement) => rowsOf(showColumns(statement)),
  run: show,
}

/** DESCRIBE t, DESCRIBE MODEL m. */
export const describeEntry: StatementEntry<DescribeStatement> = {
  tag: () => 'DESCRIBE',
  looks: () => true,
  writes: 'no',
  describe: (_, { objectKind }) =>
    rowsOf(objectKind === 'table' ? describeColumns : describeModelColumns),
  run: describe,
}

async function show(ctx: StatementContext, statement: ShowStatement): Promise<QueryResult> {
  const rows = await showRows(ctx, statement)
  return QueryResult.ofRows(showColumns(statement), rows, 'SHOW')
}

async function showRows(
  ctx: StatementContext,
  statement: ShowStatement,
): Promise<readonly (readonly Scalar[])[]> {
  const { catalog } = ctx
  const matches = likeFilter(statement.like)
  switch (statement.subject) {
    case 'tables':
      return entriesOf(catalog.relations)
        .filter(({ schema }) => isSeen(ctx, schema))
        .filter(({ schema, name }) => inSchema(statement, schema) && matches(name))
        .map((entry) => [entry.schema, entry.name, kindName(entry)])
    case 'schemas':
      return [...catalog.relations.keys()]
        .filter((name) => isSeen(ctx, name) && matches(name))
        .map((name) => [name])
    case 'models':
      return entriesOf(catalog.models)
        .filter(({ schema, name }) => inSchema(statement, schema) && matches(name))
        .map(({ schema, name, modelClass, targetColumn }) => [
          schema,
          name,
          modelClass,
          targetColumn,
        ])
    case 'columns':
      return statement.from === undefined ? [] : relationColumns(ctx, statement.from)
    case 'setting':
      return [[ctx.settings.show(statement.setting ?? '')]]
    case 'all':
      return ctx.settings.all()
  }
}

async function describe(ctx: StatementContext, statement: DescribeStatement): Promise<QueryResult> {
  if (statement.objectKind === 'table') {
    const rows = await relationColumns(ctx, statement.name)
    return QueryResult.ofRows(describeColumns, rows, 'DESCRIBE')
  }
  const model = findModel(ctx.catalog, objectName(statement.name), ctx.searchPath)
  const coefficients = model.features.map((feature, i) => [
    `coefficient of ${feature}`,
    String(model.coefficients[i]),
  ])
  const rows = [
    ['model_class', model.modelClass],
    ['target_column', model.targetColumn],
    ['trained_rows', String(model.trainedRows)],
    ...(model.classes.length > 0 ? [['classes', model.classes.map(String).join(', ')]] : []),
    ['intercept', String(model.intercept)],
    ...coefficients,
    ...Object.entries(model.metrics).map(([name, value]) => [name, String(value)]),
  ]
  return QueryResult.ofRows(describeModelColumns, rows, 'DESCRIBE')
}

type ShownColumn = DeclaredField & Pick<Field, 'name' | 'nullable'>

async function relationColumns(
  ctx: StatementContext,
  name: DescribeStatement['name'],
): Promise<readonly (readonly Scalar[])[]> {
  const entry = findRelation(ctx.catalog, objectName(name), ctx.searchPath)
  const columns: readonly ShownColumn[] = entry.columns
  const defaults = entry.kind === 'table' ? (entry.rules?.defaults ?? []) : []
  return columns.map((column, position) => [
    column.name,
    declaredName(column),
    column.nullable ? 'YES' : 'NO',
    defaults[position] ?? null,
  ])
}

function entriesOf<T>(bySchema: ReadonlyMap<string, ReadonlyMap<string, T>>): readonly T[] {
  return [...bySchema.values()].flatMap((entries) =>
    [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry),
  )
}

/** Temporary objects of other sessions are not shown. */
function isSeen({ temporarySchema }: StatementContext, schema: string): boolean {
  return schema === temporarySchema || !isTemporarySchema(schema)
}

function inSchema({ from }: ShowStatement, schema: string): boolean {
  return from === undefined || from.parts.at(-1)?.text === schema
}

/** LIKE with % and _, as SHOW TABLES LIKE takes it. */
function likeFilter(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const source = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const regex = new RegExp(`^${source.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's')
  return (name) => regex.test(name)
}
