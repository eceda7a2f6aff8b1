import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  date,
  decimal,
  float8,
  int4,
  int8,
  text,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Expression } from '../../src/plan/logical/expression.ts'
import type { PhysicalJoinKind, PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  filter,
  hashJoin,
  literal,
  nestedLoop,
  project,
  scan,
  sort,
  stageOf,
  unionAll,
} from './plans.ts'
import { checkByReference, createEnvironment, referenceRows } from './running.ts'
import { randomTable } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)
const types: readonly DataType[] = [int4, text, decimal(10, 2), float8, date, bool, int8]
const tables = [0, 3, 12].map((rows, at) =>
  randomTable(seededRandom(at + 40), arena, `n${at}`, types, rows, 5),
)
const tunings = [{}, { batchRows: 2, morselRows: 5 }]

const upper = (arg: Expression): Expression => call('upper(text)', text, arg)
const isNull = (arg: Expression): Expression => call('is_null(any)', bool, arg)

/**
 * The first column is the table's key; those after it are what a join's nullable side may consist of:
 * constants (whose rows keep no validity), computed columns, and ones that are called out.
 */
function computedSide(table: number): PhysicalPlan {
  const s = scan(tables[table]!)
  const whenTrue: Expression = {
    kind: 'case',
    type: text,
    branches: [{ when: column(s, 5), then: literal(text, 'yes') }],
    otherwise: column(s, 1),
  }
  return project(s, [
    column(s, 0),
    literal(text, 'zz'),
    literal(int4, 7),
    literal(decimal(10, 2), 150n),
    literal(bool, true),
    upper(literal(text, 'k')),
    upper(column(s, 1)),
    call('+(int4,int4)', int4, column(s, 0), literal(int4, 1)),
    call('abs(decimal)', decimal(10, 2), column(s, 2)),
    isNull(column(s, 1)),
    whenTrue,
    literal(date, 10_003),
    literal(float8, 0.5),
    literal(int8, 9n),
  ])
}

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random.next() * list.length)]!

/** An expression of a type over a plan's columns, often one that is called out. */
function expressionOf(random: Random, plan: PhysicalPlan, type: DataType): Expression {
  const fitting = plan.columns.flatMap((c, at) => (c.type.kind === type.kind ? [at] : []))
  const plain = column(plan, pick(random, fitting))
  if (type.kind === 'text') {
    return pick(random, [
      plain,
      upper(plain),
      call('md5(text)', text, plain),
      call('||(text,text)', text, plain, upper(plain)),
    ])
  }
  if (type.kind === 'int4') {
    return pick(random, [
      plain,
      call('length(text)', int4, expressionOf(random, plan, text)),
      call('-(int4)', int4, plain),
    ])
  }
  if (type.kind === 'decimal') return pick(random, [plain, call('abs(decimal)', type, plain)])
  return plain
}

function conditionOf(random: Random, plan: PhysicalPlan): Expression {
  const one = (): Expression =>
    pick(random, [
      isNull(expressionOf(random, plan, text)),
      isNull(expressionOf(random, plan, decimal(10, 2))),
      compare('=', expressionOf(random, plan, text), literal(text, 'ZZ')),
      compare('<', expressionOf(random, plan, int4), expressionOf(random, plan, int4)),
      compare('=', expressionOf(random, plan, bool), literal(bool, true)),
    ])
  const kind = pick(random, ['one', 'one', 'and', 'or'] as const)
  return kind === 'one' ? one() : { kind, type: bool, args: [one(), one()] }
}

const joinKinds: readonly PhysicalJoinKind[] = [
  'left',
  'right',
  'full',
  'inner',
  'semi',
  'anti',
  'right-semi',
  'right-anti',
  'mark',
]

function joined(random: Random, probe: PhysicalPlan, build: PhysicalPlan): PhysicalPlan {
  const joinKind = pick(random, joinKinds)
  const both = { ...probe, columns: [...probe.columns, ...build.columns] }
  const residual = random.next() < 0.4 ? conditionOf(random, both) : undefined
  if (random.next() < 0.2) return nestedLoop(probe, build, joinKind, residual)
  const type = pick(random, [int4, int4, text])
  const keys = [[expressionOf(random, probe, type), expressionOf(random, build, type)]] as const
  return hashJoin(probe, build, {
    joinKind,
    keys,
    nullSafe: random.next() < 0.2,
    ...(residual !== undefined && { residual }),
  })
}

/** Something that reads columns of the plan: filter, projection, groups, sort, union or another join. */
function consumed(random: Random, plan: PhysicalPlan, depth: number): PhysicalPlan {
  if (depth === 0) return plan
  const again = (next: PhysicalPlan): PhysicalPlan => consumed(random, next, depth - 1)
  const exprs = (): Expression[] =>
    [int4, text, text, decimal(10, 2), bool].map((type) => expressionOf(random, plan, type))
  switch (pick(random, ['filter', 'project', 'group', 'sort', 'join', 'union'] as const)) {
    case 'filter':
      return again(filter(plan, conditionOf(random, plan)))
    case 'project':
      return again(project(plan, exprs()))
    case 'group': {
      const [key, other, arg, amount, truth] = exprs()
      return aggregate(
        plan,
        [key!, other!],
        [
          { accumulator: 'count', arg: arg! },
          { accumulator: 'min', arg: arg!, filter: conditionOf(random, plan) },
          { accumulator: 'sum', arg: amount! },
          { accumulator: 'bool-or', arg: truth! },
          { accumulator: 'count', arg: arg!, distinct: true },
        ],
      )
    }
    case 'sort': {
      const keys = exprs().map((expr) => ({ expr, descending: true, nullsFirst: true }))
      return again(sort(plan, keys))
    }
    case 'join':
      return again(joined(random, plan, computedSide(pick(random, [0, 1, 2]))))
    case 'union':
      return again(unionAll(plan, plan))
  }
}

describe('columns of nullable sides that are constant, computed or called out', () => {
  test.each(Array.from({ length: 150 }, (_, seed) => seed))('seed %s', async (seed) => {
    const random = seededRandom(seed + 1)
    const plan = joined(
      random,
      computedSide(pick(random, [1, 2])),
      computedSide(pick(random, [0, 1, 2])),
    )
    await checkByReference(env, stageOf(consumed(random, plan, 3)), tunings)
  })

  test.each(['left', 'full', 'single'] as const)(
    'a constant behind a %s join',
    async (joinKind) => {
      const p = scan(tables[2]!)
      const b = computedSide(0)
      for (const join of [
        hashJoin(p, b, { joinKind, keys: [[column(p, 0), column(b, 0)]] }),
        nestedLoop(p, b, joinKind, compare('=', column(p, 0), column(b, 0))),
      ]) {
        const constant = column({ ...join, columns: b.columns }, 1)
        const stage = stageOf(project(join, [upper(constant), call('md5(text)', text, constant)]))
        expect(referenceRows(env, stage)).toEqual(Array.from({ length: 12 }, () => [null, null]))
        await checkByReference(env, stage, tunings)
      }
    },
  )
})
