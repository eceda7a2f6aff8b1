import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { writeArrayText, type ArrayDimension } from '../../../src/data/types/array-text.ts'
import { laneOffset, markOf, wordsOfArray } from '../../../src/compile/wasm/scope/array-fields.ts'
import { layOutRow, type RowField, type RowLayout } from '../../../src/compile/model/row-layout.ts'
import {
  arrayOf,
  bool,
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  numeric,
  text,
  timestamp,
  uuid,
  type DataType,
  type ElementType,
} from '../../../src/data/types/data-type.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { address } from '../../../src/data/vectors/vector.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { ArrayWalk, arraysOf } from '../../../src/exec/breakers/array-walk.ts'
import type { Driving } from '../../../src/exec/breakers/breaker.ts'
import { fieldReader } from '../../../src/exec/rows/row-values.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import { arrayRows as entries } from '../../../src/functions/tables/arrays.ts'
import { rowsSideBySide } from '../../../src/functions/tables/side-by-side.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import { arena, below, conformance, heap, kernels, pick, space, zeros } from './bench.ts'

const ROUNDS = 300
const unnest = present(
  entries.find(({ name }) => name === 'unnest'),
  'entry of unnest',
)

/** Values of each type that are elements; with others the rest of a row is left to TypeScript. */
const members: readonly (readonly [DataType, readonly string[]])[] = [
  [int2, ['1', '-32768']],
  [int4, ['1', '2', '-3', '2147483647', '-2147483648']],
  [int8, ['0', '7', '-9223372036854775808']],
  [text, ['', 'a', 'NULL', 'with blank', '"', '\\', 'ä,b', '{}', 'longer than sixteen bytes']],
  [numeric, ['0', '1', '1.0', '-2.50', '1e-9', '123456789012345678901234567890']],
  [decimal(12, 2), ['0', '1.5', '-1234.25']],
  [decimal(30, 2), ['0', '-1.5', '1234567890123456789012345.25']],
  [float8, ['0', '-0', '1.5', 'NaN', '-Infinity', '1e300']],
  [float4, ['0', '-0', '1.5', '0.1', '-3']],
  [bool, ['t', 'f']],
  [uuid, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '00000000-0000-0000-0000-000000000001']],
  [date, ['2024-02-29', '0001-01-01 BC']],
  [timestamp, ['2024-02-29 10:00:00', '1969-12-31 23:59:59.5']],
]

function randomArray(random: Random, [type, items]: (typeof members)[number]): string | null {
  const shape = below(random, 10)
  if (shape === 0) return null
  const several: readonly ArrayDimension[] = [
    { lower: 1, length: 1 + below(random, 3) },
    { lower: below(random, 2), length: 1 + below(random, 3) },
  ]
  const dimensions =
    shape === 1 ? [] : shape < 4 ? several : [{ lower: shape - 4, length: 1 + below(random, 9) }]
  const count = dimensions.reduce((product, { length }) => product * length, Math.sign(shape - 1))
  const elements = Array.from({ length: count }, () => {
    if (below(random, 6) === 0) return null
    return formatScalar(parseScalar(pick(random, items), type)!, type)
  })
  return writeArrayText({ dimensions, elements })
}

const readerOf = (field: RowField): ((row: number) => Scalar) => fieldReader(heap, field)

/** All that a walk makes of rows of a layout, at most so many at once; TypeScript makes what is left to it. */
function walked(
  walk: ArrayWalk,
  { fields, rowBytes }: RowLayout,
  page: { readonly at: number; readonly rows: number },
  rest: (row: number, made: number) => readonly (readonly Scalar[])[],
  most: number,
): readonly (readonly Scalar[])[] {
  const found: (readonly Scalar[])[] = []
  const shown = fields.map(readerOf)
  walk.begin({ address: address(page.at), rows: page.rows })
  for (;;) {
    const target = space(most * rowBytes)
    const written = walk.write(target, most)
    for (let row = 0; row < written; row++) {
      found.push(shown.map((read) => read(target + row * rowBytes)))
    }
    expect(heap.u8[target + most * rowBytes]).toBe(0x5a)
    const left = walk.takeLeft()
    if (left !== undefined) found.push(...rest(left.row, left.made))
    else if (walk.isDone) return found
    else expect(written).toBe(most)
  }
}

