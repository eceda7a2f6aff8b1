import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { int4 } from '../../../src/data/types/data-type.ts'
import type { Catalog, ModelEntry, ViewEntry } from '../../../src/plan/catalog/catalog.ts'
import { addModel, dropModel, findModel } from '../../../src/plan/catalog/models.ts'
import { dropSchema } from '../../../src/plan/catalog/drop.ts'
import {
  addRelation,
  dropRelations,
  findRelation,
  lookupRelation,
  placeRelation,
} from '../../../src/plan/catalog/relations.ts'
import { addSchema, emptyCatalog, schemaFor } from '../../../src/plan/catalog/schemas.ts'
import { nearestName } from '../../../src/plan/catalog/suggest.ts'
import { emptyTable } from '../tpch-catalog.ts'

const path = ['mine', 'public']
const people = emptyTable('people', [['a', int4]])
const view: ViewEntry = {
  kind: 'view',
  schema: 'public',
  name: 'v',
  query: 'select 1',
  columns: [],
  dependsOn: [],
  dependsOnModels: [],
  files: [],
  tableSchemas: new Map(),
  modelSchemas: new Map(),
  types: new Map(),
  functions: [],
}
const model: ModelEntry = {
  kind: 'model',
  schema: 'public',
  name: 'm',
  modelClass: 'LinearRegression',
  targetColumn: 'y',
  features: [],
  coefficients: [],
  intercept: 0,
  classes: [],
  options: {},
  trainedRows: 0,
  metrics: {},
}
const filled = addModel(addRelation(addRelation(emptyCatalog, people), view), model)

function named(text: string): { readonly schema: string | undefined; readonly name: string } {
  const parts = text.split('.')
  return { schema: parts.at(-2), name: parts.at(-1)! }
}

type Failure = readonly [string, (c: Catalog) => unknown, string, string, (string | undefined)?]

const failures: readonly Failure[] = [
  [
    'find a table that is not there',
    (c) => findRelation(c, named('nope'), path),
    '42P01',
    'relation "nope" does not exist',
  ],
  [
    'find a qualified table that is not there',
    (c) => findRelation(c, named('s.nope'), path),
    '42P01',
    'relation "s.nope" does not exist',
  ],
  [
    'find a mistyped table',
    (c) => findRelation(c, named('poeple'), path),
    '42P01',
    'relation "poeple" does not exist',
    'Did you mean "people"?',
  ],
  ['add a name twice', (c) => addRelation(c, people), '42P07', 'relation "people" already exists'],
  [
    'place a name twice',
    (c) => placeRelation(c, named('people'), path),
    '42P07',
    'relation "people" already exists',
  ],
  [
    'add to a schema that is not there',
    (c) => addRelation(c, { ...people, schema: 's' }),
    '3F000',
    'schema "s" does not exist',
  ],
  [
    'replace a table by a view',
    (c) => addRelation(c, { ...view, name: 'people' }, 'replace'),
    '42809',
    '"people" is not a view',
  ],
  [
    'drop a table that is not there',
    (c) => dropRelations(c, 'table', [named('nope')], path, { ifExists: false, cascade: false }),
    '42P01',
    'table "nope" does not exist',
  ],
  [
    'drop a view as a table',
    (c) => dropRelations(c, 'table', [named('v')], path, { ifExists: false, cascade: false }),
    '42809',
    '"v" is not a table',
    'Use DROP VIEW to remove a view.',
  ],
  ['add a schema twice', (c) => addSchema(c, 'public'), '42P06', 'schema "public" already exists'],
  [
    'drop a schema that is not there',
    (c) => dropSchema(c, 'nope', { ifExists: false, cascade: false }),
    '3F000',
    'schema "nope" does not exist',
  ],
  [
    'drop a schema with tables in it',
    (c) => dropSchema(c, 'public', { ifExists: true, cascade: false }),
    '2BP01',
    'cannot drop schema public because other objects depend on it',
    'Use DROP ... CASCADE to drop the dependent objects too.',
  ],
  ['add a model twice', (c) => addModel(c, model), '42710', 'model "m" already exists'],
  [
    'find a model that is not there',
    (c) => findModel(c, named('mm'), path),
    '42704',
    'model "mm" does not exist',
  ],
  [
    'create where no schema of the path exists',
    (c) => schemaFor(c, named('x'), ['mine']),
    '3F000',
    'no schema has been selected to create in',
  ],
]

describe('catalog', () => {
  test.each(failures.map(([name, ...rest]) => ({ name, rest })))('$name', ({ rest }) => {
    const [act, sqlState, message, hint] = rest
    let error: unknown
    try {
      act(filled)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(QueryError)
    const { sqlState: state, message: text, details } = error as QueryError
    expect([state, text]).toEqual([sqlState, message])
    if (hint !== undefined) expect(details.hint).toBe(hint)
  })

  test('a change makes a new root and leaves the old one', () => {
    const before = lookupRelation(emptyCatalog, named('people'), path)
    expect(before).toBeUndefined()
    expect(lookupRelation(filled, named('people'), path)).toBe(people)
    const dropped = dropRelations(filled, 'table', [named('people')], path, {
      ifExists: false,
      cascade: false,
    })
    expect(lookupRelation(dropped, named('people'), path)).toBeUndefined()
    expect(lookupRelation(filled, named('people'), path)).toBe(people)
  })

  test('the search path decides, first schema first', () => {
    const mine = { ...people, schema: 'mine' }
    const both = addRelation(addSchema(filled, 'mine'), mine)
    expect(findRelation(both, named('people'), path)).toBe(mine)
    expect(findRelation(both, named('public.people'), path)).toBe(people)
    expect(schemaFor(both, named('x'), path)).toBe('mine')
    expect(schemaFor(filled, named('x'), path)).toBe('public')
  })

  test('conflicts settled otherwise', () => {
    expect(addRelation(filled, people, 'keep')).toBe(filled)
    const other = { ...people, columns: [] }
    const replaced = addRelation(filled, other, 'replace')
    expect(lookupRelation(replaced, named('people'), path)).toBe(other)
    expect(addModel(filled, model, 'keep')).toBe(filled)
    expect(dropModel(filled, named('mm'), path, { ifExists: true, cascade: false })).toBe(filled)
    expect(
      dropRelations(filled, 'view', [named('x')], path, { ifExists: true, cascade: false }),
    ).toBe(filled)
    const emptied = dropSchema(filled, 'public', { ifExists: false, cascade: true })
    expect(lookupRelation(emptied, named('people'), path)).toBeUndefined()
  })

  const near: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['naem', ['id', 'name', 'game'], 'name'],
    ['x', ['y', 'xyz'], 'y'],
    ['lineitm', ['orders', 'lineitem'], 'lineitem'],
    ['customers', ['nation'], undefined],
    ['', ['a'], 'a'],
  ]
  test.each(near)('nearest to %s of %s', (name, candidates, expected) => {
    expect(nearestName(name, candidates)).toBe(expected)
  })
})
