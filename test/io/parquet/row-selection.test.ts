import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { bool, int4, int8, text, type DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { parquetFormat } from '../../../src/io/formats/parquet/format.ts'
import type { ScanRequest, WantedKeys } from '../../../src/io/scan/source.ts'
import { cast, columnReference, inList, literal, or } from '../../../src/plan/logical/build.ts'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../../src/plan/logical/expression.ts'
import { compared, not, tested } from '../../../src/plan/logical/predicates.ts'
import { call } from '../../functions/entries.ts'
import {
  hybrid,
  little,
  parquetFile,
  plainTexts,
  type TestIndexEntry,
  type TestPage,
} from './parquet-writer.ts'
import { environment, fileEntry, readAll, scanOf } from './reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-selection-'))
afterAll(() => rmSync(folder, { recursive: true }))
const env = environment()

const ROWS = 40_000
const words = ['ash', 'beech', 'birch', 'cedar', 'elm', 'fir', 'oak', 'pine', 'yew']
const types: readonly DataType[] = [int8, int4, text, text, int4]
const names = ['ordered', 'nullable', 'word', 'label', 'far']

function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit)
}

/** Pages of odd sizes, so that those of two columns rarely begin at one row. */
function pagesOf<T>(
  values: readonly T[],
  step: number,
  encode: (values: readonly T[]) => Omit<TestPage, 'rows' | 'kind'>,
): TestPage[] {
  const pages: TestPage[] = []
  for (let at = 0, size = step; at < values.length; at += size, size = (size * 7 + step) % 9_001) {
    size += 1
    const slice = values.slice(at, at + size)
    pages.push({ kind: 'data', rows: slice.length, ...encode(slice) })
  }
  return pages
}

/** What a page index says of pages of integers of some width. */
function indexOf(
  values: readonly (number | null)[],
  pages: readonly TestPage[],
  bytes: number,
): TestIndexEntry[] {
  let firstRow = 0
  return pages.map(({ rows }) => {
    const here = values.slice(firstRow, firstRow + rows).filter((value) => value !== null)
    const [min, max] = [
      here.reduce((a, b) => Math.min(a, b)),
      here.reduce((a, b) => Math.max(a, b)),
    ]
    firstRow += rows
    return { firstRow: firstRow - rows, min: little(min, bytes), max: little(max, bytes) }
  })
}

/** A file of five columns: rising integers, some NULLs, words by code, texts, and values that lie together. */
async function madeFile(random: Random): Promise<ScanRequest> {
  const rows = Array.from({ length: ROWS }, (_, row) => row)
  const nullable = rows.map((row) => (row % 11 === 3 ? null : Math.floor(row / 700) % 50))
  const far = rows.map((row) => (row > 20_000 && row < 20_020 ? 5 : below(random, 3) * 1_000))
  const codes = rows.map((row) => (Math.floor(row / 9_000) + below(random, 2)) % words.length)
  const path = join(folder, `${random.next()}.parquet`)
  const plain = (bytes: number) => (values: readonly number[]) => ({
    encoding: 0,
    values: values.flatMap((value) => little(value, bytes)),
  })
  const isIndexed = random.next() < 0.7
  const ordered = pagesOf(rows, 4_000, plain(8))
  const farPages = pagesOf(far, 5_000, plain(4))
  const index = (entries: TestIndexEntry[]) => (isIndexed ? { index: entries } : {})
  const bytes = parquetFile(ROWS, [
    { name: 'ordered', physical: 2, pages: ordered, ...index(indexOf(rows, ordered, 8)) },
    {
      name: 'nullable',
      physical: 1,
      nullable: true,
      pages: pagesOf(nullable, 1_500, (values) => ({
        encoding: 0,
        valid: values.map((value) => value !== null),
        values: values.flatMap((value) => (value === null ? [] : little(value, 4))),
      })),
    },
    {
      name: 'word',
      physical: 6,
      converted: 0,
      pages: [
        { kind: 'dictionary', rows: words.length, encoding: 0, values: plainTexts(words) },
        ...pagesOf(codes, 2_000, (values) => ({ encoding: 8, values: [4, ...hybrid(values, 4)] })),
      ],
    },
    {
      name: 'label',
      physical: 6,
      converted: 0,
      pages: pagesOf(rows, 3_000, (values) => ({
        encoding: 0,
        values: plainTexts(values.map((row) => `label ${row % 1_000}`)),
      })),
    },
    { name: 'far', physical: 1, pages: farPages, ...index(indexOf(far, farPages, 4)) },
  ])
  writeFileSync(path, bytes)
  return scanOf([fileEntry(path)])
}

