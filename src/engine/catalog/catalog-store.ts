import { present } from '../../base/assert.ts'
import { LeaseScope, type Lease } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog, MemorySource } from '../../plan/catalog/catalog.ts'
import { emptyCatalog } from '../../plan/catalog/schemas.ts'
import { applied, type CatalogChange } from './catalog-change.ts'
import { CatalogMemory, type ChunkMemory, type ColumnHome } from './catalog-memory.ts'

/** Where catalogs are kept that are to be there again when the process is not. */
export interface CatalogKeeper {
  /**
   * Keeps a catalog behind all that were given before. `done` is called when it is kept, in order; or with an error, after
   * which it never will be, nor those that were given behind it. Throws where that cannot be.
   */
  keep(before: Catalog, after: Catalog, done: (error?: unknown) => void): void
  /** A chunk is in the memory of others. */
  share(chunk: TableChunk, columns: readonly ColumnHome[]): void
}

/** A root that was decided upon, and that nobody sees until it is kept. */
interface Coming {
  readonly root: Lease<Catalog>
  /** Resolves to whether it was. */
  readonly kept: Promise<boolean>
}

/**
 * The current catalog root and the memory behind its in-memory tables. A reader holds the root that it
 * began with (snapshot isolation); a writer puts a new root in its place. Memory is given back with the
 * last held root that reaches it.
 *
 * Where roots are kept, a commit decides upon the next one and is done when that is kept; others decide upon
 * what follows meanwhile, so that many are kept at once. Until then statements see the one before.
 */
export class CatalogStore {
  readonly #memory = new CatalogMemory()
  #current = this.#memory.hold(emptyCatalog)
  /** In the order in which they will be current. */
  readonly #coming: Coming[] = []
  /** Roots that were coming and never came. */
  readonly #lost = new WeakSet<Catalog>()
  #keeper: CatalogKeeper | undefined
  #lastTurn: Promise<void> = Promise.resolve()
  #turns = 0

  /** From now on every root is kept; this one is. */
  keepIn(keeper: CatalogKeeper, root: Catalog): void {
    const before = this.#current
    this.#current = this.#memory.hold(root)
    before.release()
    this.#keeper = keeper
  }

  /** The newest root; what it has in memory is there while it is held. */
  hold(catalog: Catalog = this.#current.value): Lease<Catalog> {
    return this.#memory.hold(catalog)
  }

  /** What a table of a held root has in memory, for longer than that. */
  holdTable(source: MemorySource): Lease<MemorySource> {
    return this.#memory.holdTable(source)
  }

  /** What chunks that the caller holds have in memory, for longer than that. */
  holdChunks(chunks: readonly TableChunk[]): Lease<readonly TableChunk[]> {
    return this.#memory.holdChunks(chunks)
  }

  /** The newest root, to be told from others; only a held one may be read. */
  get newest(): Catalog {
    return this.#current.value
  }

  /** The root that the next one is made of: the newest, or one that is still to be kept. For commits only. */
  get decided(): Catalog {
    return (this.#coming.at(-1)?.root ?? this.#current).value
  }

  /** Takes over the memory of new chunks, until the lease ends and no held root reaches them. */
  bring(memory: ChunkMemory): Lease<ChunkMemory> {
    return this.#memory.bring(memory)
  }

  /** Makes a chunk of columns of others known, which the caller holds. */
  share(chunk: TableChunk, columns: readonly ColumnHome[]): void {
    this.#memory.share(chunk, columns)
    this.#keeper?.share(chunk, columns)
  }

  /**
   * Applies changes in order to the root that is decided upon, all or none. The memory of chunks that they add is
   * still held, until what is given resolves: when the new root is kept and current. Undefined where that is so at once. Errors: those of
   * the changes; of keeping them.
   */
  commit(changes: readonly CatalogChange[]): Promise<void> | undefined {
    const keeper = this.#keeper
    if (keeper !== undefined) return this.#commitKept(keeper, changes)
    const before = this.#current
    this.#current = this.#next(before.value, changes)
    before.release()
    return undefined
  }

  #next(over: Catalog, changes: readonly CatalogChange[]): Lease<Catalog> {
    const leases = new LeaseScope()
    try {
      const root = changes.reduce(
        (catalog, change) => change.compact?.(catalog, leases) ?? catalog,
        applied(changes, over),
      )
      return this.#memory.hold(root)
    } finally {
      leases.close()
    }
  }

  async #commitKept(keeper: CatalogKeeper, changes: readonly CatalogChange[]): Promise<void> {
    for (;;) {
      const over = this.decided
      try {
        return await this.#decide(keeper, over, changes)
      } catch (error) {
        if (error instanceof NotKept) throw error.cause
        if (await this.isKept(over)) throw error
      }
    }
  }

  /** Rejects with {@link NotKept}; throws what the changes do. */
  #decide(keeper: CatalogKeeper, over: Catalog, changes: readonly CatalogChange[]): Promise<void> {
    const root = this.#next(over, changes)
    return new Promise((resolve, reject) => {
      let settle: ((isKept: boolean) => void) | undefined
      const kept = new Promise<boolean>((settled) => (settle = settled))
      this.#coming.push({ root, kept })
      const done = (error?: unknown): void => {
        settle?.(error === undefined)
        if (error === undefined) {
          this.#show()
          return resolve()
        }
        // All that was decided over it goes with it.
        for (const { root: lost } of this.#coming.splice(0)) {
          this.#lost.add(lost.value)
          lost.release()
        }
        reject(new NotKept(error))
      }
      try {
        keeper.keep(over, root.value, done)
      } catch (error) {
        this.#coming.pop()
        settle?.(false)
        root.release()
        reject(new NotKept(error))
      }
    })
  }

  /** The first that was coming is there. */
  #show(): void {
    const before = this.#current
    this.#current = present(this.#coming.shift(), 'a root that was decided upon').root
    before.release()
  }

  /**
   * Whether a root that was decided upon is or was current; waits until that is known. What is found out over one that
   * never comes to be says nothing.
   */
  async isKept(root: Catalog): Promise<boolean> {
    const coming = this.#coming.find((one) => one.root.value === root)
    return coming === undefined ? !this.#lost.has(root) : coming.kept
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

/** What could not be kept, told from what is wrong with the changes themselves. */
class NotKept extends Error {
  constructor(cause: unknown) {
    super('a catalog could not be kept', { cause })
  }
}
