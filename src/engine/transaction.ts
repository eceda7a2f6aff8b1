import { QueryError } from '../base/errors.ts'
import type { Lease } from '../data/arenas/lease.ts'
import type { Catalog } from '../plan/catalog/catalog.ts'
import type { CatalogChange, CatalogStore } from './catalog-store.ts'

/** As PostgreSQL's ReadyForQuery reports it. */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/** BEGIN ... COMMIT, or statements that came together in one text. */
interface OpenTransaction {
  /** What its statements see: the root of BEGIN with the changes made since. */
  snapshot: Lease<Catalog>
  readonly changes: CatalogChange[]
  failed: boolean
  implicit: boolean
}

/**
 * A session's view of the catalog: the shared root, or inside BEGIN ... COMMIT the root as it was at
 * BEGIN with the session's own changes on top. What it sees it holds: its memory stays whatever others do.
 */
export class TransactionState {
  readonly #store: CatalogStore
  #open: OpenTransaction | undefined
  #isClosed = false

  constructor(store: CatalogStore) {
    this.#store = store
  }

  get status(): TransactionStatus {
    if (this.#open === undefined) return 'idle'
    return this.#open.failed ? 'failed' : 'open'
  }

  /** What a statement that begins now sees, until it ends. */
  hold(): Lease<Catalog> {
    return this.#store.hold(this.#open?.snapshot.value)
  }

  /** Makes a change: at once outside a transaction, at COMMIT inside one. */
  change(change: CatalogChange): void {
    if (this.#isClosed) throw sessionClosed()
    const open = this.#open
    if (open === undefined) return this.#store.commit([change])
    const before = open.snapshot
    open.snapshot = this.#store.hold(change.apply(before.value))
    before.release()
    open.changes.push(change)
  }

  /** Whether BEGIN was said: statements that came together in one text have a transaction without. */
  get isExplicit(): boolean {
    return this.#open?.implicit === false
  }

  /** A second BEGIN changes nothing, as in PostgreSQL (which warns). */
  begin(): void {
    this.#begin(false).implicit = false
  }

  /** Makes the statements from here a transaction, unless one is open; BEGIN makes it a lasting one. */
  beginImplicit(): void {
    this.#begin(true)
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
    try {
      if (open.failed) return 'ROLLBACK'
      this.#store.commit(open.changes)
      return 'COMMIT'
    } finally {
      open.snapshot.release()
    }
  }

  rollback(): void {
    const open = this.#open
    this.#open = undefined
    open?.snapshot.release()
  }

  /** Rolls back; what statements that still run would change is refused. */
  close(): void {
    this.rollback()
    this.#isClosed = true
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

  #begin(implicit: boolean): OpenTransaction {
    if (this.#isClosed) throw sessionClosed()
    this.#open ??= { snapshot: this.#store.hold(), changes: [], failed: false, implicit }
    return this.#open
  }
}

function sessionClosed(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'the session was closed')
}
