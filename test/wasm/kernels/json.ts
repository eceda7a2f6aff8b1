import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { jsonRecords, type JsonRecords } from '../../../src/wasm/kernels/reference/json.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  pick,
  place,
  placeIntegers,
  space,
  words,
} from './bench.ts'

const KEYS = [
  'a',
  'bc',
  'key "x"',
  '',
  'a key of sixteen',
  'one of more than two times sixteen bytes',
]
/** Some of them, for strings that are taken as they stand. */
const AS_THEY_STAND = ['bc', '']
/** As the kernel is told. */
const AS_IT_STANDS = 0x40000000

/** Known but not wanted, among the wanted ones. */
const KNOWN = ['other', 'k']

/** A key as most programs write it. */
const written = (key: string): string => `${JSON.stringify(key)}:`

/** All keys in the order in which the kernel has them. */
const NAMES = ['a', 'other', ...KEYS.slice(1, 4), 'k', ...KEYS.slice(4)]

/** What the kernel says, in the reference's words. */
function records(
  text: string,
  isLines: boolean,
  rowsMax: number,
  limit: number,
  isStrict = false,
  asTheyStand: readonly string[] = [],
): JsonRecords {
  const keys = NAMES.flatMap((key) => {
    const asItStands = asTheyStand.includes(key)
    const usual = asItStands ? Buffer.from([0xff]) : Buffer.from(written(key))
    return [
      place(Buffer.from(key)),
      key.length,
      (KEYS.indexOf(key) | (asItStands ? AS_IT_STANDS : 0)) >>> 0,
      place(usual),
      usual.length,
    ]
  })
  const source = place(Buffer.from(text))
  const pairs = space(8 * KEYS.length * (rowsMax + 1))
  const side = space(8 * text.length + 64)
  const out = space(16)
  const range = [source, source + text.length, source + limit] as const
  const output = [pairs, rowsMax, side, side + 8 * text.length + 64, out] as const
  const list = placeIntegers([NAMES.length, KEYS.length, Number(isStrict), ...keys], 4)
  const rows = call('jsonRecords', ...range, Number(isLines), list, ...output)
  const [status = 0, at = 0, next = 0] = words(out, 3)
  const fields = Array.from({ length: rows }, (_, row) =>
    KEYS.map((_key, index) => {
      const [before = 0, end = 0] = words(pairs + 8 * (row * KEYS.length + index), 2)
      return Buffer.from(bytesAt(before + 1, end - before - 1)).toString()
    }),
  )
  return {
    records: fields,
    status: status as JsonRecords['status'],
    at: at - source,
    next: next - source,
  }
}

function check(text: string, isLines: boolean): void {
  for (const [known, asTheyStand] of [
    [undefined, []],
    [KNOWN, []],
    [KNOWN, AS_THEY_STAND],
  ] as const) {
    const expected = jsonRecords(text, { wanted: KEYS, asTheyStand, known }, isLines)
    const found = records(text, isLines, 100, text.length, known !== undefined, asTheyStand)
    expect(found, JSON.stringify([text, isLines, known, asTheyStand])).toEqual(expected)
  }
}

const strings = [
  '',
  'x',
  'plain text of more than sixteen bytes',
  '"quoted" and "more"',
  '"',
  'a\nb\t\\/',
  'é😀\u2028',
  '\b\f\r',
  'null',
  ',{}[]:',
]

/** Around the lengths that are read at once. */
const numbers = [
  0, -1, 1.5, 1e300, -2.5e-7, 12_345_678_901_234, 123_456_789_012_345, -123_456_789_012_345,
  1_234_567_890_123_456, 1234567.1234567, 12345678.1234567, -0.123456789012, 0.12345678901234,
]

function randomValue(random: Random, depth: number): unknown {
  const shape = below(random, depth > 2 ? 5 : 7)
  if (shape === 0) return null
  if (shape === 1) return random.next() < 0.5
  if (shape === 2) return pick(random, [...numbers, below(random, 1e9)])
  if (shape < 5) return pick(random, strings)
  if (shape === 5)
    return Array.from({ length: below(random, 3) }, () => randomValue(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: below(random, 3) }, (_, key) => [
      `k${key}`,
      randomValue(random, depth + 1),
    ]),
  )
}

