import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { ScanRequest, WantedValues } from '../../../src/io/scan/source.ts'
import {
  deltaPacked,
  hybrid,
  little,
  packed,
  parquetFile,
  plainTexts,
  type TestColumn,
  type TestPage,
} from './parquet-writer.ts'
import { eachChunk, environment, fileEntry, readAll, scanOf } from './reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-pages-'))
afterAll(() => rmSync(folder, { recursive: true }))
const env = environment()
let files = 0

async function read(rows: number, ...columns: readonly TestColumn[]): Promise<Scalar[][]> {
  const path = join(folder, `${files++}.parquet`)
  writeFileSync(path, parquetFile(rows, columns))
  try {
    return readAll(env, await scanOf([fileEntry(path)]))
  } finally {
    expect(env.heap.bytesInUse).toBe(0)
  }
}

const int32 = { name: 'v', physical: 1 }
const int64 = { name: 'v', physical: 2 }
const text = { name: 'v', physical: 6, converted: 0 }

function plainPage(values: readonly number[], bytes: number): TestPage {
  const encoded = values.flatMap((value) => little(value, bytes))
  return { kind: 'data', rows: values.length, encoding: 0, values: encoded }
}

function numbers(length: number, valueAt: (index: number) => number): number[] {
  return Array.from({ length }, (_, index) => valueAt(index))
}

