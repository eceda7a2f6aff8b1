import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { decodeHybrid } from '../../../src/wasm/kernels/reference/bit-packing.ts'
import { decodeDelta } from '../../../src/wasm/kernels/reference/delta.ts'
import * as reference from '../../../src/wasm/kernels/reference/parquet.ts'
import { deltaPacked, hybrid, little, plainTexts } from '../../io/parquet/parquet-writer.ts'
import { arena, below, call, conformance, heap, integers, place, space, wide } from './bench.ts'

const counts = [0, 1, 7, 8, 9, 31, 100, 1000]

conformance(['parquetCodes'], () => {
  test.each([1, 2, 4])('codes of %i bytes agree with the reference at every bit width', (bytes) => {
    const random = seededRandom(bytes)
    for (let bits = 0; bits <= Math.min(32, bytes * 8); bits++) {
      for (const count of counts) {
        const runs = random.next() < 0.5
        const values: number[] = []
        while (values.length < count) {
          const value = Number(wide(random, bits))
          const repeat = runs ? 1 + below(random, 30) : 1
          for (let i = 0; i < repeat && values.length < count; i++) values.push(value)
        }
        const encoded = Uint8Array.from(hybrid(values, bits))
        const [at, target] = [place(encoded), space(count * bytes)]
        expect(decodeHybrid(encoded, bits, count)).toEqual(values)
        expect(call('parquetCodes', at, at + encoded.length, bits, count, target, bytes)).toBe(0)
        const decoded = integers(target, bytes, count, false).map(Number)
        expect(decoded, `${bits} bits, ${count} values`).toEqual(values)
      }
    }
    arena.release()
  })

  test('damaged runs end as in the reference', () => {
    const random = seededRandom(5)
    for (let round = 0; round < 1000; round++) {
      const bits = below(random, 33)
      const count = below(random, 60)
      const encoded = Uint8Array.from({ length: below(random, 40) }, () => below(random, 256))
      const [at, target] = [place(encoded), space(count * 4)]
      const result = call('parquetCodes', at, at + encoded.length, bits, count, target, 4)
      const expected = decodeHybrid(encoded, bits, count)
      expect(result, `round ${round}`).toBe(expected === undefined ? -1 : 0)
      if (expected !== undefined) {
        expect(integers(target, 4, count, false).map(Number), `round ${round}`).toEqual(expected)
      }
      if (round % 100 === 0) arena.release()
    }
    arena.release()
  })
})

conformance(['parquetBitmap', 'bitsAppend', 'bitsAppendOnes'], () => {
  test('agrees with the reference, appended at any bit', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 300; round++) {
      const count = below(random, 200)
      const density = random.next()
      const values = Array.from({ length: count }, () => Number(random.next() < density))
      const encoded = Uint8Array.from(hybrid(values, 1))
      const [at, bitmap, target] = [place(encoded), space(64), space(128)]
      const ones = call('parquetBitmap', at, at + encoded.length, count, bitmap)
      expect(ones).toBe(values.filter(Boolean).length)
      const shift = below(random, 70)
      call('bitsAppendOnes', target, 0, shift)
      if (ones === count) call('bitsAppendOnes', target, shift, count)
      else call('bitsAppend', target, shift, bitmap, count)
      const bit = (index: number): number =>
        ((heap.u8[target + (index >> 3)] ?? 0) >> (index & 7)) & 1
      const all = Array.from({ length: shift + count }, (_, index) => bit(index))
      expect(all, `round ${round}`).toEqual([...Array.from({ length: shift }, () => 1), ...values])
    }
    arena.release()
  })
})

