import type { Random } from '../../../src/base/world.ts'
import { bool, int4, int8 } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { TableEntry } from '../../../src/plan/catalog/catalog.ts'
import {
  aggregate,
  and,
  apply,
  caseOf,
  cast,
  columnReference,
  cteReference,
  distinct,
  expand,
  filter,
  join,
  limit,
  literal,
  named,
  newColumnIds,
  oneRow,
  or,
  project,
  scan,
  sort,
  trueLiteral,
  unionAll,
  withCte,
  type ColumnIds,
} from '../../../src/plan/logical/build.ts'
import type { AggregateCall, Expression } from '../../../src/plan/logical/expression.ts'
import type { JoinKind, OutputColumn, Relation } from '../../../src/plan/logical/relation.ts'
import { aggregateEntry, call, scalarEntry, tableEntry } from '../../functions/entries.ts'

/** Tables of int4 columns with few values and NULLs, so that things meet and miss. */
export function randomTables(random: Random): Map<TableEntry, readonly (readonly Scalar[])[]> {
  const tables = new Map<TableEntry, readonly (readonly Scalar[])[]>()
  for (const name of ['r', 's', 't']) {
    const nullable = random.next() < 0.6
    const rows = Array.from({ length: Math.floor(random.next() * 5) }, () =>
      ['a', 'b', 'c'].map(() =>
        nullable && random.next() < 0.25 ? null : Math.floor(random.next() * 3),
      ),
    )
    const columns = ['a', 'b', 'c'].map((column) => ({ name: column, type: int4, nullable }))
    const statistics = {
      rows: rows.length,
      exact: true,
      columns: columns.map((_, column) => ({
        min: 0n,
        max: 2n,
        nullCount: rows.filter((row) => row[column] === null).length,
        distinct: 3,
        ascending: false,
      })),
    }
    const source = { kind: 'memory', id: name, chunks: [] } as const
    tables.set({ kind: 'table', schema: 'public', name, columns, source, statistics }, rows)
  }
  return tables
}

export interface Generator {
  readonly random: Random
  readonly ids: ColumnIds
  readonly tables: readonly TableEntry[]
  /** Nodes that may still be made. */
  budget: number
  cteId: number
}

export function newGenerator(
  random: Random,
  tables: readonly TableEntry[],
  budget: number,
): Generator {
  return { random, ids: newColumnIds(), tables, budget, cteId: 1 }
}

function pick<T>(g: Generator, list: readonly T[]): T {
  return list[Math.floor(g.random.next() * list.length)]!
}

function chance(g: Generator, probability: number): boolean {
  return g.random.next() < probability
}

type Scope = readonly OutputColumn[]

/** A relation of int4 columns (at least one) that may refer to the outer columns. */
export function randomRelation(g: Generator, outer: Scope): Relation {
  g.budget -= 1
  if (g.budget <= 0) return scan(g.ids, pick(g, g.tables))
  const kind = pick(g, [
    'scan',
    'filter',
    'filter',
    'filter',
    'project',
    'join',
    'join',
    'apply',
    'aggregate',
    'scalar-aggregate',
    'union',
    'distinct',
    'with',
    'row',
    'limit',
    'expand',
  ] as const)
  switch (kind) {
    case 'scan':
      return scan(g.ids, pick(g, g.tables))
    case 'row':
      return project(oneRow(), [named(g.ids, 'v', randomInt(g, [], outer))])
    case 'filter': {
      const input = randomRelation(g, outer)
      return filter(input, randomBool(g, input.columns, outer))
    }
    case 'project': {
      const input = randomRelation(g, outer)
      const count = 1 + Math.floor(g.random.next() * 2)
      const exprs = Array.from({ length: count }, () =>
        named(g.ids, 'p', randomInt(g, input.columns, outer)),
      )
      return project(input, exprs)
    }
    case 'join': {
      const left = randomRelation(g, outer)
      const right = randomRelation(g, outer)
      const joinKind = pick(g, ['inner', 'inner', 'left', 'right', 'full', 'semi', 'anti'] as const)
      const scope = [...left.columns, ...right.columns]
      return join(
        joinKind,
        left,
        right,
        randomCondition(g, scope, joinKind === 'full' ? [] : outer),
      )
    }
    case 'apply': {
      const left = randomRelation(g, outer)
      const right = randomRelation(g, [...left.columns, ...outer])
      const joinKind: JoinKind = pick(g, ['inner', 'left'] as const)
      const scope = [...left.columns, ...right.columns]
      const condition = chance(g, 0.6) ? trueLiteral : randomCondition(g, scope, outer)
      return apply(joinKind, left, right, condition)
    }
    case 'aggregate':
    case 'scalar-aggregate': {
      const input = randomRelation(g, outer)
      const keys =
        kind === 'aggregate' ? [named(g.ids, 'k', randomInt(g, input.columns, outer))] : []
      const call_ = randomAggregate(g, input.columns, outer)
      const grouped = aggregate(input, keys, [call_])
      const exprs = grouped.columns.map((column) =>
        named(g.ids, column.name, toInt(columnReference(column))),
      )
      return project(grouped, exprs)
    }
    case 'union': {
      const inputs = [randomRelation(g, outer), randomRelation(g, outer)].map((input) =>
        project(input, [named(g.ids, 'u', columnReference(pick(g, input.columns)))]),
      )
      return unionAll(g.ids, inputs)
    }
    case 'distinct':
      return distinct(g.ids, randomRelation(g, outer))
    case 'with': {
      const definition = randomRelation(g, chance(g, 0.5) ? outer : [])
      const cteId = g.cteId++
      const left = cteReference(g.ids, cteId, 'w', definition.columns)
      const right = cteReference(g.ids, cteId, 'w', definition.columns)
      const scope = [...left.columns, ...right.columns]
      const input = join('left', left, right, randomCondition(g, scope, outer))
      return withCte(cteId, 'w', definition, input)
    }
    case 'expand': {
      const input = randomRelation(g, outer)
      const small = (): Expression => {
        const arg = randomLeaf(g, input.columns, outer)
        return call('%(int4,int4)', [arg, literal(3, int4)], int4)
      }
      const fn = tableEntry('generate_series(int4,int4)')
      const outputs = [{ id: g.ids.next(), name: 's', type: int4 }]
      const rows = { outputs, fn, args: [small(), small()] }
      return expand(input, [rows])
    }
    case 'limit': {
      if (outer.length > 0) return randomRelation(g, outer)
      const input = randomRelation(g, outer)
      const keys = input.columns.map((column) => ({
        expr: columnReference(column),
        descending: chance(g, 0.5),
        nullsFirst: chance(g, 0.5),
      }))
      return limit(sort(input, keys), { limit: literal(2n, int8), offset: literal(1n, int8) })
    }
  }
}

