import { notSupported, QueryError } from '../../base/errors.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { kindName, type CatalogEntry } from '../../plan/catalog/catalog.ts'
import { renameIndex, tableWithIndex } from '../../plan/catalog/indexes.ts'
import { lookupRelation } from '../../plan/catalog/relations.ts'
import { withColumnRenamed } from '../../plan/catalog/rename-column.ts'
import { renameSchema } from '../../plan/catalog/rename-schema.ts'
import { shownName, undefinedSchema } from '../../plan/catalog/schemas.ts'
import type { AlterSchemaStatement, AlterStatement, WholeAction } from '../../sql/ast/definition.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult, type Notice } from '../results/result.ts'
import { alterTable, isTableAction } from '../tables/alter/actions.ts'
import { AlteredTable, skipping } from '../tables/alter/altered-table.ts'
import { renameConstraint } from '../tables/alter/constraint-actions.ts'
import { alterSequence } from '../tables/alter-sequence.ts'
import type { MemoryTable } from '../tables/memory-tables.ts'
import { moveRelation, renameRelation } from '../tables/rename-relation.ts'
import { checkRole } from '../tables/roles.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** ALTER TABLE | VIEW | INDEX | SEQUENCE: all actions or none. */
export const alterEntry: StatementEntry<AlterStatement> = {
  tag: ({ objectKind }) => `ALTER ${objectKind.toUpperCase()}`,
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: alter,
}

/** ALTER SCHEMA a RENAME TO b. */
export const alterSchemaEntry: StatementEntry<AlterSchemaStatement> = {
  tag: () => 'ALTER SCHEMA',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: alterSchema,
}

async function alter(ctx: StatementContext, statement: AlterStatement): Promise<QueryResult> {
  const tag = alterEntry.tag(statement)
  if (statement.objectKind === 'index') return alterIndex(ctx, statement, tag)
  const entry = alteredEntry(ctx, statement)
  if (entry === undefined) return QueryResult.ofCommand(tag, 0, [missing(statement)])
  const [first] = statement.actions
  if (first === undefined || isTableAction(first)) {
    const notices = await alterTable(
      ctx,
      alteredTable(entry, statement),
      statement.actions.filter(isTableAction),
    )
    return QueryResult.ofCommand(tag, 0, notices)
  }
  await alterWhole(ctx, entry, first, statement)
  return QueryResult.ofCommand(tag)
}

async function alterWhole(
  ctx: StatementContext,
  entry: CatalogEntry,
  action: WholeAction,
  statement: AlterStatement,
): Promise<void> {
  const { transaction } = ctx
  switch (action.kind) {
    case 'rename':
      return transaction.change({
        apply: (catalog) => renameRelation(catalog, entry, action.newName.text),
      })
    case 'rename-constraint': {
      const altered = new AlteredTable(ctx, alteredTable(entry, statement))
      renameConstraint(ctx, altered, action.part.text, action.newName.text)
      return altered.finish()
    }
    case 'rename-column':
      return transaction.change({
        apply: (catalog) =>
          withColumnRenamed(catalog, entry, action.part.text, action.newName.text),
      })
    case 'set-schema':
      return transaction.change({
        apply: (catalog) => moveRelation(catalog, entry, action.schema.text),
      })
    case 'owner':
      return checkRole(ctx, action.role)
    case 'sequence-options':
      return alterSequence(ctx, entry, action)
  }
}

/** What the statement is about; undefined where nothing is there and nothing has to be. */
function alteredEntry(
  ctx: StatementContext,
  { name, ifExists, objectKind }: AlterStatement,
): CatalogEntry | undefined {
  const wanted = objectName(name)
  const entry = lookupRelation(ctx.catalog, wanted, ctx.searchPath)
  if (entry === undefined) {
    if (ifExists) return undefined
    throw new QueryError('UNDEFINED_TABLE', `relation "${shownName(wanted)}" does not exist`, {
      span: name.span,
    })
  }
  if (kindName(entry) === objectKind || objectKind === 'table') return entry
  throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a ${objectKind}`, {
    span: name.span,
  })
}

/** Errors: WRONG_OBJECT_TYPE, FEATURE_NOT_SUPPORTED. */
function alteredTable(entry: CatalogEntry, { name: { span } }: AlterStatement): MemoryTable {
  if (entry.kind === 'table' && entry.source.kind === 'memory') return entry as MemoryTable
  if (entry.kind === 'view') throw notSupported('ALTER of columns of a view', span)
  const what = entry.kind === 'sequence' ? 'sequences' : 'tables over files'
  throw new QueryError(
    'WRONG_OBJECT_TYPE',
    `ALTER action cannot be performed on relation "${entry.name}"`,
    {
      span,
      detail: `This operation is not supported for ${what}.`,
    },
  )
}

function missing({ name }: AlterStatement): Notice {
  return skipping(`relation "${shownName(objectName(name))}" does not exist`)
}

async function alterIndex(
  ctx: StatementContext,
  statement: AlterStatement,
  tag: string,
): Promise<QueryResult> {
  const { name, ifExists, actions } = statement
  const wanted = objectName(name)
  const table = tableWithIndex(ctx.catalog, wanted, ctx.searchPath)
  if (table === undefined) {
    if (ifExists) return QueryResult.ofCommand(tag, 0, [missing(statement)])
    throw new QueryError('UNDEFINED_TABLE', `relation "${shownName(wanted)}" does not exist`, {
      span: name.span,
    })
  }
  const [action] = actions
  if (action?.kind !== 'rename') throw notSupported('this ALTER INDEX', statement.span)
  const to = action.newName.text
  await ctx.transaction.change({ apply: (catalog) => renameIndex(catalog, table, wanted.name, to) })
  return QueryResult.ofCommand(tag)
}

async function alterSchema(
  ctx: StatementContext,
  { name, action }: AlterSchemaStatement,
): Promise<QueryResult> {
  if (!ctx.catalog.relations.has(name.text)) {
    throw undefinedSchema(ctx.catalog, name.text, name.span)
  }
  if (action.kind === 'owner') checkRole(ctx, action.role)
  else {
    const to = action.newName.text
    await ctx.transaction.change({ apply: (catalog) => renameSchema(catalog, name.text, to) })
  }
  return QueryResult.ofCommand('ALTER SCHEMA')
}
