import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import {
  allocateChunks,
  describeChunks,
  finishChunks,
  type AllocatedChunks,
  type HeapRange,
} from '../../../src/data/chunks/chunk-layout.ts'
import { parseChunksHeader } from '../../../src/cluster/comm/chunks-header.ts'
import { decodeMessage, encodeMessage } from '../../../src/cluster/comm/codec.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { wideBytesOf } from '../../../src/data/vectors/numeric-slots.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../../src/data/vectors/vector.ts'
import { arrayOf, recordOf, text } from '../../../src/data/types/data-type.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'

const from = new Heap(Heap.createMemory(1 << 26))
const to = new Heap(Heap.createMemory(1 << 26))

/** Sends chunks from one heap to another, as two processes would; `change` sees them before any check. */
function carried(
  chunks: readonly Chunk[],
  change: (ranges: readonly HeapRange[]) => void = () => {},
): AllocatedChunks {
  const { header, ranges } = describeChunks(from, chunks)
  const bytes = ranges.flatMap(({ start, bytes }) => [...from.u8.subarray(start, start + bytes)])
  const received = parseChunksHeader(decodeMessage(encodeMessage(header)))
  const allocated = allocateChunks(to, received)
  let at = 0
  for (const range of allocated.ranges) {
    to.u8.set(bytes.slice(at, at + range.bytes), range.start)
    at += range.bytes
  }
  expect(at).toBe(bytes.length)
  try {
    change(allocated.ranges)
    for (const range of allocated.ranges) range.check?.()
    finishChunks(to, allocated)
  } catch (error) {
    to.free(allocated.block)
    throw error
  }
  return allocated
}

describe('chunks on the way', () => {
  test('types that statements made arrive with all that they say', () => {
    const mood = {
      kind: 'enum' as const,
      id: 16_386,
      name: 'mood',
      labels: [
        { code: -5, label: 'sad' },
        { code: 7, label: 'ok' },
      ],
    }
    const item = recordOf([{ name: 'feels', type: mood }], 'item', 16_388)
    const arena = new Arena(from)
    const columns = [
      vectorFromScalars(arena, mood, [7, null, -5]),
      vectorFromScalars(arena, item, ['(ok)', '(sad)', null]),
    ]
    const { chunks, block } = carried([{ rows: 3, columns, statistics: undefined }])
    expect(chunks[0]?.columns.map(({ type }) => type)).toEqual([mood, item])
    expect(chunks[0]?.columns.map((column) => scalarsOf(to, column))).toEqual([
      [7, null, -5],
      ['(ok)', '(sad)', null],
    ])
    to.free(block)
    arena.release()
  })

  test('every type and layout arrives, NULLs included', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const arena = new Arena(from)
      const random = seededRandom(seed)
      const chunks = [0, 1, 70].map((rows) => chunkOfEverything(arena, random, rows).chunk)
      const { chunks: arrived, block } = carried(chunks)
      const values = (heap: Heap, all: readonly Chunk[]) =>
        all.map(({ rows, columns }) => ({
          rows,
          columns: columns.map((column) => [column.layout, column.type, scalarsOf(heap, column)]),
        }))
      expect(values(to, arrived), `seed ${seed}`).toEqual(values(from, chunks))
      to.free(block)
      arena.release()
    }
  })

  test('a dictionary that chunks share travels once and is shared again', () => {
    const arena = new Arena(from)
    const { chunk } = chunkOfEverything(arena, seededRandom(2), 50)
    const column = chunk.columns.find(({ dictionary }) => dictionary !== undefined)!
    const one: Chunk = { rows: 50, columns: [column], statistics: undefined }
    expect(describeChunks(from, [one, one]).header.dictionaries).toHaveLength(1)
    const { chunks } = carried([one, one])
    expect(chunks[0]!.columns[0]!.dictionary).toBe(chunks[1]!.columns[0]!.dictionary)
    arena.release()
  })

  test('statistics arrive, open bounds included', () => {
    const statistics = [
      { min: -(2n ** 70n), max: 5n, nullCount: 1, distinct: 2.5, ascending: true },
      { min: undefined, max: undefined, nullCount: 0, distinct: undefined, ascending: false },
    ]
    const { chunks } = carried([{ rows: 3, columns: [], statistics }])
    expect(chunks).toEqual([{ rows: 3, columns: [], statistics }])
  })
})

