import { expect, test } from 'vitest'
import { Chooser } from '../../fuzz/chooser.ts'
import { calledEntries, calleeOf, casts } from '../../fuzz/functions/calls.ts'
import { compareValues } from '../../fuzz/functions/compare.ts'
import { domains } from '../../fuzz/functions/domains.ts'
import { namesSpokenOf, notCalled, onlyOurs } from '../../fuzz/functions/entries.ts'
import { constant } from '../../fuzz/functions/rows.ts'
import { parseScalar } from '../../src/data/types/parse-scalar.ts'
import { float8, numeric } from '../../src/data/types/data-type.ts'
import { QueryError } from '../../src/base/errors.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { entriesIn } from '../plan/binder/entries-in.ts'

/** Of arrays that must be of texts, and one that another type's is preferred to: few random arguments are theirs. */
const seldomCalled = new Set(['json_object(array,array)', 'not_like(bytea,bytea)'])

test('a call of every entry of the catalogue is written so that it is of that entry', () => {
  const choose = new Chooser(1)
  const wrong = calledEntries.flatMap((entry) => {
    const callee = calleeOf(entry, choose)
    if (callee === undefined) return seldomCalled.has(entry.id) ? [] : [`${entry.id}: no arguments`]
    const args = callee.domains.map((domain) => constant(domain.make(choose), domain))
    const sql = `select ${callee.write(args)}`
    return entriesIn(sql).some(({ id }) => id === entry.id) ? [] : [`${entry.id}: ${sql}`]
  })
  expect(wrong).toEqual([])
})

test('what is said of functions is said of functions of the catalogue', () => {
  const { all } = builtInFunctions.scalar
  const known = new Set(all.flatMap(({ id, name }) => [id, name]))
  expect(namesSpokenOf.filter((name) => !known.has(name))).toEqual([])
  expect([...onlyOurs].filter((id) => !calledEntries.some((entry) => entry.id === id))).toEqual([])
})

test('few functions are not called', () => {
  // Rows, ranges and enums have no domain yet, and sequences are no matter of values.
  const apart = new Set(['record', 'range', 'multirange', 'enum'])
  const left = builtInFunctions.scalar.all.filter((entry) => {
    const kinds = [
      ...entry.args,
      entry.name.replace(/^.*(?=multirange$|range$)/, '').replace(/^row$/, 'record'),
    ]
    return notCalled(entry) !== undefined && !kinds.some((kind) => apart.has(kind))
  })
  const names = new Set(left.map(({ name }) => name).filter((name) => !name.endsWith('_final')))
  expect([...names].toSorted()).toEqual([
    '!~~',
    '!~~*',
    'current_setting',
    'currval',
    'gen_random_uuid',
    'json_populate_record',
    'jsonb_populate_record',
    'lastval',
    'nextval',
    'pg_get_serial_sequence',
    'random',
    'set_config',
    'setval',
    'store_bit',
    'store_bpchar',
    'store_elements',
    'store_varbit',
    'store_varchar',
  ])
})

test.each([...domains.values()].map((domain) => [domain.name, domain] as const))(
  'most values of the domain %s are values of its type',
  (_, { type, make }) => {
    const choose = new Chooser(2)
    let read = 0
    for (let round = 0; round < 100; round++) {
      try {
        parseScalar(make(choose), type)
        read++
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
      }
    }
    expect(read).toBe(100)
  },
)

test('casts are of every type and to every type that has some', () => {
  expect(casts.length).toBeGreaterThan(300)
  expect(new Set(casts.map(({ id }) => id)).size).toBe(casts.length)
})

test('floats are compared by how many lie between them', () => {
  const compare = (ours: string, theirs: string, stepsMax: number): string =>
    compareValues(ours, theirs, float8, stepsMax)
  expect(compare('0.1', '0.1', 0)).toBe('same')
  expect(compare('0.1', '0.10000000000000002', 1)).toBe('close')
  expect(compare('0.1', '0.10000000000000003', 1)).toBe('other')
  expect(compare('0.1', '0.10000000000000003', 2)).toBe('close')
  expect(compare('0.1', '0.10000000000000002', 0)).toBe('other')
  expect(compare('-5e-324', '5e-324', 1)).toBe('other')
  expect(compareValues('1.0', '1', numeric, 1)).toBe('other')
})
