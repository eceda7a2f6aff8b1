import { assert, present } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog, TableEntry } from '../../plan/catalog/catalog.ts'
import { isTemporarySchema } from '../../plan/catalog/schemas.ts'

/**
 * One difference between two catalogs. `group`: which map of the catalog. Entries are plain data but for a
 * table's rows, which come apart.
 */
export type CatalogEdit =
  | { readonly edit: 'schema'; readonly group: string; readonly schema: string }
  | { readonly edit: 'no schema'; readonly group: string; readonly schema: string }
  | {
      readonly edit: 'entry'
      readonly group: string
      readonly schema: string
      readonly name: string
      readonly entry: object
      /** Of a table whose rows Heddle has. */
      readonly rows?: ChunkRuns
    }
  | {
      readonly edit: 'rows'
      readonly group: string
      readonly schema: string
      readonly name: string
      readonly rows: ChunkRuns
    }
  | {
      readonly edit: 'no entry'
      readonly group: string
      readonly schema: string
      readonly name: string
    }

/** Chunks in order, by their numbers: the first of a run of numbers, and how many. */
export type ChunkRuns = readonly (readonly [first: number, count: number])[]

/** An entry as the log has it. */
export interface LoggedEntry {
  readonly entry: object
  readonly rows: ChunkRuns | undefined
}

type Entries = ReadonlyMap<string, object>
type Schemas = ReadonlyMap<string, Entries>

/** A catalog's maps by their names: a map that somebody adds is kept like the others. */
function groupsOf(catalog: Catalog): readonly (readonly [string, Schemas])[] {
  return Object.entries(catalog as unknown as Record<string, unknown>).map(([group, map]) => {
    const isPlain = map instanceof Map && [...map.values()].every((one) => one instanceof Map)
    if (!isPlain) throw notSupported(`to keep ${group} in a data folder`)
    return [group, map as Schemas]
  })
}

/**
 * What makes of one catalog another, temporary things aside. Parts that both share are not looked at, so that it takes as long as the
 * change. `chunkId` is asked for the number of each chunk of tables that changed.
 */
export function editsBetween(
  before: Catalog | undefined,
  after: Catalog,
  chunkId: (chunk: TableChunk) => number,
): readonly CatalogEdit[] {
  const edits: CatalogEdit[] = []
  const known = new Map(before === undefined ? [] : groupsOf(before))
  for (const [group, schemas] of groupsOf(after)) {
    const old = known.get(group)
    if (old === schemas) continue
    for (const schema of old?.keys() ?? []) {
      if (schemas.has(schema) || isTemporarySchema(schema)) continue
      edits.push({ edit: 'no schema', group, schema })
    }
    for (const [schema, entries] of schemas) {
      if (isTemporarySchema(schema)) continue
      const oldEntries = old?.get(schema)
      if (oldEntries === undefined) edits.push({ edit: 'schema', group, schema })
      if (oldEntries === entries) continue
      edits.push(...entryEdits({ group, schema }, oldEntries, entries, chunkId))
    }
  }
  return edits
}

function* entryEdits(
  place: { readonly group: string; readonly schema: string },
  before: Entries | undefined,
  after: Entries,
  chunkId: (chunk: TableChunk) => number,
): Generator<CatalogEdit> {
  for (const name of before?.keys() ?? []) {
    if (!after.has(name)) yield { edit: 'no entry', ...place, name }
  }
  for (const [name, entry] of after) {
    const old = before?.get(name)
    if (old === entry) continue
    const chunks = chunksOf(entry)
    const rows = chunks && runsOf(chunks.map(chunkId))
    if (rows !== undefined && old !== undefined && differsInRows(old, entry)) {
      yield { edit: 'rows', ...place, name, rows }
    } else {
      yield { edit: 'entry', ...place, name, entry: withoutRows(entry), ...(rows && { rows }) }
    }
  }
}

/** Of a table whose rows Heddle has, or a materialized view. */
function chunksOf(entry: object): readonly TableChunk[] | undefined {
  const source = isTable(entry) ? entry.source : storedIn(entry)?.source
  return source?.kind === 'memory' ? source.chunks : undefined
}

/** The table of a materialized view's rows. */
export function storedIn(entry: object): TableEntry | undefined {
  return 'stored' in entry ? (entry.stored as TableEntry | undefined) : undefined
}

function isTable(entry: object): entry is TableEntry {
  return 'kind' in entry && entry.kind === 'table'
}

/** Rows say by themselves what they are: how many, and their bounds. */
function withoutRows(entry: object): object {
  if (chunksOf(entry) === undefined) return entry
  const stored = storedIn(entry)
  if (stored !== undefined) return { ...entry, stored: withoutRows(stored) }
  const { source: _, statistics: __, ...others } = entry as TableEntry
  return others
}

function differsInRows(before: object, after: object): boolean {
  if (chunksOf(before) === undefined) return false
  const [old, now] = [withoutRows(before), withoutRows(after)] as Record<string, unknown>[]
  const keys = Object.keys(now ?? {})
  return (
    keys.length === Object.keys(old ?? {}).length && keys.every((key) => old?.[key] === now?.[key])
  )
}

function runsOf(ids: readonly number[]): ChunkRuns {
  const runs: [number, number][] = []
  for (const id of ids) {
    const last = runs.at(-1)
    if (last !== undefined && last[0] + last[1] === id) last[1]++
    else runs.push([id, 1])
  }
  return runs
}

/** The numbers of runs, one by one. */
export function* idsOf(runs: ChunkRuns): Generator<number> {
  for (const [first, count] of runs) for (let at = 0; at < count; at++) yield first + at
}

/** A catalog as it is read back from edits. */
export class LoggedCatalog {
  readonly groups = new Map<string, Map<string, Map<string, LoggedEntry>>>()

  apply(edit: CatalogEdit): void {
    const { group, schema } = edit
    switch (edit.edit) {
      case 'schema': {
        const schemas = this.groups.get(group) ?? new Map<string, Map<string, LoggedEntry>>()
        this.groups.set(group, schemas.set(schema, new Map()))
        return
      }
      case 'no schema':
        this.groups.get(group)?.delete(schema)
        return
      case 'entry':
        this.#entries(edit).set(edit.name, { entry: edit.entry, rows: edit.rows })
        return
      case 'rows': {
        const entries = this.#entries(edit)
        const { entry } = present(entries.get(edit.name), 'a table whose rows were kept')
        entries.set(edit.name, { entry, rows: edit.rows })
        return
      }
      case 'no entry':
        assert(this.#entries(edit).delete(edit.name), 'an entry that was dropped')
    }
  }

  #entries({ group, schema }: CatalogEdit): Map<string, LoggedEntry> {
    return present(this.groups.get(group)?.get(schema), 'a schema of the log')
  }
}
