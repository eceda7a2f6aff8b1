import { QueryError } from '../../base/errors.ts'
import { dropIndex } from '../../plan/catalog/indexes.ts'
import { dropModel } from '../../plan/catalog/models.ts'
import {
  addRelation,
  dropRelation,
  lookupRelation,
  placeRelation,
} from '../../plan/catalog/relations.ts'
import { addSchema, dropSchema } from '../../plan/catalog/schemas.ts'
import type {
  CreateSchemaStatement,
  CreateViewStatement,
  DropStatement,
} from '../../sql/ast/statement.ts'
import { tableNames } from '../../sql/table-names.ts'
import { objectName } from '../names.ts'
import { QueryResult } from '../result.ts'
import type { StatementContext } from './context.ts'

/** CREATE VIEW: the query is bound now, so that errors show now, and again at each use. */
export async function createView(
  ctx: StatementContext,
  statement: CreateViewStatement,
): Promise<QueryResult> {
  const onConflict = statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'error'
  const place = placeRelation(ctx.catalog, objectName(statement.name), ctx.searchPath, onConflict)
  if (place.taken && onConflict === 'keep') return QueryResult.ofCommand('CREATE VIEW')
  const { outputNames } = await ctx.bind(statement.query)
  const surplus = statement.columns[outputNames.length]
  if (surplus !== undefined) {
    const message = 'CREATE VIEW specifies more column names than columns'
    throw new QueryError('SYNTAX_ERROR', message, { span: surplus.span })
  }
  const names = outputNames.map((name, index) => statement.columns[index]?.text ?? name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) {
    throw new QueryError('DUPLICATE_COLUMN', `column "${repeated}" specified more than once`)
  }
  const entry = {
    kind: 'view' as const,
    schema: place.schema,
    name: place.name,
    query: statement.queryText,
    columnNames: names,
    dependsOn: tableNames(statement.query)
      .map((name) => lookupRelation(ctx.catalog, objectName(name), ctx.searchPath))
      .filter((needed) => needed !== undefined)
      .map(({ schema, name }) => ({ schema, name })),
  }
  ctx.transaction.change({ apply: (catalog) => addRelation(catalog, entry, onConflict) })
  return QueryResult.ofCommand('CREATE VIEW')
}

export function createSchema(ctx: StatementContext, statement: CreateSchemaStatement): QueryResult {
  const { name, ifNotExists } = statement
  const onConflict = ifNotExists ? 'keep' : 'error'
  ctx.transaction.change({ apply: (catalog) => addSchema(catalog, name.text, onConflict) })
  return QueryResult.ofCommand('CREATE SCHEMA')
}

/** DROP TABLE | VIEW | MODEL | SCHEMA | INDEX a, b: all of them or none. */
export function drop(ctx: StatementContext, statement: DropStatement): QueryResult {
  const { objectKind, ifExists, cascade } = statement
  const names = statement.names.map(objectName)
  const options = { ifExists, cascade }
  ctx.transaction.change({
    apply: (catalog) =>
      names.reduce((root, name) => {
        switch (objectKind) {
          case 'table':
          case 'view':
            return dropRelation(root, objectKind, name, ctx.searchPath, options)
          case 'model':
            return dropModel(root, name, ctx.searchPath, options)
          case 'schema':
            return dropSchema(root, name.name, options)
          case 'index':
            return dropIndex(root, name, ctx.searchPath, options)
        }
      }, catalog),
  })
  return QueryResult.ofCommand(`DROP ${objectKind.toUpperCase()}`)
}