conformance(['parquetDelta32', 'parquetDelta64'], () => {
  test.each([8, 20, 31, 33, 63, 64])('values of %i bits', (bits) => {
    const random = seededRandom(bits)
    for (const count of [1, 2, 33, 129, 500]) {
      const values = Array.from({ length: count }, () => BigInt.asIntN(bits, wide(random, bits)))
      const encoded = Uint8Array.from(deltaPacked(values))
      const [at, target, scratch] = [place(encoded), space(count * 8), space(64 + 65_536)]
      const end = at + encoded.length
      expect(decodeDelta(encoded, count)).toEqual(values)
      expect(call('parquetDelta64', at, end, count, target, scratch) >>> 0).toBe(end)
      expect(integers(target, 8, count)).toEqual(values)
      const narrow = call('parquetDelta32', at, end, count, target, scratch, 1) >>> 0
      if (bits <= 20) expect(narrow).toBe(end)
      // Either it decodes, or it says that it cannot; its low halves are right whenever it decodes.
      expect([1, end]).toContain(narrow)
      const low = values.map((value) => BigInt.asIntN(32, value))
      if (narrow === end) expect(integers(target, 4, count)).toEqual(low)
      arena.release()
    }
  })

  test('damaged blocks end as in the reference', () => {
    const random = seededRandom(8)
    for (let round = 0; round < 1000; round++) {
      const count = 1 + below(random, 200)
      const values = Array.from({ length: count }, () => wide(random, 1 + below(random, 40)))
      const encoded = Uint8Array.from(deltaPacked(values))
      for (let i = 0; i < 2; i++) encoded[below(random, encoded.length)] = below(random, 256)
      const cut = encoded.subarray(0, encoded.length - below(random, 5))
      const [at, target, scratch] = [place(cut), space(count * 8), space(64 + 65_536)]
      const end = call('parquetDelta64', at, at + cut.length, count, target, scratch)
      const expected = decodeDelta(cut, count)
      expect(end !== 0, `round ${round}`).toBe(expected !== undefined)
      if (expected !== undefined) expect(integers(target, 8, count)).toEqual(expected)
      arena.release()
    }
  })
})

conformance(['parquetNarrow32', 'parquetNarrow64'], () => {
  test.each([
    [4, 1],
    [4, 2],
    [4, 4],
    [4, 8],
    [8, 1],
    [8, 2],
    [8, 4],
    [8, 8],
  ])('%i bytes to %i', (from, to) => {
    const random = seededRandom(from * 10 + to)
    const bits = Math.min(from, to) * 8
    for (const count of counts) {
      for (let round = 0; round < 20; round++) {
        const values = Array.from({ length: count }, () => BigInt.asIntN(bits, wide(random, bits)))
        const least = values.reduce((a, b) => (a < b ? a : b), 0n)
        const most = values.reduce((a, b) => (a > b ? a : b), 0n)
        // Now and then one value is outside, by one or by a lot.
        const outlier = round % 4 === 0 && count > 0
        const far = from === 8 ? 2n ** 32n : 1n
        if (outlier) {
          const [low, high] = [-(2n ** BigInt(from * 8 - 1)), 2n ** BigInt(from * 8 - 1) - 1n]
          const wrong = [most + 1n, least - 1n, most + far, least - far][below(random, 4)] ?? 0n
          if (wrong > high || wrong < low) continue
          values[below(random, count)] = wrong
        }
        const at = place(values.flatMap((value) => little(BigInt.asUintN(64, value), from)))
        const target = space(count * to)
        const bounds = from === 8 ? [least, most] : [Number(least), Number(most)]
        const fits = call(`parquetNarrow${from * 8}`, at, count, target, to, ...bounds)
        const expected = reference.narrow(values, least, most)
        expect(fits, `${count} values, round ${round}`).toBe(expected === undefined ? 0 : 1)
        if (expected !== undefined) expect(integers(target, to, count)).toEqual(expected)
      }
      arena.release()
    }
  })
})

conformance(['parquetSpread'], () => {
  test.each([1, 2, 4, 8, 16])('values of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of counts) {
      for (const density of [0, 0.1, 0.5, 0.9, 1]) {
        const valid = Array.from({ length: count }, () => random.next() < density)
        const packed = valid.filter(Boolean).map(() => BigInt.asIntN(bytes * 8, wide(random, 63)))
        const bitmap = space(Math.ceil(count / 8))
        for (const [index, is] of valid.entries()) {
          const byte = heap.u8[bitmap + (index >> 3)] ?? 0
          const mask = 1 << (index & 7)
          heap.u8[bitmap + (index >> 3)] = is ? byte | mask : byte & ~mask
        }
        const source = place(
          packed.flatMap((value) => little(BigInt.asUintN(bytes * 8, value), bytes)),
        )
        const target = space((count + 8) * bytes)
        call('parquetSpread', source, bitmap, count, bytes, target)
        expect(integers(target, bytes, count)).toEqual(reference.spread(packed, valid, 0n))
      }
      arena.release()
    }
  })
})

