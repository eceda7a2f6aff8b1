import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { bool, int4 } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'
import type { TableEntry } from '../../../src/plan/catalog/catalog.ts'
import {
  and,
  columnReference,
  distinct,
  join,
  newColumnIds,
  scan,
  type ColumnIds,
} from '../../../src/plan/logical/build.ts'
import { markColumnOf } from '../../../src/plan/logical/columns-of.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import type { Expression } from '../../../src/plan/logical/expression.ts'
import { tested } from '../../../src/plan/logical/predicates.ts'
import type { Join, Relation } from '../../../src/plan/logical/relation.ts'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import { call } from '../../functions/entries.ts'
import { outcomeOf } from './naive.ts'

type Rows = readonly (readonly Scalar[])[]

const COLUMNS = 5

/** A table of few values, of which each column may have NULLs or is said to have none. */
function randomTable(name: string, random: Random): readonly [TableEntry, Rows] {
  const solid = Array.from({ length: COLUMNS }, () => random.next() < 0.3)
  const rows = Array.from({ length: Math.floor(random.next() * 7) }, () =>
    solid.map((isSolid) =>
      !isSolid && random.next() < 0.4 ? null : Math.floor(random.next() * 2),
    ),
  )
  const columns = solid.map((isSolid, at) => ({ name: `c${at}`, type: int4, nullable: !isSolid }))
  const source = { kind: 'memory', id: name, chunks: [] } as const
  // With as few rows as there are all pairs would be compared.
  const statistics = {
    rows: 1000,
    exact: false,
    columns: columns.map((_, at) => ({
      min: 0n,
      max: 1n,
      nullCount: rows.filter((row) => row[at] === null).length,
      distinct: 2,
      ascending: false,
    })),
  }
  return [{ kind: 'table', schema: 'public', name, columns, source, statistics }, rows]
}

/** A join on `AND` of equalities being unknown, or not false, and on other conditions at times. */
function randomJoin(ids: ColumnIds, left: Relation, right: Relation, random: Random): Join {
  const width = 1 + Math.floor(random.next() * COLUMNS)
  const sides = (at: number): readonly Expression[] => [
    columnReference(left.columns[at]!),
    columnReference(right.columns[at]!),
  ]
  const equal = Array.from({ length: width }, (_, at) =>
    call('=(int4,int4)', random.next() < 0.5 ? sides(at) : sides(at).toReversed(), bool),
  )
  const isUnknown = random.next() < 0.5
  const conditions = [tested(and(equal), isUnknown ? 'unknown' : 'false', !isUnknown)]
  if (random.next() < 0.3) conditions.push(call('<=(int4,int4)', sides(COLUMNS - 1), bool))
  if (random.next() < 0.2) conditions.push(call('=(int4,int4)', sides(COLUMNS - 2), bool))
  const kind = (['mark', 'semi', 'anti'] as const)[Math.floor(random.next() * 3)]!
  const options =
    kind === 'mark'
      ? { nullAware: false, markColumn: markColumnOf(ids.next(), 'mark', false) }
      : { nullAware: false }
  return join(kind, left, right, and(conditions), options)
}

test('joins on what is unknown, or not false, give what a comparison of all pairs gives', () => {
  let split = 0
  for (let seed = 1; seed <= 1200; seed++) {
    const random = seededRandom(seed)
    const tables = new Map([randomTable('l', random), randomTable('r', random)])
    const [l, r] = [...tables.keys()] as [TableEntry, TableEntry]
    const ids = newColumnIds()
    const table = scan(ids, r)
    const right = random.next() < 0.3 ? distinct(ids, table) : table
    const plan = randomJoin(ids, scan(ids, l), right, random)
    const firedRules = new Set<string>()
    const optimized = optimize(plan, { functions: builtInFunctions, firedRules })
    if (firedRules.has('unknown-matches')) split++
    const shown = `seed ${seed}\n${explainRelation(plan)}\n${explainRelation(optimized)}`
    const expected = outcomeOf({ tables, ctes: new Map() }, plan)
    expect(outcomeOf({ tables, ctes: new Map() }, optimized), shown).toEqual(expected)
  }
  expect(split).toBeGreaterThan(600)
})
