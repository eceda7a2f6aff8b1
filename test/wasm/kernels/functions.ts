import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { date, decimal, int4, int8, plainType, text } from '../../../src/data/types/data-type.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { parseBytes } from '../../../src/data/types/parse-bytes.ts'
import { bytesOfScalar, comparedBytes } from '../../../src/data/vectors/text-values.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import { lowerText, upperText } from '../../../src/functions/text/letters.ts'
import { scalarEntry } from '../../functions/entries.ts'
import {
  arena,
  below,
  bytesAt,
  conformance,
  heap,
  kernels,
  pick,
  place,
  placeText,
  signed,
  space,
} from './bench.ts'
import { textAt } from './bench.ts'

const ROUNDS = 900
/** Room for what a kernel writes; the rest of the heap is looked at by the heap. */
const ROOM = 4_096
const ELSEWHERE = -1n

const pieces = [
  'a',
  'Z',
  '09',
  ' ',
  'é',
  'ß',
  'ſ',
  'İ',
  'ɐ',
  'Ω',
  'ж',
  '日',
  '😀',
  'ﬁ',
  ',',
  'long words',
  '',
]

function randomText(random: Random): string {
  return Array.from({ length: below(random, 6) }, () => pick(random, pieces)).join('')
}

/** An argument: what the kernel takes, and what the reference does. */
interface Given {
  readonly lanes: readonly (number | bigint)[]
  readonly value: Scalar
}

const anyText = (random: Random): Given => {
  const value = randomText(random)
  return { lanes: [placeText(value)], value }
}
/** With apostrophes and backslashes, or none. */
const anyQuotes = (random: Random): Given => {
  const quotes = Array.from({ length: below(random, 4) }, () => pick(random, ["'", '\\', 'é']))
  const value = `${randomText(random)}${quotes.join(randomText(random))}`
  return { lanes: [placeText(value)], value }
}
const small = (random: Random): Given => {
  const value = below(random, 12) - 4
  return { lanes: [value], value }
}

function attempt(evaluate: () => Scalar): Scalar | 'error' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof QueryError) return 'error'
    throw error
  }
}

/** How a kernel is held to an entry of the catalogue. */
interface Held {
  readonly id: string
  readonly given: readonly ((random: Random) => Given)[]
  /** What the kernel takes behind the arguments; a text is written to the room behind. */
  readonly more?: readonly number[]
  /** The kernel gives a view or a number by itself. */
  readonly writes: boolean
}

const held: Readonly<Record<string, Held>> = {
  textUpper: { id: 'upper(text)', given: [anyText], writes: true },
  textLower: { id: 'lower(text)', given: [anyText], writes: true },
  textInitcap: { id: 'initcap(text)', given: [anyText], writes: true },
  textReverse: { id: 'reverse(text)', given: [anyText], writes: true },
  textRepeat: { id: 'repeat(text,int4)', given: [anyText, small], writes: true },
  textReplace: { id: 'replace(text,text,text)', given: [anyText, anyText, anyText], writes: true },
  textTranslate: {
    id: 'translate(text,text,text)',
    given: [anyText, anyText, anyText],
    writes: true,
  },
  textField: { id: 'split_part(text,text,int4)', given: [anyText, anyText, small], writes: false },
  textPad: {
    id: 'lpad(text,int4,text)',
    given: [anyText, small, anyText],
    more: [1],
    writes: true,
  },
  textOverlay: {
    id: 'overlay(text,text,int4,int4)',
    given: [anyText, anyText, small, small],
    writes: true,
  },
  textCharacter: {
    id: 'chr(int4)',
    given: [
      (random) => {
        const value = pick(
          random,
          [0, -1, 65, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xffff, 0x10ffff, 0x110000],
        )
        return { lanes: [value], value }
      },
    ],
    writes: true,
  },
  textQuoted: { id: 'quote_literal(text)', given: [anyQuotes], writes: true },
  textMd5: { id: 'md5(text)', given: [anyText], writes: true },
}