test('numerics that are not what was announced are refused', () => {
  const arena = new Arena(from)
  const type = { kind: 'numeric' } as const
  const values = [{ unscaled: 10n ** 60n + 1n, scale: 0 }, null, { unscaled: 7n, scale: 300 }]
  const column = vectorFromScalars(arena, type, values)
  const { header, ranges } = describeChunks(from, [
    { rows: 3, columns: [column], statistics: undefined },
  ])
  expect(ranges.map(({ bytes }) => bytes)).toEqual([1, 48, 47, 17])
  for (const [slot, bytes] of [
    [0, 48],
    [0, 15],
    [2, 16],
  ] as const) {
    const allocated = allocateChunks(to, header)
    const [, slots] = allocated.ranges
    to.u8.set(from.u8.subarray(column.values, column.values + 48), slots!.start)
    to.view.setUint32(slots!.start + 16 * slot + 4, bytes, true)
    expect(() => finishChunks(to, allocated)).toThrow('protocol violation')
    to.free(allocated.block)
  }
  arena.release()
})

const numerics: readonly (readonly [string, (view: DataView, at: number) => void])[] = [
  ['more places than there may be', (view, at) => view.setUint16(at, 16_384, true)],
  ['an exponent beyond all digits', (view, at) => view.setInt32(at + 4, 131_072, true)],
  ['an exponent below the last place', (view, at) => view.setInt32(at + 4, -1, true)],
  ['a digit that is none', (view, at) => view.setUint8(at + 16, 100)],
]
test.each(numerics)('a numeric that cannot be: %s', (_name, change) => {
  const arena = new Arena(from)
  const column = vectorFromScalars(arena, { kind: 'numeric' }, [
    { unscaled: 10n ** 60n + 1n, scale: 0 },
  ])
  const sent = [{ rows: 1, columns: [column], statistics: undefined }]
  to.free(carried(sent).block)
  const run = () => carried(sent, ([, wide]) => change(to.view, wide!.start))
  expect(run).toThrow('protocol violation')
  arena.release()
})

