// What functions make that give another value at each call.

const WORD = 64

function rotated(word: bigint, by: bigint): bigint {
  return BigInt.asUintN(WORD, (word << by) | (word >> (64n - by)))
}

/** The reference of `randomFloats`: the numbers of xoroshiro128**, 53 bits of each, over 2^53. */
export function floatsOfSeeds(count: number, first: bigint, second: bigint): readonly number[] {
  let [a, b] = [BigInt.asUintN(WORD, first), BigInt.asUintN(WORD, second)]
  return Array.from({ length: count }, () => {
    const value = BigInt.asUintN(WORD, rotated(BigInt.asUintN(WORD, a * 5n), 7n) * 9n)
    b ^= a
    a = BigInt.asUintN(WORD, rotated(a, 24n) ^ b ^ (b << 16n))
    b = rotated(b, 37n)
    return Number(value >> 11n) / 2 ** 53
  })
}

/** The reference of `randomUuids`: the 16 bytes of a uuid of version 4 in hexadecimal, of two random words. */
export function uuidOfRandom(low: bigint, high: bigint): string {
  const digits = [high, low].map((word) =>
    BigInt.asUintN(WORD, word).toString(16).padStart(16, '0'),
  )
  const [first = '', last = ''] = digits
  const variant = '89ab'[Number.parseInt(last.slice(0, 1), 16) % 4]
  return `${first.slice(0, 12)}4${first.slice(13)}${variant}${last.slice(1)}`
}
