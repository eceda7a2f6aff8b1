import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import {
  referenceIndex,
  referenceInvalidUtf8,
  referenceRecords,
  referenceShape,
} from '../../../src/wasm/kernels/reference/csv.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  heap,
  kernels,
  pick,
  place,
  placeIntegers,
  space,
  words,
} from './bench.ts'

function put(bytes: Uint8Array): { readonly text: number; readonly end: number } {
  // What lies behind the text must not matter.
  const text = space(bytes.length + 128)
  heap.u8.fill(34, text, text + bytes.length + 128)
  heap.u8.set(bytes, text)
  return { text, end: text + bytes.length }
}

function index(bytes: Uint8Array, quote: number) {
  const { text, end } = put(bytes)
  const [list, out] = [space(4 * bytes.length + 64), space(64)]
  const count = Number(kernels.call('csvIndex', text, end, 44, quote, list, out))
  const word = (at: number): number => heap.view.getUint32(out + 4 * at, true)
  const positions = Array.from(
    { length: count },
    (_, at) => heap.view.getUint32(list + 4 * at, true) - text,
  )
  return {
    positions,
    newlines: word(0),
    quotes: word(1),
    stray: (word(2) & 1) !== 0,
    plain: (word(2) & 2) === 0,
    insideAtEnd: word(3) === 1,
  }
}

conformance(['csvIndex'], () => {
  test('random bytes', () => {
    const random = seededRandom(21)
    const alphabets = ['a,\n', 'a,\n"', ',"\r\n', '"\n', 'abcdefgh,ü\n', ',']
    for (let round = 0; round < 3_000; round++) {
      const alphabet = [...alphabets[round % alphabets.length]!]
      const length = Math.floor(random.next() * 300)
      const characters = Array.from(
        { length },
        () => alphabet[Math.floor(random.next() * alphabet.length)]!,
      )
      const bytes = new TextEncoder().encode(characters.join(''))
      if (round % 100 === 0) arena.release()
      for (const quote of [34, 256]) {
        const found = index(bytes, quote)
        expect(found, JSON.stringify(characters.join(''))).toEqual(referenceIndex(bytes, 44, quote))
      }
    }
  })
})

conformance(['findInvalidUtf8'], () => {
  test('random and damaged texts', () => {
    const random = seededRandom(22)
    const pieces = [
      'a',
      'plain ascii text of more than sixteen',
      'ü',
      '日',
      '🙂',
      '\u{10ffff}',
      '\ufeff',
      '\0',
    ]
    for (let round = 0; round < 2_000; round++) {
      const characters = Array.from(
        { length: Math.floor(random.next() * 20) },
        () => pieces[Math.floor(random.next() * pieces.length)]!,
      )
      const bytes = new TextEncoder().encode(characters.join(''))
      for (let i = 0; i < random.next() * 3 && bytes.length > 0; i++) {
        bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256)
      }
      const { text, end } = put(bytes)
      const found = Number(kernels.call('findInvalidUtf8', text, end)) >>> 0
      expect(found === 0 ? -1 : found - text, bytes.join(' ')).toBe(referenceInvalidUtf8(bytes))
    }
  })
})

conformance(['findByte', 'countByte'], () => {
  test('bytes', () => {
    const random = seededRandom(23)
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from({ length: Math.floor(random.next() * 200) }, () =>
        random.next() < 0.02 ? 34 : 97,
      )
      const { text, end } = put(bytes)
      const found = Number(kernels.call('findByte', text, end, 34)) >>> 0
      expect(found - text).toBe(bytes.includes(34) ? bytes.indexOf(34) : bytes.length)
      const count = Number(kernels.call('countByte', text, end, 34))
      expect(count).toBe(bytes.filter((byte) => byte === 34).length)
    }
  })
})

conformance(['csvShape', 'csvRecords'], () => {
  test('records of one, another and any number of fields', () => {
    const random = seededRandom(24)
    for (let round = 0; round < 3_000; round++) {
      const columns = 1 + below(random, 4)
      const ending = pick(random, ['\n', '\r\n', '\n'])
      const field = (): string => pick(random, ['', 'a', 'text', '\r', 'b\r'])
      const lines = Array.from({ length: below(random, 8) }, () => {
        const shape = random.next()
        if (shape < 0.05) return ''
        const fields = shape < 0.1 ? 1 + below(random, 6) : columns
        return Array.from({ length: fields }, field).join(',')
      })
      const text = lines.map((line) => line + ending).join('')
      const bytes = Buffer.from(text)
      const { positions } = referenceIndex(bytes, 44, 256)
      // A byte in front, as the first field begins behind a position.
      const at = place(Buffer.concat([Buffer.from('x'), bytes])) + 1
      const entries = placeIntegers([at - 1, ...positions.map((offset) => at + offset)], 4) + 4
      const [pairs, out] = [space(8 * positions.length), space(16)]
      const rows = call('csvRecords', entries, positions.length, columns, pairs, out)
      const expected = referenceRecords(text, positions, columns)
      const found = Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_field, column) => {
          const [before = 0, end = 0] = words(pairs + 8 * (row * columns + column), 2)
          return Buffer.from(bytesAt(before + 1, end - before - 1)).toString()
        }),
      )
      expect(found, JSON.stringify(text)).toEqual(expected.records.map(({ fields }) => fields))
      const [, misfit, where = 0] = words(out, 3)
      expect(misfit, JSON.stringify(text)).toBe(expected.misfit?.fields.length ?? 0)
      if (expected.misfit !== undefined) expect(where - at).toBe(expected.misfit.at)
      if (positions.length === lines.length * columns) {
        const shape = call('csvShape', entries, columns, lines.length)
        const expectedShape = referenceShape(text, positions, columns, lines.length)
        expect(shape, JSON.stringify(text)).toBe(expectedShape)
      }
      if (round % 100 === 0) arena.release()
    }
  })
})
