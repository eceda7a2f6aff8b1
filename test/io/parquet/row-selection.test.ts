import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { bool, int4, int8, text, type DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { ScanRequest, WantedKeys } from '../../../src/io/scan/source.ts'
import { cast, columnReference, inList, literal, or } from '../../../src/plan/logical/build.ts'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../../src/plan/logical/expression.ts'
import { compared, not, tested } from '../../../src/plan/logical/predicates.ts'
import { call } from '../../functions/entries.ts'
import { hybrid, little, parquetFile, plainTexts, type TestPage } from './parquet-writer.ts'
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
  const bytes = parquetFile(ROWS, [
    { name: 'ordered', physical: 2, pages: pagesOf(rows, 4_000, plain(8)) },
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
    { name: 'far', physical: 1, pages: pagesOf(far, 5_000, plain(4)) },
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

test('whatever is asked of a file, the rows that are left out satisfy it not', async () => {
  let left = 0
  let all = 0
  for (let seed = 0; seed < 4; seed++) {
    const random = seededRandom(seed)
    const request = await madeFile(random)
    const everything = rowsOf(request)
    for (let round = 0; round < 8; round++) {
      const predicates = Array.from({ length: 1 + below(random, 3) }, () => randomPredicate(random))
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
      const found = rowsOf(asked)
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
