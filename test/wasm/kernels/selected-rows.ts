import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/selected-rows.ts'
import {
  arena,
  below,
  bitsAt,
  call,
  conformance,
  integers,
  placeBits,
  placeIntegers,
  placeText,
  randomText,
  space,
  textAt,
  wide,
  words,
  zeros,
} from './bench.ts'

const counts = [0, 1, 63, 64, 65, 128, 1_000]
const shares = [0, 0.01, 0.5, 0.9, 1]

/** Which rows stay; now and then many side by side do. */
function someRows(random: Random, count: number, share: number): boolean[] {
  let isRun = false
  return Array.from({ length: count }, (_, row) => {
    if (row % 40 === 0) isRun = random.next() < 0.2
    return isRun || random.next() < share
  })
}

function placeRows(stays: readonly boolean[]): number {
  const words = zeros(Math.ceil(stays.length / 64) * 8)
  const { heap } = arena
  stays.forEach((stay, row) => {
    if (stay) heap.u8[words + (row >> 3)]! |= 1 << (row & 7)
  })
  return words
}

conformance(['selectValues', 'selectBits', 'selectTexts'], () => {
  test.each(counts)('of %i rows', (count) => {
    const random = seededRandom(count)
    for (const share of shares) {
      const stays = someRows(random, count, share)
      const left = stays.filter(Boolean).length
      const rows = placeRows(stays)
      for (const bytes of [1, 2, 4, 8, 16]) {
        const values = stays.map(() => BigInt.asIntN(bytes * 8, wide(random, bytes * 8)))
        const to = space(left * bytes)
        call('selectValues', placeIntegers(values, bytes), bytes, rows, count, to)
        const found = integers(to, bytes, left)
        expect(found, `${bytes} bytes, ${share}`).toEqual(reference.selectedOf(values, stays))
      }
      const bits = stays.map(() => random.next() < 0.5)
      const made = space((Math.floor(left / 64) + 1) * 8)
      call('selectBits', placeBits(bits), rows, count, made)
      expect(bitsAt(made, left), `bits, ${share}`).toEqual(reference.selectedOf(bits, stays))
      const texts = stays.map(() => randomText(random))
      expect(selectedTexts(texts, rows, left), `texts, ${share}`).toEqual(
        reference.selectedOf(texts, stays),
      )
      arena.release()
    }
  })
})

/** Texts that do not begin where the values do. */
function selectedTexts(texts: readonly string[], rows: number, left: number): string[] {
  const before = 'before'
  const bytes = placeText(before + texts.join(''))
  const values = Number(bytes & 0xffff_ffffn)
  let end = before.length
  const ends = texts.map((text) => (end += Buffer.byteLength(text)))
  const offsets = placeIntegers([before.length, ...ends], 4)
  const [toOffsets, toValues] = [space(4 * (left + 1)), space(end)]
  const written = call('selectTexts', offsets, values, rows, texts.length, toOffsets, toValues)
  const found = words(toOffsets, left + 1)
  expect(found.at(-1)).toBe(written)
  return found.slice(1).map((to, at) => {
    const from = found[at]!
    return textAt((BigInt(to - from) << 32n) | BigInt(toValues + from))
  })
}

conformance(['putValues'], () => {
  test.each([1, 2, 4, 8, 16])('of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of counts) {
      const some = (length: number): bigint[] =>
        Array.from({ length }, () => BigInt.asIntN(bytes * 8, wide(random, bytes * 8)))
      const [target, from] = [some(count + 10), some(50)]
      const toRows = target.flatMap((_, row) => (random.next() < 0.3 ? [row] : []))
      const fromRows = toRows.map(() => below(random, from.length))
      const to = placeIntegers(target, bytes)
      call(
        'putValues',
        placeIntegers(from, bytes),
        bytes,
        placeIntegers(fromRows, 4),
        to,
        placeIntegers(toRows, 4),
        toRows.length,
      )
      const expected = reference.withPut(target, from, fromRows, toRows)
      expect(integers(to, bytes, target.length)).toEqual(expected)
      arena.release()
    }
  })
})
