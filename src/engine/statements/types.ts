import { objectName } from '../../plan/binder/object-name.ts'
import type { Catalog, NamedType } from '../../plan/catalog/catalog.ts'
import { declaredLabels, withLabel, withLabelRenamed } from '../../plan/catalog/enum-labels.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { shownTypeName } from '../../plan/catalog/row-types.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { schemaFor, undefinedSchema, type ObjectName } from '../../plan/catalog/schemas.ts'
import {
  addType,
  findType,
  lookupType,
  moveType,
  refuseLabelled,
  refuseTaken,
  refuseWithin,
  replaceType,
  typeOfId,
} from '../../plan/catalog/types.ts'
import type { EnumType, MadeType } from '../../data/types/data-type.ts'
import { QueryError } from '../../base/errors.ts'
import type {
  AlterTypeStatement,
  CreateCompositeStatement,
  CreateEnumStatement,
} from '../../sql/ast/definition.ts'
import { reshapeRows } from '../tables/alter/reshaped-rows.ts'
import { alteredAttributes, declaredFields, withAttributeRenamed } from './composite-types.ts'
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

/** CREATE TYPE t AS (...). */
export const createCompositeEntry: StatementEntry<CreateCompositeStatement> = {
  tag: () => 'CREATE TYPE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run(ctx, statement) {
    const fields = declaredFields(ctx, statement.attributes)
    return created(ctx, statement, (id, name) => ({ kind: 'record', fields, name, id }))
  },
}

/** ALTER TYPE: labels, attributes and names. */
export const alterTypeEntry: StatementEntry<AlterTypeStatement> = {
  tag: () => 'ALTER TYPE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: alterType,
}

function createEnum(ctx: StatementContext, statement: CreateEnumStatement): Promise<QueryResult> {
  return created(ctx, statement, (id, name) => {
    return { kind: 'enum', id, name, labels: declaredLabels(statement.labels, id) }
  })
}

async function created(
  ctx: StatementContext,
  statement: CreateEnumStatement | CreateCompositeStatement,
  typeOf: (id: number, name: string) => MadeType,
): Promise<QueryResult> {
  const { name } = objectName(statement.name)
  const schema = schemaFor(ctx.catalog, objectName(statement.name), ctx.searchPath)
  const id = freshId(ctx.catalog)
  const type = typeOf(id, shownTypeName(schema, name))
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
  const isOfAttributes = action.kind === 'attributes' || action.kind === 'rename-attribute'
  if (isOfAttributes) findComposite(ctx, objectName(name))
  const found = findType(ctx.catalog, objectName(name), ctx.searchPath)
  const { id } = found.type
  if (action.kind === 'attributes') {
    const { versions, notices } = alteredAttributes(ctx, found, action.actions)
    const type = versions.at(-1)
    await reshapeRows(ctx, versions)
    await ctx.transaction.change({
      apply(catalog) {
        const entry = typeOfId(catalog, id)
        if (entry === undefined || type === undefined) throw overtaken()
        return replaceType(catalog, { ...entry, type })
      },
    })
    return QueryResult.ofCommand('ALTER TYPE', 0, notices)
  }
  const notices: Notice[] = []
  if (action.kind === 'add-value' && action.ifNotExists) {
    const isThere = enumOf(found).labels.some(({ label }) => label === action.label)
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

/** Errors: UNDEFINED_TABLE, as attributes are what relations have; WRONG_OBJECT_TYPE for a table. */
function findComposite({ catalog, searchPath }: StatementContext, name: ObjectName): void {
  if (lookupType(catalog, name, searchPath) !== undefined) return
  findRelation(catalog, name, searchPath)
  throw new QueryError('WRONG_OBJECT_TYPE', `"${name.name}" is not a composite type`)
}

/** Errors: WRONG_OBJECT_TYPE. */
function enumOf({ name, type }: NamedType): EnumType {
  if (type.kind === 'enum') return type
  throw new QueryError('WRONG_OBJECT_TYPE', `${name} is not an enum`)
}

function altered(
  catalog: Catalog,
  entry: NamedType,
  action: Exclude<AlterTypeStatement['action'], { kind: 'attributes' }>,
): Catalog {
  const { schema, name } = entry
  switch (action.kind) {
    case 'add-value': {
      const type = enumOf(entry)
      const labels = withLabel(type.labels, action.label, action.place)
      return replaceType(catalog, { ...entry, type: { ...type, labels } })
    }
    case 'rename-value': {
      const type = enumOf(entry)
      const labels = withLabelRenamed(type.labels, action.from, action.to)
      // Arrays hold labels as they were, and texts are bound anew.
      refuseWithin(catalog, type, 'another name for a value')
      refuseLabelled(catalog, type, action.from)
      return replaceType(catalog, { ...entry, type: { ...type, labels } })
    }
    case 'rename':
      return moveType(catalog, entry, { schema, name: action.newName.text })
    case 'set-schema': {
      const to = action.schema.text
      if (!catalog.relations.has(to)) throw undefinedSchema(catalog, to, undefined)
      return to === schema ? catalog : moveType(catalog, entry, { schema: to, name })
    }
    case 'rename-attribute': {
      const type = withAttributeRenamed(entry, action.from.text, action.to.text)
      refuseTaken(catalog, type, action.from.text)
      return replaceType(catalog, { ...entry, type })
    }
  }
}
