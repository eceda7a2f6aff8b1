import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import {
  bool,
  date,
  float8,
  int4,
  int8,
  text,
  typeName,
} from '../../../src/data/types/data-type.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import type { BindTarget } from '../../../src/plan/binder/context.ts'
import type { ModelEntry, ViewEntry } from '../../../src/plan/catalog/catalog.ts'
import { addModel } from '../../../src/plan/catalog/models.ts'
import { addRelation } from '../../../src/plan/catalog/relations.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import { emptyTable } from '../tpch-catalog.ts'
import { bindText, testCatalog } from './binding.ts'

function messageOf(bind: () => unknown): string {
  try {
    bind()
  } catch (error) {
    if (error instanceof QueryError) return error.message
    throw error
  }
  throw new Error('no error')
}

describe('parameters', () => {
  const cases: readonly (readonly [string, readonly (DataType | undefined)[], string])[] = [
    ['select $1', [], 'text'],
    ['select a from t where a = $1', [], 'integer'],
    ['select a from t where $1 = a and b = $2', [], 'integer, text'],
    ['select a from t where $2 is null or d > $2', [], 'text, date'],
    ['select $1::date, $3::bigint', [], 'date, text, bigint'],
    ['select a from t limit $1 offset $2', [], 'bigint, bigint'],
    ['select a from t where a in ($1, $2)', [], 'integer, integer'],
    ['select a from t where c > $1', [], 'numeric'],
    ['select $1', [int8], 'bigint'],
    ['select $1 + 1', [float8], 'double precision'],
    ['select a from t where b like $1', [], 'text'],
    ['select case when $1 then 1 end', [], 'boolean'],
  ]
  test.each(cases)('%s', (sql, parameterTypes, expected) => {
    const bound = bindText(sql, { parameterTypes })
    expect(bound.parameterTypes.map(typeName).join(', ')).toBe(expected)
  })

  test('one parameter has one type', () => {
    const message = 'inconsistent types deduced for parameter $1'
    expect(messageOf(() => bindText('values ($1, $1 + 1)'))).toBe(message)
  })
})

describe('targets of INSERT', () => {
  const targets: readonly BindTarget[] = [
    { name: 'id', type: int4 },
    { name: 'day', type: date },
  ]

  const good: readonly (readonly [string, string])[] = [
    ["values (1, '2020-01-01'), ('2', null)", "(1, date '2020-01-01'), (2, null)"],
    ["select 1, '2020-01-01'", "id#1 = 1, day#2 = date '2020-01-01'"],
    ['values (1::bigint, default)', '(cast(bigint'],
  ]
  test.each(good)('%s', (sql, expected) => {
    const { relation } = bindText(sql, { targets })
    expect(relation.columns.map(({ type }) => type)).toEqual([int4, date])
    const plan = explainRelation(relation).replaceAll('?column?#1', 'id#1')
    expect(plan.replaceAll('?column?#2', 'day#2')).toContain(expected)
  })

  test('a query may fill the first columns only', () => {
    const plan = explainRelation(bindText("values ('1')", { targets }).relation)
    expect(plan).toContain('(1)')
  })

  const bad: readonly (readonly [string, string])[] = [
    ['values (1, 2)', 'column "day" is of type date but expression is of type integer'],
    ["values ('x', null)", 'invalid input syntax for type integer: "x"'],
    ['values (1, null, 2)', 'INSERT has more expressions than target columns'],
    ['select b, d from t', 'column "id" is of type integer but expression is of type text'],
  ]
  test.each(bad)('%s', (sql, message) => {
    expect(messageOf(() => bindText(sql, { targets }))).toBe(message)
  })

  test.each([
    ['values (1, null, 2)', '2'],
    ["values (1, null, date '2020-01-01', 3), (1, null, 2, 3)", "'2020-01-01'"],
    ['select 1, null, 2', '2'],
  ])('an error points at the first value without a column: %s', (sql, surplus) => {
    expect(() => bindText(sql, { targets })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          span: { start: sql.indexOf(surplus, 14), end: sql.indexOf(surplus, 14) + surplus.length },
        }) as unknown,
      }) as Error,
    )
  })
})

