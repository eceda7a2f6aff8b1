import type { Catalog, CatalogEntry, ModelEntry, NamedType, ViewEntry } from './catalog.ts'
import type { EntryName } from './entry-name.ts'
import { mentions } from './mentions.ts'
import type { RoutineEntry, RoutineType } from './routine.ts'
import { allRoutines } from './routine-map.ts'

/** What views and bodies of functions can be over. */
export type Needed = CatalogEntry | ModelEntry | NamedType | RoutineEntry

/** The views that read any of these, directly or through other views, and are none of them. */
export function dependentViews(catalog: Catalog, gone: readonly Needed[]): readonly ViewEntry[] {
  return dependentOn(catalog, gone).filter((entry) => entry.kind === 'view')
}

/** The same of views, and of functions whose bodies were read when they were made. */
export function dependentOn(
  catalog: Catalog,
  gone: readonly Needed[],
): readonly (ViewEntry | RoutineEntry)[] {
  const readers: (ViewEntry | RoutineEntry)[] = []
  for (const entries of catalog.relations.values()) {
    for (const entry of entries.values()) if (entry.kind === 'view') readers.push(entry)
  }
  readers.push(...allRoutines(catalog))
  const found = new Set<Needed>(gone)
  for (const needed of found) {
    for (const reader of readers) if (reads(reader, needed)) found.add(reader)
  }
  for (const entry of gone) found.delete(entry)
  return readers.filter((reader) => found.has(reader))
}

/** Models have names of their own: a table may be called the same. */
function reads(reader: ViewEntry | RoutineEntry, needed: Needed): boolean {
  if (needed.kind === 'function') return reader.functions.includes(needed.id)
  if (needed.kind === 'type') {
    if (reader.kind === 'view') return [...reader.types.values()].includes(needed.type.id)
    return typesOf(reader).some((one) => one.kind === 'plain' && mentions(one.type, needed.type))
  }
  const isNamed = (one: EntryName): boolean => {
    return one.schema === needed.schema && one.name === needed.name
  }
  if (needed.kind === 'model') return reader.kind === 'view' && reader.dependsOnModels.some(isNamed)
  if (reader.dependsOn.some(isNamed)) return true
  return (
    reader.kind === 'function' && typesOf(reader).some((one) => one.kind === 'row' && isNamed(one))
  )
}

function typesOf({ parameters, returns }: RoutineEntry): readonly RoutineType[] {
  return [returns, ...parameters.map(({ type }) => type)]
}
