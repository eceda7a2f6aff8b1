import { QueryError } from '../base/errors.ts'
import type { Catalog } from '../plan/catalog/catalog.ts'
import type { CatalogChange, CatalogStore } from './catalog-store.ts'

/** As PostgreSQL's ReadyForQuery reports it. */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/**
 * A session's view of the catalog: the shared root, or inside BEGIN ... COMMIT the root as it was at
 * BEGIN with the session's own changes on top.
 */
export class TransactionState {
  readonly #store: CatalogStore
  #open:
    | { snapshot: Catalog; readonly changes: CatalogChange[]; failed: boolean; implicit: boolean }
    | undefined

  constructor(store: CatalogStore) {
    this.#store = store
  }

  get status(): TransactionStatus {
    if (this.#open === undefined) return 'idle'
    return this.#open.failed ? 'failed' : 'open'
  }

  get catalog(): Catalog {
    return this.#open?.snapshot ?? this.#store.root
  }

  /** Makes a change: at once outside a transaction, at COMMIT inside one. */
  change(change: CatalogChange): void {
    if (this.#open === undefined) {
      try {
        this.#store.commit([change])
      } catch (error) {
        change.memory?.arena.release()
        throw error
      }
      return
    }
    try {
      this.#open.snapshot = change.apply(this.#open.snapshot)
    } catch (error) {
      change.memory?.arena.release()
      throw error
    }
    this.#open.changes.push(change)
  }

  /** Whether BEGIN was said: statements that came together in one text have a transaction without. */
  get isExplicit(): boolean {
    return this.#open?.implicit === false
  }

  /** A second BEGIN changes nothing, as in PostgreSQL (which warns). */
  begin(): void {
    this.#open ??= { snapshot: this.#store.root, changes: [], failed: false, implicit: false }
    this.#open.implicit = false
  }

  /** Makes the statements from here a transaction, unless one is open; BEGIN makes it a lasting one. */
  beginImplicit(): void {
    this.#open ??= { snapshot: this.#store.root, changes: [], failed: false, implicit: true }
  }

  /** Ends what {@link beginImplicit} began, unless the statements ended it or said BEGIN. */
  endImplicit(): void {
    if (this.#open?.implicit === true) this.commit()
  }

  /** Ends the transaction; a failed one is rolled back. Tells which of the two happened. */
  commit(): 'COMMIT' | 'ROLLBACK' {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return 'COMMIT'
    if (open.failed) {
      releaseAll(open.changes)
      return 'ROLLBACK'
    }
    try {
      this.#store.commit(open.changes)
    } catch (error) {
      releaseAll(open.changes)
      throw error
    }
    return 'COMMIT'
  }

  rollback(): void {
    if (this.#open !== undefined) releaseAll(this.#open.changes)
    this.#open = undefined
  }

  /** After an error inside a transaction everything but its end is refused. */
  fail(): void {
    if (this.#open !== undefined) this.#open.failed = true
  }

  refuseIfFailed(): void {
    if (this.status !== 'failed') return
    throw new QueryError(
      'FAILED_TRANSACTION',
      'current transaction is aborted, commands ignored until end of transaction block',
    )
  }
}

function releaseAll(changes: readonly CatalogChange[]): void {
  for (const { memory } of changes) memory?.arena.release()
}
