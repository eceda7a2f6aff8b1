import { describe, expect, test } from 'vitest'
import { int4, int8, text } from '../../../src/data/types/data-type.ts'
import {
  aggregate,
  apply,
  columnReference,
  filter,
  join,
  literal,
  named,
  newColumnIds,
  project,
  scan,
  trueLiteral,
  unionAll,
} from '../../../src/plan/logical/build.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import type { Relation } from '../../../src/plan/logical/relation.ts'
import { verifyRelation } from '../../../src/plan/logical/verify.ts'
import { emptyTable } from '../tpch-catalog.ts'
import { aggregateEntry, call } from '../../functions/entries.ts'

const ids = newColumnIds()
const table = emptyTable('t', [
  ['a', int4],
  ['b', text],
])
const [t, u] = [scan(ids, table), scan(ids, table)]
const [a, b] = t.columns.map((column) => columnReference(column))
const otherA = columnReference(u.columns[0]!)
const missing = { ...a!, id: 9999 as ColumnId }
const equal = call('=(int4,int4)', [a!, otherA], { kind: 'bool' })
const correlated = filter(u, equal)

const wrong: readonly (readonly [string, Relation, RegExp])[] = [
  ['a column of nowhere', project(t, [named(ids, 'x', missing)]), /is not produced by the input/],
  ['a predicate that is no boolean', filter(t, a!), /condition of type integer/],
  ['a column under another type', project(t, [named(ids, 'x', { ...a!, type: int8 })]), /type/],
  [
    'an argument of another type',
    filter(t, call('=(int4,int4)', [a!, b!], { kind: 'bool' })),
    /argument 2 is text, not int4/,
  ],
  [
    'a call without its arguments',
    filter(t, call('=(int4,int4)', [a!], { kind: 'bool' })),
    /1 arg/,
  ],
  ['the same columns on both sides', join('inner', t, t, trueLiteral), /is made twice/],
  ['a free column outside an Apply', join('inner', t, correlated, trueLiteral), /not produced/],
  ['a mark join without mark', join('mark', t, u, trueLiteral), /mark column/],
  ['an output of another type', { ...project(t, [named(ids, 'x', a!)]), columns: [] }, /columns/],
  ['a filter that drops a column', { ...filter(t, trueLiteral), columns: [] }, /not those of/],
  [
    'a union of columns that are not there',
    { ...unionAll(ids, [t, u]), inputColumns: [[1, 2] as ColumnId[], [1, 2] as ColumnId[]] },
    /has no column/,
  ],
  [
    'an unknown literal',
    project(t, [named(ids, 'x', literal('x', { kind: 'unknown' }))]),
    /unknown/,
  ],
  [
    'a sum of texts',
    aggregate(
      t,
      [],
      [
        {
          id: ids.next(),
          name: 's',
          type: int8,
          fn: aggregateEntry('sum(int4)'),
          args: [b!],
          distinct: false,
        },
      ],
    ),
    /argument 1 is text/,
  ],
]

describe('verifier', () => {
  test.each(wrong)('refuses %s', (_, relation, message) => {
    expect(() => verifyRelation(relation)).toThrow(message)
  })

  test('accepts a correlated right side under Apply', () => {
    verifyRelation(apply('inner', t, correlated, trueLiteral))
  })

  test('accepts a pass-through column under its own id', () => {
    verifyRelation(project(t, [{ id: t.columns[0]!.id, name: 'a', expr: a! }]))
  })
})
