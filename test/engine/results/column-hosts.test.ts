import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { address } from '../../../src/data/arenas/address.ts'
import { readArrayText, writeArrayText } from '../../../src/data/types/array-text.ts'
import * as types from '../../../src/data/types/data-type.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { addTexts } from '../../../src/data/vectors/column-texts.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { listElements } from '../../../src/data/vectors/list-elements.ts'
import { scalarAt } from '../../../src/data/vectors/to-scalars.ts'
import { NO_ADDRESS, type Vector } from '../../../src/data/vectors/vector.ts'
import { addHosts } from '../../../src/engine/results/column-hosts.ts'
import { toHosts, type HostValue } from '../../../src/engine/results/host-values.ts'
import {
  chunkOfEverything,
  coded,
  everyType,
  randomScalar,
  randomScalars,
} from '../../data/arrow/random-chunks.ts'

const heap = new Heap(Heap.createMemory(64 * 1_048_576))

/** The embedded API's value of one scalar, by the longest way. */
function hostOf(value: Scalar, type: DataType): HostValue {
  if (value === null || type.kind !== 'array') return toHosts([value], type)[0]!
  const { dimensions, elements } = readArrayText(String(value))
  if (dimensions.length > 1 || dimensions.some(({ lower }) => lower !== 1)) return String(value)
  return elements.map((item) =>
    item === null ? null : hostOf(parseScalar(item, type.element), type.element),
  )
}

function check(vector: Vector, values: readonly Scalar[], what: string): void {
  const { type } = vector
  const hosts: HostValue[] = []
  addHosts(hosts, heap, vector)
  expect(hosts, what).toEqual(values.map((value) => hostOf(value, type)))
  const texts: (string | null)[] = []
  addTexts(texts, heap, vector)
  expect(texts, what).toEqual(
    values.map((value) => (value === null ? null : formatScalar(value, type))),
  )
  expect(scalarsOf(heap, vector), what).toEqual(values)
  expect(
    values.map((_, row) => scalarAt(heap, vector, row)),
    what,
  ).toEqual(values)
}

test('a batch of every type is what a value at a time gives, as hosts, texts and scalars', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const arena = new Arena(heap)
    const { chunk, columns } = chunkOfEverything(arena, seededRandom(seed), 70)
    chunk.columns.forEach((vector, index) => {
      const what = `seed ${seed}, ${types.typeName(vector.type)} as ${vector.layout}`
      check(vector, columns[index]!, what)
    })
    arena.release()
  }
})

const elementTypes: readonly types.ElementType[] = [
  ...everyType.flatMap((type) => (type.kind === 'array' ? [] : [type])),
  types.oid as types.ElementType,
  types.timetz as types.ElementType,
  types.jsonb as types.ElementType,
]

const awkward = [
  '',
  'NULL',
  'null',
  'nul',
  'a b',
  'a,b',
  '{',
  '"',
  '\\',
  '\\"',
  '\v',
  'é🙂',
  'x'.repeat(300),
]

/** An array as array_out gives it: a list, an empty one, one of other bounds or several dimensions. */
function randomArray(random: Random, element: types.ElementType): string {
  const item = (): string | null => {
    if (random.next() < 0.15) return null
    if (element.kind === 'text' && random.next() < 0.5) {
      return awkward[Math.floor(random.next() * awkward.length)]!
    }
    const any = randomScalar(random, element)
    // What is read again is within PostgreSQL's bounds.
    const value = element.kind.startsWith('timestamp') ? BigInt.asIntN(57, any as bigint) : any
    return value === null ? null : formatScalar(value, element)
  }
  const elements = Array.from({ length: Math.floor(random.next() * 5) * 2 }, item)
  if (elements.length === 0) return '{}'
  const kind = random.next()
  const dimensions =
    kind < 0.1
      ? [{ lower: 0, length: elements.length }]
      : kind < 0.2
        ? [
            { lower: 1, length: 2 },
            { lower: 1, length: elements.length / 2 },
          ]
        : [{ lower: 1, length: elements.length }]
  return writeArrayText({ dimensions, elements })
}

