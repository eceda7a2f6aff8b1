import { QueryError } from '../../base/errors.ts'
import type { Catalog } from './catalog.ts'
import { relocated } from './relocate.ts'
import { moveRoutine } from './routines.ts'
import { addSchema, without } from './schemas.ts'
import { moveType } from './types.ts'

/** A catalog in which a schema has another name, and all that refers to what it holds. Errors: DUPLICATE_SCHEMA, RESERVED_NAME. */
export function renameSchema(catalog: Catalog, from: string, to: string): Catalog {
  if (to.startsWith('pg_')) {
    throw new QueryError('RESERVED_NAME', `unacceptable schema name "${to}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    })
  }
  const held = [...(catalog.relations.get(from)?.keys() ?? [])]
  const models = [...(catalog.models.get(from)?.values() ?? [])]
  const moved = held.reduce(
    (root, name) => relocated(root, { schema: from, name }, { schema: to, name }),
    addSchema(catalog, to),
  )
  const renamed = new Map(models.map((model) => [model.name, { ...model, schema: to }]))
  const types = [...(catalog.types.get(from)?.values() ?? [])]
  const routines = [...(catalog.functions.get(from)?.values() ?? [])].flat()
  const retyped = types.reduce(
    (root, entry) => moveType(root, entry, { schema: to, name: entry.name }),
    moved,
  )
  const renewed = routines.reduce(
    (root, entry) => moveRoutine(root, entry, { schema: to, name: entry.name }),
    retyped,
  )
  return {
    relations: without(retyped.relations, from),
    models: new Map(without(moved.models, from)).set(to, renamed),
    types: without(retyped.types, from),
    functions: without(renewed.functions, from),
  }
}
