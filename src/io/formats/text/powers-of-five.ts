import type { Heap } from '../../../data/arenas/heap.ts'
import type { Address } from '../../../data/vectors/vector.ts'

const EXPONENT_MIN = -342
const EXPONENT_MAX = 308
const WORD_BITS = 64n
const TOP = 1n << 127n
const OVER = 1n << 128n

export const POWERS_BYTES = 16 * (EXPONENT_MAX - EXPONENT_MIN + 1)

let table: BigUint64Array | undefined

/**
 * Writes the 128 leading bits of 5^q for q from -342 to 308, high word first: what exact float
 * parsing multiplies by. Negative powers are rounded up, positive ones down (D. Lemire, "Number
 * parsing at a gigabyte per second", 2021, section 5).
 */
export function writePowersOfFive(heap: Heap, block: Address): void {
  table ??= powersOfFive()
  table.forEach((word, index) => heap.view.setBigUint64(block + 8 * index, word, true))
}

function powersOfFive(): BigUint64Array {
  const words = new BigUint64Array(POWERS_BYTES / 8)
  for (let exponent = EXPONENT_MIN; exponent <= EXPONENT_MAX; exponent++) {
    const bits = exponent < 0 ? reciprocal(-exponent) : leadingBits(5n ** BigInt(exponent))
    const index = 2 * (exponent - EXPONENT_MIN)
    words[index] = bits >> WORD_BITS
    words[index + 1] = BigInt.asUintN(64, bits)
  }
  return words
}

function leadingBits(power: bigint): bigint {
  const length = BigInt(power.toString(2).length)
  return length <= 128n ? power << (128n - length) : power >> (length - 128n)
}

function reciprocal(exponent: number): bigint {
  const power = 5n ** BigInt(exponent)
  const length = BigInt((power - 1n).toString(2).length)
  let bits =
    exponent <= 27
      ? (1n << (length + 127n)) / power + 1n
      : (1n << (2n * length + 128n)) / power + 1n
  while (bits >= OVER) bits >>= 1n
  return bits < TOP ? bits << 1n : bits
}
