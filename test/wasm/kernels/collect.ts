import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { layOutRow } from '../../../src/compile/model/row-layout.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import {
  arrayOf,
  bool,
  bpchar,
  bytea,
  date,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  json,
  jsonb,
  numeric,
  oid,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  uuid,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { bytesOfScalar } from '../../../src/data/vectors/text-values.ts'
import { aggregateRows } from '../../../src/functions/aggregates/collect.ts'
import { aggregateFunctions } from '../../../src/functions/aggregates/aggregates.ts'
import type { CollectedForm } from '../../../src/functions/aggregate-form.ts'
import { kernelValues } from '../../../src/exec/breakers/kernel-values.ts'
import type { ThreadEnvironment } from '../../../src/exec/jobs/thread.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import type { Address } from '../../../src/data/vectors/vector.ts'
import {
  arena,
  below,
  conformance,
  heap,
  kernels,
  pick,
  placeIntegers,
  signed,
  zeros,
} from './bench.ts'

const decimal = (precision: number, scale: number): DataType => ({
  kind: 'decimal',
  precision,
  scale,
})

const texts = [
  '',
  'a',
  'NULL',
  'nUlL',
  'null ',
  'plain',
  'with blank',
  ' ',
  'a,b',
  '{}',
  '"quoted"',
  'back\\slash',
  'tab\t',
  '\n',
  '\u0001\u001f\u007f',
  '\b\f\r',
  'ä\u00a0\u2028',
  '😀"😀',
  'long enough for more than sixteen bytes',
  'long enough, "with" \\ and \u0002 in it for more than sixteen bytes',
]
const numbers = ['0', '-0.00', '1', '-1', '100', '0.05', '-123.4500', '99999999999999999999.5']
const wide = ['1e200', '-1e-300', '123456789012345678901234567890123456789012.25', '0.000']
const documents = ['[]', '{}', '[[]]', '"x\\u0041"', 'null', '1.50', '{"b": 1, "a": [true, null]}']

const texted =
  (items: readonly string[]) =>
  (random: Random, type: DataType): NonNullable<Scalar> =>
    present(parseScalar(pick(random, items), type), 'value')

const moment = (random: Random, per: bigint): bigint => {
  const shape = random.next()
  if (shape < 0.2)
    return pick(random, [0n, -1n, 1n, -62_135_596_800_000_000n, 951_782_399_999_990n])
  return (signed(random, 44) * 10_007n * per) / 10n
}

const floats = [0, -0, Number.NaN, Infinity, -Infinity, 0.1, 1e15, 123456, 1234567, 1e-5, 5e-324]

/** Any bits, few digits, edges. */
function randomFloat(random: Random): number {
  const shape = random.next()
  if (shape < 0.2) return pick(random, floats)
  if (shape < 0.5) return Number(signed(random, 40)) / 10 ** below(random, 12)
  if (shape < 0.6) return Number(signed(random, 64))
  return new Float64Array(BigInt64Array.of(signed(random, 64)).buffer)[0]!
}

/** How random values of a type are made. */
const values: readonly (readonly [
  DataType,
  (random: Random, type: DataType) => NonNullable<Scalar>,
])[] = [
  [bool, (random) => below(random, 2) === 1],
  [int2, (random) => Number(signed(random, 16))],
  [int4, (random) => Number(signed(random, 32))],
  [int8, (random) => signed(random, 64)],
  [oid, (random) => BigInt.asUintN(32, signed(random, 64))],
  [decimal(18, 4), (random) => signed(random, 60) % 10n ** 18n],
  [decimal(9, 0), (random) => signed(random, 60) % 10n ** 9n],
  [decimal(38, 10), (random) => signed(random, 127) % 10n ** 38n],
  [decimal(38, 38), (random) => signed(random, 127) % 10n ** 38n],
  [numeric, texted([...numbers, ...wide])],
  [float4, (random) => Math.fround(randomFloat(random))],
  [float8, randomFloat],
  [date, (random) => Number(signed(random, 22))],
  [time, (random) => BigInt(below(random, 86_400)) * 1_000_000n + BigInt(below(random, 3) * 450)],
  [timestamp, (random) => moment(random, 10n)],
  [timestamptz, (random) => moment(random, 1n)],
  [uuid, (random) => signed(random, 128)],
  [
    interval,
    (random) => ({
      months: Number(signed(random, pick(random, [6, 32]))),
      days: Number(signed(random, pick(random, [4, 32]))),
      micros: pick(random, [0n, 1n, 3_600_000_000n, signed(random, 40), signed(random, 64)]),
    }),
  ],
  [text, texted(texts)],
  [bpchar, texted([...texts, 'blanks  '])],
  [timetz, texted(['12:00:00+02', '00:00:00.5-11:30'])],
  [json, texted(documents)],
  [jsonb, texted(documents)],
]

