import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { hasMember, hasWord } from '../../../src/wasm/kernels/reference/sets.ts'
import {
  compareIntervals,
  compareNumerics,
} from '../../../src/wasm/kernels/reference/wide-values.ts'
import {
  arena,
  below,
  call,
  conformance,
  pick,
  placeIntegers,
  placeText,
  putInteger,
  randomText,
  signed,
  zeros,
} from './bench.ts'
import { intervalWords, numericWords, randomInterval, randomNumeric } from './wide-values.ts'

/** What hashes of words are made by. */
const MULTIPLIER = 0x9e3779b97f4a7c15n

const counts = [0, 1, 2, 17, 300]

function slotsFor(members: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(members, 1) * 2))
}

/** Members, some of them often, and values that are looked up: members and others. */
function membersAndValues<T>(
  random: Random,
  count: number,
  make: (random: Random) => T,
): readonly [readonly T[], readonly T[]] {
  const different = Array.from({ length: count }, () => make(random))
  const members = different.map((member) =>
    random.next() < 0.2 ? pick(random, different) : member,
  )
  return [members, [...different, ...Array.from({ length: 50 }, () => make(random))]]
}

conformance(['wordSetEnter', 'wordSetHas'], () => {
  test.each(counts)('%i words', (count) => {
    const random = seededRandom(count)
    for (let round = 0; round < 20; round++) {
      const bits = pick(random, [6, 12, 64])
      const [members, values] = membersAndValues(random, count, () => signed(random, bits))
      let free = signed(random, bits)
      while (hasWord(members, free)) free = BigInt.asIntN(64, free + 1n)
      const slots = slotsFor(count)
      const set = zeros(40 + slots * 8)
      const least = members.reduce((least, member) => (member < least ? member : least), 0n)
      const span = bits === 64 ? 0n : 1n << BigInt(bits)
      const bitSet = zeros(Math.max(slots, Number(span) / 8) + 8)
      putInteger(set, slots - 1, 4)
      putInteger(set + 4, bitSet, 4)
      putInteger(set + 8, free, 8)
      putInteger(set + 16, least, 8)
      putInteger(set + 24, span, 8)
      putInteger(set + 32, slots * 8 - 1, 4)
      for (let slot = 0; slot < slots; slot++) putInteger(set + 40 + slot * 8, free, 8)
      const border = below(random, count + 1)
      const words = placeIntegers(members, 8)
      call('wordSetEnter', set, words, border)
      call('wordSetEnter', set, words + border * 8, count - border)
      for (const value of [...values, free]) {
        const has = Number(hasWord(members, value))
        expect(call('wordSetHas', set, value)).toBe(has)
        // Each member has its bit; of numbers near each other no other has one.
        const hash = Number((BigInt.asUintN(64, value * MULTIPLIER) >> 32n) & BigInt(slots * 8 - 1))
        const bit = span === 0n ? hash : Number(value - least)
        const isSet = (arena.heap.u8[bitSet + (bit >>> 3)]! >> (bit & 7)) & 1
        const isWithin = value >= least && value < least + span
        if (isWithin || has === 1) expect(isSet).toBe(has)
      }
      arena.release()
    }
  })
})

type Words = readonly [bigint, bigint]

/** Enters members of a kind and looks values up. */
function checkKind<T>(
  kind: number,
  make: (random: Random) => T,
  wordsOf: (value: T) => Words,
  same: (left: T, right: T) => boolean,
  has: (set: number, words: Words) => number,
): void {
  test.each(counts)('%i members', (count) => {
    const random = seededRandom(count + 100 * kind)
    for (let round = 0; round < 10; round++) {
      const [members, values] = membersAndValues(random, count, make)
      const slots = slotsFor(count)
      const set = zeros(8 + slots * 8)
      putInteger(set, slots - 1, 4)
      putInteger(set + 4, placeIntegers(members.flatMap(wordsOf), 8), 4)
      const border = below(random, count + 1)
      call('pairSetEnter', set, kind, 0, border)
      call('pairSetEnter', set, kind, border, count)
      for (const value of values) {
        expect(has(set, wordsOf(value))).toBe(Number(hasMember(members, value, same)))
      }
      arena.release()
    }
  })
}

conformance(['pairSetEnter', 'pairSetHas'], () => {
  const make = (random: Random): Words => [signed(random, 8), signed(random, pick(random, [3, 64]))]
  const same = (a: Words, b: Words): boolean => a[0] === b[0] && a[1] === b[1]
  checkKind(
    0,
    make,
    (words) => words,
    same,
    (set, words) => call('pairSetHas', set, ...words),
  )
})

conformance(['textSetHas'], () => {
  checkKind(
    1,
    (random) => randomText(random),
    (text): Words => [placeText(text), 0n],
    (a, b) => a === b,
    (set, [view]) => call('textSetHas', set, view),
  )
})

conformance(['numericSetHas'], () => {
  checkKind(
    2,
    randomNumeric,
    numericWords,
    (a, b) => compareNumerics(a, b) === 0,
    (set, words) => call('numericSetHas', set, ...words),
  )
})

conformance(['intervalSetHas'], () => {
  checkKind(
    3,
    randomInterval,
    intervalWords,
    (a, b) => compareIntervals(a, b) === 0,
    (set, words) => call('intervalSetHas', set, ...words),
  )
})
