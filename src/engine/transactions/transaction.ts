import { assert, present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Clock } from '../../base/world.ts'
import type { Lease, LeaseScope } from '../../data/arenas/lease.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import {
  applied,
  checkAgain,
  type CatalogChange,
  type RowQueries,
} from '../catalog/catalog-change.ts'
import type { CatalogStore } from '../catalog/catalog-store.ts'
import type { SessionSettings, SettingsMark } from '../settings/settings.ts'

/** As PostgreSQL's ReadyForQuery reports it. */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/** BEGIN ... COMMIT, or statements that came together in one text. */
interface OpenTransaction {
  /** What its statements see: a committed root with the transaction's own changes. */
  snapshot: Lease<Catalog>
  /** That root, over which the changes were checked. Only to be told from others. */
  base: Catalog
  changes: readonly CatalogChange[]
  /** What these look at when they are checked again, which the snapshot may not reach any more. */
  readonly looksAt: Map<CatalogChange, Lease<unknown>>
  failed: boolean
  implicit: boolean
  /** Whether a statement that reads or writes has run; from then on it is what it is. */
  queried: boolean
  /** In the order in which they were set. */
  readonly savepoints: Savepoint[]
  readonly startedMicros: bigint
}

/** What a transaction had done at some point of it. */
interface Savepoint {
  readonly name: string
  /** What its statements saw, of which the memory is held. */
  readonly snapshot: Lease<Catalog>
  readonly base: Catalog
  readonly changes: readonly CatalogChange[]
  readonly settings: SettingsMark
}

/** What a statement that makes a change is given: the catalog that it saw, and the means to check. */
export interface ChangeQueries extends RowQueries {
  readonly catalog: Catalog
}

/**
 * A session's view of the catalog: the shared root, or inside BEGIN ... COMMIT a committed root with the
 * session's own changes on top: the newest one for each statement of a READ COMMITTED transaction, that of
 * its first query at the other levels. What it sees it holds: its memory stays whatever others do.
 */
export class TransactionState {
  readonly #store: CatalogStore
  readonly #settings: SessionSettings
  readonly #clock: Clock
  /** What every transaction does when it is committed. */
  readonly #atCommit: CatalogChange
  #open: OpenTransaction | undefined
  #isClosed = false
  #commitsKept = 0
  /** While a commit checks what others brought. */
  #ending: Promise<void> | undefined