conformance(['arrayRows'], () => {
  test('rows for the elements of arrays side by side', () => {
    const random = seededRandom(43)
    const driving = { env: { heap, kernels }, work: arena } as unknown as Driving
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const kinds = Array.from({ length: 1 + below(random, 3) }, () => pick(random, members))
      const types = [int8, ...kinds.flatMap(([type]) => [arrayOf(type as ElementType), type]), int8]
      const layout = layOutRow(
        12,
        types.map((type, index) => ({ id: index as ColumnId, type, nullable: true })),
      )
      const { fields, rowBytes } = layout
      const calls = kinds.map((_, at) => ({
        fn: unnest,
        args: [1 + 2 * at],
        outputs: [2 + 2 * at],
      }))
      const rows = below(random, 6)
      const at = zeros(rows * rowBytes)
      const writers = fields.map((field) => fieldWriter(heap, field, new WideNumerics(arena)))
      const ofRow = new Map<number, readonly (readonly Scalar[])[]>()
      for (let row = 0; row < rows; row++) {
        const arrays = kinds.map((kind) => randomArray(random, kind))
        const place = at + row * rowBytes
        writers[0]!(place, BigInt(row))
        arrays.forEach((array, index) => writers[1 + 2 * index]!(place, array))
        const given = arrays.map((array, index) => ({
          fn: unnest,
          args: [array],
          types: [types[1 + 2 * index]!],
        }))
        const made = [...rowsSideBySide(given)].map((values, index) => [
          BigInt(row),
          ...values,
          BigInt(index + 1),
        ])
        ofRow.set(place, made)
      }
      const ordinality = fields.length - 1
      const walk = new ArrayWalk(driving, { layout, ordinality }, arraysOf({ calls, layout })!)
      const shown: RowLayout = {
        rowBytes,
        fields: fields.filter((_, index) => index % 2 === 0 || index === ordinality),
      }
      const found = walked(
        walk,
        { rowBytes, fields: shown.fields },
        { at, rows },
        (row, made) => {
          left++
          return ofRow.get(row)!.slice(made)
        },
        pick(random, [1, 3, 100]),
      )
      expect(found, kinds.map(([type]) => type.kind).join()).toEqual([...ofRow.values()].flat())
      arena.release()
    }
    expect(left, 'most rows are not left to TypeScript').toBeLessThan(ROUNDS / 2)
  })
})

/** The kinds whose elements are all made without TypeScript and without their texts. */
const plain = members.filter(([{ kind }]) =>
  ['int2', 'int4', 'int8', 'text', 'float8', 'date', 'timestamp'].includes(kind),
)

conformance(['elementRows'], () => {
  test('rows for the elements of one array', () => {
    const random = seededRandom(44)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const kind = pick(random, members)
      const [type] = kind
      const types = [arrayOf(type as ElementType), type]
      const requests = types.map((one, index) => ({
        id: index as ColumnId,
        type: one,
        nullable: true,
      }))
      const { fields, rowBytes } = layOutRow(0, requests)
      const [array, element] = [present(fields[0], 'array'), present(fields[1], 'element')]
      const given = randomArray(random, kind)
      if (given === null) continue
      const at = zeros(rowBytes)
      fieldWriter(heap, array, new WideNumerics(arena))(at, given)
      const view = heap.view.getBigUint64(at + laneOffset(array), true)
      const room = pick(random, [1, 4, 100])
      const target = space(room * rowBytes)
      const word = present(wordsOfArray({ array, element })[2], 'kind')
      const place = [laneOffset(element), markOf(element)] as const
      const made = kernels.call('elementRows', view, word, target, rowBytes, ...place, room)
      expect(heap.u8[target + room * rowBytes]).toBe(0x5a)
      if (made < 0) {
        left += Number(plain.includes(kind))
        continue
      }
      const args = [{ fn: unnest, args: [given], types: [types[0]!] }]
      const read = readerOf(element)
      const found = Array.from({ length: made }, (_, row) => [read(target + row * rowBytes)])
      expect(found, type.kind).toEqual([...rowsSideBySide(args)])
      arena.release()
    }
    expect(left, 'most arrays of plain kinds are not left out').toBeLessThan(ROUNDS / 2)
  })

  test('texts of all lengths, up to the last byte of an array', () => {
    const type = arrayOf(text as ElementType)
    const lengths = [0, 1, 15, 16, 17, 40, 63, 64, 65, 130, 200]
    for (const first of lengths) {
      for (const last of [...lengths, undefined]) {
        const elements = [first, undefined, 3, last].map((length) =>
          length === undefined ? 'NULL' : `"${'x'.repeat(length)}"`,
        )
        const given = parseScalar(`{${elements.join()}}`, type)
        const { fields, rowBytes } = layOutRow(
          0,
          [type, text].map((one, at) => ({ id: at as ColumnId, type: one, nullable: true })),
        )
        const [array, element] = [present(fields[0], 'array'), present(fields[1], 'element')]
        const at = zeros(rowBytes)
        fieldWriter(heap, array, new WideNumerics(arena))(at, given)
        const view = heap.view.getBigUint64(at + laneOffset(array), true)
        const target = space(4 * rowBytes)
        const word = present(wordsOfArray({ array, element })[2], 'kind')
        const place = [laneOffset(element), markOf(element)] as const
        expect(kernels.call('elementRows', view, word, target, rowBytes, ...place, 4)).toBe(4)
        const read = readerOf(element)
        const found = elements.map((_, row) => String(read(target + row * rowBytes)))
        expect(found).toEqual(elements.map((one) => (one === 'NULL' ? 'null' : one.slice(1, -1))))
        arena.release()
      }
    }
  })
})
