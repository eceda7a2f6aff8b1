import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'

/** A cursor as its session knows it. */
export interface KnownCursor {
  /** Whether it stays when its transaction is committed. */
  readonly isHeld: boolean
  readonly isScrollable: boolean
  /** As it was declared. */
  readonly shown: string
  readonly declaredMicros: bigint
  close(): void
}

const CURSORS_MAX = 1_000

/** The cursors of a session by their names. */
export class Cursors<C extends KnownCursor = KnownCursor> {
  readonly #byName = new Map<string, C>()
  /** Those of the transaction that is open. */
  readonly #fresh = new Set<string>()

  /** Errors: DUPLICATE_CURSOR, CONFIGURATION_LIMIT; the cursor is closed then. */
  add(name: string, cursor: C): void {
    try {
      this.requirePlace(name)
    } catch (error) {
      cursor.close()
      throw error
    }
    this.#byName.set(name, cursor)
    this.#fresh.add(name)
  }

  /** Errors: DUPLICATE_CURSOR, CONFIGURATION_LIMIT. */
  requirePlace(name: string): void {
    if (this.#byName.has(name)) {
      throw new QueryError('DUPLICATE_CURSOR', `cursor "${name}" already exists`)
    }
    if (this.#byName.size < CURSORS_MAX) return
    throw new QueryError('CONFIGURATION_LIMIT', 'too many open cursors', {
      expected: `at most ${CURSORS_MAX}`,
    })
  }

  /** Errors: INVALID_CURSOR_NAME. */
  get(name: string, span?: Span): C {
    const cursor = this.#byName.get(name)
    if (cursor !== undefined) return cursor
    const message = `cursor "${name}" does not exist`
    throw new QueryError('INVALID_CURSOR_NAME', message, span && { span })
  }

  close(name: string): void {
    this.#byName.get(name)?.close()
    this.#byName.delete(name)
    this.#fresh.delete(name)
  }

  closeAll(): void {
    for (const name of this.#byName.keys()) this.close(name)
  }

  /** Their transaction is over: those WITH HOLD stay. */
  commit(): void {
    if (this.#fresh.size === 0) return
    for (const [name, { isHeld }] of this.#byName) if (!isHeld) this.close(name)
    this.#fresh.clear()
  }

  /** Their transaction is undone, and with it what it declared. */
  rollback(): void {
    for (const name of this.#fresh) this.close(name)
  }

  entries(): Iterable<readonly [string, C]> {
    return this.#byName
  }
}
