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
      const set = placeIntegers([slots - 1, ...Array.from({ length: slots * 2 + 3 }, () => 0)], 4)
      putInteger(set + 8, free, 8)
      for (let slot = 0; slot < slots; slot++) putInteger(set + 16 + slot * 8, free, 8)
      const border = below(random, count + 1)
      const words = placeIntegers(members, 8)
      call('wordSetEnter', set, words, border)
      call('wordSetEnter', set, words + border * 8, count - border)
      for (const value of [...values, free]) {
        expect(call('wordSetHas', set, value)).toBe(Number(hasWord(members, value)))
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
