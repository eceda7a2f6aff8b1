import { expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { text } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { createDigest } from '../../../src/functions/bytes/sha.ts'
import { WORKSPACE_BYTES } from '../../../src/functions/inline.ts'
import { packedWords } from '../../../src/functions/text/names.ts'
import { scalarEntry } from '../../functions/entries.ts'
import {
  arena,
  below,
  bytesAt,
  conformance,
  kernels,
  pick,
  place,
  placeText,
  space,
} from './bench.ts'

const ROUNDS = 600
const ROOM = 4_096
const ELSEWHERE = -1n

/** An argument: what the kernel takes, and what the reference does. */
interface Given {
  readonly lane: number | bigint
  readonly value: Scalar
}

const placed = (value: Uint8Array): Given => ({
  lane: (BigInt(value.length) << 32n) | BigInt(place(value)),
  value,
})
const anyBytes = (random: Random): Given =>
  placed(
    Uint8Array.from({ length: below(random, 9) }, () => pick(random, [0, 1, 37, 92, 95, 97, 255])),
  )
const fewBytes = (random: Random): Given =>
  placed(Uint8Array.from({ length: below(random, 3) }, () => pick(random, [0, 1, 97, 255])))
const pattern = (random: Random): Given =>
  placed(Uint8Array.from({ length: below(random, 6) }, () => pick(random, [37, 37, 92, 95, 97, 1])))
const index = (random: Random, least = -4): Given => {
  const value = below(random, 20) + least
  return { lane: value, value }
}
const longIndex = (random: Random): Given => {
  const value = below(random, 80) - 4
  return { lane: BigInt(value), value: BigInt(value) }
}
const anyText =
  (...choices: readonly string[]) =>
  (random: Random): Given => {
    const value = Array.from({ length: below(random, 9) }, () => pick(random, choices)).join('')
    return { lane: placeText(value), value }
  }
const word =
  (...choices: readonly string[]) =>
  (random: Random): Given => {
    const value = pick(random, choices)
    return { lane: placeText(value), value }
  }

interface Held {
  readonly id: string
  readonly given: readonly ((random: Random) => Given)[]
  /** What the kernel takes behind the arguments. */
  readonly more?: readonly (number | bigint)[]
  readonly writes?: boolean
}

const formats = word('hex', 'base64', 'escape', 'HEX', 'Base64', 'other')
const charsets = word('utf8', 'UTF-8', 'LATIN1', 'latin 2')

const longText = (random: Random): Given => {
  const letters = Array.from({ length: below(random, 90) }, () =>
    pick(random, ['a', 'é', '日', '😀']),
  )
  const value = letters.join('')
  return { lane: placeText(value), value }
}
const fewLetters = (random: Random): Given => {
  const value = pick(random, ['', 'a', 'b', 'ab', 'é'])
  return { lane: placeText(value), value }
}
const digits = anyText('0', '1', '01', '1100')
const byInteger = (random: Random): Given => {
  const value = below(random, 40) - 9
  return { lane: BigInt(value), value }
}

const held: Readonly<Record<string, Held>> = {
  bytesBit: { id: 'get_bit(bytea,int8)', given: [anyBytes, longIndex] },
  bytesByte: { id: 'get_byte(bytea,int4)', given: [anyBytes, (random) => index(random)] },
  bytesWithBit: {
    id: 'set_bit(bytea,int8,int4)',
    given: [anyBytes, longIndex, index],
    writes: true,
  },
  bytesWithByte: { id: 'set_byte(bytea,int4,int4)', given: [anyBytes, index, index], writes: true },
  bytesBitCount: { id: 'bit_count(bytea)', given: [anyBytes] },
  bytesPosition: { id: 'position(bytea,bytea)', given: [anyBytes, fewBytes] },
  bytesOverlay: {
    id: 'overlay(bytea,bytea,int4,int4)',
    given: [anyBytes, fewBytes, index, index],
    writes: true,
  },
  bytesTrim: { id: 'btrim(bytea,bytea)', given: [anyBytes, fewBytes], more: [3] },
  bytesLike: { id: '~~(bytea,bytea)', given: [anyBytes, pattern], more: [0] },
  bytesEncode: { id: 'encode(bytea,text)', given: [anyBytes, formats], writes: true },
  bytesDecode: {
    id: 'decode(text,text)',
    given: [anyText('a', 'B', '0', '9', '=', ' ', '\\', '001', 'é'), formats],
    writes: true,
  },
  bytesPlain: { id: 'convert_from(bytea,text)', given: [anyBytes, charsets] },
  bytesPlainBetween: { id: 'convert(bytea,text,text)', given: [anyBytes, charsets, charsets] },
  bitsCombine: { id: '&(bit,bit)', given: [digits, digits], more: [0], writes: true },
  bitsNot: { id: '~(bit)', given: [digits], writes: true },
  bitsShift: { id: '<<(bit,int4)', given: [digits, byInteger], writes: true },
  bitsCount: { id: 'bit_count(bit)', given: [digits] },
  bitsOfNumber: {
    id: 'bits_of_integer(int8,int4)',
    given: [longIndex, (random) => index(random, 0)],
    writes: true,
  },
  bitsResize: {
    id: 'pad_bits(bit,int4)',
    given: [digits, (random) => index(random, 0)],
    writes: true,
  },
  bitsDigit: { id: 'get_bit(bit,int4)', given: [digits, index] },
  bitsWithDigit: { id: 'set_bit(bit,int4,int4)', given: [digits, index, index], writes: true },
  textMismatches: { id: 'hamming(text,text)', given: [anyText('a', 'b', 'é'), anyText('a', 'b')] },
  textEndsWith: { id: 'ends_with(text,text)', given: [anyText('a', 'b', 'é'), fewLetters] },
  textName: { id: 'cut_name(text)', given: [longText] },
  textUnescaped: { id: 'unistr(text)', given: [anyText('a', 'é', '\\\\', '\\0041')] },
  textBelow: {
    id: 'normalize(text)',
    given: [anyText('a', 'é', 'ö', 'e\u0301', '日')],
    more: [0x300],
  },
  textIdentifier: {
    id: 'quote_ident(text)',
    given: [
      word('', 'a', 'select', 'selects', 'A', 'a b', 'a"b', '1a', '_', 'with', 'zone', 'xmltable'),
    ],
    writes: true,
  },
}

function attempt(evaluate: () => Scalar): Scalar | 'error' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof QueryError) return 'error'
    throw error
  }
}

