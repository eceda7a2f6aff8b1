import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { writeArrayText, type ArrayDimension } from '../../../src/data/types/array-text.ts'
import {
  arrayOf,
  bool,
  date,
  decimal,
  float4,
  float8,
  int4,
  int8,
  numeric,
  text,
  timestamp,
  uuid,
  type ArrayType,
  type DataType,
  type ElementType,
} from '../../../src/data/types/data-type.ts'
import { keysTell } from '../../../src/data/types/bare-list.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { valueKindOf, valueKinds } from '../../../src/wasm/kernels/value-kinds.ts'
import { scalarEntry } from '../../functions/entries.ts'
import {
  attempt,
  bytesOfView,
  cellOf,
  expectedBytes,
  expectedView,
  shownOfView,
  viewOf,
} from '../values/cells.ts'
import {
  arena,
  below,
  call,
  conformance,
  heap,
  kernels,
  pick,
  placeText,
  space,
  zeros,
} from './bench.ts'

const ROUNDS = 600
const ROOM = 65_536
const ELSEWHERE = -1n

/** Few values of each type, so that searches find them. */
const members: readonly (readonly [DataType, readonly string[]])[] = [
  [int4, ['1', '2', '-3', '2147483647', '-2147483648']],
  [int8, ['0', '7', '-9223372036854775808']],
  [text, ['', 'a', 'b', 'NULL', 'with blank', '"', '\\', 'ä,b', '{}', 'longer than sixteen bytes']],
  [numeric, ['0', '1', '1.0', '-2.50', '-2.5', '123456789012345678901234567890', '1e-130']],
  [decimal(12, 2), ['0', '1.5', '-1234.25']],
  [float8, ['0', '-0', '1.5', 'NaN', '-Infinity', '1e300']],
  [float4, ['1.5', '0.1', '-3']],
  [bool, ['t', 'f']],
  [uuid, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '00000000-0000-0000-0000-000000000001']],
  [date, ['2024-02-29', '0001-01-01 BC']],
  [timestamp, ['2024-02-29 10:00:00', '1969-12-31 23:59:59.5']],
]

interface Subject {
  readonly element: ElementType
  readonly array: ArrayType
  readonly pick: (random: Random) => Scalar
}

const subjects = members.map(([type, items]): Subject => {
  const element = type as ElementType
  const one = (random: Random): Scalar =>
    below(random, 6) === 0 ? null : parseScalar(pick(random, items), element)
  return { element, array: arrayOf(element), pick: one }
})

function randomArray(random: Random, { element, pick: one }: Subject): string {
  const shape = below(random, 10)
  const dimensions: readonly ArrayDimension[] =
    shape === 0
      ? []
      : shape === 1
        ? [{ lower: below(random, 5) - 2, length: 1 + below(random, 4) }]
        : shape === 2
          ? [
              { lower: 1, length: 1 + below(random, 2) },
              { lower: below(random, 2), length: 1 + below(random, 3) },
            ]
          : [{ lower: 1, length: 1 + below(random, 5) }]
  const count =
    dimensions.length === 0 ? 0 : dimensions.reduce((total, { length }) => total * length, 1)
  const elements = Array.from({ length: count }, () => {
    const item = one(random)
    return item === null ? null : formatScalar(item, element)
  })
  return writeArrayText({ dimensions, elements })
}

/** One call: what the kernel gives (undefined: left to TypeScript), and what the entry does. */
interface Round {
  readonly found: unknown
  readonly expected: unknown
  readonly shown: unknown
}

type Trial = (random: Random, subject: Subject) => Round

const kindOf = (type: DataType): number => valueKinds[present(valueKindOf(type), 'kind')]
const placesOf = (type: DataType): number => (type.kind === 'decimal' ? type.scale : 0)
const exact = (name: string, ...args: readonly (number | bigint)[]): bigint => {
  call(name, ...args)
  return BigInt(kernels.exports[name]!(...args))
}

/** A kernel that writes an array, held to an entry. */
function writes(
  id: string,
  name: string,
  given: (
    random: Random,
    subject: Subject,
  ) => {
    readonly lanes: readonly (number | bigint)[]
    readonly values: readonly Scalar[]
    readonly types: readonly DataType[]
    readonly result?: DataType
  },
): Trial {
  return (random, subject) => {
    const { lanes, values, types, result = subject.array } = given(random, subject)
    const view = exact(name, ...lanes, space(ROOM))
    const expected = attempt(() => scalarEntry(id).evaluate(values, types, result))
    return {
      found: view === ELSEWHERE ? undefined : shownOfView(view, result),
      expected: expected === 'error' ? expected : expectedView(expected, result),
      shown: values,
    }
  }
}

