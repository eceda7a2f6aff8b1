import type { ErrorData } from '../../base/errors.ts'
import type { RunId, TaskId, WorkerId } from '../../scheduler/scheduler/task-id.ts'

/** Where a future stands. */
export type FutureStatus = 'pending' | 'finished' | 'error' | 'cancelled'

/** A result where it was made. */
export interface MadeValue {
  readonly run: RunId
  readonly holders: readonly WorkerId[]
  /** The encoded value itself, where it is small. */
  readonly value: Uint8Array | undefined
}

/** A task as its client knows it; futures of one key share it. */
export class FutureEntry {
  /** Counted over all of a client. */
  readonly id: number
  /** Of which a pure call is found again. */
  readonly identity: string | undefined
  readonly #keyOf: () => string
  #key: string | undefined
  /** Known once it is submitted. */
  task: TaskId | undefined
  status: FutureStatus = 'pending'
  made: MadeValue | undefined
  error: ErrorData | undefined
  /** Futures that were not released, and whatever else keeps it. */
  handles = 0
  /** Whether the client let go of it. */
  isReleased = false
  #waiting: (() => void)[] = []

  constructor(id: number, identity: string | undefined, keyOf: () => string) {
    this.id = id
    this.identity = identity
    this.#keyOf = keyOf
  }

  /** Made when somebody asks: it takes longer than a small call. */
  get key(): string {
    this.#key ??= this.#keyOf()
    return this.#key
  }

  finished(made: MadeValue): void {
    this.made = made
    this.#settle('finished')
  }

  failed(error: ErrorData): void {
    this.error = error
    this.made = undefined
    this.#settle('error')
  }

  cancelled(): void {
    this.made = undefined
    this.#settle('cancelled')
  }

  /** It is made once more. */
  again(): void {
    this.status = 'pending'
    this.made = undefined
    this.error = undefined
  }

  /** Calls back once it is not pending, at once if it is not now. Gives what takes that back. */
  onSettled(call: () => void): () => void {
    if (this.status !== 'pending') {
      call()
      return () => {}
    }
    this.#waiting.push(call)
    return () => {
      const at = this.#waiting.indexOf(call)
      if (at >= 0) this.#waiting.splice(at, 1)
    }
  }

  #settle(status: FutureStatus): void {
    this.status = status
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call()
  }
}