describe('views and files', () => {
  const view = (
    name: string,
    query: string,
    columns: ViewEntry['columns'] = [],
  ): typeof testCatalog =>
    addRelation(testCatalog, {
      kind: 'view',
      schema: 'public',
      name,
      query,
      columns,
      dependsOn: [],
      dependsOnModels: [],
      files: [],
      tableSchemas: new Map(),
      modelSchemas: new Map(),
      types: new Map(),
      functions: [],
    })

  test('a view is bound anew, under its column names', () => {
    const catalog = view('v', 'select a, b from t where f', [
      { name: 'x', outputName: 'a', type: int4, nullable: true },
      { name: 'y', outputName: 'b', type: text, nullable: true },
    ])
    const { relation, outputNames } = bindText('select v.y, x from v', { catalog })
    expect(outputNames).toEqual(['y', 'x'])
    expect(explainRelation(relation)).toContain('Filter f#5')
  })

  test('a view is over the columns that it was made for', () => {
    const x = { name: 'x', outputName: 'a', type: int4, nullable: true }
    const changed = [
      view('v', 'select a, b from t', [x]),
      view('v', 'select b from t', [x]),
      view('v', 'select b as a from t', [x]),
    ]
    for (const catalog of changed) {
      const message = messageOf(() => bindText('select x from v', { catalog }))
      expect(message).toMatch('columns of the query are not those')
    }
  })

  test('an error inside a view names it and points at its use', () => {
    const catalog = view('v', 'select nope from t')
    try {
      bindText('select * from v', { catalog })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        message: 'column "nope" does not exist',
        details: { detail: 'in view "v"', span: { start: 14 } },
      })
    }
  })

  test('a view that reads itself ends in an error', () => {
    const catalog = view('v', 'select * from v')
    expect(messageOf(() => bindText('select * from v', { catalog }))).toMatch(/infinite recursion/)
  })

  test('a view does not see the CTEs around it', () => {
    const catalog = view('v', 'select a from c')
    const message = 'relation "c" does not exist'
    const sql = 'with c as (select 1 as a) select * from v'
    expect(messageOf(() => bindText(sql, { catalog }))).toBe(message)
  })

  test('a file is a table', () => {
    const table = emptyTable('data', [['id', int8]])
    const resolveFile = (location: string): typeof table | undefined =>
      location === 'data/*.parquet' ? table : undefined
    const sql = "select data.id from 'data/*.parquet' where id > 1"
    expect(bindText(sql, { resolveFile }).outputNames).toEqual(['id'])
    const message = 'could not open file "x.csv"'
    expect(messageOf(() => bindText("select * from 'x.csv'", { resolveFile }))).toBe(message)
  })
})

describe('PREDICT', () => {
  const linear: ModelEntry = {
    kind: 'model',
    schema: 'public',
    name: 'm',
    modelClass: 'LinearRegression',
    targetColumn: 'y',
    features: ['a', 'x'],
    coefficients: [2, -0.5],
    intercept: 1,
    classes: [],
    options: {},
    trainedRows: 10,
    metrics: {},
  }
  const logistic: ModelEntry = {
    ...linear,
    name: 'l',
    modelClass: 'LogisticRegression',
    classes: ['no', 'yes'],
  }
  const catalog = addModel(addModel(testCatalog, linear), logistic)

  test('a linear model is a weighted sum that takes the place of the target', () => {
    const { relation, outputNames } = bindText('select * from predict(model m, select * from u)', {
      catalog,
    })
    expect(outputNames).toEqual(['a', 'x', 'y'])
    expect(relation.columns.map(({ type }) => type.kind)).toEqual(['int4', 'float8', 'float8'])
  })

  test('a logistic model gives its classes, in a column of its own', () => {
    const sql = 'select * from predict(model l, select a, x from u) p'
    const { relation, outputNames } = bindText(sql, { catalog })
    expect(outputNames).toEqual(['a', 'x', 'y'])
    expect(relation.columns[2]?.type).toEqual(text)
  })

  test('a boolean feature counts as 0 and 1', () => {
    const flags = addRelation(
      catalog,
      emptyTable('flags', [
        ['a', bool],
        ['x', float8],
      ]),
    )
    bindText('select y from predict(model m, select * from flags)', { catalog: flags })
  })

  const bad: readonly (readonly [string, string])[] = [
    [
      'select * from predict(model m, select a from u)',
      'column "x" does not exist: model "m" needs it as a feature',
    ],
    [
      "select * from predict(model m, select a, 'z' as x from u)",
      'feature "x" of model "m" must be a number, not type text',
    ],
    ['select * from predict(model zz, select 1)', 'model "zz" does not exist'],
  ]
  test.each(bad)('%s', (sql, message) => {
    expect(messageOf(() => bindText(sql, { catalog }))).toBe(message)
  })
})

test('a query nested too deeply is refused', () => {
  const deep = (levels: number): string =>
    levels === 0 ? 'select 1' : `select * from (${deep(levels - 1)}) s`
  expect(messageOf(() => bindText(deep(300)))).toMatch(/nested|depth/)
})