  constructor(
    store: CatalogStore,
    settings: SessionSettings,
    clock: Clock,
    atCommit: CatalogChange,
  ) {
    this.#atCommit = atCommit
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

  /**
   * To be called before a statement that reads or writes: takes in what others committed, where the
   * transaction's level has it see that. Errors: what a change of the transaction's own would have thrown had
   * it come after theirs, as UNIQUE_VIOLATION; SERIALIZATION_FAILURE when its table is gone.
   */
  async beginStatement(queries: () => RowQueries): Promise<void> {
    await this.#ending
    for (;;) {
      const open = this.#open
      if (open === undefined || open.failed || (open.queried && this.#keepsSnapshot)) return
      if (this.#store.newest === open.base) return
      const newest = this.#store.hold()
      try {
        const { changes, base } = open
        const recheck = { root: newest.value, checked: base }
        if (changes.length > 0) await checkAgain(changes, queries(), recheck)
        if (this.#open !== open || open.changes !== changes) continue
        this.#see(open, applied(changes, newest.value))
        open.base = newest.value
      } finally {
        newest.release()
      }
    }
  }

  /** Levels above READ COMMITTED; READ UNCOMMITTED is the same as that, as in PostgreSQL. */
  get #keepsSnapshot(): boolean {
    const level = this.#settings.get('transaction_isolation')
    return level === 'repeatable read' || level === 'serializable'
  }

  /**
   * Makes a change that needs no checks: at once outside a transaction, at COMMIT inside one. What is given resolves when it
   * is made; undefined where it is already.
   */
  change(change: CatalogChange): Promise<void> | undefined {
    assert(change.check === undefined, 'a change that is to be checked')
    this.refuseIfClosed()
    const open = this.#open
    if (open === undefined) return this.#counted(this.#store.commit([change, this.#atCommit]))
    this.#see(open, change.apply(open.snapshot.value))
    open.changes = [...open.changes, change]
    return undefined
  }

  /**
   * Makes a change that was checked over the catalog of its statement, after checking what others brought
   * since.
   */
  async changeChecked(queries: ChangeQueries, change: CatalogChange): Promise<void> {
    let checked = queries.catalog
    for (;;) {
      this.refuseIfClosed()
      const open = this.#open
      if (open === undefined) return this.#commit(queries, [change], checked)
      // Only statements of one session that run at once make another snapshot meanwhile.
      const root = open.snapshot.value
      if (root === checked) return this.#add(open, change, queries)
      queries.leases.add(this.#store.hold(root))
      await change.check?.(queries, { root, checked })
      checked = root
    }
  }

  /** Adds a change that holds over the transaction's snapshot, unless it could never be committed. */
  async #add(open: OpenTransaction, change: CatalogChange, queries: RowQueries): Promise<void> {
    const { leases } = queries
    const changes = joined(open.changes, change, leases)
    this.#see(
      open,
      changes === undefined ? change.apply(open.snapshot.value) : applied(changes, open.base),
    )
    open.changes = changes ?? [...open.changes, change]
    this.#holdLooked(open, changes ?? [change])
    if (!this.#keepsSnapshot || this.#store.newest === open.base) return
    const root = leases.add(this.#store.hold()).value
    await checkAgain([change], queries, { root, checked: open.base })
  }

  /** Holds what changes look at; where some were joined to others and nobody can go back to them, no longer what they did. */
  #holdLooked(
    { looksAt, changes, savepoints }: OpenTransaction,
    made: readonly CatalogChange[],
  ): void {
    for (const change of made) {
      const chunks = change.looksAt ?? []
      if (chunks.length === 0 || looksAt.has(change)) continue
      looksAt.set(change, this.#store.holdChunks(chunks))
    }
    if (made !== changes || savepoints.length > 0) return
    const still = new Set(changes)
    for (const [change, lease] of looksAt) {
      if (still.has(change)) continue
      lease.release()
      looksAt.delete(change)
    }
  }

  /** From now on the transaction's statements see this. */
  #see(open: OpenTransaction, catalog: Catalog): void {
    const before = open.snapshot
    open.snapshot = this.#store.hold(catalog)
    before.release()
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

  /** Whether what {@link beginImplicit} began is open: statements did not end it nor say BEGIN. */
  get isImplicit(): boolean {
    return this.#open?.implicit === true
  }

  /**
   * Ends the transaction; a failed one is rolled back. Tells which of the two happened. Errors: those of
   * {@link beginStatement}, SERIALIZATION_FAILURE; the transaction is rolled back then.
   */
  async commit(queries: RowQueries): Promise<'COMMIT' | 'ROLLBACK'> {
    const open = this.#open
    if (open === undefined) return 'COMMIT'
    if (open.failed) {
      this.rollback()
      return 'ROLLBACK'
    }
    this.#open = undefined
    const committing = this.#commit(queries, open.changes, open.base)
    this.#ending = committing.then(
      () => this.#settings.endTransaction('committed'),
      () => this.#settings.endTransaction('rolled back'),
    )
    try {
      await committing
    } finally {
      await this.#ending
      this.#ending = undefined
      letGo(open)
    }
    return 'COMMIT'
  }

  /** Commits changes that were checked over `checked`; what came since is checked before. */
  async #commit(
    queries: RowQueries,
    changes: readonly CatalogChange[],
    checked: Catalog,
  ): Promise<void> {
    if (changes.length === 0) return
    const store = this.#store
    const guards = changes.some((change) => change.guards?.(store.decided) === true)
    const work = (): Promise<Kept> => this.#commitNow(queries, changes, checked)
    if (!guards || (store.decided === checked && !store.inTurn)) {
      return this.#counted((await work()).kept)
    }
    // The next one takes its turn when this is decided upon, not only when it is kept.
    let decided: Kept | undefined
    await store.takeTurn(async () => {
      decided = await work()
    })
    return this.#counted(decided?.kept)
  }

  /** Of commits that are kept: what came before them in the log is on the disk with them. */
  #counted(kept: Promise<void> | undefined): Promise<void> | undefined {
    return kept?.then(() => {
      this.#commitsKept++
    })
  }

  /** How many commits of the session are on a disk. */
  get commitsKept(): number {
    return this.#commitsKept
  }

  async #commitNow(
    queries: RowQueries,
    changes: readonly CatalogChange[],
    before: Catalog,
  ): Promise<Kept> {
    const store = this.#store
    const serializable = this.#settings.get('transaction_isolation') === 'serializable'
    for (let checked = before; store.decided !== checked;) {
      const decided = store.hold(store.decided)
      try {
        if (serializable) throw notSerializable()
        await checkAgain(changes, queries, { root: decided.value, checked })
        checked = decided.value
      } catch (error) {
        if (await store.isKept(decided.value)) throw error
      } finally {
        decided.release()
      }
    }
    this.refuseIfClosed()
    return { kept: store.commit([...changes, this.#atCommit]) }
  }

  rollback(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    letGo(open)
    this.#settings.endTransaction('rolled back')
  }

  /** Rolls back; what statements that still run would change is refused. */
  close(): void {
    this.rollback()
    this.#isClosed = true
  }

  /** Errors: ADMIN_SHUTDOWN. */
  refuseIfClosed(): void {
    if (this.#isClosed) throw new QueryError('ADMIN_SHUTDOWN', 'the session was closed')
  }

  /** Remembers what the transaction has done. One of the same name is hidden until this one is released. */
  setSavepoint(name: string): void {
    const open = this.#opened()
    const { base, changes, savepoints } = open
    const snapshot = this.#store.hold(open.snapshot.value)
    savepoints.push({ name, snapshot, base, changes, settings: this.#settings.savepoint })
  }

  /** Forgets a savepoint and those after it; what was done since stays. Errors: INVALID_SAVEPOINT. */
  releaseSavepoint(name: string): void {
    const { savepoints } = this.#opened()
    dropFrom(savepoints, savepointAt(savepoints, name))
  }

  /** Undoes what was done since a savepoint, which stays; a transaction that failed goes on. Errors: INVALID_SAVEPOINT. */
  rollbackToSavepoint(name: string): void {
    const open = this.#opened()
    const at = savepointAt(open.savepoints, name)
    const { snapshot, base, changes, settings } = present(open.savepoints[at], 'a savepoint')
    dropFrom(open.savepoints, at + 1)
    this.#see(open, snapshot.value)
    open.base = base
    open.changes = changes
    open.failed = false
    this.#settings.backTo(settings)
  }

  #opened(): OpenTransaction {
    return present(this.#open, 'a transaction')
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
    this.refuseIfClosed()
    if (this.#open !== undefined) return this.#open
    const snapshot = this.#store.hold()
    this.#open = {
      snapshot,
      changes: [],
      looksAt: new Map(),
      failed: false,
      implicit,
      queried: false,
      savepoints: [],
      base: snapshot.value,
      startedMicros: this.#clock.wallMicros(),
    }
    this.#settings.beginTransaction()
    return this.#open
  }
}

/** A commit that was decided upon, and what resolves when it is kept. */
interface Kept {
  readonly kept: Promise<void> | undefined
}

/** What a transaction holds. */
function letGo({ snapshot, savepoints, looksAt }: OpenTransaction): void {
  snapshot.release()
  for (const lease of looksAt.values()) lease.release()
  dropFrom(savepoints, 0)
}

function dropFrom(savepoints: Savepoint[], at: number): void {
  for (const { snapshot } of savepoints.splice(at)) snapshot.release()
}

/** The last savepoint of a name. Errors: INVALID_SAVEPOINT. */
function savepointAt(savepoints: readonly Savepoint[], name: string): number {
  const at = savepoints.findLastIndex((savepoint) => savepoint.name === name)
  if (at >= 0) return at
  throw new QueryError('INVALID_SAVEPOINT', `savepoint "${name}" does not exist`)
}

/** The changes with another one that goes into one of them, past such as it may change its order with. */
function joined(
  changes: readonly CatalogChange[],
  change: CatalogChange,
  leases: LeaseScope,
): readonly CatalogChange[] | undefined {
  for (let at = changes.length - 1; at >= 0; at--) {
    const earlier = changes[at]!
    if (change.joinTo === undefined || earlier.joinTo === undefined) return undefined
    const both = change.joinTo(earlier, leases)
    if (both !== undefined) return changes.with(at, both)
    if (change.keepsPlace === true) return undefined
  }
  return undefined
}

/**
 * A serializable transaction that writes is one that could have run when it commits: nobody committed
 * since its snapshot, so all that it read is still so.
 */
function notSerializable(): QueryError {
  return new QueryError(
    'SERIALIZATION_FAILURE',
    'could not serialize access due to read/write dependencies among transactions',
    { hint: 'The transaction might succeed if retried.' },
  )
}
