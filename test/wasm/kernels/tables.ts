import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/tables.ts'
import {
  arena,
  below,
  bitsAt,
  call,
  conformance,
  heap,
  integers,
  kernels,
  pick,
  place,
  placeBits,
  placeIntegers,
  placeText,
  randomText,
  signed,
  space,
  textAt,
  words,
  zeros,
} from './bench.ts'

conformance(['appendBits', 'countBits', 'packBits'], () => {
  test('bits at any place', () => {
    const random = seededRandom(1)
    const randomBits = (most: number): boolean[] => {
      const density = pick(random, [0, 0.5, 1, 0.01])
      return Array.from({ length: below(random, most) }, () => random.next() < density)
    }
    for (let round = 0; round < 1_000; round++) {
      const [before, from] = [randomBits(80), randomBits(300)]
      const to = placeBits([...before, ...from])
      const isOnes = random.next() < 0.2
      call('appendBits', to, before.length, isOnes ? 0 : placeBits(from), from.length)
      const count = before.length + from.length
      const expected = reference.appendBits(before, isOnes ? undefined : from, from.length)
      expect(bitsAt(to, count), `round ${round}`).toEqual(expected)
      const ones = expected.filter(Boolean).length
      expect(call('countBits', to, count), `round ${round}`).toBe(ones)
      const packed = space(count)
      expect(call('packBits', place(expected.map(Number)), count, packed)).toBe(ones)
      expect(bitsAt(packed, count), `round ${round}`).toEqual(expected)
    }
  })
})

conformance(['appendOffsets'], () => {
  test('offsets', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 300; round++) {
      let offset = below(random, 100)
      const offsets = Array.from({ length: 1 + below(random, 40) }, () => {
        offset += below(random, 9)
        return offset
      })
      const base = below(random, 1_000_000)
      const to = space(4 * offsets.length)
      call('appendOffsets', to, placeIntegers(offsets, 4), offsets.length - 1, base)
      expect(words(to, offsets.length)).toEqual(reference.appendOffsets(offsets, base))
    }
  })
})

/** Texts as offsets and bytes; garbage between them is not allowed, as in vectors. */
function placeTexts(texts: readonly string[]): {
  readonly offsets: number
  readonly values: number
} {
  const ends = texts.map((_, index) => Buffer.byteLength(texts.slice(0, index + 1).join('')))
  return { offsets: placeIntegers([0, ...ends], 4), values: place(Buffer.from(texts.join(''))) }
}

function placeDictionary(entriesMax: number, bytesMax: number): number {
  const slots = 1 << Math.ceil(Math.log2(2 * entriesMax + 2))
  const blocks = [
    zeros(4 * slots),
    space(8 * entriesMax),
    zeros(4 * entriesMax + 4),
    space(bytesMax),
  ]
  return placeIntegers([0, entriesMax, 0, bytesMax, slots - 1, ...blocks], 4)
}

conformance(['dictionaryCodes', 'decodeCodes'], () => {
  test('codes of texts and texts of codes', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 400; round++) {
      const [entriesMax, bytesMax] = [1 + below(random, 40), below(random, 300)]
      const dictionary = placeDictionary(entriesMax, bytesMax)
      const entries: string[] = []
      for (let piece = 0; piece < 3; piece++) {
        const nullShare = pick(random, [0, 0.3, 1])
        const texts = Array.from({ length: below(random, 60) }, () =>
          random.next() < nullShare ? null : randomText(random, pick(random, [1, 1, 6])),
        )
        const { offsets, values } = placeTexts(texts.map((text) => text ?? ''))
        const hasNulls = texts.includes(null)
        const validity = hasNulls ? placeBits(texts.map((text) => text !== null)) : 0
        const codes = space(4 * texts.length)
        const args = [dictionary, offsets, values, validity, texts.length, codes] as const
        const done = call('dictionaryCodes', ...args)
        const expected = reference.dictionaryCodes(entries, entriesMax, bytesMax, texts)
        expect(words(codes, done), `round ${round}`).toEqual(expected)
        if (done > 0 && entries.length > 0) checkDecoded(dictionary, entries, codes, validity, done)
        if (done < texts.length) break
      }
    }
  })

  function checkDecoded(
    dictionary: number,
    entries: readonly string[],
    wideCodes: number,
    validity: number,
    rows: number,
  ): void {
    const [dictionaryOffsets = 0, bytes = 0] = words(dictionary + 28, 2)
    const numbers = words(wideCodes, rows)
    const valid = validity === 0 ? undefined : bitsAt(validity, rows)
    const expected = reference.decodeCodes(numbers, valid, entries)
    for (const width of [1, 2, 4]) {
      const codes = placeIntegers(numbers, width)
      const source = [codes, width, validity, rows, dictionaryOffsets, bytes] as const
      const offsets = space(4 * (rows + 1))
      const length = call('decodeCodes', ...source, offsets, 0)
      const to = space(length)
      expect(call('decodeCodes', ...source, offsets, to)).toBe(length)
      const ends = words(offsets, rows + 1)
      const found = expected.map((_, row) => {
        const size = BigInt(ends[row + 1]! - ends[row]!)
        return textAt((size << 32n) | BigInt(to + ends[row]!))
      })
      expect(found).toEqual(expected)
    }
  }
})

conformance(['textKeep', 'textAppend'], () => {
  test('texts one behind the other, while there is room', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 300; round++) {
      const room = below(random, 400)
      const block = space(room + 64)
      const keeper = placeIntegers([block, block + room], 4)
      const output = space(room + 64)
      const offsets = zeros(4 * 100)
      const column = placeIntegers([output, 0, output, output + room, offsets], 4)
      let used = 0
      for (let row = 0; row < 40; row++) {
        const text = randomText(random, pick(random, [2, 8]))
        const view = placeText(text)
        const bytes = Buffer.byteLength(text)
        const kept = BigInt.asIntN(64, BigInt(kernels.call('textKeep', keeper, view)))
        const isAppended = call('textAppend', column, row, view)
        if (used + bytes > room) {
          expect([kept, isAppended]).toEqual([-1n, 0])
          break
        }
        expect(kept).toBe((BigInt(bytes) << 32n) | BigInt(block + used))
        expect(textAt(kept)).toBe(text)
        expect(textAt((BigInt(bytes) << 32n) | BigInt(output + used))).toBe(text)
        used += bytes
        expect(isAppended).toBe(1)
        expect(heap.view.getUint32(offsets + 4 * (row + 1), true)).toBe(used)
      }
      arena.release()
    }
  })
})

conformance(['convertIntegers'], () => {
  const widths = [1, 2, 4, 8, 16]
  describe.each(widths)('from %i bytes', (from) => {
    test.each(widths)('to %i', (to) => {
      const random = seededRandom(from * 100 + to)
      for (const count of [0, 1, 3, 64, 501]) {
        // The kernel takes 128 bits only where the value fits 64.
        const bits = from === 16 && to < 16 ? 64 : 8 * from
        const values = Array.from({ length: count }, () => signed(random, bits))
        const target = space(count * to)
        call('convertIntegers', placeIntegers(values, from), from, count, target, to)
        expect(integers(target, to, count)).toEqual(reference.convertIntegers(values, to))
      }
    })
  })
})