const columns = types.map((type, id) =>
  columnReference({ id: id as ColumnId, name: present(names[id], 'name'), type }),
)

function column(index: number): Expression {
  return present(columns[index], 'column')
}

function randomPredicate(random: Random): Expression {
  const [index, value] = [
    [0, below(random, ROWS)],
    [1, below(random, 60)],
    [4, below(random, 4) * 5],
  ][below(random, 3)] as [number, number]
  const type = present(types[index], 'type')
  const constant = (of: number): Expression => literal(type.kind === 'int8' ? BigInt(of) : of, type)
  const operator = (['=', '<>', '<', '<=', '>', '>='] as const)[below(random, 6)] ?? '='
  const word = words[below(random, words.length)] ?? ''
  switch (below(random, 9)) {
    case 0:
      return inList(column(index), [constant(value), constant(value + 3), literal(null, type)])
    case 1:
      return or([compared(operator, column(index), constant(value)), tested(column(1), 'null')])
    case 2:
      return tested(column(1), 'null', random.next() < 0.5)
    case 3:
      return compared(operator, column(2), literal(word, text))
    case 4:
      return call('like(text,text)', [column(2), literal(`%${word.slice(1, 3)}%`, text)], bool)
    case 5:
      return not(compared('=', column(3), literal(`label ${value % 1_000}`, text)))
    case 6:
      return compared('=', call('length(text)', [column(2)], int4), literal(below(random, 6), int4))
    case 7:
      return compared(operator, cast(column(4), int8), literal(BigInt(value), int8))
    default:
      return compared(operator, column(index), constant(value))
  }
}

/** Some that tell single columns' values, often so that one of texts comes after one that leaves out pieces. */
function randomPredicates(random: Random): Expression[] {
  const some = Array.from({ length: 1 + below(random, 3) }, () => randomPredicate(random))
  if (random.next() < 0.5) return some
  const word = literal(words[below(random, words.length)] ?? '', text)
  const row = literal(BigInt(below(random, ROWS)), int8)
  return [compared('>', column(0), row), compared('<>', column(2), word), ...some.slice(1)]
}

/** A rank index of some keys, as joins build it. */
function randomKeys(random: Random, arena: Arena): WantedKeys & { readonly has: Set<bigint> } {
  const first = BigInt(below(random, ROWS))
  const has = new Set(Array.from({ length: 5 }, () => first + BigInt(below(random, 3_000))))
  has.add(first)
  const span = [...has].reduce((most, key) => (key > most ? key : most)) - first
  const count = Number(span / 64n) + 1
  const at = arena.allocateZeroed(count * 16)
  for (const key of has) {
    const word = at / 8 + Number((key - first) / 64n) * 2
    env.heap.i64[word] = BigInt.asIntN(
      64,
      (env.heap.i64[word] ?? 0n) | (1n << ((key - first) % 64n)),
    )
  }
  return { column: 0, words: at, first, span, has }
}

function rowsOf(request: ScanRequest): Scalar[][] {
  const read = readAll(env, request)
  return (read[0] ?? []).map((_, row) => read.map((values) => values[row] ?? null))
}

/** The same in pieces, of which some follow each other in one reader and others are left to another. */
function rowsOfPieces(request: ScanRequest, random: Random): Scalar[][] {
  const readers = [parquetFormat.openReader(request, env), parquetFormat.openReader(request, env)]
  const arena = new Arena(env.heap)
  const rows: Scalar[][] = []
  for (const unit of parquetFormat.planUnits(request)) {
    for (let start = unit.start; start < unit.end;) {
      const end = Math.min(unit.end, start + 512 * (1 + below(random, 60)))
      const piece = { ...unit, start, end, rows: end - start }
      for (const chunk of present(readers[below(random, 2)], 'reader').read(piece, arena)) {
        const read = chunk.columns.map((vector) => [...scalarsOf(env.heap, vector)])
        read[0]?.forEach((_, row) => rows.push(read.map((values) => values[row] ?? null)))
      }
      start = end
    }
  }
  for (const reader of readers) reader.close()
  arena.release()
  return rows
}

