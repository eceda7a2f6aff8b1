import { spend } from '../../base/budget.ts'

/** Bits of a SHA-2 digest. */
export type DigestBits = 224 | 256 | 384 | 512

const WORD_64 = 0xffff_ffff_ffff_ffffn

function firstPrimes(count: number): readonly bigint[] {
  const primes: bigint[] = []
  for (let next = 2n; primes.length < count; next++) {
    if (primes.every((prime) => next % prime !== 0n)) primes.push(next)
  }
  return primes
}

/** The whole part of a root, by Newton's method from above. */
function root(value: bigint, power: bigint): bigint {
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / Number(power)))
  for (;;) {
    const next = ((power - 1n) * guess + value / guess ** (power - 1n)) / power
    if (next >= guess) return guess
    guess = next
  }
}

/** The first 64 bits behind the point of roots of prime numbers, which the standard takes. */
const fraction = (prime: bigint, power: bigint): bigint =>
  root(prime << (64n * power), power) & WORD_64

interface Tables {
  readonly cubeRoots: readonly bigint[]
  readonly starts: Readonly<Record<DigestBits, readonly bigint[]>>
}

let tables: Tables | undefined

function tablesOfRoots(): Tables {
  if (tables !== undefined) return tables
  const primes = firstPrimes(80)
  const squareRoots = primes.slice(0, 16).map((prime) => fraction(prime, 2n))
  const [first, second] = [squareRoots.slice(0, 8), squareRoots.slice(8)]
  const starts = {
    224: second.map((word) => word & 0xffff_ffffn),
    256: first.map((word) => word >> 32n),
    384: second,
    512: first,
  }
  tables = { cubeRoots: primes.map((prime) => fraction(prime, 3n)), starts }
  return tables
}

/** How the two families differ: bits of a word, rounds, and how far words are turned and shifted. */
const families = {
  short: { word: 32n, rounds: 64, e: [6n, 11n, 25n], a: [2n, 13n, 22n] },
  long: { word: 64n, rounds: 80, e: [14n, 18n, 41n], a: [28n, 34n, 39n] },
} as const
const stretches = {
  short: { early: [7n, 18n, 3n], late: [17n, 19n, 10n] },
  long: { early: [1n, 8n, 7n], late: [19n, 61n, 6n] },
} as const

/** What a block costs of the budget of a statement. */
const BLOCK_STEPS = 2_000

/** The SHA-2 digest of bytes (FIPS 180-4). */
export function createDigest(bytes: Uint8Array, bits: DigestBits): Uint8Array {
  const family = bits > 256 ? 'long' : 'short'
  const wordBytes = Number(families[family].word) / 8
  const block = 16 * wordBytes
  const padding = block - ((bytes.length + 1 + 2 * wordBytes) % block || block)
  const padded = new Uint8Array(bytes.length + 1 + padding + 2 * wordBytes)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n)
  let state = tablesOfRoots().starts[bits]
  for (let at = 0; at < padded.length; at += block) {
    spend(BLOCK_STEPS)
    const words = Array.from({ length: 16 }, (_, word) =>
      wordBytes === 8 ? view.getBigUint64(at + 8 * word) : BigInt(view.getUint32(at + 4 * word)),
    )
    state = addBlock(state, words, family)
  }
  const hex = state.map((word) => word.toString(16).padStart(2 * wordBytes, '0')).join('')
  return Uint8Array.from({ length: bits / 8 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  )
}

function addBlock(
  state: readonly bigint[],
  words: bigint[],
  family: keyof typeof families,
): readonly bigint[] {
  const { word, rounds, e: ofE, a: ofA } = families[family]
  const { early, late } = stretches[family]
  const mask = (1n << word) - 1n
  const turned = (value: bigint, by: bigint): bigint =>
    ((value >> by) | (value << (word - by))) & mask
  const mixed = (value: bigint, [x, y, z]: readonly [bigint, bigint, bigint]): bigint =>
    turned(value, x) ^ turned(value, y) ^ turned(value, z)
  const stretched = (value: bigint, [x, y, z]: readonly [bigint, bigint, bigint]): bigint =>
    turned(value, x) ^ turned(value, y) ^ (value >> z)
  for (let at = 16; at < rounds; at++) {
    const sum = words[at - 16]! + stretched(words[at - 15]!, early) + words[at - 7]!
    words.push((sum + stretched(words[at - 2]!, late)) & mask)
  }
  const { cubeRoots } = tablesOfRoots()
  let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state
  for (let at = 0; at < rounds; at++) {
    const choice = (e & f) ^ (~e & mask & g)
    const one = h + mixed(e, ofE) + choice + (cubeRoots[at]! >> (64n - word)) + words[at]!
    const other = mixed(a, ofA) + ((a & b) ^ (a & c) ^ (b & c))
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & mask, c, b, a, (one + other) & mask]
  }
  return [a, b, c, d, e, f, g, h].map((value, at) => (value + state[at]!) & mask)
}