/** Codes in runs of one value and runs of many, as writers mix them. */
function mixedCodes(random: Random, count: number, size: number): number[] {
  const codes: number[] = []
  while (codes.length < count) {
    const [code, repeat] = [below(random, size), random.next() < 0.2 ? 1 + below(random, 90) : 1]
    for (let i = 0; i < repeat && codes.length < count; i++) codes.push(code)
  }
  return codes
}

conformance(['parquetDictionaryValues'], () => {
  const dictionarySizes = [1, 2, 16, 17, 200, 257, 2_000, 65_536, 70_000]

  test.each([1, 2, 4, 8, 16].flatMap((bytes) => dictionarySizes.map((size) => [bytes, size])))(
    'values of %i bytes from a dictionary of %i',
    (bytes = 1, size = 1) => {
      const random = seededRandom(bytes * 100_000 + size)
      const dictionary = Array.from({ length: size }, () => wide(random, bytes * 8))
      const entries = place(dictionary.flatMap((value) => little(value, bytes)))
      const work = space(4 * 4_096)
      const needed = Math.ceil(Math.log2(size))
      for (const bits of new Set([needed, Math.min(needed + 1, 32), Math.min(needed + 8, 32)])) {
        for (const count of [...counts, 4_096, 9_001]) {
          const codes = mixedCodes(random, count, size)
          const run = (): number => {
            const encoded = Uint8Array.from(hybrid(codes, bits))
            const [at, end] = [place(encoded), encoded.length]
            const args = [bits, count, work, entries, size, bytes, target]
            return call('parquetDictionaryValues', at, at + end, ...args)
          }
          const target = space(count * bytes)
          expect(run(), `${bits} bits, ${count} values`).toBe(0)
          const values = integers(target, bytes, count, false)
          expect(values).toEqual(reference.gather(codes, dictionary))
          if (count === 0 || size >= 2 ** bits) continue
          codes[below(random, count)] = size
          expect(run(), `${bits} bits, ${count} values, one code too large`).toBe(-2)
        }
      }
      arena.release()
    },
  )

  test('damaged runs end as in the reference', () => {
    const random = seededRandom(11)
    const size = 300
    const entries = place(Array.from({ length: size * 2 }, (_, i) => i & 255))
    for (let round = 0; round < 1000; round++) {
      const [bits, count] = [below(random, 33), below(random, 60)]
      const encoded = Uint8Array.from({ length: below(random, 40) }, () => below(random, 256))
      const [at, target, work] = [place(encoded), space(count * 2), space(4 * 4_096)]
      const args = [bits, count, work, entries, size, 2, target]
      const result = call('parquetDictionaryValues', at, at + encoded.length, ...args)
      const codes = decodeHybrid(encoded, bits, count)
      const isSound = codes?.every((code) => code < size)
      // Of two mistakes the first one counts, and the reference does not tell which it is.
      if (codes === undefined) expect(result, `round ${round}`).toBeLessThan(0)
      else expect(result, `round ${round}`).toBe(isSound ? 0 : -2)
      if (round % 100 === 0) arena.release()
    }
    arena.release()
  })
})

conformance(['parquetPlainText', 'utf8FirstInvalid'], () => {
  test('parquetPlainText and utf8FirstInvalid agree with the reference', () => {
    const random = seededRandom(21)
    const words = ['', 'a', 'é', '漢字', '😀', 'x'.repeat(17), 'long '.repeat(20), 'ascii only']
    for (let round = 0; round < 2000; round++) {
      const count = below(random, 12)
      const texts = Array.from({ length: count }, () => words[below(random, words.length)] ?? '')
      const encoded = Uint8Array.from(plainTexts(texts))
      if (round % 2 === 1 && encoded.length > 0) {
        encoded[below(random, encoded.length)] = below(random, 256)
      }
      const [at, offsets, bytes] = [place(encoded), space(4 * count + 4), space(encoded.length)]
      const end = call('parquetPlainText', at, at + encoded.length, count, offsets, bytes, bytes)
      const expected = reference.plainText(encoded, count)
      expect(end !== 0, `round ${round}`).toBe(expected !== undefined)
      if (expected !== undefined) {
        const bounds = integers(offsets, 4, count + 1).map(Number)
        const found = expected.map((_, i) =>
          heap.u8.slice(bytes + (bounds[i] ?? 0), bytes + (bounds[i + 1] ?? 0)),
        )
        expect(found).toEqual(expected)
        const invalid = call('utf8FirstInvalid', offsets, count, bytes)
        expect(invalid, `round ${round}`).toBe(reference.firstInvalidText(expected))
      }
      if (round % 50 === 0) arena.release()
    }
    arena.release()
  })

  test('every sequence of up to two bytes, and the borders of longer ones', () => {
    const sequences: number[][] = []
    for (let a = 0; a < 256; a++) {
      sequences.push([a])
      for (let b = 0; b < 256; b += a < 128 ? 64 : 1) sequences.push([a, b])
    }
    const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    for (let a = 0xe0; a < 0x100; a++) {
      for (const b of edges) {
        for (const c of edges) sequences.push([a, b, c], [a, b, c, 0x80], [a, b, c, 0xc0])
      }
    }
    for (const sequence of sequences) {
      const at = place(sequence)
      const offsets = place([...little(0, 4), ...little(sequence.length, 4)])
      const expected = reference.firstInvalidText([Uint8Array.from(sequence)])
      expect(call('utf8FirstInvalid', offsets, 1, at), sequence.join(' ')).toBe(expected)
      arena.release()
    }
  })
})

