import { assert } from '../../base/assert.ts'

/**
 * The right to read something in the shared memory: while it is held the memory stays, and it is
 * given back by {@link Lease.release}, exactly once. Whatever outlives the call that made it is held by a
 * lease: results, inputs, catalogs that a statement reads.
 */
export class Lease<T> {
  #value: T | OnFirstRead<T>
  #giveBack: (() => void) | undefined

  constructor(value: T | OnFirstRead<T>, giveBack: () => void) {
    this.#value = value
    this.#giveBack = giveBack
  }

  get value(): T {
    assert(!this.isReleased, 'a lease was read after its release')
    if (this.#value instanceof OnFirstRead) this.#value = this.#value.make()
    return this.#value
  }

  get isReleased(): boolean {
    return this.#giveBack === undefined
  }

  release(): void {
    const giveBack = this.#giveBack
    assert(giveBack !== undefined, 'a lease was released twice')
    this.#giveBack = undefined
    giveBack()
  }
}

/** A value that is made when it is first read: often nobody does. */
export class OnFirstRead<T> {
  readonly make: () => T

  constructor(make: () => T) {
    this.make = make
  }
}

/** Leases that end with a piece of work, however it ends, unless they are handed over to somebody. */
export class LeaseScope {
  readonly #leases = new Set<Lease<unknown>>()

  /** The scope releases it at the end, if nobody did so before. */
  add<L extends Lease<unknown>>(lease: L): L {
    this.#leases.add(lease)
    return lease
  }

  /** From here on the lease is the caller's to release. */
  handOver<L extends Lease<unknown>>(lease: L): L {
    assert(this.#leases.delete(lease), 'a lease of another scope')
    return lease
  }

  /** Releases what is left, the newest first. */
  close(): void {
    const leases = [...this.#leases].reverse()
    this.#leases.clear()
    for (const lease of leases) if (!lease.isReleased) lease.release()
  }
}