const sidesOf = { '<': 1, '=': 2, '<=': 3, '>': 4, '<>': 5, '>=': 6 } as const

const trials: Readonly<Record<string, Trial>> = {
  arrayInsert: (random, subject) => {
    const atFront = below(random, 2) === 1
    const array = below(random, 8) === 0 ? null : randomArray(random, subject)
    const item = subject.pick(random)
    const { element, array: type } = subject
    const lanes = [viewOf(array, type), kindOf(element), placesOf(element), cellOf(item, element)]
    const more = [Number(item === null), Number(atFront)]
    return writes(
      atFront ? 'array_prepend(any,array)' : 'array_append(array,any)',
      'arrayInsert',
      () => ({
        lanes: [...lanes, ...more],
        values: atFront ? [item, array] : [array, item],
        types: atFront ? [element, type] : [type, element],
      }),
    )(random, subject)
  },
  arrayJoin: writes('array_cat(array,array)', 'arrayJoin', (random, subject) => {
    const arrays = [0, 1].map(() => (below(random, 8) === 0 ? null : randomArray(random, subject)))
    return {
      lanes: arrays.map((array) => viewOf(array, subject.array)),
      values: arrays,
      types: [subject.array, subject.array],
    }
  }),
  arrayRemove: writes('array_remove(array,any)', 'arrayRemove', (random, subject) => {
    const { element, array } = subject
    const [value, item] = [randomArray(random, subject), subject.pick(random)]
    const lanes = [viewOf(value, array), kindOf(element), placesOf(element), cellOf(item, element)]
    return {
      lanes: [...lanes, Number(item === null)],
      values: [value, item],
      types: [array, element],
    }
  }),
  arrayReplace: writes('array_replace(array,any,any)', 'arrayReplace', (random, subject) => {
    const { element, array } = subject
    const value = randomArray(random, subject)
    const [item, other] = [subject.pick(random), subject.pick(random)]
    const lanes = [viewOf(value, array), kindOf(element), placesOf(element), cellOf(item, element)]
    const more = [Number(item === null), cellOf(other, element), Number(other === null)]
    return {
      lanes: [...lanes, ...more],
      values: [value, item, other],
      types: [array, element, element],
    }
  }),
  arraySlice: writes('array_slice(array,int4,...)', 'arraySlice', (random, subject) => {
    const { element, array } = subject
    const value = randomArray(random, subject)
    const bounds = [0, 1].map(() =>
      pick(random, [-2_147_483_648, 2_147_483_647, below(random, 9) - 2, below(random, 5)]),
    )
    return {
      lanes: [viewOf(value, array), kindOf(element), ...bounds],
      values: [value, ...bounds],
      types: [array],
    }
  }),
  arrayTrim: writes('trim_array(array,int4)', 'arrayTrim', (random, subject) => {
    const { element, array } = subject
    const [value, count] = [randomArray(random, subject), below(random, 6) - 1]
    return {
      lanes: [viewOf(value, array), kindOf(element), count],
      values: [value, count],
      types: [array],
    }
  }),
  arrayPositions: writes('array_positions(array,any)', 'arrayPositions', (random, subject) => {
    const { element, array } = subject
    const [value, item] = [randomArray(random, subject), subject.pick(random)]
    const lanes = [viewOf(value, array), kindOf(element), placesOf(element), cellOf(item, element)]
    return {
      lanes: [...lanes, Number(item === null)],
      values: [value, item],
      types: [array, element],
      result: arrayOf({ kind: 'int4' }),
    }
  }),
  arrayText: writes('array_to_string(array,text,text)', 'arrayText', (random, subject) => {
    const { element, array } = subject
    const value = randomArray(random, subject)
    const [between, ofNull] = [pick(random, ['', ',', ' - ']), pick(random, [null, '', 'none'])]
    const views = [placeText(between), ofNull === null ? -1n : placeText(ofNull)]
    return {
      lanes: [viewOf(value, array), kindOf(element), ...views],
      values: [value, between, ofNull],
      types: [array],
      result: text,
    }
  }),
  listText(random) {
    const told = subjects.filter(({ element }) => keysTell(element))
    const subject = pick(random, told)
    const value = below(random, 8) === 0 ? null : randomArray(random, subject)
    const view = viewOf(value, subject.array)
    const room = space(6 * Number(BigInt.asUintN(64, view) >> 32n))
    const found = exact('listText', view, kindOf(subject.element), room)
    return {
      found: bytesOfView(found),
      expected: value === null ? null : Buffer.from(value).toString('latin1'),
      shown: [value],
    }
  },
  textPieces: writes('string_to_array(text,text,text)', 'textPieces', (random) => {
    const whole = Array.from({ length: below(random, 8) }, () =>
      pick(random, ['a', ',', 'ä', '😀', '--', '"', 'some words that are long', ' ']),
    ).join('')
    const [between, ofNull] = [pick(random, [null, '', ',', '--']), pick(random, [null, '', 'a'])]
    const views = [between, ofNull].map((value) => (value === null ? -1n : placeText(value)))
    return {
      lanes: [placeText(whole), ...views],
      values: [whole, between, ofNull],
      types: [],
      result: arrayOf({ kind: 'text' }),
    }
  }),
  arrayItem(random, subject) {
    const { element, array } = subject
    const [value, at] = [randomArray(random, subject), below(random, 7) - 2]
    const cell = space(16)
    const answer = call(
      'arrayItem',
      viewOf(value, array),
      kindOf(element),
      placesOf(element),
      at,
      cell,
    )
    const expected = scalarEntry('array_element(array,int4,...)').evaluate(
      [value, at],
      [array],
      element,
    )
    const lanes = (from: number): string =>
      Buffer.from(heap.u8.slice(from, from + 16)).toString('hex')
    const found = answer === 0 ? null : lanesShown(cell, element, lanes)
    return {
      found: answer === -1 ? undefined : found,
      expected: expected === null ? null : lanesShown(cellOf(expected, element), element, lanes),
      shown: [value, at],
    }
  },
  arrayPosition(random, subject) {
    const { element, array } = subject
    const [value, item] = [randomArray(random, subject), subject.pick(random)]
    const lanes = [viewOf(value, array), kindOf(element), placesOf(element), cellOf(item, element)]
    const from = below(random, 8) - 3
    const found = exact('arrayPosition', ...lanes, Number(item === null), from)
    const expected = attempt(() =>
      scalarEntry('array_position(array,any,int4)').evaluate(
        [value, item, from],
        [array, element, int4],
        int4,
      ),
    )
    const isThere = found !== -(2n ** 63n)
    return {
      found: found === -(2n ** 63n) + 1n ? undefined : isThere ? Number(found) : null,
      expected,
      shown: [value, item, from],
    }
  },
  arrayHolds(random, subject) {
    const { element, array } = subject
    const name = pick(random, ['@>', '&&'])
    const values = [randomArray(random, subject), randomArray(random, subject)]
    const views = values.map((value) => viewOf(value, array))
    const found = call('arrayHolds', ...views, kindOf(element), name === '@>' ? 0 : 1)
    const expected = scalarEntry(`${name}(array,array)`).evaluate(values, [array, array], bool)
    return { found: found === -1 ? undefined : found === 1, expected, shown: [name, ...values] }
  },
  arrayCompares(random, subject) {
    const { element, array } = subject
    const operator = pick(random, Object.keys(sidesOf) as (keyof typeof sidesOf)[])
    const quantifier = pick(random, ['any', 'all'])
    const [item, value] = [subject.pick(random), randomArray(random, subject)]
    const lanes = [viewOf(value, array), kindOf(element), placesOf(element), cellOf(item, element)]
    const more = [Number(item === null), sidesOf[operator], Number(quantifier === 'any')]
    const found = call('arrayCompares', ...lanes, ...more)
    const expected = scalarEntry(`${operator} ${quantifier}(any,array)`).evaluate(
      [item, value],
      [element, array],
      bool,
    )
    const shown = [operator, quantifier, item, value]
    return { found: found === -1 ? undefined : found === 2 ? null : found === 1, expected, shown }
  },
  arrayLikes(random) {
    const [operator, quantifier] = [
      pick(random, ['~~', '!~~', '~~*', '!~~*']),
      pick(random, ['any', 'all']),
    ]
    const type = arrayOf({ kind: 'text' })
    const item = pick(random, [null, '', 'ab', 'AbC', 'a%', 'äb', 'ÄB', 'x'.repeat(40)])
    const elements = Array.from({ length: below(random, 4) }, () =>
      pick(random, [null, '%', 'a_', 'A%', 'Ä%', 'x%x', '', 'b', 'a\\%', 'ab\\', '%B%']),
    )
    const dimensions = elements.length === 0 ? [] : [{ lower: 1, length: elements.length }]
    const value = below(random, 8) === 0 ? null : writeArrayText({ dimensions, elements })
    const lanes = [item === null ? 0n : placeText(item), Number(item === null), viewOf(value, type)]
    const more = [Number(operator.startsWith('!')), Number(quantifier === 'any')]
    const found = call('arrayLikes', ...lanes, ...more, operator.endsWith('*') ? space(512) : 0)
    const expected = attempt(() =>
      scalarEntry(`${operator} ${quantifier}(any,array)`).evaluate(
        [item, value],
        [text, type],
        bool,
      ),
    )
    const shown = [operator, quantifier, item, value]
    return { found: found === -1 ? undefined : found === 2 ? null : found === 1, expected, shown }
  },
  arrayCount(random, subject) {
    const value = randomArray(random, subject)
    const view = viewOf(value, subject.array)
    const found = [
      call('arrayCount', view),
      call('arrayDimensions', view) || null,
      ...[0, 1, 2, 3].flatMap((dimension) =>
        [0, 1, 2].map((what) => {
          const bound = exact('arrayBound', view, dimension, what)
          return bound === -(2n ** 63n) ? null : Number(bound)
        }),
      ),
    ]
    const ask = (id: string, ...more: readonly Scalar[]): Scalar =>
      scalarEntry(id).evaluate([value, ...more], [subject.array], int4)
    const bounds = ['array_length', 'array_lower', 'array_upper']
    const expected = [
      ask('cardinality(array)'),
      ask('array_ndims(array)'),
      ...[0, 1, 2, 3].flatMap((dimension) =>
        bounds.map((name) => ask(`${name}(array,int4)`, dimension)),
      ),
    ]
    return { found, expected, shown: value }
  },
  arrayOf(random, { element, array, pick: one }) {
    const values = Array.from({ length: 1 + below(random, 5) }, () => one(random))
    const cells = zeros(24 * values.length)
    values.forEach((value, index) => {
      const at = cells + 24 * index
      const own = cellOf(value, element)
      heap.u8.copyWithin(at, own, own + 16)
      heap.view.setInt32(at + 16, Number(value !== null), true)
    })
    const lanes = [kindOf(element), placesOf(element), cells, values.length]
    const view = exact('arrayOf', ...lanes, space(ROOM))
    const found = view === ELSEWHERE ? undefined : bytesOfView(view)
    const expected = scalarEntry('array_of(any,...)').evaluate(values, [element], array)
    return { found, expected: expectedBytes(expected, array), shown: values }
  },
}

