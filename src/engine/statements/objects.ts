import { QueryError } from '../../base/errors.ts'
import { dropSchema } from '../../plan/catalog/drop.ts'
import { dropIndex } from '../../plan/catalog/indexes.ts'
import { dropModel } from '../../plan/catalog/models.ts'
import type { Catalog, EntryName, ViewColumn, ViewEntry } from '../../plan/catalog/catalog.ts'
import type { Needed } from '../../plan/catalog/dependents.ts'
import { dropOver } from '../tables/alter/drop-over.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { dropRelations, lookupRelation, type RelationKind } from '../../plan/catalog/relations.ts'
import { routineOfId } from '../../plan/catalog/routines.ts'
import { addSchema, isTemporarySchema } from '../../plan/catalog/schemas.ts'
import { dropTypes, lookupType, typeOfId } from '../../plan/catalog/types.ts'
import type { OnConflict } from '../../plan/catalog/schemas.ts'
import { checkReplacing, columnNamesOf } from '../../plan/catalog/view-columns.ts'
import type {
  CreateSchemaStatement,
  CreateViewStatement,
  DropStatement,
} from '../../sql/ast/statement.ts'
import type { BoundSelect } from '../results/query.ts'
import type { NamedEntry } from '../../plan/binder/context.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { addPlaced, placeNew } from '../tables/placement.ts'
import { QueryResult, skipped, type Notice } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE VIEW: the query is bound now, so that errors show now, and again at each use. */
export const createViewEntry: StatementEntry<CreateViewStatement> = {
  tag: () => 'CREATE VIEW',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createView,
}

async function createView(
  ctx: StatementContext,
  statement: CreateViewStatement,
): Promise<QueryResult> {
  const bound = await ctx.queries.bind(statement.query)
  const columns = viewColumns(bound, statement)
  const onConflict = statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'error'
  const { relations } = bound.needed
  const overTemporary = relations.some(([, { schema }]) => isTemporarySchema(schema))
  const temporary = statement.temporary || overTemporary
  const place = placeNew(ctx, statement.name, { temporary, onConflict })
  if (place.taken && onConflict === 'keep') {
    return QueryResult.ofCommand('CREATE VIEW', 0, [skipped(place.name)])
  }
  const entry = viewEntry(bound, columns, place, statement.queryText)
  await ctx.transaction.change({ apply: (catalog) => addView(catalog, entry, onConflict) })
  const told = overTemporary && !statement.temporary ? [willBeTemporary(place.name)] : []
  return QueryResult.ofCommand('CREATE VIEW', 0, told)
}

/** A view of a bound query. */
export function viewEntry(
  { needed: { relations, files, models, types, functions } }: BoundSelect,
  columns: readonly ViewColumn[],
  { schema, name }: EntryName,
  query: string,
): ViewEntry {
  return {
    kind: 'view',
    schema,
    name,
    query,
    columns,
    dependsOn: relations.map(([, entry]) => ({
      schema: entry.schema,
      name: entry.name,
      columnNames: columnNamesOf(entry),
    })),
    files: files.map(([location, entry]) => ({ location, columnNames: columnNamesOf(entry) })),
    dependsOnModels: models.map(([, entry]) => ({ schema: entry.schema, name: entry.name })),
    tableSchemas: unqualified(relations),
    modelSchemas: unqualified(models),
    types,
    functions: [...functions],
  }
}

/** Errors: INVALID_TABLE_DEFINITION; SERIALIZATION_FAILURE when something that it is over is gone. */
export function addView(catalog: Catalog, view: ViewEntry, onConflict: OnConflict): Catalog {
  const isThere = (
    of: Catalog['relations'] | Catalog['models'],
    { schema, name }: EntryName,
  ): boolean => of.get(schema)?.has(name) === true
  const isWhole =
    view.dependsOn.every((entry) => isThere(catalog.relations, entry)) &&
    view.dependsOnModels.every((entry) => isThere(catalog.models, entry)) &&
    [...view.types.values()].every((id) => typeOfId(catalog, id) !== undefined) &&
    view.functions.every((id) => routineOfId(catalog, id) !== undefined)
  if (!isWhole) throw overtaken()
  const before = catalog.relations.get(view.schema)?.get(view.name)
  if (onConflict === 'replace' && before?.kind === 'view') checkReplacing(before, view.columns)
  return addPlaced(catalog, view, onConflict)
}

