import type { Arena } from '../data/arenas/arena.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { Catalog } from '../plan/catalog/catalog.ts'
import { emptyCatalog } from '../plan/catalog/schemas.ts'

/** A change of the catalog, as one statement makes it. */
export interface CatalogChange {
  /** Gives the new root; throws when the change does not apply. Pure: it may run more than once. */
  apply(catalog: Catalog): Catalog
  /** Memory of chunks that the change brings along. */
  readonly memory?: ChunkMemory
}

/** The arena that holds some chunks of an in-memory table. */
export interface ChunkMemory {
  readonly arena: Arena
  readonly chunks: readonly Chunk[]
}

/**
 * The current catalog root and the memory behind its in-memory tables. A reader takes the root once
 * and keeps it (snapshot isolation); a writer puts a new root in its place. Memory is given back once
 * no root and no running statement can reach it.
 */
export class CatalogStore {
  #root: Catalog = emptyCatalog
  #held: ChunkMemory[] = []
  #retired: Arena[] = []
  #readers = 0

  get root(): Catalog {
    return this.#root
  }

  /** Applies changes in order, all or none; then owns the memory that they bring. */
  commit(changes: readonly CatalogChange[]): void {
    this.#root = changes.reduce((root, change) => change.apply(root), this.#root)
    for (const { memory } of changes) {
      if (memory !== undefined) this.#held.push(memory)
    }
    this.#retireUnreachable()
  }

  /** Called around everything that reads tables; the function returned ends the reading. */
  beginReading(): () => void {
    this.#readers++
    let open = true
    return () => {
      if (!open) return
      open = false
      this.#readers--
      this.#releaseRetired()
    }
  }

  /** An arena goes when no table has any of its chunks any more. */
  #retireUnreachable(): void {
    const reachable = new Set<Chunk>()
    for (const relations of this.#root.relations.values()) {
      for (const entry of relations.values()) {
        if (entry.kind !== 'table' || entry.source.kind !== 'memory') continue
        for (const chunk of entry.source.chunks) reachable.add(chunk)
      }
    }
    const isHeld = ({ chunks }: ChunkMemory): boolean => chunks.some((c) => reachable.has(c))
    this.#retired.push(...this.#held.filter((m) => !isHeld(m)).map(({ arena }) => arena))
    this.#held = this.#held.filter(isHeld)
    this.#releaseRetired()
  }

  #releaseRetired(): void {
    if (this.#readers > 0) return
    for (const arena of this.#retired) arena.release()
    this.#retired = []
  }
}
