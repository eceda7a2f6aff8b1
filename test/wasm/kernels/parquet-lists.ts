import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { listOf } from '../../../src/data/types/array-text.ts'
import { arrayOf, bool, int4, text, type ElementType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { bytesOfArray } from '../../../src/data/vectors/array-bytes.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import type { Vector } from '../../../src/data/vectors/vector.ts'
import {
  collected,
  COLUMN_BYTES,
  valueKindOf,
  writeValueColumn,
} from '../../../src/wasm/kernels/value-kinds.ts'
import {
  arena,
  below,
  bitsAt,
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
  zeros,
} from './bench.ts'

const [THERE, FILLED, MOST] = [1, 2, 3]
type List = readonly Scalar[] | null

/** Definition and repetition levels of lists, and their slots' values. */
function slotsOf(lists: readonly List[]) {
  const slots = lists.flatMap((list): { level: number; within: number; value: Scalar }[] => {
    if (list === null) return [{ level: 0, within: 0, value: null }]
    if (list.length === 0) return [{ level: THERE, within: 0, value: null }]
    return list.map((value, at) => {
      return { level: value === null ? FILLED : MOST, within: at === 0 ? 0 : 1, value }
    })
  })
  return {
    defined: slots.map(({ level }) => level),
    within: slots.map(({ within }) => within),
    values: slots.map(({ value }) => value),
  }
}

function levelsOf(defined: readonly number[], within: readonly number[]): number {
  const levels = space(defined.length)
  const bitmap = space(Math.ceil(defined.length / 8))
  const given = [place(within), place(defined), defined.length] as const
  const valid = call('parquetListLevels', ...given, MOST, levels, bitmap)
  expect([...bytesAt(levels, defined.length)]).toEqual(
    defined.map((level, at) => level * 2 + within[at]!),
  )
  const isThere = defined.map((level) => level === MOST)
  expect(bitsAt(bitmap, defined.length)).toEqual(isThere)
  expect(valid).toBe(isThere.filter(Boolean).length)
  return levels
}

const items: readonly (readonly [ElementType, readonly Scalar[]])[] = [
  [bool as ElementType, [true, false, null]],
  [int4 as ElementType, [0, -1, 2 ** 31 - 1, null]],
  [text as ElementType, ['', 'NULL', 'a,b', 'é', '"', null]],
]

/** A text column by codes of so many bytes. */
function coded(values: readonly Scalar[], bytes: number): Vector {
  const distinct = [...new Set(values.filter((value) => value !== null)), 'not used']
  const codes = values.map((value) => (value === null ? 0 : distinct.indexOf(value)))
  const plain = vectorFromScalars(arena, text, values)
  return {
    ...plain,
    layout: 'dict32',
    values: placeIntegers(codes, bytes) as Vector['values'],
    dictionary: vectorFromScalars(arena, text, distinct),
  }
}

function arraysOf(lists: readonly List[], element: ElementType, codeBytes: number) {
  const { defined, within, values } = slotsOf(lists)
  const levels = levelsOf(defined, within)
  const isCoded = element.kind === 'text' && codeBytes > 0
  const vector = isCoded ? coded(values, codeBytes) : vectorFromScalars(arena, element, values)
  const layouts = { bool: 0, int4: 3, text: 6 } as Readonly<Record<string, number>>
  const layout = isCoded ? { 1: 8, 2: 9, 4: 10 }[codeBytes]! : layouts[element.kind]!
  const column = zeros(COLUMN_BYTES)
  const kind = valueKindOf(element)!
  writeValueColumn(heap, column, { kind, offset: 0, validOffset: 16, places: 0 })
  const count = values.length
  const [rows, list] = [space(count * 24), space(count * 4)]
  const { offsets: from, values: texts } = vector.dictionary ?? vector
  const given = [layout, vector.values, from, texts, vector.validity] as const
  call('parquetSlotRows', ...given, 0, count, rows, list)
  const most = call('collectBytes', collected.array, column, list, count) + lists.length * 64
  const [target, offsets] = [space(most), space(lists.length * 4 + 4)]
  const validity = zeros(Math.ceil(lists.length / 8))
  const slots = [column, list, levels, count, THERE, FILLED] as const
  const made = [target, offsets, validity, lists.length] as const
  const bytes = Number(kernels.call('parquetLists', ...slots, ...made))
  expect(bytes).toBeLessThanOrEqual(most)
  const ends = words(offsets, lists.length + 1)
  return lists.map((_, at) => {
    if (!bitsAt(validity, lists.length)[at]) return null
    return Buffer.from(bytesAt(target + ends[at]!, ends[at + 1]! - ends[at]!))
  })
}

conformance(['parquetListLevels', 'parquetSlotRows', 'parquetLists'], () => {
  test('slots and their levels become arrays', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 60; round++) {
      const [element, values] = pick(random, items)
      const lists = Array.from({ length: 1 + below(random, 20) }, (): List => {
        if (below(random, 5) === 0) return null
        return Array.from({ length: below(random, 6) }, () => pick(random, values))
      })
      const expected = lists.map((list) =>
        list === null ? null : Buffer.from(bytesOfArray(listOf(list), arrayOf(element))),
      )
      expect(arraysOf(lists, element, pick(random, [0, 1, 2, 4]))).toEqual(expected)
    }
  })

  test('levels that no list has are told', () => {
    const damaged = [
      { defined: [THERE, MOST], within: [0, 1], status: 1n },
      { defined: [MOST, THERE], within: [0, 1], status: 2n },
    ]
    for (const { defined, within, status } of damaged) {
      const levels = levelsOf(defined, within)
      const column = zeros(COLUMN_BYTES)
      const list = placeIntegers([zeros(24), zeros(24)], 4)
      const made = [space(200), space(16), zeros(8), 1] as const
      const slots = [column, list, levels, 2, THERE, FILLED] as const
      expect(kernels.call('parquetLists', ...slots, ...made) >> 60n).toBe(status)
    }
  })
})

conformance(['parquetListEnd'], () => {
  test('the slots of so many lists are counted from any of them on', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 100; round++) {
      const within = Array.from({ length: 1 + below(random, 30) }, (_, at) =>
        at === 0 ? 0 : below(random, 2),
      )
      const levels = place(within.map((bit) => 6 + bit))
      const starts = within.flatMap((bit, at) => (bit === 0 ? [at] : []))
      const rows = 1 + below(random, starts.length + 1)
      const slot = below(random, within.length + 1)
      const begun = starts.filter((at) => at < slot).length
      const given = [levels, slot, within.length, begun, rows] as const
      const found = kernels.call('parquetListEnd', ...given)
      const end = starts.find((at, number) => at >= slot && number === rows)
      const none = -(2n ** 63n) + BigInt(starts.length) * 2n ** 32n + BigInt(within.length)
      // More than are wanted may have begun before.
      if (begun <= rows) expect(found).toBe(end === undefined ? none : BigInt(end))
    }
  })
})