describe('pages of every kind', () => {
  test('many small pages of odd sizes make one column', async () => {
    const values = numbers(1000, (i) => i * 37 - 5000)
    const pages: TestPage[] = []
    for (let at = 0, size = 1; at < values.length; at += size, size = (size % 29) + 3) {
      pages.push(plainPage(values.slice(at, at + size), 4))
    }
    expect(await read(1000, { ...int32, pages })).toEqual([values])
  })

  test('NULLs in pages of odd sizes, in both page versions', async () => {
    const random = seededRandom(11)
    const expected: (number | null)[] = []
    const pages: TestPage[] = []
    for (let rows = 1; rows < 60; rows += 3) {
      const valid = Array.from({ length: rows }, () => random.next() < 0.7)
      const present = valid.filter(Boolean).map((_, i) => rows * 100 + i)
      let next = 0
      expected.push(...valid.map((is) => (is ? (present[next++] ?? 0) : null)))
      const kind = rows % 2 === 0 ? 'data' : 'data-v2'
      const values = present.flatMap((value) => little(value, 4))
      pages.push({ kind, rows, encoding: 0, valid, values })
    }
    const column = { ...int32, nullable: true, pages }
    expect(await read(expected.length, column)).toEqual([expected])
  })

  test('dictionary pages and plain pages in one text column', async () => {
    const dictionary = ['red', 'green', '', 'blue and long enough to take more than sixteen bytes']
    const codes = numbers(50, (i) => (i * 7) % 4)
    const plain = numbers(30, (i) => i).map((i) => `plain ${i}`)
    const pages: TestPage[] = [
      { kind: 'dictionary', rows: 4, encoding: 0, values: plainTexts(dictionary) },
      { kind: 'data', rows: 50, encoding: 8, values: [2, ...hybrid(codes, 2)] },
      { kind: 'data', rows: 30, encoding: 0, values: plainTexts(plain) },
      { kind: 'data', rows: 50, encoding: 8, values: [2, ...hybrid(codes, 2)] },
    ]
    const words = codes.map((code) => dictionary[code])
    expect(await read(130, { ...text, pages })).toEqual([[...words, ...plain, ...words]])
  })

  test('codes wider than the dictionary needs', async () => {
    for (const bits of [3, 9, 12, 17, 26, 32]) {
      const codes = numbers(100, (i) => (i * 5) % 3)
      const pages: TestPage[] = [
        { kind: 'dictionary', rows: 3, encoding: 0, values: plainTexts(['a', 'b', 'c']) },
        { kind: 'data', rows: 100, encoding: 8, values: [bits, ...hybrid(codes, bits)] },
      ]
      const expected = codes.map((code) => 'abc'[code])
      expect(await read(100, { ...text, pages }), `${bits} bits`).toEqual([expected])
    }
  })

  test('numbers by dictionary, with NULLs', async () => {
    const valid = numbers(40, (i) => i % 3).map((i) => i > 0)
    const present = valid.filter(Boolean).length
    const codes = numbers(present, (i) => i % 5)
    const dictionary = [7, -300, 5, 100_000, 9]
    const pages: TestPage[] = [
      { kind: 'dictionary', rows: 5, encoding: 0, values: dictionary.flatMap((v) => little(v, 4)) },
      { kind: 'data', rows: 40, encoding: 8, valid, values: [3, ...hybrid(codes, 3)] },
    ]
    let next = 0
    const expected = valid.map((is) => (is ? dictionary[next++ % 5] : null))
    expect(await read(40, { ...int32, nullable: true, pages })).toEqual([expected])
  })

  test('DELTA_BYTE_ARRAY', async () => {
    const words = ['', 'a', 'abandon', 'abandoned', 'abbey', 'zoo', 'zoom', 'zoo', 'é']
    const encoder = new TextEncoder()
    const bytes = words.map((word) => encoder.encode(word))
    const prefixes = bytes.map((word, i) => {
      const before = bytes[i - 1] ?? new Uint8Array()
      let same = 0
      while (same < word.length && same < before.length && word[same] === before[same]) same++
      return same
    })
    const suffixes = bytes.map((word, i) => word.slice(prefixes[i]))
    const values = [
      ...deltaPacked(prefixes),
      ...deltaPacked(suffixes.map((suffix) => suffix.length)),
      ...suffixes.flatMap((suffix) => [...suffix]),
    ]
    const pages: TestPage[] = [{ kind: 'data-v2', rows: words.length, encoding: 7, values }]
    expect(await read(words.length, { ...text, pages })).toEqual([words])
  })

  test('DELTA_BINARY_PACKED with extreme differences', async () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]
    const lists: readonly (readonly bigint[])[] = [
      [5n],
      [least, most, 0n, most, least, -1n],
      Array.from({ length: 700 }, (_, i) => BigInt(i) * 1_000_003n),
      Array.from({ length: 129 }, (_, i) => (i % 2 === 0 ? least : most)),
      Array.from({ length: 300 }, (_, i) => 2n ** BigInt(i % 62) * (i % 3 === 0 ? -1n : 1n)),
    ]
    for (const list of lists) {
      const values = deltaPacked(list)
      const pages: TestPage[] = [{ kind: 'data', rows: list.length, encoding: 5, values }]
      expect(await read(list.length, { ...int64, pages })).toEqual([list])
    }
  })

  test('INT96 timestamps', async () => {
    const moments = [
      [0n, 2_440_588n, 0n],
      [86_399_999_999_999n, 2_440_587n, -1n],
      [1_000_500n, 2_458_850n, 18_262n * 86_400_000_000n + 1000n],
    ] as const
    const values = moments.flatMap(([nanos, day]) => [...little(nanos, 8), ...little(day, 4)])
    const pages: TestPage[] = [{ kind: 'data', rows: 3, encoding: 0, values }]
    const expected = moments.map(([, , micros]) => micros)
    expect(await read(3, { name: 'v', physical: 3, pages })).toEqual([expected])
  })

  test('decimals of any width', async () => {
    const cases = [
      { physical: 7, width: 5, precision: 9 },
      { physical: 7, width: 9, precision: 18 },
      { physical: 7, width: 13, precision: 30 },
      { physical: 7, width: 16, precision: 38 },
      { physical: 6, precision: 18 },
      { physical: 6, precision: 38 },
    ]
    for (const shape of cases) {
      const limit = 10n ** BigInt(shape.precision) - 1n
      const list = [0n, 1n, -1n, 255n, -256n, limit, -limit]
      const big = (value: bigint, bytes: number): number[] => little(value, bytes).reverse()
      const values = list.flatMap((value) =>
        shape.width === undefined ? [...little(17, 4), ...big(value, 17)] : big(value, shape.width),
      )
      const pages: TestPage[] = [{ kind: 'data', rows: list.length, encoding: 0, values }]
      const column = { name: 'v', converted: 5, scale: 2, ...shape, pages }
      expect(await read(list.length, column), JSON.stringify(shape)).toEqual([list])
    }
  })

  test('booleans, packed and as runs, with NULLs', async () => {
    const flags = numbers(77, (i) => Number(i % 5 < 3 || i > 40))
    const runs = hybrid(flags, 1)
    const valid = numbers(100, (i) => i).map((i) => i % 4 !== 0)
    const present = valid.filter(Boolean).length
    const some = numbers(present, (i) => i % 2)
    const pages: TestPage[] = [
      { kind: 'data', rows: 77, encoding: 0, values: packed(flags, 1) },
      { kind: 'data', rows: 77, encoding: 3, values: [...little(runs.length, 4), ...runs] },
      { kind: 'data', rows: 100, encoding: 0, valid, values: packed(some, 1) },
    ]
    let next = 0
    const last = valid.map((is) => (is ? some[next++] === 1 : null))
    const both = flags.map((flag) => flag === 1)
    const column = { name: 'v', physical: 0, nullable: true, pages }
    expect(await read(254, column)).toEqual([[...both, ...both, ...last]])
  })

  test('BYTE_STREAM_SPLIT', async () => {
    const list = numbers(41, (i) => i * 1.5 - 7)
    const floats = new Uint8Array(new Float32Array(list).buffer)
    const doubles = new Uint8Array(new Float64Array(list).buffer)
    const split = (bytes: Uint8Array, width: number): number[] =>
      numbers(width, (k) => k).flatMap((k) => list.map((_, i) => bytes[i * width + k] ?? 0))
    const page = (values: number[]): TestPage[] => [{ kind: 'data', rows: 41, encoding: 9, values }]
    const [four, eight] = await read(
      41,
      { name: 'f', physical: 4, pages: page(split(floats, 4)) },
      { name: 'd', physical: 5, pages: page(split(doubles, 8)) },
    )
    expect([four, eight]).toEqual([list, list])
  })
})

