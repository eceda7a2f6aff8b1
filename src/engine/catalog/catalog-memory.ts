import { assert, present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { Lease } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog, CatalogEntry, MemorySource } from '../../plan/catalog/catalog.ts'
import type { KeptRows } from '../../storage/kept-rows.ts'

/** The arena that holds some chunks of an in-memory table, and the file that holds others of them. */
export interface ChunkMemory {
  readonly arena: Arena
  /** Undefined where all of them are in memory. */
  readonly file?: Pick<KeptRows, 'release'> | undefined
  readonly chunks: readonly TableChunk[]
}

/** Where chunks lie, and how many tables and statements hold it. */
interface Extent {
  readonly memory: ChunkMemory
  holders: number
}

/** A column of a chunk, whose memory another chunk shares. */
export interface ColumnHome {
  readonly of: TableChunk
  readonly column: number
  /** dict*: whose dictionary it has, where that is another column's. */
  readonly dictionary?: ColumnHome
}

/** Where a column of a chunk lies, and where its dictionary does. */
interface ColumnExtents {
  readonly values: Extent
  readonly dictionary: Extent
}

type Relations = ReadonlyMap<string, CatalogEntry>

/** Something that roots share. `holders`: how many of what lies above it reach it. */
interface Shared<Below> {
  readonly below: readonly Below[]
  holders: number
}

/**
 * Counts who holds the memory behind catalogs. A catalog is a tree of which a change makes only the
 * changed branch anew, so the counts follow the tree: a root holds its schemas, a schema its tables, a table
 * the arenas of its chunks. Holding a root that is known costs one addition, a new root what copying its
 * changed branch cost anyway; an arena goes with the last root that reaches it.
 */
export class CatalogMemory {
  /** Of chunks that share columns of others, column by column. */
  readonly #extents = new WeakMap<TableChunk, Extent | readonly ColumnExtents[]>()
  readonly #roots = new Map<Catalog, Shared<Relations>>()
  readonly #schemas = new Map<Relations, Shared<MemorySource>>()
  readonly #tables = new Map<MemorySource, Shared<Extent>>()

  /** How many catalogs are held, for tests. */
  get rootsHeld(): number {
    return this.#roots.size
  }

