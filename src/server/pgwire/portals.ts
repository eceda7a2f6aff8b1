import { QueryError } from '../../base/errors.ts'
import { portalOfNothing, type BoundPortal } from './prepared.ts'

const PORTALS_MAX = 1_000

/** The portals of one connection by their names; the one without a name is replaced without a word. */
export class Portals {
  readonly #byName = new Map<string, BoundPortal>()

  /**
   * Makes a portal of nothing; {@link set} says what it is of. Errors: DUPLICATE_CURSOR,
   * CONFIGURATION_LIMIT.
   */
  make(name: string): void {
    if (name !== '' && this.#byName.has(name)) {
      throw new QueryError('DUPLICATE_CURSOR', `cursor "${name}" already exists`)
    }
    if (this.#byName.size >= PORTALS_MAX) {
      throw new QueryError('CONFIGURATION_LIMIT', 'too many open portals', {
        expected: `at most ${PORTALS_MAX}`,
      })
    }
    this.close(name)
    this.#byName.set(name, portalOfNothing())
  }

  set(name: string, portal: BoundPortal): void {
    this.#byName.set(name, portal)
  }

  find(name: string): BoundPortal | undefined {
    return this.#byName.get(name)
  }

  /** Errors: INVALID_CURSOR_NAME. */
  get(name: string): BoundPortal {
    const portal = this.#byName.get(name)
    if (portal !== undefined) return portal
    throw new QueryError('INVALID_CURSOR_NAME', `portal "${name}" does not exist`)
  }

  close(name: string): void {
    this.#byName.get(name)?.open?.close()
    this.#byName.delete(name)
  }

  closeAll(): void {
    for (const { open } of this.#byName.values()) open?.close()
    this.#byName.clear()
  }

  /** Their transaction failed: they are there until it ends, and give nothing more. */
  failAll(): void {
    for (const portal of this.#byName.values()) {
      portal.open?.close()
      portal.hasFailed = true
    }
  }
}
