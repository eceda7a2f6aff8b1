import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { address, type Address } from '../../data/vectors/vector.ts'

// What texts have at each place behind their common beginning, as the kernels note it, see assembly/sort-letters.ts.
const PLACES_MAX = 24
const BYTES = 256
const HEADER_BYTES = 8
/** What a thread notes of one key: bytes by place. */
export const NOTED_BYTES = HEADER_BYTES + PLACES_MAX * BYTES
/** What the bytes of a place count: numbers of 64 bits. */
const PLACE_BYTES = BYTES * 8 + 64
const TABLE_BYTES = HEADER_BYTES + PLACES_MAX * PLACE_BYTES

/**
 * The bytes that the texts of a key have, place by place: of few different ones many places fit a number that sorts as
 * the texts do. Each place is a digit whose base is how many there are, the end of a text the smallest among them.
 */
export interface TextLetters {
  /** Where kernels find what each byte counts, once it is written. */
  readonly table: Address
  readonly places: readonly Place[]
  /** There are no more places than these. */
  readonly isWhole: boolean
}

interface Place {
  /** Ascending. */
  readonly bytes: readonly number[]
  /** Whether some text ends before it. */
  readonly hasEnd: boolean
}

/** The first places of texts as one number. */
export interface SpelledPlaces {
  readonly count: number
  /** The largest number that such places can be. */
  readonly last: bigint
  /** Texts of equal numbers are equal. */
  readonly exact: boolean
}

/** Asks kernels to note the texts of a key; the memory must be zeros. */
export function askForLetters({ view }: Heap, noted: number): void {
  view.setUint32(noted, 1, true)
}

/** What several threads noted of a key. `bytesMax`: those of the longest text behind the common beginning. */
export function lettersOf(arena: Arena, noted: readonly number[], bytesMax: number): TextLetters {
  const { view, u8 } = arena.heap
  const shortest = Math.min(...noted.map((at) => ~view.getUint32(at + 4, true) >>> 0))
  const places: Place[] = []
  for (let place = 0; place < Math.min(bytesMax, PLACES_MAX); place++) {
    const bytes: number[] = []
    for (let byte = 0; byte < BYTES; byte++) {
      const at = HEADER_BYTES + place * BYTES + byte
      if (noted.some((start) => u8[start + at] !== 0)) bytes.push(byte)
    }
    places.push({ bytes, hasEnd: shortest <= place })
  }
  const table = arena.allocateZeroed(TABLE_BYTES)
  return { table: address(table), places, isWhole: bytesMax <= PLACES_MAX }
}

function baseOf({ bytes, hasEnd }: Place): bigint {
  return BigInt(bytes.length + Number(hasEnd))
}

/** As many places as fit so many bits. */
export function spelledPlaces({ places, isWhole }: TextLetters, bits: number): SpelledPlaces {
  let [count, numbers] = [0, 1n]
  for (const place of places) {
    const more = numbers * baseOf(place)
    if (more > 1n << BigInt(bits)) break
    numbers = more
    count++
  }
  return { count, last: numbers - 1n, exact: isWhole && count === places.length }
}

/** Writes what each byte of the first places counts in their number. */
export function writeLetters({ view }: Heap, { table, places }: TextLetters, count: number): void {
  view.setUint32(table, count, true)
  let weight = 1n
  for (let at = count - 1; at >= 0; at--) {
    const place = places[at]!
    const start = table + HEADER_BYTES + at * PLACE_BYTES
    place.bytes.forEach((byte, rank) => {
      const value = weight * BigInt(rank + Number(place.hasEnd))
      view.setBigUint64(start + byte * 8, value, true)
    })
    weight *= baseOf(place)
  }
}
