import { recordOf, type RecordType } from '../../data/types/data-type.ts'
import { present } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import type {
  DerivedTable,
  TableAlias,
  TableExpression,
  TableFile,
  TableFunction,
  TableName,
} from '../../sql/ast/select.ts'
import { parseStatements } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import type { CatalogEntry, NeededRelation, SequenceEntry, ViewEntry } from '../catalog/catalog.ts'
import { shownTypeName } from '../catalog/row-types.ts'
import { findRelation } from '../catalog/relations.ts'
import { checkColumns, columnNamesOf, columnsAreOthers } from '../catalog/view-columns.ts'
import { nameInView } from '../catalog/schemas.ts'
import {
  columnReference,
  crossJoin,
  cteReference,
  literal,
  oneRow,
  project,
  renamed,
  scan,
  values,
  workingTable,
} from '../logical/build.ts'
import type { ColumnIds } from '../logical/build.ts'
import type { Relation } from '../logical/relation.ts'
import { settle } from '../logical/typing.ts'
import {
  VIEW_DEPTH_MAX,
  type Binder,
  type CteScope,
  type QueryEnvironment,
  type QueryLevel,
  type ScopeColumn,
  type Draft,
} from './context.ts'
import { bindJoin, combine } from './join.ts'
import type { ObjectName } from '../catalog/schemas.ts'
import { objectName } from './object-name.ts'
import { bindPredict } from './predict.ts'
import { sampled } from './sample.ts'
import { bindSystemRelation } from './system-relation.ts'
import { emptyNamespace, mergeNamespaces, scopeOf } from './scope.ts'
import type { FromContext, FromItem } from './from-item.ts'
import { bindTableFunction } from './table-function.ts'

/** The items of FROM, side by side, in steps; a SELECT without FROM has one row without columns. */
export function* bindFrom(
  environment: QueryEnvironment,
  level: QueryLevel,
  items: readonly TableExpression[],
): Steps<FromItem> {
  let all: FromItem | undefined
  for (const item of items) {
    const before = all?.namespace ?? emptyNamespace
    const next = yield* bindTable({ environment, level, before }, item)
    if (all === undefined) {
      all = next
      continue
    }
    const namespace = mergeNamespaces(all.namespace, next.namespace)
    const relation =
      combine('inner', all.relation, next.relation) ?? crossJoin(all.relation, next.relation)
    all = { relation, namespace }
  }
  return all ?? { relation: oneRow(), namespace: emptyNamespace }
}

function* bindTable(ctx: FromContext, table: TableExpression): Steps<FromItem> {
  switch (table.kind) {
    case 'table':
      return sampledTable(ctx, table)
    case 'file':
      return bindFile(ctx, table)
    case 'derived':
      return yield* bindDerived(ctx, table)
    case 'table-function':
      return bindFunctions(ctx, table)
    case 'predict': {
      const draft = yield* ctx.environment.binder.query(table.query, ctx.environment)
      const relation = bindPredict(ctx.environment, table, finished(ctx.environment, draft))
      const alias = table.alias?.name.text ?? table.model.parts.at(-1)!.text
      return named(ctx, { relation }, { name: alias }, table.alias)
    }
    case 'join':
      return yield* bindJoin(ctx, table, bindTable, (item, alias) => renamedJoin(ctx, item, alias))
  }
}

/** A table by its name, or a sample of its rows. Errors: FEATURE_NOT_SUPPORTED for what is no table. */
function sampledTable(ctx: FromContext, table: TableName): FromItem {
  const item = bindNamed(ctx, table)
  const { sample } = table
  if (sample === undefined) return item
  if (item.relation.kind !== 'scan') {
    const message = 'TABLESAMPLE clause can only be applied to tables and materialized views'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: table.name.span })
  }
  const scope = scopeOf(ctx.before, ctx.level, ctx.environment)
  return { ...item, relation: sampled(scope, item.relation, sample) }
}

/** Functions see the items before them, LATERAL or not. */
function bindFunctions(ctx: FromContext, table: TableFunction): FromItem {
  const { environment, level, before } = ctx
  const bound = bindTableFunction(scopeOf(before, level, environment), table)
  const { relation, names, ownName, isScalar, isNamed, rowType } = bound
  const { alias } = table
  // The one column of one function goes by the alias, unless the function names it.
  const single = relation.columns.length - (table.ordinality ? 1 : 0) === 1
  const goesByAlias = single && alias !== undefined && !isNamed
  const shown = goesByAlias ? [alias.name.text, ...names.slice(1)] : names
  const defined = alias && { ...alias, definitions: [] }
  const item = named(ctx, { relation, names: shown }, { name: ownName, rowType }, defined)
  if (!isScalar) return item
  const tables = item.namespace.tables.map((one) => ({ ...one, wholeRow: one.columns[0]?.expr }))
  return { ...item, namespace: { ...item.namespace, tables } }
}