describe('pieces of a row group', () => {
  test('every split gives the same rows, wherever pages begin', async () => {
    const rows = 300_000
    const values = numbers(rows, (i) => (i * 7919) % 100_003)
    const pages: TestPage[] = []
    for (let at = 0; at < rows; at += 12_345)
      pages.push(plainPage(values.slice(at, at + 12_345), 4))
    const words = numbers(rows, (i) => i % 11)
    const wordPages: TestPage[] = [
      {
        kind: 'dictionary',
        rows: 11,
        encoding: 0,
        values: plainTexts(words.slice(0, 11).map((w) => `w${w}`)),
      },
    ]
    for (let at = 0; at < rows; at += 77_777) {
      const codes = words.slice(at, at + 77_777)
      const valid = codes.map((code) => code !== 5)
      const encoded = [
        4,
        ...hybrid(
          codes.filter((code) => code !== 5),
          4,
        ),
      ]
      wordPages.push({ kind: 'data', rows: codes.length, encoding: 8, valid, values: encoded })
    }
    const path = join(folder, 'pieces.parquet')
    const columns = [
      { ...int32, pages },
      { ...text, name: 'w', nullable: true, pages: wordPages },
    ]
    writeFileSync(path, parquetFile(rows, columns))
    const request = await scanOf([fileEntry(path)])
    const sizes: number[] = []
    eachChunk(env, request, (chunk) => {
      sizes.push(chunk.rows)
      for (const vector of chunk.columns) {
        const buffers = [vector.values, vector.validity, vector.offsets]
        expect(buffers.every((buffer) => buffer % 64 === 0)).toBe(true)
      }
    })
    // Two units: rows 0 to 262143 in two chunks, then the rest.
    expect(sizes).toEqual([131_072, 131_072, 37_856])
    const [v, w] = readAll(env, request)
    expect(v).toEqual(values)
    expect(w).toEqual(words.map((word) => (word === 5 ? null : `w${word}`)))
  })
})

