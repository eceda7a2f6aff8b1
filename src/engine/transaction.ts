import { QueryError } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import type { Lease } from '../data/arenas/lease.ts'
import type { Catalog } from '../plan/catalog/catalog.ts'
import type { CatalogChange, CatalogStore } from './catalog-store.ts'
import type { SessionSettings } from './settings.ts'

/** As PostgreSQL's ReadyForQuery reports it. */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/** BEGIN ... COMMIT, or statements that came together in one text. */
interface OpenTransaction {
  /** What its statements see: the root of BEGIN with the changes made since. */
  snapshot: Lease<Catalog>
  readonly changes: CatalogChange[]
  failed: boolean
  implicit: boolean
  /** Whether a statement that reads or writes has run; from then on it is what it is. */
  queried: boolean
  /** The root of BEGIN, to tell whether others committed meanwhile. */
  readonly base: Catalog
  readonly startedMicros: bigint
}

/**
 * A session's view of the catalog: the shared root, or inside BEGIN ... COMMIT the root as it was at
 * BEGIN with the session's own changes on top. What it sees it holds: its memory stays whatever others do.
 */
export class TransactionState {
  readonly #store: CatalogStore
  readonly #settings: SessionSettings
  readonly #clock: Clock
  #open: OpenTransaction | undefined
  #isClosed = false

  constructor(store: CatalogStore, settings: SessionSettings, clock: Clock) {
    this.#store = store
    this.#settings = settings
    this.#clock = clock
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

  /** Whether statements run in a transaction that does not end with each of them. */
  get inBlock(): boolean {
    return this.#open !== undefined
  }

  get hasQueried(): boolean {
    return this.#open?.queried === true
  }

  /** A statement reads or writes: how the transaction does so can no longer change. */
  noteQuery(): void {
    if (this.#open !== undefined) this.#open.queried = true
  }

  /** When the open transaction began, in microseconds since 1970-01-01 UTC. */
  get startedMicros(): bigint | undefined {
    return this.#open?.startedMicros
  }

  /** Errors: READ_ONLY_TRANSACTION. `what`: the command, as INSERT. */
  refuseIfReadOnly(what: string): void {
    if (this.#settings.get('transaction_read_only') === 'off') return
    const message = `cannot execute ${what} in a read-only transaction`
    throw new QueryError('READ_ONLY_TRANSACTION', message)
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
    let outcome: 'committed' | 'rolled back' = 'rolled back'
    try {
      if (open.failed) return 'ROLLBACK'
      this.#checkSerializable(open)
      this.#store.commit(open.changes)
      outcome = 'committed'
      return 'COMMIT'
    } finally {
      open.snapshot.release()
      this.#settings.endTransaction(outcome)
    }
  }

  /**
   * A serializable transaction that writes is one that could have run when it commits: nobody committed
   * since it began, so all that it read is still so.
   */
  #checkSerializable({ base, changes }: OpenTransaction): void {
    const level = this.#settings.get('transaction_isolation')
    if (level !== 'serializable' || changes.length === 0 || this.#store.newest === base) return
    throw new QueryError(
      'SERIALIZATION_FAILURE',
      'could not serialize access due to read/write dependencies among transactions',
      { hint: 'The transaction might succeed if retried.' },
    )
  }

  rollback(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    open.snapshot.release()
    this.#settings.endTransaction('rolled back')
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
    if (this.#open !== undefined) return this.#open
    const snapshot = this.#store.hold()
    this.#open = {
      snapshot,
      changes: [],
      failed: false,
      implicit,
      queried: false,
      base: snapshot.value,
      startedMicros: this.#clock.wallMicros(),
    }
    this.#settings.beginTransaction()
    return this.#open
  }
}

function sessionClosed(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'the session was closed')
}