const names = ['', 'a', 'b', 'ab', 'ba', 'name', 'namé', 'long name 1', 'long name 2', '"', 'x\ny']

function functionOf(name: string, first: DataType['kind'] | 'any') {
  const found = aggregateFunctions.find((fn) => fn.name === name && fn.args[0] === first)
  return present(found, `${name} of ${first}`)
}

interface Case {
  readonly name: string
  readonly types: readonly DataType[]
  readonly result: DataType
  readonly make: readonly ((random: Random) => Scalar)[]
}

function cases(random: Random): readonly Case[] {
  return values.flatMap(([type, make]): Case[] => {
    const value = (): Scalar => (below(random, 5) === 0 ? null : make(random, type))
    const name = (): Scalar => pick(random, names)
    const list = { types: [type], make: [value] }
    const members = { types: [text, type], make: [name, value] }
    return [
      { name: 'array_agg', ...list, result: arrayOf(type as never) },
      { name: 'json_agg', ...list, result: json },
      { name: 'json_object_agg', ...members, result: json },
      ...(type === json || type === jsonb
        ? []
        : [
            {
              name: 'json_object_agg',
              types: [type, text],
              make: [(): Scalar => make(random, type), name],
              result: json,
            },
          ]),
      ...(type === json
        ? []
        : [
            { name: 'jsonb_agg', ...list, result: jsonb },
            { name: 'jsonb_object_agg', ...members, result: jsonb },
          ]),
    ]
  })
}

const env = { heap, kernels } as unknown as ThreadEnvironment

type Groups = readonly (readonly (readonly Scalar[])[])[]

function aggregateOf({ name, types }: Case) {
  const [first = text] = types
  const kind = name === 'string_agg' || first.kind === 'array' ? first.kind : 'any'
  return functionOf(name, kind)
}

/** What kernels make of the rows of groups; undefined where they leave it to TypeScript. */
function made(item: Case, groups: Groups): readonly (Buffer | null)[] | undefined {
  const { types, result } = item
  const requests = types.map((type) => ({ id: 0 as ColumnId, type, nullable: true }))
  const layout = layOutRow(0, requests)
  const keeper = new WideNumerics(arena)
  const writers = layout.fields.map((field) => fieldWriter(heap, field, keeper))
  const all = groups.flat()
  const block = zeros(all.length * layout.rowBytes)
  const list = placeIntegers(
    all.map((row, number) => {
      const at = block + number * layout.rowBytes
      row.forEach((value, index) => writers[index]!(at, value))
      return at
    }),
    4,
  )
  const first = 7
  let end = first
  const ends = placeIntegers(
    groups.map((rows) => (end += rows.length)),
    4,
  )
  const [target] = layOutRow(8, [{ id: 0 as ColumnId, type: result, nullable: true }]).fields
  const form = aggregateOf(item).form as CollectedForm
  const making = {
    made: present(form.made, 'what is made'),
    layout,
    args: layout.fields,
    target: present(target, 'field'),
  }
  const maker = present(kernelValues(env, arena, making, keeper), 'kernels')
  const cells = zeros(groups.length * 32) as Address
  const page = { address: cells, rows: groups.length, rowBytes: 32 }
  const listed = { list: list as Address, ends: ends as Address, first }
  if (!maker.make(listed, page)) return undefined
  return groups.map((_, group) => {
    const at = cells + group * 32
    if (heap.u8[at + making.target.validOffset!] === 0) return null
    const view = at + making.target.lanes[0]!.offset
    const from = heap.view.getUint32(view, true)
    return Buffer.from(heap.u8.slice(from, from + heap.view.getUint32(view + 4, true)))
  })
}

/** What kernels make of rows, and what TypeScript makes of them, both group by group. */
function both(item: Case, groups: Groups) {
  const { types, result } = item
  const typed = { types, args: types.length, order: [], distinct: false, result, constants: [] }
  const expected = groups.map((rows) => {
    const value = aggregateRows(aggregateOf(item), typed, rows)
    return value === null ? null : Buffer.from(bytesOfScalar(value, result))
  })
  return { expected, found: made(item, groups) }
}

