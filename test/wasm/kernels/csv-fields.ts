import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { NO_QUOTE, type TextDialect } from '../../../src/io/formats/text/dialect.ts'
import { POWERS_BYTES, writePowersOfFive } from '../../../src/io/formats/text/powers-of-five.ts'
import { writeSettings } from '../../../src/io/formats/text/settings.ts'
import { Scratch } from '../../../src/io/formats/scratch.ts'
import * as reference from '../../../src/wasm/kernels/reference/csv-fields.ts'
import {
  arena,
  below,
  bitsAt,
  call,
  conformance,
  heap,
  integers,
  pick,
  place,
  placeBits,
  placeIntegers,
  space,
  words,
} from './bench.ts'

type Settings = reference.FieldSettings

/** A field parser: its extra arguments, its form, and how to read its values. */
interface Parser {
  readonly name: string
  readonly kernel: string
  readonly bytes: number
  readonly form: reference.FieldForm<unknown>
  readonly read: (at: number, rows: number) => readonly unknown[]
  readonly extra?: () => readonly number[]
  readonly fields: (random: Random) => string
}

function digits(random: Random, most: number): string {
  const first = random.next() < 0.3 ? pick(random, ['0', '9', '00', '5']) : ''
  const all = Array.from({ length: below(random, most + 1) }, () => below(random, 10)).join('')
  return first + (random.next() < 0.1 ? '9'.repeat(below(random, most)) : all)
}

const sign = (random: Random): string => pick(random, ['', '', '-', '+'])

function integerField(random: Random): string {
  const edges = [
    '32767',
    '32768',
    '2147483647',
    '2147483648',
    '9223372036854775807',
    '9223372036854775808',
    '9999999999999999999',
    '18446744073709551616',
  ]
  return (
    sign(random) +
    (random.next() < 0.2 ? pick(random, edges) : digits(random, pick(random, [3, 6, 9, 20])))
  )
}

function decimalField(random: Random): string {
  const fraction = random.next() < 0.8 ? `.${digits(random, pick(random, [2, 2, 8, 19]))}` : ''
  return sign(random) + digits(random, pick(random, [4, 7, 12])) + fraction
}

function floatField(random: Random): string {
  const edges = [
    '1.7976931348623157e308',
    '1.7976931348623159e308',
    '2.2250738585072014e-308',
    '4.9e-324',
    '1e-400',
    '3.4028235e38',
    '3.4028236e38',
    '1.17549435e-38',
    '1e-45',
    '16777217',
    '16777219',
    '1.000000178813934326',
    '9007199254740993',
    '0e9999',
    '.5e1',
    '5.',
    'NaN',
    'inf',
    '1e5000',
    '1e',
    '1e+',
  ]
  if (random.next() < 0.2) return sign(random) + pick(random, edges)
  const power =
    random.next() < 0.5 ? `${pick(random, ['e', 'E'])}${sign(random)}${below(random, 320)}` : ''
  return decimalField(random) + power
}

const pad = (value: number, length: number): string => String(value).padStart(length, '0')

function dateField(random: Random): string {
  const year = pick(random, [0, 1, 4, 100, 1900, 2000, 2023, 2024, 9999, below(random, 10_000)])
  return `${pad(year, 4)}-${pad(below(random, 14), 2)}-${pad(pick(random, [0, 1, 28, 29, 30, 31, 32]), 2)}`
}

function timeField(random: Random): string {
  const parts = [below(random, 26), below(random, 62), below(random, 62)].map((part) =>
    pad(part, 2),
  )
  const fraction = random.next() < 0.5 ? `.${digits(random, 8)}` : ''
  return parts.join(':') + fraction
}

function timestampField(random: Random): string {
  if (random.next() < 0.2) return dateField(random)
  return dateField(random) + pick(random, [' ', 'T', ' ', 't', '']) + timeField(random)
}

const zone = (random: Random): string =>
  pick(random, ['Z', '+00', '+00:00', '', '-00', '+01', '+00:30', 'z', '+0000'])

const letters = ['t', 'F', 'true', 'FALSE', 'yes', '1', '0', 'n', 'Y', 'on', 'tru', 'falsey', 'T ']

const i64 = (at: number, rows: number): readonly unknown[] => integers(at, 8, rows)
const numbers =
  (bytes: number) =>
  (at: number, rows: number): readonly unknown[] =>
    integers(at, bytes, rows)

function decimalParser(bytes: 8 | 16, precision: number, scale: number): Parser {
  return {
    name: `decimal(${precision}, ${scale}) of ${bytes} bytes`,
    kernel: 'csvDecimals',
    bytes,
    form: reference.decimalForm(precision, scale),
    read: numbers(bytes),
    extra: () => [bytes, precision, scale],
    fields: decimalField,
  }
}

function powers(): number {
  const at = arena.allocate(POWERS_BYTES)
  writePowersOfFive(heap, at)
  return at
}

