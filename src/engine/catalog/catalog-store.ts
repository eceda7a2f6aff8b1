import { LeaseScope, type Lease } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog, MemorySource } from '../../plan/catalog/catalog.ts'
import { emptyCatalog } from '../../plan/catalog/schemas.ts'
import { applied, type CatalogChange } from './catalog-change.ts'
import { CatalogMemory, type ChunkMemory, type ColumnHome } from './catalog-memory.ts'

/**
 * The current catalog root and the memory behind its in-memory tables. A reader holds the root that it
 * began with (snapshot isolation); a writer puts a new root in its place. Memory is given back with the
 * last held root that reaches it.
 */
export class CatalogStore {
  readonly #memory = new CatalogMemory()
  #current = this.#memory.hold(emptyCatalog)
  #lastTurn: Promise<void> = Promise.resolve()
  #turns = 0

  /** The newest root; what it has in memory is there while it is held. */
  hold(catalog: Catalog = this.#current.value): Lease<Catalog> {
    return this.#memory.hold(catalog)
  }

  /** What a table of a held root has in memory, for longer than that. */
  holdTable(source: MemorySource): Lease<MemorySource> {
    return this.#memory.holdTable(source)
  }

  /** The newest root, to be told from others; only a held one may be read. */
  get newest(): Catalog {
    return this.#current.value
  }

  /** Takes over the memory of new chunks, until the lease ends and no held root reaches them. */
  bring(memory: ChunkMemory): Lease<ChunkMemory> {
    return this.#memory.bring(memory)
  }

  /** Makes a chunk of columns of others known, which the caller holds. */
  share(chunk: TableChunk, columns: readonly ColumnHome[]): void {
    this.#memory.share(chunk, columns)
  }

  /** Applies changes in order, all or none. The memory of chunks that they add is still held. */
  commit(changes: readonly CatalogChange[]): void {
    const before = this.#current
    const leases = new LeaseScope()
    try {
      const root = changes.reduce(
        (catalog, change) => change.compact?.(catalog, leases) ?? catalog,
        applied(changes, before.value),
      )
      this.#current = this.#memory.hold(root)
      before.release()
    } finally {
      leases.close()
    }
  }

  /** Whether somebody checks what it will commit. */
  get inTurn(): boolean {
    return this.#turns > 0
  }

  /** Does work of which only one is done at a time, in the order of the calls. */
  async takeTurn(work: () => Promise<void>): Promise<void> {
    const before = this.#lastTurn
    let end = (): void => {}
    this.#lastTurn = new Promise((resolve) => {
      end = resolve
    })
    this.#turns++
    try {
      await before
      await work()
    } finally {
      this.#turns--
      end()
    }
  }

  /** How many roots are held: the newest, and those of statements and transactions. */
  get rootsHeld(): number {
    return this.#memory.rootsHeld
  }
}