describe('files that lie are refused, not believed', () => {
  const cases: readonly (readonly [string, TestColumn, string])[] = [
    [
      'bounds too narrow, 32 bits',
      { ...int32, min: little(0, 4), max: little(100, 4), pages: [plainPage([1, 50, 101], 4)] },
      'a value lies outside the bounds that the file gives',
    ],
    [
      'bounds too narrow, 64 bits',
      { ...int64, min: little(0, 8), max: little(9, 8), pages: [plainPage([1, 2 ** 40, 3], 8)] },
      'a value lies outside the bounds that the file gives',
    ],
    [
      'a delta that only fits 64 bits',
      {
        ...int64,
        min: little(0, 8),
        max: little(9, 8),
        pages: [{ kind: 'data', rows: 3, encoding: 5, values: deltaPacked([1, 2 ** 32 + 5, 2]) }],
      },
      'a value lies outside the bounds that the file gives',
    ],
    [
      'a decimal beyond its precision',
      { ...int32, converted: 5, precision: 3, scale: 1, pages: [plainPage([999, 0, 1000], 4)] },
      'a value lies outside the bounds that the file gives',
    ],
    [
      'a code outside the dictionary',
      {
        ...text,
        pages: [
          { kind: 'dictionary', rows: 2, encoding: 0, values: plainTexts(['a', 'b']) },
          { kind: 'data', rows: 3, encoding: 8, values: [2, ...hybrid([0, 1, 2], 2)] },
        ],
      },
      'a code that is not in the dictionary',
    ],
    [
      'codes without a dictionary',
      {
        ...text,
        pages: [{ kind: 'data', rows: 3, encoding: 8, values: [1, ...hybrid([0, 0, 0], 1)] }],
      },
      'a dictionary that the column chunk does not have',
    ],
    [
      'too few values',
      { ...int32, pages: [{ ...plainPage([1], 4), rows: 3 }] },
      'ends within its values',
    ],
    ['too few rows', { ...int32, pages: [plainPage([1, 2], 4)] }, 'hold too few rows'],
    ['too many rows', { ...int32, pages: [plainPage([1, 2, 3, 4], 4)] }, 'hold too many rows'],
    [
      'a string longer than its page',
      { ...text, pages: [{ kind: 'data', rows: 3, encoding: 0, values: little(99, 4) }] },
      'a string goes past its page',
    ],
    [
      'text that is not UTF-8',
      {
        ...text,
        pages: [
          {
            kind: 'data',
            rows: 3,
            encoding: 0,
            values: plainTexts(['a', 'é', 'b']).map((b) => (b === 0xa9 ? 65 : b)),
          },
        ],
      },
      'not valid UTF-8',
    ],
    [
      'text with a NUL',
      {
        ...text,
        pages: [
          {
            kind: 'data',
            rows: 3,
            encoding: 0,
            values: plainTexts(['a', 'a plain text that is a little longer', 'b\0c']),
          },
        ],
      },
      'value 3 of a page is not valid UTF-8, or has a NUL in it',
    ],
    [
      'a character split over two strings',
      {
        ...text,
        pages: [
          {
            kind: 'data',
            rows: 3,
            encoding: 0,
            values: [...little(1, 4), 0xc3, ...little(1, 4), 0xa9, ...little(0, 4)],
          },
        ],
      },
      'not valid UTF-8',
    ],
    [
      'an unknown encoding',
      { ...int32, pages: [{ ...plainPage([1, 2, 3], 4), encoding: 4 }] },
      'encoding 4',
    ],
  ]
  test.each(cases)('%s', async (_name, column, message) => {
    await expect(read(3, { nullCount: 0, ...column })).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining(message),
      details: { column: 'v', file: expect.stringContaining('.parquet') },
    })
  })
})