function bindNamed(ctx: FromContext, table: TableName): FromItem {
  const { environment } = ctx
  const { binder } = environment
  const [only] = table.name.parts
  const cte = table.name.parts.length === 1 ? cteNamed(environment.ctes, only!.text) : undefined
  if (cte !== undefined) {
    const { definition } = cte
    const { columnIds } = binder.ctx
    ctx.level.isRecursive ||= 'recursionId' in definition
    if ('givesNoRows' in definition && definition.givesNoRows === true) {
      const message = `WITH query "${cte.name}" does not have a RETURNING clause`
      throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: table.span })
    }
    if ('cteId' in definition) {
      const relation = cteReference(columnIds, definition.cteId, cte.name, definition.columns)
      return named(ctx, { relation }, cte, table.alias)
    }
    const { recursionId, columns, addedColumns = 0 } = definition
    const relation = workingTable(columnIds, recursionId, cte.name, columns)
    const item = named(ctx, { relation }, cte, table.alias)
    return addedColumns === 0 ? item : namedOnly(item, columns.length - addedColumns)
  }
  const written = objectName(table.name)
  const system = bindSystemRelation(environment, written, table)
  if (system !== undefined) return named(ctx, system, system, table.alias)
  const needed = neededBy(binder.views.at(-1), written)
  const wanted = needed ?? nameInView(written, binder.views.at(-1)?.tableSchemas)
  const entry = findRelation(binder.ctx.catalog, wanted, binder.ctx.searchPath)
  if (binder.views.length === 0) binder.needed.relations.push([written, entry])
  const whole = wholeOf(environment, entry, table)
  const { relation, shown } = asInView(binder, whole, columnNamesOf(entry), needed)
  // In a view's query it goes by the name that it had when the view was made.
  const { schema, name } = needed?.writtenAs ?? entry
  const rowType = recordOf(
    relation.columns.map((column, at) => ({ name: shown[at] ?? column.name, type: column.type })),
    shownTypeName(entry.schema, entry.name),
  )
  return named(ctx, { relation, names: shown }, { name, schema, rowType }, table.alias)
}

/** An item whose columns from one on are not among those of `*`. */
function namedOnly({ relation, namespace }: FromItem, from: number): FromItem {
  const marked = (columns: readonly ScopeColumn[]): readonly ScopeColumn[] =>
    columns.map((column, at) => (at < from ? column : { ...column, isNamedOnly: true }))
  const tables = namespace.tables.map((one) => ({ ...one, columns: marked(one.columns) }))
  return { relation, namespace: { tables, columns: marked(namespace.columns) } }
}

/** What a name in the query of a view is, as the view knows it. */
function neededBy(view: ViewEntry | undefined, written: ObjectName): NeededRelation | undefined {
  if (view === undefined) return undefined
  const { schema, name } = nameInView(written, view.tableSchemas)
  return view.dependsOn.find((needed) => {
    const asWritten = needed.writtenAs ?? needed
    return asWritten.schema === schema && asWritten.name === name
  })
}

/** All that a table, view or sequence shows. */
function wholeOf(environment: QueryEnvironment, entry: CatalogEntry, table: TableName): Relation {
  const { binder } = environment
  switch (entry.kind) {
    case 'table':
      return scan(binder.ctx.columnIds, entry)
    case 'view':
      if (entry.stored !== undefined) return scan(binder.ctx.columnIds, entry.stored)
      return bindView(environment, entry, table)
    case 'sequence':
      // It changes without a change of the catalog.
      binder.needed.surroundings = true
      return sequenceRow(binder.ctx.columnIds, entry)
  }
}

/** The one row that a sequence shows of itself, as it is now. */
function sequenceRow(ids: ColumnIds, { columns, numbers }: SequenceEntry): Relation {
  const { last, logged, isCalled } = numbers
  const row = [last, BigInt(logged), isCalled].map((value, at) =>
    literal(value, present(columns[at], 'a column of a sequence').type),
  )
  return values(
    [row],
    columns.map((field) => ({ ...field, id: ids.next() })),
  )
}

/** Inside a view a relation has the columns that it had when the view was made, in that order. */
function asInView(
  { ctx }: Binder,
  whole: Relation,
  shown: readonly string[],
  needed: Pick<NeededRelation, 'columnNames' | 'currentNames'> | undefined,
): { readonly relation: Relation; readonly shown: readonly string[] } {
  const known = needed?.columnNames ?? shown
  const current = needed?.currentNames ?? known
  if (current.length === shown.length && current.every((name, at) => name === shown[at])) {
    return { relation: whole, shown: known }
  }
  const columns = current.map((name) => {
    const column = whole.columns[shown.indexOf(name)]
    if (column === undefined) throw columnsAreOthers()
    return column
  })
  return { relation: project(whole, renamed(ctx.columnIds, columns)), shown: known }
}

function bindFile(ctx: FromContext, table: TableFile): FromItem {
  const { binder } = ctx.environment
  const { ctx: bind, views } = binder
  const { location } = table
  const entry = bind.resolveFile?.(location)
  if (entry === undefined) {
    throw new QueryError('FILE_NOT_FOUND', `could not open file "${location}"`, {
      span: table.span,
    })
  }
  if (views.length === 0) binder.needed.files.push([location, entry])
  const needed = views.at(-1)?.files.find((file) => file.location === location)
  const whole = scan(bind.columnIds, entry)
  const { relation, shown } = asInView(binder, whole, names(whole), needed)
  return named(ctx, { relation, names: shown }, { name: entry.name }, table.alias)
}