conformance(
  [
    'parquetByteStreamSplit',
    'parquetFixedDecimals',
    'parquetHalfFloats',
    'parquetInt96',
    'parquetNanosToMicros',
  ],
  () => {
    test('parquetByteStreamSplit', () => {
      const random = seededRandom(2)
      for (const width of [2, 4, 8, 16]) {
        for (const count of counts) {
          const bytes = Uint8Array.from({ length: width * count }, () => below(random, 256))
          const [at, target] = [place(bytes), space(bytes.length)]
          call('parquetByteStreamSplit', at, width, count, target)
          const found = heap.u8.slice(target, target + bytes.length)
          expect(found).toEqual(reference.joinStreams(bytes, width, count))
        }
        arena.release()
      }
    })

    test('parquetFixedDecimals', () => {
      const random = seededRandom(4)
      for (let round = 0; round < 2000; round++) {
        const width = 1 + below(random, 20)
        const numbers = Array.from({ length: 1 + below(random, 6) }, () => {
          const lead = [0, 255, below(random, 256)][below(random, 3)] ?? 0
          return Uint8Array.from({ length: width }, (_, i) =>
            i < width - 1 - below(random, 16) ? lead : below(random, 256),
          )
        })
        const expected = numbers.map((bytes) => reference.bigEndian(bytes))
        for (const stored of [8, 16]) {
          const [at, target] = [place(Buffer.concat(numbers)), space(16 * numbers.length)]
          const fits = call('parquetFixedDecimals', at, width, numbers.length, target, stored)
          const isHeld = expected.every((value) => BigInt.asIntN(stored * 8, value) === value)
          expect(fits, `round ${round}, ${numbers.join(', ')}`).toBe(isHeld ? 1 : 0)
          if (isHeld) expect(integers(target, stored, numbers.length)).toEqual(expected)
        }
        arena.release()
      }
    })

    test('parquetHalfFloats: every half', () => {
      const halves = Array.from({ length: 65_536 }, (_, i) => i)
      const [at, target] = [
        place(halves.flatMap((half) => [half & 255, half >> 8])),
        space(262_144),
      ]
      call('parquetHalfFloats', at, halves.length, target)
      const wrong = halves.filter(
        (half) =>
          !Object.is(heap.view.getFloat32(target + half * 4, true), reference.halfFloat(half)),
      )
      expect(wrong).toEqual([])
      arena.release()
    })

    test('parquetInt96 and parquetNanosToMicros round down', () => {
      const nanos = [
        0n,
        999n,
        -1n,
        -1000n,
        -1001n,
        86_399_999_999_999n,
        -(2n ** 63n),
        2n ** 63n - 1n,
      ]
      const at = place(nanos.flatMap((value) => little(BigInt.asUintN(64, value), 8)))
      call('parquetNanosToMicros', at, nanos.length)
      const floor = (value: bigint): bigint => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n
      expect(integers(at, 8, nanos.length)).toEqual(nanos.map(floor))
      const days = [2_440_588n, 2_440_587n, 2_500_000n]
      const stamps = days.flatMap((day) => [...little(1_500n, 8), ...little(day, 4)])
      const [source, target] = [place(stamps), space(24)]
      call('parquetInt96', source, 3, target)
      expect(integers(target, 8, 3)).toEqual(days.map((day) => reference.int96(1_500n, day)))
      arena.release()
    })
  },
)
