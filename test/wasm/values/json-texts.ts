import type { Random } from '../../../src/base/world.ts'
import { quotedJson } from '../../../src/data/types/json-value.ts'
import { below, pick } from '../kernels/bench.ts'

// Texts of JSON as they may come, and texts that were damaged on the way.

const names = ['a', 'b', 'ab', 'ba', '', '0', 'ä', 'aa', 'a longer name than sixteen', '\u0001"\\']
const blanks = ['', '', '', ' ', '\n', '\t \r']
const words = ['null', 'true', 'false']
const exponents = ['', '', '', 'e0', 'E+2', 'e-3', 'e21', 'e-0', 'e-17', 'E007']
const escapes = [
  '\\n',
  '\\"',
  '\\\\',
  '\\/',
  '\\b\\f\\r\\t',
  '\\u0041',
  '\\u001f',
  '\\u00e4',
  '\\u20AC',
  '\\ud83d\\ude00',
  '\\u007f',
]
/** What no jsonb can have, though some of it json can. */
const wrong = ['\\u0000', '\\ud83d', '\\ude00', '\\ud83d\\u0041', '\\x', '\\u12g4', '\u0001', '\n']
const plain = ['a', 'xyz', 'ä', '€', '😀', '/', '\u007f', 'e1,{[:]}', '0123456789abcdef']

function randomNumber(random: Random): string {
  const digits = (most: number): string =>
    Array.from({ length: 1 + below(random, most) }, () => below(random, 10)).join('')
  const whole =
    below(random, 3) === 0 ? '0' : `${1 + below(random, 9)}${digits(pick(random, [1, 6, 20]))}`
  const zeros = '0'.repeat(below(random, 4))
  const fraction =
    below(random, 3) === 0 ? `.${zeros}${digits(pick(random, [1, 9, 20]))}${zeros}` : ''
  return `${pick(random, ['', '', '-'])}${whole}${zeros.slice(whole === '0' ? 3 : 0)}${fraction}${pick(random, exponents)}`
}

function randomString(random: Random): string {
  const part = (): string => {
    const kind = below(random, 12)
    if (kind === 0 && below(random, 40) === 0) return pick(random, wrong)
    if (kind < 3) return pick(random, escapes)
    return pick(random, plain).repeat(1 + below(random, 3))
  }
  return `"${Array.from({ length: below(random, 6) }, part).join('')}"`
}

/** A text of JSON; members of one name and names in any order among it. */
export function jsonText(random: Random, depth = 0): string {
  const gap = (): string => pick(random, blanks)
  const shape = below(random, depth > 4 ? 3 : 5)
  if (shape === 0) return `${gap()}${pick(random, words)}${gap()}`
  if (shape === 1) return `${gap()}${randomNumber(random)}${gap()}`
  if (shape === 2) return `${gap()}${randomString(random)}${gap()}`
  const items = Array.from({ length: below(random, 5) }, () => jsonText(random, depth + 1))
  if (shape === 3) return `${gap()}[${items.length === 0 ? gap() : items.join()}]${gap()}`
  const members = items.map((item) => {
    const name = below(random, 6) === 0 ? randomString(random) : quotedJson(pick(random, names))
    return `${gap()}${name}${gap()}:${item}`
  })
  return `${gap()}{${members.length === 0 ? gap() : members.join()}}${gap()}`
}

const damage = [
  '"',
  '\\',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  '0',
  '-',
  '.',
  'e',
  'n',
  ' ',
  '\u0000',
  'ä',
  '\t',
  '/',
]

/** The text with characters left out, put in or changed, or cut off. */
export function mutated(random: Random, text: string): string {
  const characters = [...text]
  for (let left = 1 + below(random, 2); left > 0; left--) {
    const at = below(random, characters.length + 1)
    const way = below(random, 4)
    if (way === 0) characters.splice(at, 1)
    else if (way === 1) characters.splice(at, 0, pick(random, damage))
    else if (way === 2) characters.splice(at, 1, pick(random, damage))
    else characters.length = at
  }
  return characters.join('')
}

const wrongTexts = [
  '',
  ' ',
  '-',
  '01',
  '-01',
  '1.',
  '.5',
  '1e',
  '1e+',
  '+1',
  'nul',
  'nullx',
  'truefalse',
  'tru',
  'fals',
  '[',
  ']',
  '{',
  '}',
  '[}',
  '{]',
  '[,]',
  '[1,]',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{a:1}',
  '"',
  '"\\',
  '[1 2]',
  '1 1',
  '[]]',
  '{} {}',
  '"a" "b"',
  '\u00a0 1',
  '{"a" 1}',
  '{"a"',
  '{"a"\n:1}',
  '{"a":1 "b":2}',
  '"\\u00',
  '"a\\',
]

const deep = (count: number, open: string, close: string, within = ''): string =>
  `${open.repeat(count)}${within}${close.repeat(count)}`

/** Long, deep and wide texts, those at a bound and those beyond it. */
export function extremeJson(): readonly string[] {
  const digits = '1234567890'.repeat(10_000)
  const nameAt = (at: number): string => `"${(at * 7919) % 5_003}"`
  return [
    ...[999, 1_000, 1_001].flatMap((count) => [
      deep(count, '[', ']'),
      deep(count, '{"a":', '}', '1'),
      deep(count, '{"b":1,"a":[', ']}').slice(0, 100_000),
    ]),
    digits,
    `-${digits}.5`,
    `1${'0'.repeat(131_071)}`,
    `1${'0'.repeat(131_072)}`,
    `0.${'0'.repeat(16_382)}1`,
    `0.${'0'.repeat(16_383)}1`,
    `[0.${'1'.repeat(16_383)}, 0.${'1'.repeat(16_384)}]`,
    '[1e131071, 1e-16383]',
    '1e131072',
    '1e-16384',
    '[0e999999, -0e5, -0.0e-3]',
    '1e99999999999999999999',
    `"${'x'.repeat(200_000)}"`,
    `{${Array.from({ length: 20_000 }, (_, at) => `${nameAt(at)}:${at}`).join()}}`,
    `{${Array.from({ length: 20_000 }, () => '"a":[]').join()}}`,
    `[${Array.from({ length: 20_000 }, (_, at) => at).join()}]`,
    `[${'[],'.repeat(20_000)}{}]`,
    // Escapes and quotes at each place of a block.
    ...Array.from(
      { length: 40 },
      (_, at) => `["${'x'.repeat(at)}\\u00e4y","${'z'.repeat(at)}\\""]`,
    ),
    ...Array.from({ length: 20 }, (_, at) => `${'1'.repeat(at + 1)}`),
    ...wrongTexts,
    ...Array.from({ length: 20 }, (_, at) => `-${'1'.repeat(at + 1)}.${'2'.repeat(20 - at)}`),
  ]
}
