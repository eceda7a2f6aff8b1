import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { castsArray } from '../../../src/compile/expressions/array-casts.ts'
import {
  arrayOf,
  decimal,
  int4,
  plainType,
  text,
  type DataType,
  type ElementType,
  type PlainKind,
} from '../../../src/data/types/data-type.ts'
import { integerBounds } from '../../../src/data/types/parse-number.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import { castKind } from '../../../src/data/types/coercion.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import { valueKindOf, valueKinds } from '../../../src/wasm/kernels/value-kinds.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, bytesOfView, expectedBytes, viewOf } from '../values/cells.ts'
import { exact } from '../values/json-values.ts'
import { arena, below, call, conformance, pick, placeText, space, zeros } from './bench.ts'

// Casts between arrays and of texts to arrays, by kernels and by castScalar. What kernels leave out is compared nowhere; that they
// take most is.

const ROUNDS = 150
const ELSEWHERE = -1n

const whole = ['0', '1', '-3', '32767', '-32768', '2147483647', '-2147483648']
const members: readonly (readonly [ElementType, readonly string[]])[] = [
  [plainType('int2'), whole.slice(0, 5)],
  [plainType('int4'), whole],
  [plainType('int8'), [...whole, '9007199254740993', '-9223372036854775808']],
  [decimal(12, 2) as ElementType, ['0', '0.50', '-1.50', '2.49', '32767.5', '1234567890.12']],
  [decimal(30, 4) as ElementType, ['0', '-0.5', '99999999999.9999']],
  [plainType('numeric'), ['0', '1.50', '-2.5', '0.005', '12345678.901234567', '1e-19', '9e30']],
  [plainType('float4'), ['0', '-0', '1.5', '0.1', '-2.5', 'NaN', '3e38']],
  [plainType('float8'), ['0', '-0', '2.5', '0.1', '1e300', '1e-300', 'Infinity', '32767.5']],
  [plainType('bool'), ['t', 'f']],
  [plainType('date'), ['2024-02-29', '0001-01-01 BC', '1969-12-31']],
  [plainType('time'), ['00:00:00', '23:59:59.5']],
  [
    plainType('timestamp'),
    ['2024-02-29 10:00:00', '1969-12-31 23:59:59.5', '0001-01-01 00:00:00 BC'],
  ],
  [plainType('timestamptz'), ['2024-02-29 10:00:00+00', '1969-12-31 00:00:00+00']],
  [plainType('uuid'), ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  [plainType('interval'), ['1 day', '-02:00:00', '1 mon 3 days']],
]
const texts = [
  '',
  'a b',
  '"',
  '\\',
  'ä,b',
  '{}',
  'NULL',
  'null',
  'longer than sixteen bytes',
  ' x ',
]
const jsons = ['{"a":  1}', '[]', '"x"']

function bounds(type: ElementType): readonly [bigint, bigint] {
  if (type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8') {
    const { min, max } = integerBounds[type.kind]
    return [min, max]
  }
  if (type.kind !== 'decimal') return [0n, 0n]
  return [0n, type.precision > 18 ? 2n ** 63n - 1n : 10n ** BigInt(type.precision)]
}

const quoted = (item: string): string => `"${item.replaceAll(/["\\]/g, String.raw`\$&`)}"`

function randomItems(random: Random, items: readonly string[]): string[] {
  return Array.from({ length: 1 + below(random, 4) }, () =>
    below(random, 6) === 0 ? 'NULL' : quoted(pick(random, items)),
  )
}

const codeOf = (type: DataType): number => valueKinds[present(valueKindOf(type), 'kind')]
const placesOf = (type: DataType): number => (type.kind === 'decimal' ? type.scale : 0)
const described = (type: ElementType): readonly (number | bigint)[] => [
  codeOf(type),
  placesOf(type),
  ...bounds(type),
]

function compare(
  name: string,
  found: bigint,
  source: string,
  from: DataType,
  to: DataType,
): boolean {
  if (found === ELSEWHERE) return false
  const expected = attempt(() => castScalar(source, from, to))
  const wanted = expected === 'error' ? expected : expectedBytes(expected, to)
  expect(bytesOfView(found), `${name}: ${source} of ${show(from)} as ${show(to)}`).toEqual(wanted)
  return true
}

const show = (type: DataType): string => JSON.stringify(type)

const from: readonly (readonly [ElementType, readonly string[]])[] = [
  ...members,
  [plainType('text'), texts],
  [plainType('json'), jsons],
  ...members.map(([, items]): readonly [ElementType, readonly string[]] => [
    plainType('text'),
    items,
  ]),
]
const targets: readonly ElementType[] = [
  ...members.map(([type]) => type),
  plainType('text'),
  decimal(5, 1) as ElementType,
]
const pairs = from.flatMap(([source, items]) =>
  targets
    .filter(
      (target) =>
        castKind(source, target) !== undefined && castsArray(arrayOf(source), arrayOf(target)),
    )
    .map((target) => ({ source, items, target })),
)

function arrayCasts(): void {
  test('arrays of other elements', () => {
    const random = seededRandom(47)
    let taken = 0
    for (const { source, items, target } of pairs) {
      for (let round = 0; round < ROUNDS; round++) {
        const shown = randomItems(random, items)
        const list = `{${shown.join()}}`
        const shapes = ['{}', `[3:${shown.length + 2}]=${list}`, `{${list},${list}}`, list, list]
        const [own, other] = [arrayOf(source), arrayOf(target)]
        const value = String(parseScalar(pick(random, shapes), own))
        const view = viewOf(value, own)
        const bytes = Number(BigInt.asUintN(64, view) >> 32n)
        const count = call('arrayCount', view)
        const room = space(3 * bytes + 96 * count + 128)
        const lanes = [view, codeOf(source), placesOf(source), ...described(target)]
        const found = exact('arrayCast', ...lanes, zeros(32), room)
        if (compare('arrayCast', found, value, own, other)) taken++
        arena.release()
      }
    }
    expect(taken, 'most are taken').toBeGreaterThan((pairs.length * ROUNDS) / 3)
  })
}

function wideCasts(): void {
  test('arrays of wider numbers', () => {
    const random = seededRandom(61)
    for (let round = 0; round < 10 * ROUNDS; round++) {
      const shown = randomItems(random, whole).join()
      const shapes = ['{}', `[3:${shown.split(',').length + 2}]={${shown}}`, `{{${shown}}}`]
      const own = arrayOf(plainType('int4'))
      const wider = plainType(pick(random, ['int8', 'float8']))
      const other = arrayOf(wider)
      const value = String(parseScalar(pick(random, [...shapes, `{${shown}}`]), own))
      const view = viewOf(value, own)
      const bytes = Number(BigInt.asUintN(64, view) >> 32n)
      const found = exact('arrayWiden', view, codeOf(wider), space(2 * bytes + 32))
      expect(compare('arrayWiden', found, value, own, other)).toBe(true)
      arena.release()
    }
  })
}

const readable: readonly PlainKind[] = [
  'int2',
  'int4',
  'int8',
  'numeric',
  'float8',
  'date',
  'time',
  'timestamp',
  'text',
]
const literals = [
  '{}',
  ' { } ',
  '{',
  '{}}',
  '{1,2',
  '{1,,2}',
  '{ 1 , "2" ,nUlL }',
  '{\\1,\\n\\u\\l\\l}',
  '{"a" b}',
  '{a b , c\\ }',
  '{{1},{2}}',
  '[0:1]={1,2}',
  '1,2',
  '{1,2} x',
  '{1"2"}',
  '{"NULL",NULL}',
  '{"a\\"b\\\\",c\\,d}',
  '',
]

function textCasts(): void {
  test('arrays that texts say', () => {
    const random = seededRandom(53)
    let taken = 0
    let rounds = 0
    const elements = [...readable.map((kind) => plainType(kind)), decimal(12, 2) as ElementType]
    for (const element of elements) {
      const items = members.find(([type]) => type.kind === element.kind)?.[1] ?? texts
      const randomTexts = Array.from({ length: ROUNDS }, () => {
        const shown = randomItems(random, items)
        const bare = shown.map((item) => (below(random, 2) === 0 ? item : item.replaceAll('"', '')))
        return `{${bare.join(pick(random, [',', ' , ']))}}`
      })
      for (const source of [...literals, ...randomTexts]) {
        const room = space(60 * Buffer.byteLength(source) + 128)
        const view = placeText(source)
        const lanes = [view, ...described(element)]
        const found = exact('arrayOfText', ...lanes, zeros(32), room)
        if (compare('arrayOfText', found, source, text, arrayOf(element))) taken++
        rounds++
        arena.release()
      }
    }
    expect(taken, 'most are taken').toBeGreaterThan(rounds / 2)
  })
}

function textCuts(): void {
  test('texts that are cut off', () => {
    const random = seededRandom(59)
    const type = arrayOf(plainType('text'))
    const items = [...texts, 'ä  ', 'ab   ', 'äöü', '  ']
    for (let round = 0; round < 10 * ROUNDS; round++) {
      const value = `{${randomItems(random, items).join()}}`
      const [most, keeps] = [below(random, 5), below(random, 2)]
      const view = viewOf(value, type)
      const bytes = Number(BigInt.asUintN(64, view) >> 32n)
      const room = space(3 * bytes + 96 * call('arrayCount', view) + 128)
      const found = exact('arrayCut', view, most, keeps, zeros(32), room)
      const entry = scalarEntry(`${keeps === 1 ? 'store' : 'cut'}_elements(array,int4)`)
      const expected = attempt(() => entry.evaluate([value, most], [type, int4], type))
      const shown = `${value} ${most} ${keeps}`
      if (found === ELSEWHERE) expect(expected, shown).toBe('error')
      else expect(bytesOfView(found), shown).toEqual(expectedBytes(expected, type))
      arena.release()
    }
  })
}

conformance(['arrayCast', 'arrayCut', 'arrayOfText', 'arrayWiden'], () => {
  arrayCasts()
  wideCasts()
  textCasts()
  textCuts()
})