function toInt(expr: Expression): Expression {
  return expr.type.kind === 'int4' ? expr : cast(expr, int4)
}

function randomAggregate(g: Generator, scope: Scope, outer: Scope): AggregateCall {
  const base = { id: g.ids.next(), name: 'agg' }
  const filter_ = chance(g, 0.2) ? { filter: randomCondition(g, scope, outer) } : {}
  const arg = randomInt(g, scope, outer)
  const kind = pick(g, ['count*', 'count', 'sum', 'min', 'max'] as const)
  const distinctCall = chance(g, 0.2) && kind !== 'count*'
  if (kind === 'count*') {
    return {
      ...base,
      type: int8,
      fn: aggregateEntry('count(*)'),
      args: [],
      distinct: false,
      ...filter_,
    }
  }
  const fn = aggregateEntry(kind === 'count' ? 'count(any)' : `${kind}(int4)`)
  const type = kind === 'count' || kind === 'sum' ? int8 : int4
  return { ...base, type, fn, args: [arg], distinct: distinctCall, ...filter_ }
}

/** A column of the input, or with some luck of an outer relation, or a constant. */
function randomLeaf(g: Generator, scope: Scope, outer: Scope): Expression {
  const dice = g.random.next()
  if (dice < 0.35 && outer.length > 0) return columnReference(pick(g, outer))
  if (dice < 0.85 && scope.length > 0) return columnReference(pick(g, scope))
  return literal(Math.floor(g.random.next() * 3), int4)
}

function randomInt(g: Generator, scope: Scope, outer: Scope): Expression {
  const dice = g.random.next()
  if (dice < 0.15 && g.budget > 0) {
    const inner = randomRelation(g, [...scope, ...outer])
    const single = chance(g, 0.9) ? scalarOf(g, inner) : inner
    return { kind: 'subquery', form: 'scalar', input: single, type: int4 }
  }
  if (dice < 0.25) {
    const args = [randomLeaf(g, scope, outer), randomLeaf(g, scope, outer)]
    return call('+(int4,int4)', args, int4)
  }
  if (dice < 0.33) {
    const when = randomBool(g, scope, outer)
    return caseOf([{ when, then: randomInt(g, scope, outer) }], randomInt(g, scope, outer))
  }
  return randomLeaf(g, scope, outer)
}

/** Makes a scalar subquery of it that has one row. */
function scalarOf(g: Generator, input: Relation): Relation {
  const fn = aggregateEntry(pick(g, ['min(int4)', 'max(int4)']))
  const args = [columnReference(pick(g, input.columns))]
  const item = { id: g.ids.next(), name: 'm', type: int4, fn, args, distinct: false }
  return aggregate(input, [], [item])
}

function randomBool(g: Generator, scope: Scope, outer: Scope): Expression {
  const dice = g.random.next()
  if (g.budget > 0 && dice < 0.45) return randomMembership(g, scope, outer)
  if (dice < 0.55) {
    return and([randomBool(g, scope, outer), randomCondition(g, scope, outer)])
  }
  if (dice < 0.65) return or([randomBool(g, scope, outer), randomCondition(g, scope, outer)])
  if (dice < 0.72) return call('not(bool)', [randomBool(g, scope, outer)], bool)
  return randomCondition(g, scope, outer, true)
}

function randomMembership(g: Generator, scope: Scope, outer: Scope): Expression {
  const input = randomRelation(g, [...scope, ...outer])
  const form = pick(g, ['exists', 'any', 'all', 'any'] as const)
  if (form === 'exists') {
    const exists: Expression = { kind: 'subquery', form, input, type: bool }
    return chance(g, 0.4) ? call('not(bool)', [exists], bool) : exists
  }
  const fn = scalarEntry(`${pick(g, ['=', '=', '<>', '<', '>='])}(int4,int4)`)
  const arg = randomLeaf(g, scope, outer)
  const membership: Expression = { kind: 'subquery', form, input, arg, fn, type: bool }
  return chance(g, 0.5) ? call('not(bool)', [membership], bool) : membership
}

function randomCondition(g: Generator, scope: Scope, outer: Scope, computed = false): Expression {
  const operand = (): Expression =>
    computed ? randomInt(g, scope, outer) : randomLeaf(g, scope, outer)
  const dice = g.random.next()
  if (dice < 0.1) return call('is_null(any)', [operand()], bool)
  if (dice < 0.15) {
    return call('is_not_distinct_from(any,any)', [operand(), operand()], bool)
  }
  const fn = `${pick(g, ['=', '=', '=', '<>', '<', '>='])}(int4,int4)`
  const one = call(fn, [operand(), operand()], bool)
  return dice < 0.3 ? and([one, randomCondition(g, scope, outer)]) : one
}