/** The lanes of a value, a text as what it says. */
function lanesShown(
  at: number,
  element: ElementType,
  lanes: (at: number) => string,
): string | null {
  if (element.kind === 'text') return bytesOfView(heap.view.getBigUint64(at, true)) ?? ''
  const bytes =
    element.kind === 'numeric' || element.kind === 'uuid'
      ? 16
      : ['int4', 'date', 'bool', 'float4'].includes(element.kind)
        ? 4
        : 8
  return lanes(at).slice(0, 2 * bytes)
}

conformance([...Object.keys(trials), 'arrayBound', 'arrayDimensions'], () => {
  test.each(Object.entries(trials))('%s', (name, trial) => {
    const random = seededRandom(41)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const subject = subjects[round % subjects.length]!
      const { found, expected, shown } = trial(random, subject)
      if (found === undefined) left++
      else expect(found, `${name} of ${subject.element.kind}: ${show(shown)}`).toEqual(expected)
      arena.release()
    }
    expect(left, 'most values are not left to TypeScript').toBeLessThan(ROUNDS / 2)
  })

  test('many pairs of elements are left to TypeScript', () => {
    const value = `{${Array.from({ length: 300 }, (_, at) => at).join()}}`
    const view = viewOf(value, arrayOf({ kind: 'int4' }))
    expect(kernels.call('arrayHolds', view, view, valueKinds.integer32, 0)).toBe(-1)
  })
})

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}
