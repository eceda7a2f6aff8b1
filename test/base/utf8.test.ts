import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { checkText, decodeUtf8 } from '../../src/base/utf8.ts'

/** Bytes, and what PostgreSQL 15 shows of them when it refuses them. */
const refused: readonly (readonly [string, string])[] = [
  ['61ff62', '0xff'],
  ['61e4b827', '0xe4 0xb8 0x27'],
  ['eda080', '0xed 0xa0 0x80'],
  ['f4908080', '0xf4 0x90 0x80 0x80'],
  ['c080', '0xc0 0x80'],
  ['f09f', '0xf0 0x9f'],
  ['80', '0x80'],
  ['c3a4c3', '0xc3'],
  ['6100', '0x00'],
]

describe('text from bytes', () => {
  for (const [hex, shown] of refused) {
    test(`${hex} is refused: ${shown}`, () => {
      const message = `invalid byte sequence for encoding "UTF8": ${shown}`
      expect(() => decodeUtf8(Buffer.from(hex, 'hex'))).toThrow(message)
      // The same far behind the start, and across the steps in which a long text is searched.
      for (const length of [4_093, 4_094, 4_095, 4_096, 20_000]) {
        const front = Buffer.from('ä'.repeat(length / 2) + 'x'.repeat(length % 2))
        const bytes = Buffer.concat([front, Buffer.from(hex, 'hex')])
        expect(() => decodeUtf8(bytes), `behind ${length} bytes`).toThrow(message)
      }
    })
  }

  test('what is UTF-8 comes as it is, a byte order mark too', () => {
    for (const text of ['', 'a', 'ä€😀', '\ufeffa', '\ufffd', '\uffff']) {
      expect(decodeUtf8(Buffer.from(text))).toBe(text)
    }
  })

  test('random bytes are text or refused, never changed', () => {
    const seed = 5
    const random = seededRandom(seed)
    const some = [0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff, 0xa0, 0x90]
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(
        Array.from({ length: 6 }, () => some[Math.floor(random.next() * some.length)]!),
      )
      let text: string
      try {
        text = decodeUtf8(bytes)
      } catch (error) {
        expect(error, `seed ${seed}`).toMatchObject({ code: 'INVALID_ENCODING' })
        continue
      }
      expect(Buffer.from(text), `seed ${seed}`).toEqual(bytes)
    }
  })
})

test('strings with NUL or half a surrogate pair are refused', () => {
  expect(() => checkText('a\0b')).toThrow(/0x00/)
  expect(() => checkText('a\ud83d')).toThrow(/0xed 0xa0 0xbd/)
  expect(() => checkText('\ude00\ud83d')).toThrow(/0xed 0xb8 0x80/)
  expect(checkText('ä€😀')).toBe('ä€😀')
})
