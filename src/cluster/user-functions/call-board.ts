/** What became of a call, as its thread and its pool see it. */
export const callState = {
  free: 0,
  /** Sent to the thread, and can still be taken back. */
  waiting: 1,
  running: 2,
  /** Running, and nobody wants its result any more. */
  stopping: 3,
  /** Its result, or what it failed by, is on the board. */
  done: 4,
  failed: 5,
  /** The same in a message that is under way. */
  doneApart: 6,
  failedApart: 7,
} as const

export type CallState = (typeof callState)[keyof typeof callState]

/** Calls that one thread has at a time. */
export const BOARD_SLOTS = 64

const WORDS = 4
const STATE_BITS = 3
const SERIALS = 2 ** (31 - STATE_BITS)
const RESULT_BYTES = 1 << 16
/** Larger results go apart: the board is for many small ones. */
const ENTRY_BYTES_MAX = 1 << 12

/** A call on a board: where it stands, and which one it is of all that stood there. */
export interface Place {
  readonly slot: number
  readonly serial: number
}

/**
 * The calls of a thread in memory that it shares with its pool. A call is begun by the thread or taken back by
 * the pool, never both, and its result can be read although the thread is busy with another call.
 */
export class CallBoard {
  readonly shared: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #results: Uint8Array
  /** Of results that the pool may not have read yet; the thread's alone. */
  #used = 0

  constructor(shared?: SharedArrayBuffer) {
    const wordBytes = BOARD_SLOTS * WORDS * Int32Array.BYTES_PER_ELEMENT
    this.shared = shared ?? new SharedArrayBuffer(wordBytes + RESULT_BYTES)
    this.#words = new Int32Array(this.shared, 0, BOARD_SLOTS * WORDS)
    this.#results = new Uint8Array(this.shared, wordBytes)
  }

  /** The next serial. */
  static after(serial: number): number {
    return (serial + 1) % SERIALS
  }

  /** Undefined where another call stands there by now. */
  state({ slot, serial }: Place): CallState | undefined {
    const word = Atomics.load(this.#words, slot * WORDS)
    return word >>> STATE_BITS === serial
      ? ((word & (2 ** STATE_BITS - 1)) as CallState)
      : undefined
  }

  set({ slot, serial }: Place, state: CallState): void {
    Atomics.store(this.#words, slot * WORDS, (serial << STATE_BITS) | state)
  }

  /** Moves a call from one state to another; false where it is in none such. */
  move({ slot, serial }: Place, from: CallState, to: CallState): boolean {
    const before = (serial << STATE_BITS) | from
    const after = (serial << STATE_BITS) | to
    return Atomics.compareExchange(this.#words, slot * WORDS, before, after) === before
  }

  /** Ends a call with its result on the board; false where there is no room for it. */
  put(place: Place, bytes: Uint8Array, tookMs: number, state: CallState): boolean {
    const { byteLength } = bytes
    if (byteLength > ENTRY_BYTES_MAX) return false
    if (this.#used + byteLength > RESULT_BYTES) {
      if (this.#hasResults()) return false
      this.#used = 0
    }
    this.#results.set(bytes, this.#used)
    const at = place.slot * WORDS
    this.#words[at + 1] = this.#used
    this.#words[at + 2] = byteLength
    this.#used += byteLength
    this.end(place, tookMs, state)
    return true
  }

  /** Ends a call whose result goes apart, or is on the board already. */
  end(place: Place, tookMs: number, state: CallState): void {
    this.#words[place.slot * WORDS + 3] = Math.min(2 ** 31 - 1, Math.ceil(tookMs * 1_000))
    this.set(place, state)
  }

  /** A copy of what a call ended with. */
  result({ slot }: Place): Uint8Array {
    const start = this.#words[slot * WORDS + 1]!
    return this.#results.slice(start, start + this.#words[slot * WORDS + 2]!)
  }

  /** How long a call that ended took. */
  tookMs({ slot }: Place): number {
    return this.#words[slot * WORDS + 3]! / 1_000
  }

  #hasResults(): boolean {
    for (let slot = 0; slot < BOARD_SLOTS; slot++) {
      const state = Atomics.load(this.#words, slot * WORDS) & (2 ** STATE_BITS - 1)
      if (state === callState.done || state === callState.failed) return true
    }
    return false
  }
}
