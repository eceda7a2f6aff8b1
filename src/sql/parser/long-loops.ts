import { isOverdue } from '../../base/budget.ts'

/** Reading was left in the middle of a loop, as others wait: it begins anew and comes to the same place soon. */
export class Interrupted extends Error {}

/** Where the next token is read; cursors know more of it. */
export interface Place {
  readonly position: number
}

/** What a loop needs of the cursor that it reads from. */
export interface LoopCursor<P extends Place> {
  /** Undefined where reading is never left. */
  readonly loops: LongLoops<P> | undefined
  /** Tokens read since reading was begun anew. */
  readonly read: number
  readonly place: P
  goTo(place: P): void
}

/** A loop that reads on and adds to its state: as long as a list or a chain is. */
export interface Loop<S> {
  /** What it had read when reading was left; undefined where it has not been here. */
  readonly state: S | undefined
  /**
   * To be asked with the state before each round but the first: false where the loop had been ended before.
   * Where others wait, reading is left here: see {@link Interrupted}.
   */
  goesOn(state: S): boolean
  end(): void
}

/** Of a text that is read in one go: most are. */
export const plainLoop: Loop<never> = { state: undefined, goesOn: () => true, end() {} }

/** Loops within loops at most: each is a level of nesting, at least. */
const LOOPS_NESTED_MAX = 4_096

/** A loop that read so many tokens is not read again. */
const LONG_TOKENS_MIN = 256

/**
 * The loops of a parser by recursive descent, so that it can be left in the middle of one and begun anew: the
 * way down to a loop is read again, what the loop has read is taken from here. A parser that always finds the
 * same tokens comes by the same loops, each of which is known by where it begins and how many are around it.
 */
export class LongLoops<P extends Place> {
  readonly #kept = new Map<number, KeptLoop<P>>()
  readonly #active: ActiveLoop<P>[] = []

  begin(cursor: LoopCursor<P>): Loop<unknown> {
    const key = cursor.place.position * LOOPS_NESTED_MAX + this.#active.length
    const kept = this.#kept.get(key)
    if (kept !== undefined) cursor.goTo(kept.place)
    if (kept?.isComplete === true) return { state: kept.state, goesOn: () => false, end() {} }
    const loop = new ActiveLoop(cursor, kept, (ended) => {
      this.#active.pop()
      if (ended !== undefined) this.#kept.set(key, ended)
    })
    this.#active.push(loop)
    return loop
  }

  /** Reading was left: keeps what the loops have read that it was within. */
  leave(): void {
    while (this.#active.length > 0) this.#active.at(-1)?.leave()
  }
}

interface KeptLoop<P extends Place> {
  readonly state: unknown
  readonly place: P
  readonly isComplete: boolean
}

class ActiveLoop<P extends Place> implements Loop<unknown> {
  state: unknown
  readonly #cursor: LoopCursor<P>
  readonly #readBefore: number
  readonly #over: (kept: KeptLoop<P> | undefined) => void
  readonly #wasKept: boolean
  #place: P | undefined

  /** `over`: told what to keep when the loop ends or is left. */
  constructor(
    cursor: LoopCursor<P>,
    kept: KeptLoop<P> | undefined,
    over: (kept: KeptLoop<P> | undefined) => void,
  ) {
    this.#cursor = cursor
    this.#readBefore = cursor.read
    this.#over = over
    this.#wasKept = kept !== undefined
    this.#place = kept?.place
    this.state = kept?.state
  }

  /** A loop that was just begun has read too little: to come back to it would cost more than is gained. */
  goesOn(state: unknown): boolean {
    this.state = state
    this.#place = this.#cursor.place
    const read = this.#cursor.read - this.#readBefore
    if (isOverdue() && read > 0 && read >= this.#readBefore) throw new Interrupted()
    return true
  }

  end(): void {
    const { read, place } = this.#cursor
    const isLong = this.#wasKept || read - this.#readBefore > LONG_TOKENS_MIN
    this.#over(isLong ? { state: this.state, place, isComplete: true } : undefined)
  }

  leave(): void {
    const place = this.#place
    this.#over(place && { state: this.state, place, isComplete: false })
  }
}
