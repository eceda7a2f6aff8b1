import type { Arena } from '../../data/arenas/arena.ts'

/** Room for something of each row: counted against the query's memory, and all zeros. */
export interface RowMemory {
  words(count: number): Int32Array
  doubles(count: number): Float64Array
  bytes(count: number): Uint8Array
}

/** Room that lives as long as an arena. */
export function memoryIn(arena: Arena): RowMemory {
  const { i32, f64, u8 } = arena.heap
  const room = (bytes: number): number => arena.allocateZeroed(Math.max(8, bytes))
  return {
    words(count) {
      const first = room(count * 4) >>> 2
      return i32.subarray(first, first + count)
    },
    doubles(count) {
      const first = room(count * 8) >>> 3
      return f64.subarray(first, first + count)
    },
    bytes(count) {
      const first = room(count)
      return u8.subarray(first, first + count)
    },
  }
}

/** Room outside of any query's memory: of the reference. */
export const plainMemory: RowMemory = {
  words: (count) => new Int32Array(count),
  doubles: (count) => new Float64Array(count),
  bytes: (count) => new Uint8Array(count),
}
