import type { DataType } from '../../data/types/data-type.ts'
import type { Catalog, CatalogEntry } from './catalog.ts'
import { mentions, withType, type Mentioned } from './mentions.ts'
import { rowTypeOf } from './row-types.ts'
import { withEntry } from './schemas.ts'

/** A catalog in which all that is of a type is of what it has become: columns, and fields of other types. */
export function withTypeChanged(catalog: Catalog, before: Mentioned, now: Mentioned): Catalog {
  let root = catalog
  for (const [schema, entries] of catalog.types) {
    for (const [name, entry] of entries) {
      if (entry.type.kind !== 'record' || entry.type === now) continue
      if (!mentions(entry.type, before)) continue
      const fields = entry.type.fields.map((field) => {
        return { ...field, type: withType(field.type, before, now) }
      })
      const type = { ...entry.type, fields }
      root = { ...root, types: withEntry(root.types, schema, name, { ...entry, type }) }
      root = withColumnsOf(root, entry.type, type)
    }
  }
  return withColumnsOf(root, before, now)
}

function withColumnsOf(catalog: Catalog, before: Mentioned, now: Mentioned): Catalog {
  let root = catalog
  for (const [schema, entries] of catalog.relations) {
    for (const [name, entry] of entries) {
      if (!entry.columns.some((column) => mentions(column.type, before))) continue
      const changed = retyped(entry, before, now)
      root = { ...root, relations: withEntry(root.relations, schema, name, changed) }
      if (changed.kind === 'sequence' || entry.kind === 'sequence') continue
      // Its rows are of a type, too.
      root = withTypeChanged(root, rowTypeOf(entry), rowTypeOf(changed))
    }
  }
  return root
}

function retyped(entry: CatalogEntry, before: Mentioned, now: Mentioned): CatalogEntry {
  const renewed = <C extends { readonly type: DataType }>(column: C): C => ({
    ...column,
    type: withType(column.type, before, now),
  })
  if (entry.kind === 'view') return { ...entry, columns: entry.columns.map(renewed) }
  return { ...entry, columns: entry.columns.map(renewed) }
}