const parsers: readonly Parser[] = [
  ...[16, 32, 64].map((bits) => ({
    name: `integers of ${bits} bits`,
    kernel: 'csvIntegers',
    bytes: bits / 8,
    form: reference.integerForm(bits),
    read: numbers(bits / 8),
    extra: () => [bits / 8],
    fields: integerField,
  })),
  decimalParser(8, 5, 2),
  decimalParser(8, 18, 0),
  decimalParser(8, 18, 18),
  decimalParser(8, 9, 7),
  decimalParser(8, 4, 1),
  decimalParser(16, 38, 2),
  decimalParser(16, 20, 8),
  decimalParser(16, 38, 25),
  {
    name: 'numerics',
    kernel: 'csvNumerics',
    bytes: 16,
    form: (text, isStrict) => {
      const fixed = reference.fixedForm(text, isStrict)
      return fixed && BigInt.asUintN(120, fixed.unscaled) | (BigInt(fixed.scale) << 120n)
    },
    read: (at, rows) => integers(at, 16, rows, false),
    fields: decimalField,
  },
  {
    name: 'floats of 64 bits',
    kernel: 'csvFloats',
    bytes: 8,
    form: reference.floatForm(64),
    read: (at, rows) =>
      Array.from({ length: rows }, (_, row) => heap.view.getFloat64(at + 8 * row, true)),
    extra: () => [8, powers()],
    fields: floatField,
  },
  {
    name: 'floats of 32 bits',
    kernel: 'csvFloats',
    bytes: 4,
    form: reference.floatForm(32),
    read: (at, rows) =>
      Array.from({ length: rows }, (_, row) => heap.view.getFloat32(at + 4 * row, true)),
    extra: () => [4, powers()],
    fields: floatField,
  },
  {
    name: 'booleans',
    kernel: 'csvBooleans',
    bytes: 1,
    form: reference.booleanForm,
    read: bitsAt,
    fields: (random) => pick(random, letters),
  },
  {
    name: 'dates',
    kernel: 'csvDates',
    bytes: 4,
    form: reference.dateForm,
    read: (at, rows) => integers(at, 4, rows).map(Number),
    fields: dateField,
  },
  {
    name: 'times',
    kernel: 'csvTimes',
    bytes: 8,
    form: reference.timeForm,
    read: i64,
    extra: () => [0],
    fields: timeField,
  },
  {
    name: 'timestamps',
    kernel: 'csvTimes',
    bytes: 8,
    form: reference.timestampForm,
    read: i64,
    extra: () => [1],
    fields: timestampField,
  },
  {
    name: 'timestamps with time zone',
    kernel: 'csvTimes',
    bytes: 8,
    form: reference.zonedForm,
    read: i64,
    extra: () => [2],
    fields: (random) => timestampField(random) + zone(random),
  },
]

const rubbish = ['', 'x', '-', '+', '.', '1.2.3', ' 1', '1 ', '--1', 'NULL', '12a4', '½', '0x1f']

const settings: readonly Settings[] = [
  { quote: '"', nullStrings: [''], isStrict: false },
  { quote: '"', nullStrings: [''], isStrict: true },
  { quote: '"', nullStrings: [], isStrict: false },
  { quote: "'", nullStrings: ['', 'NULL', '\\N'], isStrict: true },
  // NULL strings that are values of some types.
  {
    quote: '"',
    nullStrings: ['0', '-1', '5', 't', '1900-01-01', '2000-01-31', '00:00:00'],
    isStrict: false,
  },
  { quote: '', nullStrings: ['1.5', '"1"', '2000-02-29 00:00:00Z', '1e5'], isStrict: true },
]

/** A field as a file has it: most are of the type, some are quoted, NULL or anything. */
function randomField(random: Random, { quote, nullStrings }: Settings, parser: Parser): string {
  const shape = random.next()
  if (shape < 0.1 && nullStrings.length > 0) return pick(random, nullStrings)
  const content = shape < 0.2 ? pick(random, rubbish) : parser.fields(random)
  // Quotes that are not in order never come to these parsers: the index tells.
  if (quote === '' || random.next() < 0.8)
    return content.replaceAll(quote === '' ? '\0' : quote, '')
  return quote + content.replaceAll(quote, quote + quote) + quote
}

function placeSettings({ quote, nullStrings, isStrict }: Settings): number {
  const code = quote === '' ? NO_QUOTE : quote.charCodeAt(0)
  const dialect = { quote: code, nullStrings, isInferred: isStrict } as unknown as TextDialect
  return writeSettings(heap, new Scratch(heap), dialect)
}