test('whatever is asked of a file, the rows that are left out satisfy it not', async () => {
  let left = 0
  let all = 0
  for (let seed = 0; seed < 4; seed++) {
    const random = seededRandom(seed)
    const request = await madeFile(random)
    const everything = rowsOf(request)
    for (let round = 0; round < 8; round++) {
      const predicates = randomPredicates(random)
      const arena = new Arena(env.heap)
      const keys = random.next() < 0.3 ? randomKeys(random, arena) : undefined
      const satisfies = (row: readonly Scalar[]): boolean =>
        (keys === undefined || keys.has.has(BigInt(Number(row[0])))) &&
        predicates.every((predicate) => evaluate(predicate, (id) => row[id] ?? null) === true)
      const asked = {
        ...request,
        predicates,
        predicateColumns: new Map(types.map((_, id) => [id, id])),
        ...(keys && { keys: [keys] }),
      }
      const found = rowsOfPieces(asked, random)
      arena.release()
      const told = (rows: readonly Scalar[][]): string =>
        rows.filter(satisfies).map(String).join('\n')
      // One text each: so many rows take long to compare one by one.
      expect(told(found) === told(everything), `seed ${seed}, round ${round}`).toBe(true)
      left += found.length
      all += everything.length
    }
  }
  expect(left).toBeLessThan(all / 2)
  expect(env.heap.bytesInUse).toBe(0)
})

describe('a page index', () => {
  const values = Array.from({ length: ROWS }, (_, row) => row)
  const pages = pagesOf(values, 4_000, (some) => ({
    encoding: 0,
    values: some.flatMap((value) => little(value, 8)),
  }))
  const right = indexOf(values, pages, 8)
  const changed = (page: number, change: Partial<TestIndexEntry>): TestIndexEntry[] =>
    right.map((entry, at) => (at === page ? { ...entry, ...change } : entry))

  /** The rows of values from 30,000 on. */
  async function rowsWith(index: readonly TestIndexEntry[]): Promise<number> {
    const path = join(folder, 'indexed.parquet')
    const chunk = { min: little(0, 8), max: little(ROWS, 8) }
    writeFileSync(path, parquetFile(ROWS, [{ name: 'v', physical: 2, pages, index, ...chunk }]))
    const request = await scanOf([fileEntry(path)])
    const predicates = [compared('>=', column(0), literal(30_000n, int8))]
    const id = 0 as ColumnId
    const [read] = readAll(env, { ...request, predicates, predicateColumns: new Map([[id, 0]]) })
    return (read ?? []).filter((value) => Number(value) >= 30_000).length
  }

  test('leaves out pages', async () => {
    expect(await rowsWith(right)).toBe(ROWS - 30_000)
  })

  test.each([
    [
      'pages that begin at another row',
      changed(4, { firstRow: present(right[4], '').firstRow + 1 }),
    ],
    ['fewer pages than there are', right.slice(0, -1)],
  ])('%s are an error', async (_, index) => {
    await expect(rowsWith(index)).rejects.toThrow('its page index tells of other pages')
  })

  test('bounds that values are beyond are an error where the page is read', async () => {
    const last = right.length - 1
    const lie = changed(last, { min: little(ROWS - 1, 8) })
    await expect(rowsWith(lie)).rejects.toThrow('the bounds that the page index gives')
  })

  test.each([
    ['no pages', []],
    ['a first page that is not at the first row', changed(0, { firstRow: 1 })],
    ['pages that go back', changed(3, { firstRow: 2 })],
    ['bounds beyond those of the column chunk', changed(2, { max: little(ROWS + 1, 8) })],
    ['pages said to be NULL', right.map((entry) => ({ ...entry, isNull: true }))],
    ['bounds of another width', changed(0, { min: [1], max: [2] })],
    ['smallest values above the largest', changed(0, { min: little(9, 8), max: little(2, 8) })],
  ])('%s are not believed', async (_, index) => {
    expect(await rowsWith(index)).toBe(ROWS - 30_000)
  })
})