/** What the query gives, under the names that are given to it. Errors: SYNTAX_ERROR with `surplus`, DUPLICATE_COLUMN. */
export function viewColumns(
  { outputNames, relation }: BoundSelect,
  { columns: given }: Pick<CreateViewStatement, 'columns'>,
  surplus = 'CREATE VIEW specifies more column names than columns',
): readonly ViewColumn[] {
  const other = given[outputNames.length]
  if (other !== undefined) throw new QueryError('SYNTAX_ERROR', surplus, { span: other.span })
  const columns = outputNames.map((outputName, index) => {
    const { type, nullable } = relation.columns[index]!
    return { name: given[index]?.text ?? outputName, outputName, type, nullable }
  })
  const names = columns.map(({ name }) => name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated === undefined) return columns
  throw new QueryError('DUPLICATE_COLUMN', `column "${repeated}" specified more than once`)
}

function unqualified(entries: readonly NamedEntry<EntryName>[]): ReadonlyMap<string, string> {
  const written = entries.filter(([name]) => name.schema === undefined)
  return new Map(written.map(([{ name }, { schema }]) => [name, schema]))
}

function willBeTemporary(name: string): Notice {
  const message = `view "${name}" will be a temporary view`
  return { sqlState: '00000', severity: 'NOTICE', message }
}

/** CREATE SCHEMA. */
export const createSchemaEntry: StatementEntry<CreateSchemaStatement> = {
  tag: () => 'CREATE SCHEMA',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createSchema,
}

async function createSchema(
  ctx: StatementContext,
  statement: CreateSchemaStatement,
): Promise<QueryResult> {
  const { name, ifNotExists } = statement
  if (name.text.startsWith('pg_')) {
    throw new QueryError('RESERVED_NAME', `unacceptable schema name "${name.text}"`, {
      span: name.span,
      detail: 'The prefix "pg_" is reserved for system schemas.',
    })
  }
  const onConflict = ifNotExists ? 'keep' : 'error'
  await ctx.transaction.change({ apply: (catalog) => addSchema(catalog, name.text, onConflict) })
  return QueryResult.ofCommand('CREATE SCHEMA')
}

/** What goes that has a type. */
function droppedEntries(
  { catalog, searchPath }: StatementContext,
  { objectKind, names }: DropStatement,
): readonly Needed[] {
  return names.map(objectName).flatMap((name): readonly Needed[] => {
    if (objectKind === 'type') return [lookupType(catalog, name, searchPath) ?? []].flat()
    if (isRelationKind(objectKind)) {
      return [lookupRelation(catalog, name, searchPath) ?? []].flat()
    }
    if (objectKind !== 'schema') return []
    return [catalog.relations, catalog.types].flatMap((held) => [
      ...(held.get(name.name)?.values() ?? []),
    ])
  })
}

/** DROP TABLE | VIEW | SEQUENCE | MODEL | SCHEMA | INDEX | TYPE a, b: all of them or none. */
export const dropEntry: StatementEntry<DropStatement> = {
  tag: ({ objectKind }) => `DROP ${objectKind.toUpperCase()}`,
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: drop,
}

function isRelationKind(kind: DropStatement['objectKind']): kind is RelationKind {
  return ['table', 'view', 'materialized view', 'sequence'].includes(kind)
}

async function drop(ctx: StatementContext, statement: DropStatement): Promise<QueryResult> {
  const { objectKind, ifExists, cascade } = statement
  const names = statement.names.map(objectName)
  const options = { ifExists, cascade }
  const { searchPath } = ctx
  if (cascade) await dropOver(ctx, droppedEntries(ctx, statement))
  await ctx.transaction.change({
    apply: (catalog) => {
      if (isRelationKind(objectKind)) {
        return dropRelations(catalog, objectKind, names, searchPath, options)
      }
      if (objectKind === 'type') return dropTypes(catalog, names, searchPath, options)
      return names.reduce((root, name) => {
        switch (objectKind) {
          case 'model':
            return dropModel(root, name, searchPath, options)
          case 'schema':
            return dropSchema(root, name.name, options)
          case 'index':
            return dropIndex(root, name, searchPath, options)
        }
      }, catalog)
    },
  })
  return QueryResult.ofCommand(`DROP ${objectKind.toUpperCase()}`)
}
