import { notSupported, QueryError } from '../../base/errors.ts'
import type { Field } from '../../data/types/schema.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { kindName } from '../../plan/catalog/catalog.ts'
import type { Catalog, TableEntry, ViewColumn, ViewEntry } from '../../plan/catalog/catalog.ts'
import { definitionsOnly } from '../../plan/catalog/definitions.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { textOfName } from '../../plan/catalog/name-text.ts'
import { addRelation, findRelation } from '../../plan/catalog/relations.ts'
import { isTemporarySchema } from '../../plan/catalog/schemas.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { CreateStoredViewStatement, RefreshStatement } from '../../sql/ast/statement.ts'
import { parseStatements } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import { randomTableId } from '../catalog/table-id.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { BoundSelect } from '../results/query.ts'
import { QueryResult, skipped } from '../results/result.ts'
import { storeQuery, type StoredRows } from '../tables/memory-tables.ts'
import { placeNew } from '../tables/placement.ts'
import { noShape, type StatementEntry } from './entry.ts'
import { addView, viewColumns, viewEntry } from './objects.ts'

/** CREATE MATERIALIZED VIEW: a view whose rows are kept as they were when its query was run last. */
export const createStoredViewEntry: StatementEntry<CreateStoredViewStatement> = {
  tag: () => 'CREATE MATERIALIZED VIEW',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createStoredView,
}

/** REFRESH MATERIALIZED VIEW: its query is run again. */
export const refreshEntry: StatementEntry<RefreshStatement> = {
  tag: () => 'REFRESH MATERIALIZED VIEW',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: refresh,
}

async function createStoredView(
  ctx: StatementContext,
  statement: CreateStoredViewStatement,
): Promise<QueryResult> {
  const { query, ifNotExists, queryText, withData } = statement
  if (query.with?.ctes.some((cte) => cte.query.kind !== 'select') === true) {
    const message = 'materialized views must not use data-modifying statements in WITH'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const bound = await ctx.queries.bind(query)
  if (bound.parameterTypes.length > 0) {
    const message = 'materialized views may not be defined using bound parameters'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  if (bound.needed.relations.some(([, { schema }]) => isTemporarySchema(schema))) {
    const message = 'materialized views must not use temporary tables or views'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const onConflict = ifNotExists ? 'keep' : 'error'
  const place = placeNew(ctx, statement.name, { temporary: false, onConflict })
  const tag = 'CREATE MATERIALIZED VIEW'
  if (place.taken) return QueryResult.ofCommand(tag, 0, [skipped(place.name)])
  const columns = viewColumns(bound, statement, 'too many column names were specified')
  const view = viewEntry(bound, columns, place, queryText)
  const rows = withData ? await storedRows(ctx, bound.relation, columns) : undefined
  const entry = { ...view, stored: storedTable(view, rows) }
  await ctx.transaction.change({ apply: (catalog) => addView(catalog, entry, onConflict) })
  return rows === undefined ? QueryResult.ofCommand(tag) : QueryResult.ofCount('SELECT', rows.rows)
}

function fieldsOf(columns: readonly ViewColumn[]): readonly Field[] {
  return columns.map(({ name, type }) => {
    return { name, type: type.kind === 'unknown' ? { kind: 'text' } : type, nullable: true }
  })
}

function storedRows(
  ctx: StatementContext,
  relation: Relation,
  columns: readonly ViewColumn[],
): Promise<StoredRows> {
  return storeQuery(ctx, relation, fieldsOf(columns))
}

/** `rows`: undefined where the query is not run. */
function storedTable(view: ViewEntry, rows: StoredRows | undefined): TableEntry {
  const { schema, name } = view
  const columns = fieldsOf(view.columns)
  return {
    kind: 'table',
    schema,
    name,
    columns,
    source: { kind: 'memory', id: randomTableId(), chunks: rows?.chunks ?? [] },
    statistics: rows?.statistics ?? {
      rows: 0,
      exact: true,
      columns: columns.map(() => undefined),
    },
    ...(rows === undefined && { isUnpopulated: true }),
  }
}

async function refresh(ctx: StatementContext, statement: RefreshStatement): Promise<QueryResult> {
  const { concurrently, withData } = statement
  const view = refreshedView(ctx, statement)
  if (concurrently) refuseConcurrently(view)
  const rows = withData
    ? await storedRows(ctx, (await boundAgain(ctx, statement, view)).relation, view.columns)
    : undefined
  const stored = storedTable(view, rows)
  await ctx.transaction.change({ apply: (catalog) => refreshed(catalog, view, stored) })
  return QueryResult.ofCommand('REFRESH MATERIALIZED VIEW')
}

/** Errors: SERIALIZATION_FAILURE where it is another view by now. */
function refreshed(catalog: Catalog, view: ViewEntry, stored: TableEntry): Catalog {
  const now = catalog.relations.get(view.schema)?.get(view.name)
  if (now?.kind !== 'view' || now.stored === undefined || now.query !== view.query) {
    throw overtaken()
  }
  return addRelation(catalog, { ...now, stored }, 'replace')
}

/** Errors: UNDEFINED_TABLE, WRONG_OBJECT_TYPE, FEATURE_NOT_SUPPORTED. */
function refreshedView(ctx: StatementContext, { name }: RefreshStatement): ViewEntry {
  const { span: _, ...wanted } = objectName(name)
  const entry = findRelation(ctx.catalog, wanted, ctx.searchPath)
  if (entry.kind === 'view' && entry.stored !== undefined) return entry
  if (kindName(entry) === 'table') {
    const message = `"${entry.name}" is not a materialized view`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const message = `"${entry.name}" is not a table or materialized view`
  throw new QueryError('WRONG_OBJECT_TYPE', message)
}

/** There are no indexes of materialized views, which it would need. Errors: FEATURE_NOT_SUPPORTED, OBJECT_NOT_IN_STATE. */
function refuseConcurrently(view: ViewEntry): never {
  if (view.stored?.isUnpopulated === true) {
    const message = 'CONCURRENTLY cannot be used when the materialized view is not populated'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const message = `cannot refresh materialized view "${view.schema}.${view.name}" concurrently`
  throw new QueryError('OBJECT_NOT_IN_STATE', message, {
    hint: 'Create a unique index with no WHERE clause on one or more columns of the materialized view.',
  })
}

/** The query of a materialized view over the tables as they are. */
function boundAgain(
  ctx: StatementContext,
  { name }: RefreshStatement,
  view: ViewEntry,
): Promise<BoundSelect> {
  const [statement] = parseStatements(`select * from ${textOfName(view)}`)
  if (statement?.kind !== 'select') throw notSupported(`view "${view.name}"`, name.span)
  const catalog = definitionsOnly(ctx.catalog, [view])
  const plain = ctx.apart(ctx.leases, { catalog, options: ctx.options })
  return plain.queries.bind(placedAt(statement, name.span))
}
