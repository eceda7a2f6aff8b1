import { describe, expect, test } from 'vitest'
import {
  bool,
  date,
  decimal,
  float8,
  int4,
  int8,
  numeric,
  text,
  timestamp,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { planParquetUnits } from '../../src/io/formats/parquet/plan-units.ts'
import type { ScanRequest } from '../../src/io/scan/source.ts'
import type { FileEntry, FilePart } from '../../src/plan/catalog/catalog.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import { and, cast, literal, or } from '../../src/plan/logical/build.ts'
import { call } from '../functions/entries.ts'

// Columns: a int4 in 10..20, b int8 (two NULLs in 10 rows), c decimal(9,2) 1.50..2.50, d date,
// e all NULL, f text without bounds, p int8 partition, q text partition.
const types: readonly DataType[] = [int4, int8, decimal(9, 2), date, int4, text, int8, text]
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'p', 'q']

const bounds: readonly (readonly [bigint | undefined, bigint | undefined, number])[] = [
  [10n, 20n, 0],
  [-5n, 5n, 2],
  [150n, 250n, 0],
  [19_000n, 19_100n, 0],
  [undefined, undefined, 10],
  [undefined, undefined, 0],
]

function part(rows: number): FilePart {
  return {
    rows,
    bytes: 1,
    statistics: bounds.map(([min, max, nullCount]) => ({
      min,
      max,
      nullCount,
      distinct: undefined,
      ascending: false,
    })),
  }
}

function request(predicates: readonly Expression[], rows: readonly number[] = [10]): ScanRequest {
  const file: FileEntry = {
    path: '/f.parquet',
    location: 'f.parquet',
    bytes: 1,
    modifiedMs: 1,
    partitionValues: ['2024', null],
    parts: rows.map(part),
  }
  return {
    source: {
      kind: 'files',
      format: 'parquet',
      files: [file],
      options: {},
      partitionColumns: ['p', 'q'],
    },
    tableColumns: names.map((name, index) => ({
      name,
      type: types[index] ?? text,
      nullable: true,
    })),
    columns: [0],
    columnBounds: [],
    predicates,
    predicateColumns: new Map(names.map((_, index) => [100 + index, index])),
  }
}

function column(name: string): Expression {
  const index = names.indexOf(name)
  return { kind: 'column', id: (100 + index) as ColumnId, name, type: types[index] ?? text }
}

function compare(left: Expression, operator: string, right: Expression): Expression {
  return call(`${operator}(${left.type.kind},${right.type.kind})`, [left, right], bool)
}

const is = (name: string, operator: string, value: Scalar): Expression => {
  const left = column(name)
  return compare(left, operator, literal(value, left.type))
}
const nullTest = (name: string, test: string): Expression =>
  call(`${test}(any)`, [column(name)], bool)
const inList = (name: string, values: readonly Scalar[]): Expression => {
  const arg = column(name)
  return { kind: 'in-list', arg, list: values.map((value) => literal(value, arg.type)), type: bool }
}