/** Fields in a buffer, between bytes that must not matter, and pairs of positions around each. */
function placeFields(random: Random, fields: readonly string[]): number {
  const bytes: number[] = Array.from({ length: 32 }, () => 57)
  const pairs: number[] = []
  for (const field of fields) {
    bytes.push(pick(random, [44, 10, 57]))
    pairs.push(bytes.length - 1)
    bytes.push(...Buffer.from(field))
    pairs.push(bytes.length)
  }
  bytes.push(44, ...Array.from({ length: 64 }, () => 48 + below(random, 10)))
  const at = place(bytes)
  return placeIntegers(
    pairs.map((offset) => at + offset),
    4,
  )
}

interface Outcome {
  readonly values: readonly unknown[]
  readonly valid: readonly boolean[]
  readonly odd: readonly number[]
}

function expectedOf(parsed: readonly reference.Parsed<unknown>[], zero: unknown): Outcome {
  return {
    values: parsed.map((field) => (typeof field === 'object' ? field.value : zero)),
    valid: parsed.map((field) => field !== 'null'),
    odd: parsed.flatMap((field, row) => (field === 'odd' ? [row] : [])),
  }
}

function readOutcome(
  values: readonly unknown[],
  validity: number,
  odd: number,
  oddRows: number,
  rows: number,
): Outcome {
  const valid = bitsAt(validity, rows)
  const [nulls, ...list] = words(odd, 1 + oddRows)
  expect(nulls).toBe(valid.filter((is) => !is).length)
  return { values, valid, odd: list }
}

function checkParser(
  random: Random,
  parser: Parser,
  chosen: Settings,
  fields: readonly string[],
): void {
  const rows = fields.length
  const pairs = placeFields(random, fields)
  const target = space(parser.bytes * rows)
  const validity = placeBits(fields.map(() => true))
  const odd = space(4 * rows + 4)
  const block = placeSettings(chosen)
  const output = [target, validity, odd, block, ...(parser.extra?.() ?? [])]
  const oddRows = call(parser.kernel, pairs + 4, 8, rows, ...output)
  const found = readOutcome(parser.read(target, rows), validity, odd, oddRows, rows)
  heap.free(block as Parameters<typeof heap.free>[0])
  const parsed = fields.map((field) => reference.parseField(field, chosen, parser.form))
  const zero = { csvBooleans: false, csvFloats: 0, csvDates: 0 }[parser.kernel] ?? 0n
  const expected = expectedOf(parsed, zero)
  const rowsOf = (outcome: Outcome): readonly unknown[] =>
    fields.map((field, row) => [
      field,
      outcome.values[row],
      outcome.valid[row],
      outcome.odd.includes(row) ? 'odd' : '',
    ])
  expect(rowsOf(found), `${parser.name}, ${JSON.stringify(chosen)}`).toEqual(rowsOf(expected))
}

const fixedKernels = [...new Set(parsers.map(({ kernel }) => kernel))]

conformance(fixedKernels, () => {
  describe.each(parsers.map((parser) => [parser.name, parser] as const))('%s', (_, parser) => {
    test.each(settings)('%j', (chosen) => {
      const random = seededRandom(parser.name.length)
      for (const rows of [0, 1, 2, 9, 64, 200, 200, 200]) {
        const fields = Array.from({ length: rows }, () => randomField(random, chosen, parser))
        checkParser(random, parser, chosen, fields)
        arena.release()
      }
    })
  })
})

conformance(['csvTexts'], () => {
  const pieces = [
    'a',
    'b c',
    "it's",
    '"',
    '""',
    "'",
    'é',
    'text of more than sixteen bytes',
    'NULL',
  ]
  test.each(settings)('%j', (chosen) => {
    const random = seededRandom(9)
    const randomText = (): string => {
      const content = Array.from({ length: below(random, 8) }, () => pick(random, pieces)).join('')
      const { quote } = chosen
      if (quote === '' || random.next() < 0.3) return content
      if (random.next() < 0.2) return quote + content
      return quote + content.replaceAll(quote, quote + quote) + quote
    }
    for (const rows of [0, 1, 5, 200, 200, 200]) {
      const fields = Array.from({ length: rows }, () =>
        random.next() < 0.2 ? pick(random, ['', ...chosen.nullStrings]) : randomText(),
      )
      const pairs = placeFields(random, fields)
      const offsets = space(4 * rows + 4)
      const to = space(Buffer.byteLength(fields.join('')) + 64)
      const [validity, odd] = [placeBits(fields.map(() => true)), space(4 * rows + 4)]
      const block = placeSettings(chosen)
      const oddRows = call('csvTexts', pairs + 4, 8, rows, offsets, to, validity, odd, block)
      heap.free(block as Parameters<typeof heap.free>[0])
      const ends = words(offsets, rows + 1)
      const texts = fields.map((_, row) =>
        Buffer.from(heap.u8.slice(to + ends[row]!, to + ends[row + 1]!)).toString(),
      )
      const parsed = fields.map((field) => reference.parseText(field, chosen))
      const found = readOutcome(texts, validity, odd, oddRows, rows)
      expect(found, JSON.stringify(fields)).toEqual(expectedOf(parsed, ''))
      arena.release()
    }
  })
})