/** ASCII only: escapes stand for everything else. */
function write(random: Random, value: unknown): string {
  const text = JSON.stringify(value)
  const slashed = random.next() < 0.2 ? text.replaceAll('/', '\\/') : text
  return slashed.replaceAll(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`,
  )
}

function randomObjects(random: Random, isLines: boolean): string {
  const blank = (): string => pick(random, ['', '', '', ' ', '\t', ' \r'])
  const object = (): string => {
    const members = Array.from({ length: below(random, 5) }, () => {
      const key = write(random, pick(random, [...KEYS, 'other', 'é']))
      return [blank(), key, blank(), ':', blank(), write(random, randomValue(random, 0)), blank()]
    })
    return `{${members.map((parts) => parts.join('')).join(',')}}`
  }
  const objects = Array.from({ length: below(random, 5) }, object)
  if (!isLines)
    return `${objects.join(pick(random, [',', ' , ', '\n,\n']))}${pick(random, ['', ']'])}`
  return objects
    .map((line) => `${line}${blank()}${pick(random, ['\n', '\n', '\n\n', '\r\n'])}`)
    .join('')
}

/** As most programs write them: the same keys in the same order, little else than short numbers and plain strings. */
function orderlyObjects(random: Random, isLines: boolean): string {
  const gaps = pick(random, ['', ' ', pick(random, ['  ', '\t', ''])])
  const object = (): string => {
    const from = random.next() < 0.8 ? 0 : below(random, NAMES.length)
    const members = NAMES.slice(from).map((key) => {
      const value = random.next() < 0.9 ? pick(random, orderlyValues) : randomValue(random, 0)
      return `${written(key)}${gaps}${write(random, value)}`
    })
    return `{${members.join(`,${gaps}`)}}`
  }
  const objects = Array.from({ length: 1 + below(random, 4) }, object)
  return objects.join(isLines ? '\n' : ',') + (isLines ? '\n' : '')
}

const orderlyValues = [...numbers, 'x', 'sixteen letters.', 'plain text of more than sixteen bytes']

conformance(['jsonRecords'], () => {
  describe.each([true, false])('an object a line: %s', (isLines) => {
    test('random objects', () => {
      const random = seededRandom(1)
      for (let round = 0; round < 2_000; round++) check(randomObjects(random, isLines), isLines)
      for (let round = 0; round < 1_000; round++) check(orderlyObjects(random, isLines), isLines)
    })

    test('damaged and shortened objects', () => {
      const random = seededRandom(2)
      const noise = [...'{}[]",:\\ \n\t-1etu']
      for (let round = 0; round < 6_000; round++) {
        const objects = round % 3 === 0 ? orderlyObjects : randomObjects
        const characters = [...objects(random, isLines)]
        for (let i = below(random, 3); i >= 0 && characters.length > 0; i--) {
          const at = below(random, characters.length)
          characters.splice(
            at,
            below(random, 2),
            ...(random.next() < 0.8 ? [pick(random, noise)] : []),
          )
        }
        const text = characters.join('')
        check(random.next() < 0.3 ? text.slice(0, below(random, text.length)) : text, isLines)
        if (round % 500 === 0) arena.release()
      }
    })
  })

  test('the reference gives what JSON.parse gives', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 500; round++) {
      const value = { a: randomValue(random, 1), bc: randomValue(random, 1) }
      const text = write(random, value)
      const fields = jsonRecords(text, { wanted: ['a', 'bc'], known: undefined }, true).records[0]!
      Object.values(value).forEach((member, index) => {
        const field = fields[index]!
        if (member === null) expect(field).toBe('')
        else if (typeof member !== 'string') expect(JSON.parse(field)).toEqual(member)
        else if (member !== '' && !member.startsWith('"')) expect(field).toBe(member)
        else expect(field).toBe(`"${member.replaceAll('"', '""')}"`)
      })
    }
  })

  test('at most so many records, and only those that begin before the limit', () => {
    const text = '{"a":1}\n{"a":2}\n{"a":3}\n'
    expect(records(text, true, 2, text.length)).toMatchObject({ next: 15, status: 0 })
    expect(records(text, true, 100, 9).records).toHaveLength(2)
    expect(records(text, true, 100, 8).records).toHaveLength(1)
  })

  test('lines that are read side by side, as many as fit and begin before the limit', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 1_000; round++) {
      const text = Array.from({ length: 3 }, () => orderlyObjects(random, true)).join('')
      const all = jsonRecords(text, { wanted: KEYS, known: undefined }, true).records
      const starts = [0, ...Array.from(text.matchAll(/\n(?=.)/g), ({ index }) => index + 1)]
      expect(all).toHaveLength(starts.length)
      const limit = pick(random, [...starts, text.length]) + below(random, 2)
      const rowsMax = 1 + below(random, 12)
      const taken = Math.min(rowsMax, starts.filter((start) => start < limit).length)
      const found = records(text, true, rowsMax, limit)
      expect(found.records, JSON.stringify([text, limit, rowsMax])).toEqual(all.slice(0, taken))
      expect(found.status).toBe(0)
      if (round % 100 === 0) arena.release()
    }
  })

  test('objects of several lines', () => {
    const random = seededRandom(5)
    for (let round = 0; round < 1_000; round++) {
      const lines = orderlyObjects(random, true) + orderlyObjects(random, true)
      const broken = lines.replaceAll(/[,:](?=["{[])/g, (mark) =>
        random.next() < 0.1 ? `${mark}${pick(random, ['\n', '\n{"a":1}\n', '\n{'])}` : mark,
      )
      check(broken, true)
      if (round % 100 === 0) arena.release()
    }
  })

  const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const cases = [
    nested(256),
    nested(257),
    '{"a":"\\u0000"}',
    '{"a":"\\ud83d"}',
    '{"a":"\\ude00\\ud83d"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"a":"\\u12',
    '{"a":"\\x"}',
    '{"\\u0061":1,"a":2}',
    '{"a":1,"a":null}',
    '{"a":tru}',
    '{"a":nul,"b":1}',
    '{"a":+1}',
    '{"a":1}}',
    '[1]',
    '{"a":"\u0001"}',
    '{"a":["\u0001"]}',
    '{"a":[1 2]}',
    '{"a":[1,]}',
    '{"a":{"b":1,}}',
    '{"a":{"b" 1}}',
    '{"a":{b:1}}',
    '{"a":{,}}',
    '{"a":[1}}',
    '{"a":{"b":[01]}}',
    '{"a":[{"b":"\\q"}]}',
    '{"x":"\\u00g0"}',
    '{"a":1.}',
    '{"a":-}',
    '{"a":01}',
    '{"a":-01.5,"bc":1}             ',
    '{"a":00,"bc":1}               ',
    '{"a":1.,"bc":1}               ',
    '{"a":.5,"bc":1}               ',
    '{"a":1.5.5,"bc":1}            ',
    '{"a":1234567890123456,"bc":-1}',
    '{"a":12345678901234.,"bc":-1} ',
    '{"a":123456789012345.5,"b":-1}',
    '{"a":1.5e5,"bc":12e1}         ',
    '{"a" :1,"other": 2,"bc":"3"}  ',
    '{"other":1,"a":2,"a":3,"bc":4}',
    '{"one of more than two times sixteen bytes":1}                 ',
    '{"one of more than two times sixteen bytez":1}                 ',
    '{"one of more than two timez sixteen bytes":1}                 ',
    '{"one of more than two times sixteen bytes"',
    '{"a":1e5,"b":2}',
    '{"other":1,"k":[],"new":3}',
    '{"a":1},]',
  ]
  test.each(cases)('%j', (text) => {
    check(text, true)
    check(text, false)
  })
})
