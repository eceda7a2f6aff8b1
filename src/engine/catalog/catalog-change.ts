import type { Heap } from '../../data/arenas/heap.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { Binder } from '../../plan/binder/context.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import type { ColumnIds } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'

/** What checks by queries need. */
export interface RowQueries {
  readonly heap: Heap
  /** What is held until the work ends or hands it over. */
  readonly leases: LeaseScope
  readonly columnIds: ColumnIds
  /** Binds expressions that belong to no query: defaults and constraints. */
  binder(): Binder
  /** Optimizes and runs a plan; its output is held by the leases. */
  run(relation: Relation): Promise<ChunkLease>
  /** Chunks in memory; those that are kept elsewhere are read, and held by the leases. Errors: what reading them gives. */
  pinned(chunks: readonly TableChunk[]): readonly Chunk[]
}

/** The root that a change is to be made to, and an older one over which it was checked. */
export interface Recheck {
  readonly root: Catalog
  readonly checked: Catalog
}

/** A change of the catalog, as one statement makes it. */
export interface CatalogChange {
  /**
   * Gives the new root; throws SERIALIZATION_FAILURE when the change was made for something that is not
   * there any more. Pure: it may run more than once.
   */
  apply(catalog: Catalog): Catalog
  /** Whether rules over the rows of others hang on it: such changes are committed one by one. */
  guards?(root: Catalog): boolean
  /**
   * Checks by queries that rules hold for what came to the root since it was checked; undefined when
   * nothing did. Throws what the statement itself would have thrown.
   */
  check?(queries: RowQueries, recheck: Recheck): Promise<void> | undefined
  /** Chunks whose rows {@link check} looks at, also when a later change of the same transaction takes them away. */
  readonly looksAt?: readonly TableChunk[]
  /** Once it is applied to a root that will be committed: brings small chunks together. */
  compact?(root: Catalog, leases: LeaseScope): Catalog
  /**
   * One change in place of an earlier one and this, undefined when they are none. Those that have this may
   * change their order with others that have it.
   */
  joinTo?(earlier: CatalogChange, leases: LeaseScope): CatalogChange | undefined
  /** Whether it may be joined to the change before it only. */
  readonly keepsPlace?: boolean
}

/** A root with changes made in order. */
export function applied(changes: readonly CatalogChange[], root: Catalog): Catalog {
  return changes.reduce((catalog, change) => change.apply(catalog), root)
}

/**
 * Checks changes against what others did since; undefined when nothing is to be looked at, so that the
 * caller may go on in the same turn.
 */
export function checkAgain(
  changes: readonly CatalogChange[],
  queries: RowQueries,
  { root, checked }: Recheck,
): Promise<void> | undefined {
  let now = root
  for (const [index, change] of changes.entries()) {
    // What cannot be made must not leave a check behind that runs on while its memory goes.
    const next = change.apply(now)
    const pending = change.check?.(queries, { root: now, checked })
    now = next
    if (pending === undefined) continue
    const rest = changes.slice(index + 1)
    return pending.then(() => checkAgain(rest, queries, { root: next, checked }))
  }
  return undefined
}
