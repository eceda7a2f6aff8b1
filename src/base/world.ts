/** The parts of the outside world that the pure layers may only reach through an argument. */

/** Time. `nowMs` is monotonic and has no fixed origin; `wallMicros` counts from 1970-01-01 UTC. */
export interface Clock {
  nowMs(): number
  wallMicros(): bigint
}

/** JavaScript's own heap of a thread, which values of functions in TypeScript may fill. */
export interface ScriptHeap {
  /** How much is taken of what it may have, 0 to 1. */
  takenPart(): number
}

/** Randomness: `next` is uniform in [0, 1). */
export interface Random {
  next(): number
}

/** A seeded generator (mulberry32, T. Ettinger): the same seed gives the same numbers everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    },
  }
}