  /** Takes over new memory, which stays until the lease ends and no held catalog reaches it. */
  bring(memory: ChunkMemory): Lease<ChunkMemory> {
    const extent: Extent = { memory, holders: 1 }
    for (const chunk of memory.chunks) {
      assert(!this.#extents.has(chunk), 'a chunk was brought twice')
      this.#extents.set(chunk, extent)
    }
    return new Lease(memory, () => dropExtent(extent))
  }

  /** Makes a chunk of others' columns known: what it shares stays as long as it is reached. The caller holds the others. */
  share(chunk: TableChunk, columns: readonly ColumnHome[]): void {
    assert(!this.#extents.has(chunk), 'a chunk was brought twice')
    const shared = columns.map((home) => {
      const { values, dictionary } = this.#columnAt(home)
      return home.dictionary === undefined
        ? { values, dictionary }
        : { values, dictionary: this.#columnAt(home.dictionary).dictionary }
    })
    this.#extents.set(chunk, shared)
  }

  #columnAt({ of, column }: ColumnHome): ColumnExtents {
    const known = present(this.#extents.get(of), 'a chunk that nobody brought')
    if (isExtent(known)) return { values: known, dictionary: known }
    return present(known[column], 'a column of a chunk')
  }

  /**
   * All that the tables of a catalog have in memory stays until the lease ends. Throws
   * SERIALIZATION_FAILURE when some of it is gone already; nothing is held then.
   */
  hold(catalog: Catalog): Lease<Catalog> {
    const known = this.#roots.get(catalog)
    if (known !== undefined) known.holders++
    else this.#add(catalog)
    return new Lease(catalog, () => this.#drop(catalog))
  }

  /** What one table has in memory stays until the lease ends, whatever becomes of the catalogs that reach it now. */
  holdTable(source: MemorySource): Lease<MemorySource> {
    const table = present(this.#tables.get(source), 'a table that no held catalog reaches')
    table.holders++
    return new Lease(source, () => this.#dropTable(source))
  }

  /** What chunks have in memory stays until the lease ends, whether catalogs reach it or not. The caller holds it now. */
  holdChunks(chunks: readonly TableChunk[]): Lease<readonly TableChunk[]> {
    const extents = this.#extentsOf(chunks)
    for (const extent of extents) extent.holders++
    return new Lease(chunks, () => extents.forEach(dropExtent))
  }

  #add(catalog: Catalog): void {
    const schemas = [...catalog.relations.values()]
    const fresh = new Map<Relations, readonly MemorySource[]>()
    for (const relations of schemas) {
      if (!this.#schemas.has(relations)) fresh.set(relations, memorySources(relations))
    }
    // All that can fail comes first.
    const found = new Map<MemorySource, readonly Extent[]>()
    for (const sources of fresh.values()) {
      for (const source of sources) {
        if (!this.#tables.has(source)) found.set(source, this.#extentsOf(source.chunks))
      }
    }
    for (const [source, below] of found) {
      for (const extent of below) extent.holders++
      this.#tables.set(source, { below, holders: 0 })
    }
    for (const [relations, below] of fresh) {
      for (const source of below) this.#tables.get(source)!.holders++
      this.#schemas.set(relations, { below, holders: 0 })
    }
    for (const relations of schemas) this.#schemas.get(relations)!.holders++
    this.#roots.set(catalog, { below: schemas, holders: 1 })
  }

  #extentsOf(chunks: readonly TableChunk[]): readonly Extent[] {
    const extents = new Set<Extent>()
    for (const chunk of chunks) {
      const known = present(this.#extents.get(chunk), 'a chunk that nobody brought')
      if (isExtent(known)) {
        extents.add(known)
        continue
      }
      for (const { values, dictionary } of known) extents.add(values).add(dictionary)
    }
    for (const { holders } of extents) if (holders === 0) throw gone()
    return [...extents]
  }

  #drop(catalog: Catalog): void {
    for (const relations of release(this.#roots, catalog)) {
      for (const source of release(this.#schemas, relations)) this.#dropTable(source)
    }
  }

  #dropTable(source: MemorySource): void {
    for (const extent of release(this.#tables, source)) dropExtent(extent)
  }
}

function isExtent(known: Extent | readonly ColumnExtents[]): known is Extent {
  return !Array.isArray(known)
}

/** One holder less; what lies below when it was the last. */
function release<Key, Below>(known: Map<Key, Shared<Below>>, key: Key): readonly Below[] {
  const shared = present(known.get(key), 'part of a catalog that nobody holds')
  if (--shared.holders > 0) return []
  known.delete(key)
  return shared.below
}

function dropExtent(extent: Extent): void {
  assert(extent.holders > 0, 'memory of a table was given back twice')
  if (--extent.holders > 0) return
  extent.memory.arena.release()
  extent.memory.file?.release()
}

/**
 * What tables have in memory; most of a schema of many is looked at for each change of one, so that this is
 * a bare loop. Tables without rows have nothing.
 */
function memorySources(relations: Relations): readonly MemorySource[] {
  const sources: MemorySource[] = []
  for (const entry of relations.values()) {
    const table = entry.kind === 'view' ? entry.stored : entry
    if (table?.kind !== 'table') continue
    const { source } = table
    if (source.kind === 'memory' && source.chunks.length > 0) sources.push(source)
  }
  return sources
}

/** A change was made over what a later one of the same transaction had replaced. */
function gone(): QueryError {
  return new QueryError(
    'SERIALIZATION_FAILURE',
    'could not serialize access due to concurrent update',
    { hint: 'Run the transaction again.' },
  )
}
