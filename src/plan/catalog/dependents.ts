import type { Catalog, CatalogEntry, ModelEntry, NamedType, ViewEntry } from './catalog.ts'

/** What views can be over. */
export type Needed = CatalogEntry | ModelEntry | NamedType

/** The views that read any of these, directly or through other views, and are none of them. */
export function dependentViews(catalog: Catalog, gone: readonly Needed[]): readonly ViewEntry[] {
  const views: ViewEntry[] = []
  for (const entries of catalog.relations.values()) {
    for (const entry of entries.values()) if (entry.kind === 'view') views.push(entry)
  }
  const found = new Set<Needed>(gone)
  for (const needed of found) {
    for (const view of views) if (reads(view, needed)) found.add(view)
  }
  for (const entry of gone) found.delete(entry)
  return views.filter((view) => found.has(view))
}

/** Models have names of their own: a table may be called the same. */
function reads(view: ViewEntry, needed: Needed): boolean {
  if (needed.kind === 'type') return [...view.types.values()].includes(needed.type.id)
  const { kind, schema, name } = needed
  const named = kind === 'model' ? (view.dependsOnModels ?? []) : view.dependsOn
  return named.some((one) => one.schema === schema && one.name === name)
}