conformance(Object.keys(held), () => {
  test.each(Object.entries(held))('%s', (name, { id, given, more = [], writes }) => {
    const random = seededRandom(11)
    const entry = scalarEntry(id)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const args = given.map((make) => make(random))
      const values = args.map(({ value }) => value)
      const lanes = [...args.flatMap((arg) => arg.lanes), ...more, ...(writes ? [space(ROOM)] : [])]
      const found = callView(name, lanes)
      if (found === ELSEWHERE) left++
      else {
        const expected = attempt(() => entry.evaluate(values, [], text))
        expect(textAt(found), `${id} of ${JSON.stringify(values)}`).toBe(expected)
      }
      arena.release()
    }
    expect(left, 'most values are not left to TypeScript').toBeLessThan(ROUNDS)
  })
})

function callView(name: string, lanes: readonly (number | bigint)[]): bigint {
  return kernels.call(name as 'textUpper', ...(lanes as [bigint, number]))
}

conformance(['bytesOfText'], () => {
  test('texts as bytes', () => {
    const random = seededRandom(19)
    const digits = [...'0123456789abcdefABCDEF']
    const wrong = [' ', '\n', '\t', '\v', 'g', ':', '@', '`', '/', 'G', 'é', '\\']
    const escapes = ['\\\\', '\\001', '\\377', '\\400', '\\12', '\\', 'a', "'", 'é', '日本']
    let read = 0
    for (let round = 0; round < 10 * ROUNDS; round++) {
      const isHex = random.next() < 0.6
      const rare = pick(random, [0, 0.01, 0.1])
      const pieces = Array.from({ length: below(random, 40) }, () => {
        if (!isHex) return pick(random, escapes)
        return random.next() < rare ? pick(random, wrong) : pick(random, digits)
      })
      const source = `${isHex ? '\\x' : ''}${pieces.join('')}`
      const view = kernels.call('bytesOfText', placeText(source), space(ROOM))
      let expected: Uint8Array | undefined
      try {
        expected = parseBytes(source)
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
      }
      if (expected === undefined) expect(view, source).toBe(ELSEWHERE)
      else {
        read++
        expect(bytesAt(Number(view & 0xffff_ffffn), Number(view >> 32n)), source).toEqual(expected)
      }
      arena.release()
    }
    expect(read).toBeGreaterThan(ROUNDS)
  })
})

conformance(['paddedOfText', 'paddedText', 'paddedTo'], () => {
  test('values of char(n)', () => {
    const random = seededRandom(41)
    const type = plainType('bpchar')
    const bytesOf = (view: bigint): readonly number[] => [
      ...bytesAt(Number(view & 0xffff_ffffn), Number(view >> 32n)),
    ]
    for (let round = 0; round < ROUNDS; round++) {
      const source = randomText(random) + ' '.repeat(below(random, 3))
      const whole = kernels.call('paddedOfText', placeText(source), space(ROOM))
      expect(bytesOf(whole), source).toEqual([...bytesOfScalar(source, type)])
      const key = comparedBytes(source, type)
      const said = kernels.call('paddedText', (BigInt(key.length) << 32n) | BigInt(place(key)))
      expect(textAt(said), source).toBe(castScalar(source, type, text))
      const count = below(random, 16)
      for (const stores of [false, true]) {
        const { evaluate } = scalarEntry(
          `${stores ? 'store_bpchar' : 'pad_characters'}(bpchar,int4)`,
        )
        const found = kernels.call(
          'paddedTo',
          placeText(source),
          count,
          stores ? 1 : 0,
          space(ROOM),
        )
        const expected = attempt(() => evaluate([source, count], [type, int4], type))
        const label = `${source} to ${count}`
        if (found === ELSEWHERE) expect(expected, label).toBe('error')
        else expect(bytesOf(found), label).toEqual([...bytesOfScalar(String(expected), type)])
      }
      arena.release()
    }
    expect(kernels.call('paddedText', 0n)).toBe(0n)
  })
})