function* bindDerived(ctx: FromContext, table: DerivedTable): Steps<FromItem> {
  const { environment, level, before } = ctx
  const beside = scopeOf(before, level, environment)
  const inner = table.lateral
    ? { ...environment, parent: beside }
    : { ...environment, hidden: beside }
  const draft = yield* environment.binder.query(table.query, inner)
  const relation = finished(environment, draft)
  const name = table.alias?.name.text ?? ''
  return named(ctx, { relation, names: draft.names }, { name }, table.alias)
}

/** A view's query is bound anew, in the catalog as it is now and without sight of the outer query. */
function bindView(environment: QueryEnvironment, view: ViewEntry, table: TableName): Relation {
  const { binder } = environment
  if (binder.views.some(({ schema, name }) => schema === view.schema && name === view.name)) {
    const message = `infinite recursion detected in rules for relation "${view.name}"`
    throw new QueryError('INVALID_OBJECT_DEFINITION', message, { span: table.span })
  }
  if (binder.views.length >= VIEW_DEPTH_MAX) {
    throw new QueryError('STATEMENT_TOO_COMPLEX', `views nested too deeply at "${view.name}"`, {
      span: table.span,
    })
  }
  const inner = {
    binder: { ...binder, views: [...binder.views, view] },
    parent: undefined,
    ctes: undefined,
  }
  try {
    const [statement] = parseStatements(view.query)
    if (statement?.kind !== 'select') throw notSupported(`view "${view.name}"`, table.span)
    const draft = finishSteps(binder.query(placedAt(statement, table.span), inner))
    const relation = finished(inner, draft)
    checkColumns(view, draft.names, relation.columns)
    return relation
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const detail = [error.details.detail, `in view "${view.name}"`].filter(Boolean).join('\n')
    throw new QueryError(error.code, error.message, { ...error.details, span: table.span, detail })
  }
}

/** A relation under a name: its own one unless an alias says another; so are its columns. */
function named(
  ctx: FromContext,
  { relation, names = [] }: { readonly relation: Relation; readonly names?: readonly string[] },
  own: {
    readonly name: string
    readonly schema?: string
    readonly rowType?: RecordType | undefined
  },
  alias: TableAlias | undefined,
): FromItem {
  if (alias !== undefined && alias.definitions.length > 0) {
    throw notSupported('column definitions', alias.name.span)
  }
  const shownAlias = alias?.name.text ?? own.name
  const given = alias?.columns ?? []
  if (alias !== undefined) checkColumnCount(alias, relation.columns.length)
  const columns = relation.columns.map((column, index): ScopeColumn => {
    const name = given[index]?.text ?? names[index] ?? column.name
    ctx.level.columnNames.set(column.id, shownAlias === '' ? name : `${shownAlias}.${name}`)
    return { name, expr: columnReference({ ...column, name }) }
  })
  const table = {
    alias: shownAlias,
    schema: alias === undefined ? own.schema : undefined,
    hiddenName: alias === undefined ? undefined : own.name,
    columns,
    rowType: own.rowType,
    present: columns[relation.columns.findIndex(({ nullable }) => !nullable)]?.expr,
  }
  return { relation, namespace: { tables: shownAlias === '' ? [] : [table], columns } }
}

function checkColumnCount(alias: TableAlias, available: number): void {
  const tooMany = alias.columns[available]
  if (tooMany === undefined) return
  const counts = `${available} columns available but ${alias.columns.length}`
  throw new QueryError(
    'INVALID_COLUMN_REFERENCE',
    `table "${alias.name.text}" has ${counts} columns specified`,
    { span: tooMany.span },
  )
}

/** `(a JOIN b) AS j`: the alias hides the names inside. */
function renamedJoin(ctx: FromContext, item: FromItem, alias: TableAlias): FromItem {
  checkColumnCount(alias, item.namespace.columns.length)
  const columns = item.namespace.columns.map(({ name, expr }, index): ScopeColumn => {
    const shown = alias.columns[index]?.text ?? name
    if (expr.kind === 'column') {
      ctx.level.columnNames.set(expr.id, `${alias.name.text}.${shown}`)
    }
    return { name: shown, expr }
  })
  const table = { alias: alias.name.text, schema: undefined, hiddenName: undefined, columns }
  return { relation: item.relation, namespace: { tables: [table], columns } }
}

function finished(environment: QueryEnvironment, draft: Draft): Relation {
  return draft.finish(draft.exprs.map((expr) => settle(environment.binder, expr)))
}

function names(relation: Relation): readonly string[] {
  return relation.columns.map((column) => column.name)
}

function cteNamed(ctes: CteScope | undefined, name: string): CteScope | undefined {
  for (let at = ctes; at !== undefined; at = at.next) if (at.name === name) return at
  return undefined
}
