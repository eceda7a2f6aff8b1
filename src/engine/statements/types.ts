import { objectName } from '../../plan/binder/object-name.ts'
import type { Catalog, NamedType } from '../../plan/catalog/catalog.ts'
import { declaredLabels, withLabel, withLabelRenamed } from '../../plan/catalog/enum-labels.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { schemaFor, undefinedSchema } from '../../plan/catalog/schemas.ts'
import {
  addType,
  findType,
  moveType,
  refuseLabelled,
  refuseWithin,
  replaceType,
  shownTypeName,
  typeOfId,
} from '../../plan/catalog/types.ts'
import type { AlterTypeStatement, CreateEnumStatement } from '../../sql/ast/definition.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult, type Notice } from '../results/result.ts'
import { skipping } from '../tables/alter/altered-table.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE TYPE t AS ENUM. */
export const createEnumEntry: StatementEntry<CreateEnumStatement> = {
  tag: () => 'CREATE TYPE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createEnum,
}

/** ALTER TYPE: labels and names. */
export const alterTypeEntry: StatementEntry<AlterTypeStatement> = {
  tag: () => 'ALTER TYPE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: alterType,
}

async function createEnum(
  ctx: StatementContext,
  statement: CreateEnumStatement,
): Promise<QueryResult> {
  const { name } = objectName(statement.name)
  const schema = schemaFor(ctx.catalog, objectName(statement.name), ctx.searchPath)
  const id = freshId(ctx.catalog)
  const labels = declaredLabels(statement.labels, id)
  const type = { kind: 'enum' as const, id, name: shownTypeName(schema, name), labels }
  const entry: NamedType = { kind: 'type', schema, name, type }
  await ctx.transaction.change({
    apply(catalog) {
      if (typeOfId(catalog, id) !== undefined) throw overtaken()
      return addType(catalog, entry)
    },
  })
  return QueryResult.ofCommand('CREATE TYPE')
}

/** pg_type.oid of the first type that PostgreSQL lets a database make. */
const FIRST_ID = 16_384
/** Ids leave one between them, for the types of arrays. */
const IDS = 2 ** 29

/** An id that no type of any transaction has, as good as surely: which is looked at again when it is added. */
function freshId(catalog: Catalog): number {
  for (;;) {
    const [word = 0] = globalThis.crypto.getRandomValues(new Uint32Array(1))
    const id = FIRST_ID + 2 * (word % IDS)
    if (typeOfId(catalog, id) === undefined) return id
  }
}

async function alterType(
  ctx: StatementContext,
  { name, action }: AlterTypeStatement,
): Promise<QueryResult> {
  const { id, labels } = findType(ctx.catalog, objectName(name), ctx.searchPath).type
  const notices: Notice[] = []
  if (action.kind === 'add-value' && action.ifNotExists) {
    const isThere = labels.some(({ label }) => label === action.label)
    if (isThere) notices.push(skipping(`enum label "${action.label}" already exists`))
  }
  if (notices.length > 0) return QueryResult.ofCommand('ALTER TYPE', 0, notices)
  await ctx.transaction.change({
    apply(catalog) {
      const entry = typeOfId(catalog, id)
      if (entry === undefined) throw overtaken()
      return altered(catalog, entry, action)
    },
  })
  return QueryResult.ofCommand('ALTER TYPE')
}

function altered(
  catalog: Catalog,
  entry: NamedType,
  action: AlterTypeStatement['action'],
): Catalog {
  const { type, schema, name } = entry
  switch (action.kind) {
    case 'add-value': {
      const labels = withLabel(type.labels, action.label, action.place)
      return replaceType(catalog, { ...entry, type: { ...type, labels } })
    }
    case 'rename-value': {
      const labels = withLabelRenamed(type.labels, action.from, action.to)
      // Arrays hold labels as they were, and texts are bound anew.
      refuseWithin(catalog, type.id, 'another name for a value')
      refuseLabelled(catalog, entry, action.from)
      return replaceType(catalog, { ...entry, type: { ...type, labels } })
    }
    case 'rename':
      return moveType(catalog, entry, { schema, name: action.newName.text })
    case 'set-schema': {
      const to = action.schema.text
      if (!catalog.relations.has(to)) throw undefinedSchema(catalog, to, undefined)
      return to === schema ? catalog : moveType(catalog, entry, { schema: to, name })
    }
  }
}
