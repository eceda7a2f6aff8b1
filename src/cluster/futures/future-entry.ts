import { createHash, randomUUID } from 'node:crypto'
import type { ErrorData } from '../../base/errors.ts'
import type { RunId, TaskId, WorkerId } from '../../scheduler/scheduler/task-id.ts'
import { identityOf, type FunctionCode } from '../user-functions/function-code.ts'
import type { SubmitOptions } from './options.ts'

/** Where a future stands. */
export type FutureStatus = 'pending' | 'finished' | 'error' | 'cancelled'

/** A result where it was made. */
export interface MadeValue {
  readonly run: RunId
  readonly holders: readonly WorkerId[]
  /** The encoded value itself, where it is small. */
  readonly value: Uint8Array | undefined
}

/** A call as it is submitted. */
export interface Submission {
  readonly code: FunctionCode
  readonly args: Uint8Array
  readonly inputs: readonly FutureEntry[]
  readonly options: SubmitOptions
}

/** A task as its client knows it; futures of one key share it. */
export class FutureEntry {
  /** Counted over all of a client. */
  readonly id: number
  /** Of which a pure call is found again. */
  readonly identity: string | undefined
  /** Undefined of a value that was brought. */
  readonly call: Submission | undefined
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
  #waiting: (() => void)[] | undefined

  constructor(id: number, identity: string | undefined, call: Submission | undefined) {
    this.id = id
    this.identity = identity
    this.call = call
  }

  /** Made when somebody asks: it takes longer than a small call. */
  get key(): string {
    this.#key ??= keyOf(this.call)
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
    this.#waiting ??= []
    this.#waiting.push(call)
    return () => {
      const at = this.#waiting?.indexOf(call) ?? -1
      if (at >= 0) this.#waiting?.splice(at, 1)
    }
  }

  #settle(status: FutureStatus): void {
    this.status = status
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const call of waiting ?? []) call()
  }
}

/** Names a call to whoever looks: of equal calls of pure functions the same, in every process. */
function keyOf(call: Submission | undefined): string {
  if (call === undefined) return `given-${randomUUID()}`
  const { code, args, inputs, options } = call
  if (options.key !== undefined) return options.key
  if (options.pure === false) return `${code.name}-${randomUUID()}`
  const hash = createHash('sha256').update(identityOf(code)).update('\0').update(args)
  for (const { key } of inputs) hash.update('\0').update(key)
  return `${code.name}-${hash.digest('hex').slice(0, 32)}`
}