conformance(['collectBytes', 'collectGroups', 'collectNames'], () => {
  test('arrays and JSON of rows are those of TypeScript, byte by byte', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 4; round++) {
      for (const item of cases(random)) {
        const groups = Array.from({ length: 1 + below(random, 5) }, () =>
          Array.from({ length: pick(random, [0, 1, 2, 5, 40]) }, () =>
            item.make.map((make) => make(random)),
          ),
        )
        const { expected, found } = both(item, groups)
        const kinds = item.types.map(({ kind }) => kind).join()
        // jsonb has no exponents: floats that have one are TypeScript's.
        const isTheirs = kinds.includes('float') && item.result === jsonb
        if (!isTheirs || found !== undefined) {
          expect(found, `${item.name} of ${kinds}`).toEqual(expected)
        }
      }
    }
  })

  test('floats have the shortest text that reads back', () => {
    const random = seededRandom(5)
    for (const type of [float4, float8]) {
      const item: Case = {
        name: 'array_agg',
        types: [type],
        result: arrayOf(type as never),
        make: [],
      }
      const rows = Array.from({ length: 20_000 }, () => {
        const value = randomFloat(random)
        return [type === float4 ? Math.fround(value) : value]
      })
      const { expected, found } = both(item, [rows])
      expect(found?.[0]?.equals(expected[0]!)).toBe(true)
    }
  })

  test('jsonb has no exponents and no negative zero', () => {
    const item: Case = { name: 'jsonb_agg', types: [float8], result: jsonb, make: [] }
    const { expected, found } = both(item, [[[-0], [0.25], [Number.NaN], [-123.5]]])
    expect(found).toEqual(expected)
    expect(made(item, [[[1e20]]])).toBeUndefined()
  })

  test('texts and bytes are joined, each behind its own separator', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 100; round++) {
      const isText = below(random, 2) === 0
      const type = isText ? text : bytea
      const one = (): Scalar => {
        const value = pick(random, ['', 'a', 'ä', 'long '.repeat(20)])
        return isText ? value : Buffer.from(value)
      }
      const separator = (): Scalar => (below(random, 4) === 0 ? null : one())
      const item: Case = {
        name: 'string_agg',
        types: [type, type],
        result: type,
        make: [one, separator],
      }
      const groups = Array.from({ length: 1 + below(random, 6) }, () =>
        Array.from({ length: below(random, 9) }, () => [one(), separator()]),
      )
      const { expected, found } = both(item, groups)
      expect(found).toEqual(expected)
    }
  })

  test('many names are put in order, of equal ones the last stays', () => {
    const random = seededRandom(3)
    const item: Case = { name: 'jsonb_object_agg', types: [text, int4], result: jsonb, make: [] }
    const rows = Array.from({ length: 3_000 }, (_, row) => [
      `${pick(random, ['', 'k', 'a long beginning of a name '])}${below(random, 1_500)}`,
      row,
    ])
    const { expected, found } = both(item, [rows, rows.slice(0, 100), []])
    expect(found).toEqual(expected)
  })

  test('arrays are put into arrays of the same dimensions', () => {
    const random = seededRandom(4)
    const shapes: readonly (readonly [DataType, readonly string[]])[] = [
      [arrayOf(int4 as never), ['{1}', '{-7}', '{NULL}']],
      [arrayOf(int4 as never), ['{1,2}', '{0,NULL}', '{1,1}']],
      [arrayOf(int4 as never), ['{{1},{2}}', '{{NULL},{3}}']],
      [arrayOf(int4 as never), ['{{1,2}}', '{{0,-1}}']],
      [arrayOf(text as never), ['{"{",""}', '{a,"\\""}']],
      [arrayOf(bool as never), ['{{{{{t}}}}}', '{{{{{f}}}}}']],
    ]
    for (const [type, items] of shapes) {
      const item: Case = { name: 'array_agg', types: [type], result: type, make: [] }
      const groups = [1, 2, 9].map((count) =>
        Array.from({ length: count }, () => [texted(items)(random, type)]),
      )
      const { expected, found } = both(item, groups)
      expect(found).toEqual(expected)
    }
  })

  test('what has errors or bounds of its own is left to TypeScript', () => {
    const type = arrayOf(int4 as never)
    const item: Case = { name: 'array_agg', types: [type], result: type, make: [] }
    const groups = [
      ['{{{{{{1}}}}}}'],
      ['[2:3]={1,2}'],
      ['{1}', '{1,2}'],
      ['{1}', '{{1}}'],
      ['{}'],
      [null],
    ]
    for (const rows of groups) {
      expect(made(item, [rows.map((row) => [row])]), String(rows)).toBeUndefined()
    }
  })

  test('names are not NULL, and very long ones are left to TypeScript', () => {
    const item: Case = { name: 'jsonb_object_agg', types: [text, int4], result: jsonb, make: [] }
    const long = ['x'.repeat(65_535), 1]
    expect(made({ ...item, name: 'json_object_agg' }, [[[null, 1]]])).toBeUndefined()
    expect(made(item, [[[null, 1]]])).toBeUndefined()
    expect(made(item, [[['a', 1]], [long]])).toBeUndefined()
  })
})