describe('row groups are left out by statistics', () => {
  const cases: readonly (readonly [string, Expression, boolean])[] = [
    ['a = 10', is('a', '=', 10), true],
    ['a = 20', is('a', '=', 20), true],
    ['a = 21', is('a', '=', 21), false],
    ['a = 9', is('a', '=', 9), false],
    ['a < 10', is('a', '<', 10), false],
    ['a <= 10', is('a', '<=', 10), true],
    ['a > 20', is('a', '>', 20), false],
    ['a >= 20', is('a', '>=', 20), true],
    ['a <> 15', is('a', '<>', 15), true],
    ['21 = a', compare(literal(21, int4), '=', column('a')), false],
    ['20 <= a', compare(literal(20, int4), '<=', column('a')), true],
    ['20 < a', compare(literal(20, int4), '<', column('a')), false],
    ['a = null', is('a', '=', null), false],
    ['a in (1, 2)', inList('a', [1, 2]), false],
    ['a in (1, 12)', inList('a', [1, 12]), true],
    ['a in (null, 1)', inList('a', [null, 1]), false],
    // Readers check bounds value by value, but not how many NULLs a file claims: it may lie.
    ['a is null', nullTest('a', 'is_null'), true],
    ['b is null', nullTest('b', 'is_null'), true],
    ['b is not null', nullTest('b', 'is_not_null'), true],
    ['e is not null', nullTest('e', 'is_not_null'), true],
    ['e = 1', is('e', '=', 1), true],
    ['c = 1.49', is('c', '=', 149n), false],
    ['c = 1.50', is('c', '=', 150n), true],
    ['c = 2.505', compare(column('c'), '=', literal(2505n, decimal(9, 3))), false],
    ['c < 1.501', compare(column('c'), '<', literal(1501n, decimal(9, 3))), true],
    ['d < 1000', is('d', '<', 1000), false],
    [
      'd::timestamp > ...',
      compare(
        cast(column('d'), timestamp),
        '>',
        literal(19_100n * 86_400_000_000n + 1n, timestamp),
      ),
      false,
    ],
    ['a::int8 > 20', compare(cast(column('a'), int8), '>', literal(20n, int8)), false],
    ['a::float8 > 19.5', compare(cast(column('a'), float8), '>', literal(19.5, float8)), true],
    ['a::float8 > 20.5', compare(cast(column('a'), float8), '>', literal(20.5, float8)), false],
    [
      'c::numeric > 2.5',
      compare(cast(column('c'), numeric), '>', literal({ unscaled: 25n, scale: 1 }, numeric)),
      false,
    ],
    ["f = 'x'", is('f', '=', 'x'), true],
    ['p = 2024', is('p', '=', 2024n), true],
    ['p = 2025', is('p', '=', 2025n), false],
    ['p <> 2024', is('p', '<>', 2024n), false],
    ["q = 'x'", is('q', '=', 'x'), false],
    ['q is null', nullTest('q', 'is_null'), true],
    ['false', literal(false, bool), false],
    ['null', literal(null, bool), false],
    ['a = 1 or b = 1', or([is('a', '=', 1), is('b', '=', 1n)]), true],
    ['a = 1 or b = 9', or([is('a', '=', 1), is('b', '=', 9n)]), false],
    ['a = 12 and b = 9', and([is('a', '=', 12), is('b', '=', 9n)]), false],
    ['a = b', compare(cast(column('a'), int8), '=', column('b')), false],
    ['a > b', compare(cast(column('a'), int8), '>', column('b')), true],
    ['not (a = 12)', call('not(bool)', [is('a', '=', 12)], bool), true],
  ]
  test.each(cases)('%s', (_name, predicate, kept) => {
    expect(planParquetUnits(request([predicate]))).toHaveLength(kept ? 1 : 0)
  })

  test('all predicates must be possible', () => {
    expect(planParquetUnits(request([is('a', '=', 12), is('p', '=', 1n)]))).toEqual([])
  })
})

describe('few large row groups are split', () => {
  const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[1_000_000], [262_144, 262_144, 262_144, 213_568]],
    [[300_000], [262_144, 37_856]],
    [[200_000], [200_000]],
    [
      [1_000_000, 1_000_000],
      [524_288, 475_712, 524_288, 475_712],
    ],
    [
      [1_000_000, 1_000_000, 1_000_000, 1_000_000],
      [1_000_000, 1_000_000, 1_000_000, 1_000_000],
    ],
    [[0], []],
  ]
  test.each(cases)('%j', (groups, expected) => {
    const units = planParquetUnits(request([], groups))
    expect(units.map(({ rows }) => rows)).toEqual(expected)
    expect(units.every(({ start }) => start % 131_072 === 0)).toBe(true)
    for (const [index, rows] of groups.entries()) {
      const own = units.filter(({ part }) => part === index)
      expect(own.reduce((sum, unit) => sum + unit.end - unit.start, 0)).toBe(rows)
    }
  })
})
