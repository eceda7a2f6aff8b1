import type { Catalog } from './catalog.ts'
import type { RoutineEntry } from './routine.ts'
import { withEntry } from './schemas.ts'

/** All functions, procedures and macros of a catalog. */
export function allRoutines(catalog: Catalog): readonly RoutineEntry[] {
  return [...catalog.functions.values()].flatMap((names) => [...names.values()].flat())
}

/** A catalog with other functions of one name. */
export function withOverloads(
  catalog: Catalog,
  { schema, name }: Pick<RoutineEntry, 'schema' | 'name'>,
  overloads: readonly RoutineEntry[],
): Catalog {
  if (overloads.length > 0) {
    return { ...catalog, functions: withEntry(catalog.functions, schema, name, overloads) }
  }
  const names = new Map(catalog.functions.get(schema))
  names.delete(name)
  return { ...catalog, functions: new Map(catalog.functions).set(schema, names) }
}

/** A catalog without some routines. */
export function withoutRoutines(catalog: Catalog, gone: readonly RoutineEntry[]): Catalog {
  return gone.reduce((root, { schema, name, id }) => {
    const overloads = root.functions.get(schema)?.get(name) ?? []
    return withOverloads(
      root,
      { schema, name },
      overloads.filter((one) => one.id !== id),
    )
  }, catalog)
}
