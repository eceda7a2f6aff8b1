import type { Catalog, EntryName } from './catalog.ts'
import { withEntry } from './schemas.ts'

/** A catalog in which some materialized views are views as any other, which read what they are over. */
export function definitionsOnly(catalog: Catalog, views: readonly EntryName[]): Catalog {
  let { relations } = catalog
  for (const { schema, name } of views) {
    const entry = relations.get(schema)?.get(name)
    if (entry?.kind !== 'view' || entry.stored === undefined) continue
    const { stored: _, ...view } = entry
    relations = withEntry(relations, schema, name, view)
  }
  return relations === catalog.relations ? catalog : { ...catalog, relations }
}