describe('wanted values', () => {
  const rows = 600_000
  const pageRows = 31_000

  /** Column k rises from 0 to 11 in steps of 50000 rows, every 70001st NULL; v tells the row, w a word. */
  async function risingFile(): Promise<ScanRequest> {
    const pages: TestPage[] = []
    const plain: TestPage[] = []
    const texts: TestPage[] = [
      { kind: 'dictionary', rows: 3, encoding: 0, values: plainTexts(['a', 'b', 'c']) },
    ]
    for (let at = 0; at < rows; at += pageRows) {
      const own = numbers(Math.min(pageRows, rows - at), (i) => at + i)
      const valid = own.map((row) => row % 70_001 !== 0)
      const steps = own.filter((_, i) => valid[i]).map((row) => Math.floor(row / 50_000))
      const values = steps.flatMap((step) => little(step, 4))
      pages.push({ kind: 'data', rows: own.length, encoding: 0, valid, values })
      plain.push(plainPage(own, 4))
      const codes = [
        2,
        ...hybrid(
          own.map((row) => row % 3),
          2,
        ),
      ]
      texts.push({ kind: 'data', rows: own.length, encoding: 8, values: codes })
    }
    const path = join(folder, `${files++}.parquet`)
    const columns = [
      { ...int32, pages: plain },
      { ...text, name: 'w', pages: texts },
      { ...int32, name: 'k', nullable: true, pages },
    ]
    writeFileSync(path, parquetFile(rows, columns))
    return scanOf([fileEntry(path)])
  }

  const cases: readonly (readonly [Omit<WantedValues, 'column'>, readonly number[]])[] = [
    [{ min: 11n, max: undefined, values: true, nulls: false }, [4]],
    [{ min: undefined, max: 2n, values: true, nulls: false }, [0, 1]],
    [{ min: 5n, max: 6n, values: true, nulls: false }, [1, 2]],
    [{ min: 12n, max: undefined, values: true, nulls: false }, []],
    [{ min: 12n, max: undefined, values: true, nulls: true }, [0, 1, 2, 3, 4]],
    [{ min: undefined, max: undefined, values: true, nulls: false }, [0, 1, 2, 3, 4]],
  ]

  test('chunks without one are left out of all columns', async () => {
    const request = await risingFile()
    for (const [bounds, chunks] of cases) {
      const expected = chunks.flatMap((chunk) =>
        numbers(Math.min(131_072, rows - chunk * 131_072), (i) => chunk * 131_072 + i),
      )
      const [v, w, k] = readAll(env, request, () => ({ column: 2, ...bounds }))
      expect(v, `${bounds.min} to ${bounds.max}`).toEqual(expected)
      expect(w).toEqual(expected.map((row) => 'abc'[row % 3]))
      const steps = expected.map((row) => (row % 70_001 === 0 ? null : Math.floor(row / 50_000)))
      expect(k).toEqual(steps)
    }
    expect(env.heap.bytesInUse).toBe(0)
  })

  test('they may narrow while the scan runs', async () => {
    const request = await risingFile()
    let asked = 0
    const [v = []] = readAll(env, request, () => {
      asked++
      return asked === 1
        ? undefined
        : { column: 2, min: 9n, max: undefined, values: true, nulls: false }
    })
    expect(asked).toBe(5)
    expect([v[0], v.length]).toEqual([0, rows - 2 * 131_072])
    expect(v[131_072]).toBe(3 * 131_072)
  })
})