for (const element of elementTypes) {
  test(`arrays of ${types.typeName(element)} are what an array at a time gives`, () => {
    const type = types.arrayOf(element)
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed)
      const arena = new Arena(heap)
      const nulls = seed % 3 === 0 ? 0.3 : 0
      const values = Array.from({ length: 1 + Math.floor(random.next() * 60) }, () =>
        random.next() < nulls ? null : randomArray(random, element),
      )
      check(vectorFromScalars(arena, type, values), values, `seed ${seed}`)
      check(coded(arena, type, 'dict8', values), values, `seed ${seed}, by dictionary`)
      arena.release()
    }
  })
}

test('lists are taken apart some rows at a time, from any row on', () => {
  const random = seededRandom(7)
  const arena = new Arena(heap)
  const type = types.arrayOf({ kind: 'text' })
  const values = Array.from({ length: 500 }, () => randomArray(random, type.element))
  const vector = vectorFromScalars(arena, type, values)
  for (const bytesMax of [1, 100, 5_000]) {
    let rows = 0
    for (let from = 0; from < 500;) {
      const lists = listElements(heap, vector, from, bytesMax)
      expect(lists.from).toBe(from)
      expect(lists.ends).toHaveLength(lists.to - from)
      const bytes =
        heap.u32[(vector.offsets >>> 2) + lists.to]! - heap.u32[(vector.offsets >>> 2) + from]!
      if (lists.to > from + 1) expect(bytes).toBeLessThanOrEqual(bytesMax)
      rows += lists.ends.length
      from = lists.to
    }
    expect(rows).toBe(500)
  }
  const rest = { ...vector, length: 250, offsets: address(vector.offsets + 4 * 250) }
  check(rest, values.slice(250), 'the second half')
  arena.release()
})

test('blocks of texts end between values, however many there are', () => {
  const random = seededRandom(3)
  for (const type of [types.numeric, types.interval, types.uuid, types.int4, types.timestamp]) {
    const arena = new Arena(heap)
    const values = randomScalars(random, type, 20_000)
    const vector = vectorFromScalars(arena, type, values)
    check(vector, values, types.typeName(type))
    arena.release()
  }
})

const spans: readonly Scalar[] = [
  { months: 0, days: 0, micros: 0n },
  { months: -13, days: 2, micros: -1n },
  { months: 1, days: -1, micros: 3_600_000_000n },
  { months: 0, days: 1, micros: -9_223_372_036_854_775_807n },
  { months: 24, days: 0, micros: 400_000_000_000_000n },
  { months: -1, days: 0, micros: 0n },
]
const exact: readonly Scalar[] = [
  { unscaled: 0n, scale: 0 },
  { unscaled: 0n, scale: 5 },
  { unscaled: -1n, scale: 254 },
  { unscaled: (1n << 119n) - 1n, scale: 3 },
  { unscaled: -((1n << 119n) - 1n), scale: 36 },
  { unscaled: 10n ** 30n, scale: 30 },
  { unscaled: -(10n ** 18n), scale: 2 },
]
const longest = 10n ** 38n - 1n

for (const [type, values] of [
  [types.interval, spans],
  [types.numeric, exact],
  [types.decimal(38, 10), [longest, -longest, 0n, 1n, -1n, 10n ** 10n, 2n ** 64n, -(2n ** 96n)]],
  [types.decimal(38, 0), [longest, -longest, 0n, 4_294_967_296n]],
  [types.decimal(18, 17), [1n, -(10n ** 18n - 1n), 10n ** 17n]],
] as const) {
  test(`edges of ${types.typeName(type)}`, () => {
    const arena = new Arena(heap)
    const vector = vectorFromScalars(arena, type, values)
    expect(vector.validity).toBe(NO_ADDRESS)
    check(vector, values, types.typeName(type))
    arena.release()
  })
}