conformance(['textCode', 'textPut', 'truthText'], () => {
  test('what gives no text of its own', () => {
    const random = seededRandom(3)
    for (let round = 0; round < ROUNDS; round++) {
      const value = randomText(random)
      const view = placeText(value)
      expect(kernels.call('textCode', view)).toBe(value.codePointAt(0) ?? 0)
      const at = space(ROOM)
      const end = kernels.call('textPut', at, view)
      const copied = (BigInt(end - at) << 32n) | BigInt(at)
      expect(textAt(copied)).toBe(value)
      arena.release()
    }
    const truths = [0, 1].flatMap((value) =>
      [0, 1].map((long) => textAt(kernels.call('truthText', value, long))),
    )
    expect(truths).toEqual(['f', 'false', 't', 'true'])
  })
})

test('the case of every character is that of TypeScript, or left to it', () => {
  const [from, to] = [space(8), space(16)]
  const wrong: string[] = []
  for (let code = 1; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const value = String.fromCodePoint(code)
    const { written } = encoder.encodeInto(value, encoded)
    heap.u8.set(encoded, from)
    const view = (BigInt(written) << 32n) | BigInt(from)
    const upper = kernels.call('textUpper', view, to)
    if (upper !== ELSEWHERE && textAt(upper) !== upperText(value)) wrong.push(value)
    // The second half of Unicode has no letters that are not in the first.
    if (code >= 0x30000) code += 61
    const lower = kernels.call('textLower', view, to)
    if (lower !== ELSEWHERE && textAt(lower) !== lowerText(value)) wrong.push(value)
  }
  expect(wrong).toEqual([])
})

const encoder = new TextEncoder()
const encoded = new Uint8Array(4)

const writers: Readonly<
  Record<
    string,
    {
      readonly types: readonly DataType[]
      readonly lanes: (value: Scalar, type: DataType) => readonly (number | bigint)[]
    }
  >
> = {
  integerText: { types: [int8], lanes: (value) => [value as bigint] },
  decimalText: {
    types: [decimal(38, 0), decimal(38, 7), decimal(18, 18)],
    lanes: (value, type) => [
      BigInt.asIntN(64, value as bigint),
      (value as bigint) >> 64n,
      type.kind === 'decimal' ? type.scale : 0,
    ],
  },
  floatText: {
    types: [plainType('float8'), plainType('float4')],
    lanes: (value, type) => [value as number, type.kind === 'float4' ? 1 : 0],
  },
  dateText: { types: [date], lanes: (value) => [value as number] },
  timeText: { types: [plainType('time')], lanes: (value) => [value as bigint] },
  timestampText: {
    types: [plainType('timestamp'), plainType('timestamptz')],
    lanes: (value, type) => [value as bigint, type.kind === 'timestamptz' ? 1 : 0],
  },
}

function valueOf(random: Random, { kind }: DataType): Scalar {
  if (kind === 'float8') return (random.next() - 0.5) * 10 ** (below(random, 40) - 20)
  if (kind === 'float4') return Math.fround((random.next() - 0.5) * 10 ** (below(random, 40) - 20))
  if (kind === 'date') return below(random, 4_000_000) - 800_000
  if (kind === 'time') return BigInt(below(random, 86_400_001)) * 1_000n
  if (kind === 'timestamp' || kind === 'timestamptz') {
    const scale = pick(random, [1n, 10n, 1_000n, 1_000_000n])
    return (signed(random, pick(random, [57, 63])) / scale) * scale
  }
  return kind === 'int8' ? signed(random, 64) : signed(random, 126)
}

