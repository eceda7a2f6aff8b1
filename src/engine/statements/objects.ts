import { QueryError } from '../../base/errors.ts'
import { dropIndex } from '../../plan/catalog/indexes.ts'
import { dropModel, lookupModel } from '../../plan/catalog/models.ts'
import { dropRelations, lookupRelation } from '../../plan/catalog/relations.ts'
import { addSchema, dropSchema, isTemporarySchema } from '../../plan/catalog/schemas.ts'
import type {
  CreateSchemaStatement,
  CreateViewStatement,
  DropStatement,
} from '../../sql/ast/statement.ts'
import { modelNames, tableNames } from '../../sql/table-names.ts'
import { objectName } from '../names.ts'
import { addPlaced, placeNew } from '../placement.ts'
import { QueryResult, skipped, type Notice } from '../result.ts'
import type { StatementContext } from './context.ts'

/** CREATE VIEW: the query is bound now, so that errors show now, and again at each use. */
export async function createView(
  ctx: StatementContext,
  statement: CreateViewStatement,
): Promise<QueryResult> {
  const onConflict = statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'error'
  const needed = tableNames(statement.query)
    .map((name) => lookupRelation(ctx.catalog, objectName(name), ctx.searchPath))
    .filter((entry) => entry !== undefined)
  const models = modelNames(statement.query)
    .map((name) => lookupModel(ctx.catalog, objectName(name), ctx.searchPath))
    .filter((entry) => entry !== undefined)
  const overTemporary = needed.some(({ schema }) => isTemporarySchema(schema))
  const temporary = statement.temporary || overTemporary
  const place = placeNew(ctx, statement.name, { temporary, onConflict })
  if (place.taken && onConflict === 'keep') {
    return QueryResult.ofCommand('CREATE VIEW', 0, [skipped(place.name)])
  }
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
    dependsOn: needed.map(({ schema, name }) => ({ schema, name })),
    dependsOnModels: models.map(({ schema, name }) => ({ schema, name })),
  }
  ctx.transaction.change({ apply: (catalog) => addPlaced(catalog, entry, onConflict) })
  const told = overTemporary && !statement.temporary ? [willBeTemporary(place.name)] : []
  return QueryResult.ofCommand('CREATE VIEW', 0, told)
}

function willBeTemporary(name: string): Notice {
  const message = `view "${name}" will be a temporary view`
  return { sqlState: '00000', severity: 'NOTICE', message }
}

export function createSchema(ctx: StatementContext, statement: CreateSchemaStatement): QueryResult {
  const { name, ifNotExists } = statement
  if (name.text.startsWith('pg_')) {
    throw new QueryError('RESERVED_NAME', `unacceptable schema name "${name.text}"`, {
      span: name.span,
      detail: 'The prefix "pg_" is reserved for system schemas.',
    })
  }
  const onConflict = ifNotExists ? 'keep' : 'error'
  ctx.transaction.change({ apply: (catalog) => addSchema(catalog, name.text, onConflict) })
  return QueryResult.ofCommand('CREATE SCHEMA')
}

/** DROP TABLE | VIEW | MODEL | SCHEMA | INDEX a, b: all of them or none. */
export function drop(ctx: StatementContext, statement: DropStatement): QueryResult {
  const { objectKind, ifExists, cascade } = statement
  const names = statement.names.map(objectName)
  const options = { ifExists, cascade }
  const { searchPath } = ctx
  ctx.transaction.change({
    apply: (catalog) => {
      if (objectKind === 'table' || objectKind === 'view') {
        return dropRelations(catalog, objectKind, names, searchPath, options)
      }
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