const encoder = new TextEncoder()

/** What a kernel gave, as the reference gives it. */
function found(outcome: number | bigint, expected: Scalar | 'error'): unknown {
  if (typeof expected === 'number' || typeof expected === 'bigint') return BigInt(outcome)
  if (typeof expected === 'boolean') return outcome === 1
  const view = BigInt(outcome)
  return bytesAt(Number(view & 0xffff_ffffn), Number(view >> 32n))
}

conformance(Object.keys(held), () => {
  test.each(Object.entries(held))('%s', (name, { id, given, more = [], writes }) => {
    const random = seededRandom(17)
    const entry = scalarEntry(id)
    const words = packedWords()
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const args = given.map((make) => make(random))
      const lanes = [
        ...args.map(({ lane }) => lane),
        ...(name === 'textIdentifier' ? [placed(words).lane] : []),
        ...more,
        ...(writes === true ? [space(ROOM)] : []),
      ]
      const outcome = kernels.call(name as 'bytesByte', ...(lanes as [bigint, number]))
      const values = args.map(({ value }) => value)
      const expected = attempt(() => entry.evaluate(values, [], text))
      const label = `${id} of ${JSON.stringify(values, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))}`
      if (BigInt(outcome) === ELSEWHERE) left++
      else {
        const wanted =
          typeof expected === 'number'
            ? BigInt(expected)
            : typeof expected === 'string' && expected !== 'error'
              ? encoder.encode(expected)
              : expected
        expect(found(outcome, expected), label).toEqual(wanted)
      }
      arena.release()
    }
    expect(left, 'most values are not left to TypeScript').toBeLessThan(ROUNDS)
  })
})

conformance(['bitsNumber', 'bitsOfText'], () => {
  test('bits as numbers, and texts that are bits', () => {
    const random = seededRandom(29)
    for (let round = 0; round < ROUNDS; round++) {
      const { value, lane } = digits(random)
      const bits = String(value)
      const number = kernels.call('bitsNumber', BigInt(lane))
      expect(number, bits).toBe(BigInt.asIntN(64, BigInt(`0b0${bits}`)))
      expect(kernels.call('bitsOfText', BigInt(lane)), bits).toBe(lane)
      expect(kernels.call('bitsOfText', placeText(`${bits}2`)), bits).toBe(ELSEWHERE)
      arena.release()
    }
  })
})

conformance(['textDistance'], () => {
  test('distances of Levenshtein', () => {
    const random = seededRandom(31)
    const { evaluate } = scalarEntry('levenshtein(text,text)')
    const words = anyText('a', 'b', 'ab', 'x', 'é')
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const [first, second] = [words(random), words(random)]
      const found = kernels.call(
        'textDistance',
        BigInt(first.lane),
        BigInt(second.lane),
        space(WORKSPACE_BYTES),
      )
      const values = [first.value, second.value]
      if (found === ELSEWHERE) left++
      else expect(found, values.join(', ')).toBe(evaluate(values, [], text))
      arena.release()
    }
    expect(left).toBeLessThan(ROUNDS)
  })
})

conformance(['bytesSha'], () => {
  test('digests of all lengths around a block', () => {
    const random = seededRandom(23)
    for (const bits of [224, 256, 384, 512] as const) {
      for (let length = 0; length < 270; length += 1 + below(random, 9)) {
        const bytes = Uint8Array.from({ length }, () => below(random, 256))
        const view = kernels.call('bytesSha', BigInt(placed(bytes).lane), bits, space(1_024))
        const digest = bytesAt(Number(view & 0xffff_ffffn), Number(view >> 32n))
        const label = `sha${bits} of ${length} bytes`
        expect(digest, label).toEqual(createDigest(bytes, bits))
        const known = createHash(`sha${bits}`).update(bytes).digest()
        expect(digest, label).toEqual(new Uint8Array(known))
        arena.release()
      }
    }
  })
})