conformance([...Object.keys(writers), 'numericText', 'integerHex'], () => {
  test.each(Object.entries(writers))('%s', (name, { types, lanes }) => {
    const random = seededRandom(23)
    for (let round = 0; round < ROUNDS; round++) {
      const type = pick(random, types)
      const value = valueOf(random, type)
      const found = callView(name, [...lanes(value, type), space(64)])
      const expected = castScalar(value!, type, text)
      expect(textAt(found), name).toBe(expected)
      arena.release()
    }
  })

  test('numerics and hexadecimal', () => {
    const random = seededRandom(29)
    for (let round = 0; round < ROUNDS; round++) {
      const [unscaled, scale] = [signed(random, 119), below(random, 255)]
      const bits = BigInt.asUintN(120, unscaled) | (BigInt(scale) << 120n)
      const [low, high] = [BigInt.asIntN(64, bits), BigInt.asIntN(64, bits >> 64n)]
      const found = kernels.call('numericText', low, high, space(512))
      expect(textAt(found)).toBe(castScalar({ unscaled, scale }, plainType('numeric'), text))
      const number = signed(random, 64)
      const hex = kernels.call('integerHex', number, space(32))
      expect(textAt(hex)).toBe(BigInt.asUintN(64, number).toString(16))
      arena.release()
    }
  })
})

const spoken = [
  '12',
  ' -7 ',
  '+0',
  '999999999999999999',
  '9223372036854775807',
  '',
  '-',
  '1e3',
  '1.5',
  '٣',
  '0x10',
]
const moments = [
  '2024-02-29',
  '2023-02-29',
  '0001-01-01',
  '0000-01-01',
  '9999-12-31',
  '1969-12-31 23:59:59.999999',
  '2024-1-1',
  '2024-01-01T10:00:00',
  '2024-13-01',
  '2024-01-01 24:00:00',
  '2024-01-01 10:00:00.',
  '2024-01-01 10:00',
  '2024-01-01 10:00:00.1234567',
  '2024-01-01 10:00:00+02',
  'yesterday',
  '2024/01/01',
  '2024-01-01 10:00:00.5',
]

conformance(['integerOfText', 'dateOfText', 'timestampOfText', 'zonedTimestampOfText'], () => {
  test('what kernels read is what TypeScript reads', () => {
    const random = seededRandom(31)
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      const source =
        round < 300
          ? pick(random, spoken)
          : round < 600
            ? pick(random, moments)
            : spelledAnyhow(random)
      const view = placeText(source)
      const cast = (type: DataType): Scalar | 'error' =>
        attempt(() => castScalar(source, text, type))
      const integer = kernels.call('integerOfText', view, -(2n ** 31n), 2n ** 31n - 1n)
      if (integer !== -(2n ** 63n)) expect(Number(integer), source).toBe(cast(int4))
      const days = kernels.call('dateOfText', view)
      if (days !== -(2 ** 31)) expect(days, source).toBe(cast(date))
      const micros = kernels.call('timestampOfText', view)
      if (micros !== -(2n ** 63n)) expect(micros, source).toBe(cast(plainType('timestamp')))
      for (const zone of ['', '+00', '+0', '+01', '-00', '+00 ']) {
        const zoned = kernels.call('zonedTimestampOfText', placeText(source + zone))
        if (zoned === -(2n ** 63n)) continue
        const expected = attempt(() => castScalar(source + zone, text, plainType('timestamptz')))
        expect(zoned, source + zone).toBe(expected)
      }
      if (integer !== -(2n ** 63n) || micros !== -(2n ** 63n)) read++
      arena.release()
    }
    expect(read).toBeGreaterThan(ROUNDS / 8)
  })
})

/** A timestamp with a letter of it exchanged, mostly. */
function spelledAnyhow(random: Random): string {
  const letters = [...pick(random, moments)]
  if (random.next() < 0.8)
    letters[below(random, letters.length)] = pick(random, ['0', '1', '9', '-', ' ', ':'])
  return letters.join('')
}