describe('buffers that lead elsewhere', () => {
  const arena = new Arena(from)
  const strings = vectorFromScalars(arena, text, ['one', null, 'three', ''])
  const dictionary = vectorFromScalars(arena, text, ['one', 'two', 'three'])
  const keyed = vectorFromScalars(arena, arrayOf({ kind: 'int4' }), ['{1}', null, '{}', '{2}'])
  const codes = arena.allocate(16)
  from.u32.set([2, 0, 1, 2], codes >>> 2)
  const coded: Vector = {
    ...strings,
    layout: 'dict32',
    offsets: NO_ADDRESS,
    values: codes,
    dictionary,
  }

  /** Sends one column, after `change` of its buffers; the first error of the receiver. */
  function receive(column: Vector, change: (ranges: readonly HeapRange[]) => void): void {
    const { block } = carried([{ rows: 4, columns: [column], statistics: undefined }], change)
    to.free(block)
  }

  const offsetsAre =
    (...offsets: readonly number[]) =>
    ([, range]: readonly HeapRange[]): void =>
      to.u32.set(offsets, range!.start >>> 2)
  const codesAre =
    (...given: readonly number[]) =>
    (ranges: readonly HeapRange[]): void =>
      to.u32.set(given, ranges.at(-1)!.start >>> 2)
  /** What the last value says of its key. */
  const keyIs =
    (length: number) =>
    (ranges: readonly HeapRange[]): void => {
      const { start, bytes } = ranges.at(-1)!
      to.view.setUint32(start + bytes - 4, length, true)
    }
  const hostile: readonly (readonly [string, Vector, (ranges: readonly HeapRange[]) => void])[] = [
    ['offsets that fall', strings, offsetsAre(0, 3, 2, 8, 8)],
    ['an offset behind the text', strings, offsetsAre(0, 3, 9, 8, 8)],
    ['a last offset behind the text', strings, offsetsAre(0, 3, 3, 8, 9)],
    ['a last offset before its end', strings, offsetsAre(0, 3, 3, 7, 7)],
    ['an offset that is negative', strings, offsetsAre(-4, 3, 3, 8, 8)],
    ['a key that is longer than its value', keyed, keyIs(100)],
    ['a key of gigabytes', keyed, keyIs(0xffff_fff0)],
    ['a key that takes in its length', keyed, keyIs(19)],
    ['a code that there is not', coded, codesAre(2, 0, 3, 2)],
    ['a code far away', coded, codesAre(2, 0, 0xffff_ffff, 2)],
    ['a code of a NULL that there is not', coded, codesAre(2, 9, 1, 2)],
  ]
  test.each(hostile)('%s', (_name, column, change) => {
    expect(() => receive(column, change)).toThrow('protocol violation')
  })

  test.each([strings, coded, keyed])('as they were they are fine', (column) => {
    expect(() => receive(column, () => {})).not.toThrow()
  })

  test('bytes changed at random are refused, or lead nowhere else', () => {
    const random = seededRandom(31)
    const below = (limit: number): number => Math.floor(random.next() * limit)
    let refused = 0
    for (let round = 0; round < 400; round++) {
      const { chunk } = chunkOfEverything(arena, random, 1 + below(40))
      for (const column of chunk.columns) {
        const sent = [{ rows: chunk.rows, columns: [column], statistics: undefined }]
        try {
          const allocated = carried(sent, (ranges) => {
            const { start, bytes } = ranges[below(ranges.length)]!
            to.u8[start + below(bytes)] = below(256)
          })
          for (const [at, size] of reads(allocated.chunks[0]!.columns[0]!)) {
            if (size === 0) continue
            expect(at).toBeGreaterThanOrEqual(allocated.block)
            expect(at + size).toBeLessThanOrEqual(allocated.block + blockBytes(allocated))
          }
          to.free(allocated.block)
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
  })

  test('NULLs into an empty dictionary lead to an empty text', () => {
    const nobody = vectorFromScalars(arena, text, [])
    from.u32.fill(0, codes >>> 2, (codes >>> 2) + 4)
    const validity = arena.allocateZeroed(1)
    const column: Vector = { ...coded, validity, dictionary: nobody }
    const { chunks, block } = carried([{ rows: 4, columns: [column], statistics: undefined }])
    const { offsets } = chunks[0]!.columns[0]!.dictionary!
    expect([...to.u32.subarray(offsets >>> 2, (offsets >>> 2) + 2)]).toEqual([0, 0])
    to.free(block)
  })

  /** Every run of bytes that a reader of a column would go to. */
  function reads(vector: Vector): readonly (readonly [at: number, bytes: number])[] {
    const rows = Array.from({ length: vector.length }, (_, row) => row)
    const textAt = ({ offsets, values }: Vector, entry: number) => {
      const [begin, end] = to.u32.subarray((offsets >>> 2) + entry, (offsets >>> 2) + entry + 2)
      return [values + begin!, end! - begin!] as const
    }
    switch (vector.layout) {
      case 'utf8':
        return rows.map((row) => textAt(vector, row))
      case 'dict8':
        return rows.map((row) => textAt(vector.dictionary!, to.u8[vector.values + row]!))
      case 'dict16':
        return rows.map((row) =>
          textAt(vector.dictionary!, to.view.getUint16(vector.values + 2 * row, true)),
        )
      case 'dict32':
        return rows.map((row) => textAt(vector.dictionary!, to.u32[(vector.values >>> 2) + row]!))
      case 'numeric':
        return rows
          .map((row) => vector.values + 16 * row)
          .filter((slot) => wideBytesOf(to.view, slot) > 0)
          .map((slot) => [to.view.getUint32(slot, true), wideBytesOf(to.view, slot)] as const)
      default:
        return []
    }
  }

  function blockBytes({ ranges, block }: AllocatedChunks): number {
    const { start, bytes } = ranges.at(-1)!
    return start + bytes + 64 - block
  }
})

describe('headers that cannot be', () => {
  const vector = {
    type: { kind: 'int4' },
    layout: 'i32',
    length: 2,
    hasValidity: false,
    textBytes: 0,
    wideBytes: 0,
    dictionary: -1,
  }
  const header = (change: object, bytes = 8, dictionaries: readonly object[] = []) => ({
    dictionaries,
    chunks: [{ rows: 2, columns: [{ ...vector, ...change }], statistics: undefined }],
    bytes,
  })
  const wrong: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['bytes that do not add up', header({}, 9)],
    ['a layout that does not exist', header({ layout: 'i24' })],
    ['a layout by inheritance', header({ layout: 'toString' })],
    ['a negative length', header({ length: -2 })],
    ['another length than the chunk', header({ length: 3 }, 12)],
    ['codes without a dictionary', header({ layout: 'dict32' })],
    ['a dictionary that is not there', header({ layout: 'dict32', dictionary: 1 }, 16, [vector])],
    ['a fraction', header({ length: 1.5 })],
    ['a type that does not exist', header({ type: { kind: 'int5' } })],
    ['a type by inheritance', header({ type: { kind: 'toString' } })],
    ['text where numbers should be', header({ type: { kind: 'text' } })],
    ['numbers where text should be', header({ layout: 'utf8' }, 12)],
    ['floats where integers should be', header({ layout: 'f32' })],
    [
      'a dictionary of numbers',
      header({ type: { kind: 'text' }, layout: 'dict32', dictionary: 0 }, 16, [vector]),
    ],
    [
      'statistics of another number of columns',
      { ...header({}), chunks: [{ ...header({}).chunks[0], statistics: [] }] },
    ],
    ['a decimal of 77 digits', header({ type: { kind: 'decimal', precision: 77, scale: 0 } })],
    ['more than memory', header({ length: 2 ** 31 + 1 }, 2 ** 33)],
  ]
  test.each(wrong)('%s', (_name, value) => {
    expect(() => parseChunksHeader(value)).toThrow('protocol violation')
  })

  test('the one that they were made from is fine', () => {
    expect(parseChunksHeader(header({})).bytes).toBe(8)
  })
})
