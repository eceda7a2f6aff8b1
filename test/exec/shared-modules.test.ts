import type { ValueBounds } from '../../src/data/types/value-bounds.ts'
import { describe, expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom, type Random } from '../../src/base/world.ts'
import { canonicalize } from '../../src/compile/shape/canonical.ts'
import type { Canonical } from '../../src/compile/model/canonical-form.ts'
import { compilePipeline } from '../../src/compile/wasm/compile-pipeline.ts'
import { denseKeysOf, denseShape } from '../../src/compile/shape/dense-keys.ts'
import type { Pipeline } from '../../src/compile/model/pipeline.ts'
import { viewPipeline } from '../../src/compile/shape/row-sources.ts'
import type { ColumnShape } from '../../src/compile/model/shapes.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  date,
  decimal,
  float8,
  int2,
  int4,
  int8,
  text,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import { cutFragment } from '../../src/exec/cut/cut-pipelines.ts'
import type { CutFragment } from '../../src/exec/cut/cutting.ts'
import { columnShapes } from '../../src/exec/thread/decide-entries.ts'
import { moduleCacheStatistics } from '../../src/exec/thread/module-cache.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import type { PhysicalPlan, Stage } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  filter,
  freshId,
  hashJoin,
  literal,
  nestedLoop,
  project,
  scan,
  sort,
  stageOf,
} from './plans.ts'
import { createEnvironment, inlinePool, referenceRows, rowText, runStage } from './running.ts'
import { chunksHere, randomScalar, randomTable, tableOf } from './tables.ts'

const types: readonly DataType[] = [
  int4,
  int4,
  int8,
  date,
  decimal(10, 2),
  decimal(30, 3),
  text,
  float8,
  int2,
]
const [INT4, , INT8, DATE, DECIMAL, , TEXT, FLOAT8] = types.map((_, at) => at) as number[]

const env = createEnvironment()
const arena = new Arena(env.heap)
const tables: readonly TableEntry[] = [1, 2, 3].map((seed) =>
  randomTable(seededRandom(seed), arena, `t${seed}`, types, 150, seed === 3 ? 0 : 6),
)

/** What decides the form of a query, and what decides its literals. */
interface Dice {
  readonly form: Random
  readonly values: Random
}

function pick<T>(random: Random, items: readonly T[]): T {
  return present(items[Math.floor(random.next() * items.length)], 'nothing to pick from')
}

/** Of one sign and size, so that variants of a form can share code; sometimes of any. */
function someLiteral({ values }: Dice, type: DataType): Expression {
  const below = (limit: number): number => Math.floor(values.next() * limit)
  if (values.next() < 0.2) return literal(type, randomScalar(values, type, 0))
  switch (type.kind) {
    case 'int4':
    case 'int2':
      return literal(type, 1 + below(8))
    case 'date':
      return literal(type, 10_000 + below(40))
    case 'int8':
    case 'decimal':
      return literal(type, BigInt(1 + below(200)))
    default:
      return literal(type, randomScalar(values, type, 0))
  }
}

function someValue(dice: Dice, plan: PhysicalPlan, type: DataType, depth: number): Expression {
  const { form } = dice
  const same = types.flatMap((other, at) => (other === type ? [at] : []))
  const leaf = (): Expression =>
    form.next() < 0.5 && same.length > 0 ? column(plan, pick(form, same)) : someLiteral(dice, type)
  if (depth === 0) return leaf()
  const below = (): Expression => someValue(dice, plan, type, depth - 1)
  if (form.next() < 0.2) {
    const when = someCondition(dice, plan, depth - 1)
    return { kind: 'case', type, branches: [{ when, then: below() }], otherwise: below() }
  }
  const kinds = `${type.kind},${type.kind}`
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
      return call(`${pick(form, ['+', '-', '*', '/', '%'])}(${kinds})`, type, below(), below())
    case 'float8':
      return call(`${pick(form, ['+', '-', '*'])}(${kinds})`, type, below(), below())
    default:
      return leaf()
  }
}

function someCondition(dice: Dice, plan: PhysicalPlan, depth: number): Expression {
  const { form } = dice
  const at = Math.floor(form.next() * types.length)
  const type = types[at]!
  const choice = form.next()
  if (depth > 0 && choice < 0.3) {
    const args = [someCondition(dice, plan, depth - 1), someCondition(dice, plan, depth - 1)]
    return { kind: pick(form, ['and', 'or'] as const), type: bool, args }
  }
  if (choice < 0.5) {
    const list = [1, 2, 3].map(() => someLiteral(dice, type))
    return { kind: 'in-list', type: bool, arg: column(plan, at), list }
  }
  const operator = pick(form, ['=', '<>', '<', '<=', '>', '>='])
  if (type === text && choice < 0.7) {
    const pattern = pick(dice.values, ['a%', '%b', '%e%', 'ab', 'a_'])
    return call('like(text,text)', bool, column(plan, at), literal(text, pattern))
  }
  if (type.kind === 'decimal') return compare(operator, column(plan, at), someLiteral(dice, type))
  // No arithmetic: conjuncts may be tested in another order, so that others raise first.
  return compare(operator, column(plan, at), someValue(dice, plan, type, 0))
}

function somePlan(dice: Dice, table: TableEntry, other: TableEntry): PhysicalPlan {
  const { form } = dice
  const s = scan(table)
  const filtered = form.next() < 0.7 ? filter(s, someCondition(dice, s, 2)) : s
  const values = [int4, pick(form, types), float8].map((type) => someValue(dice, s, type, 2))
  switch (Math.floor(form.next() * 6)) {
    case 0:
      return project(filtered, values)
    case 1: {
      const keys = [column(s, pick(form, [INT4!, DATE!, TEXT!]))]
      return aggregate(filtered, keys, [
        { accumulator: 'sum', arg: someValue(dice, s, int4, 1) },
        { accumulator: 'max', arg: column(s, DECIMAL!) },
        { accumulator: 'count-star', filter: someCondition(dice, s, 1) },
      ])
    }
    case 2:
      return aggregate(
        filtered,
        [],
        [
          { accumulator: 'min', arg: pick(form, values) },
          { accumulator: 'count', arg: someCondition(dice, s, 1) },
        ],
      )
    case 3: {
      const projected = project(filtered, values)
      const keys = projected.columns.map((_, at) => ({
        expr: column(projected, at),
        descending: form.next() < 0.5,
        nullsFirst: true,
      }))
      return sort(projected, keys, form.next() < 0.5 ? 1_000 : undefined)
    }
    case 4: {
      const build = scan(other)
      const at = pick(form, [INT4!, INT8!, DATE!, TEXT!])
      const residual = compare('<=', column(s, FLOAT8!), someLiteral(dice, float8))
      return hashJoin(filtered, build, {
        joinKind: pick(form, [
          'inner',
          'left',
          'right',
          'semi',
          'anti',
          'full',
          'right-semi',
          'right-anti',
        ] as const),
        keys: [[column(s, at), column(build, at)]],
        ...(form.next() < 0.5 ? { residual } : {}),
      })
    }
    default: {
      const build = scan(other)
      const condition: Expression = {
        kind: 'and',
        type: bool,
        args: [compare('<', column(s, INT4!), column(build, INT4!)), someCondition(dice, s, 1)],
      }
      return nestedLoop(filtered, build, pick(form, ['inner', 'left', 'semi'] as const), condition)
    }
  }
}

/** True bounds of the integers of the scans below a plan. */
function boundsOf(plan: PhysicalPlan): ReadonlyMap<ColumnId, ValueBounds> {
  const bounds = new Map<ColumnId, ValueBounds>()
  const visit = (node: PhysicalPlan): void => {
    if (node.kind === 'scan' && node.table.source.kind === 'memory') {
      for (const [at, { id, type }] of node.columns.entries()) {
        const known = boundsOfValues(type, columnValues(node.table, at))
        if (known !== undefined) bounds.set(id, known)
      }
    }
    if ('input' in node) visit(node.input)
    if ('probe' in node) [node.probe, node.build].forEach(visit)
  }
  visit(plan)
  return bounds
}

function columnValues(table: TableEntry, at: number): readonly Scalar[] {
  return chunksHere(table).flatMap((chunk) => scalarsOf(env.heap, chunk.columns[at]!))
}

function boundsOfValues(type: DataType, values: readonly Scalar[]): ValueBounds | undefined {
  if (!['int2', 'int4', 'date', 'decimal'].includes(type.kind)) return undefined
  const numbers = values.flatMap((value) => (value === null ? [] : [BigInt(value as number)]))
  if (numbers.length === 0) return undefined
  const ends = numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return { min: ends[0]!, max: ends.at(-1)! }
}

/** The modules that a stage over tables in memory needs, by what they are shared by. */
function canonicalForms(stage: Stage): Canonical[] {
  const cut = cutFragment(stage, 1_024)
  return cut.pipelines.flatMap((pipeline) =>
    shapesOf(cut, pipeline).flatMap((columns) => {
      const view = viewPipeline(pipeline, columns)
      const { sink } = pipeline
      const keys = sink.kind === 'aggregate' ? denseKeysOf(view, sink.tables[0]!) : undefined
      const dense = [undefined, ...(keys === undefined ? [] : [keys.map(denseShape)])]
      return dense.map((shape) => canonicalize(view, { columns, dense: shape }, 64))
    }),
  )
}

function shapesOf(cut: CutFragment, { source }: Pipeline): readonly (readonly ColumnShape[])[] {
  if (source.kind !== 'chunks') return [[]]
  const input = cut.inputs[source.input]
  if (input?.kind !== 'scan' || input.scan.table.source.kind !== 'memory') return []
  const { sourceColumns, table } = input.scan
  return chunksHere(table)
    .map((chunk) =>
      columnShapes({ ...chunk, columns: sourceColumns.map((at) => chunk.columns[at]!) }),
    )
    .filter(() => table.columns.length > 0)
}

async function outcome(rows: () => Promise<string[]> | string[]): Promise<string[]> {
  try {
    return (await rows()).sort()
  } catch (error) {
    if (error instanceof QueryError) return ['an error, one of several perhaps']
    throw error
  }
}

const VARIANTS = 6

/** Queries of one form that differ in literals, ids and tables. */
function variantsOf(seed: number): readonly Stage[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const dice = { form: seededRandom(seed), values: seededRandom(seed * 1_000 + variant) }
    for (let skipped = 0; skipped < variant; skipped++) freshId()
    const plan = somePlan(dice, tables[variant % 3]!, tables[(variant + 1) % 3]!)
    return stageOf(plan, seed % 2 === 0 ? { bounds: boundsOf(plan) } : {})
  })
}

const seeds = Array.from({ length: 120 }, (_, at) => at + 1)

describe('queries of one form share modules', () => {
  test.each(seeds)('and get their own answers: form %i', async (seed) => {
    for (const stage of variantsOf(seed)) {
      const expected = await outcome(() => referenceRows(env, stage).map(rowText))
      const pool = inlinePool(env, 2)
      const tuning = { poolRowsMin: 0 }
      const run = async (): Promise<string[]> =>
        (await runStage(env, stage, pool, new Map(), 0, tuning)).flat().map(rowText)
      expect(await outcome(run), `seed ${seed}`).toEqual(expected)
    }
  })

  test('equal keys have equal code', () => {
    const known = new Map<string, string>()
    let shared = 0
    for (const seed of seeds) {
      for (const canonical of variantsOf(seed).flatMap(canonicalForms)) {
        const { bytes, bindings, blamed, decisions, contextBytes } = compilePipeline(canonical)
        const code = [Buffer.from(bytes).toString('hex'), contextBytes, blamed, decisions]
        const whole = JSON.stringify([...code, bindings])
        const before = known.get(canonical.key)
        if (before === undefined) known.set(canonical.key, whole)
        else {
          shared++
          expect(whole === before, `seed ${seed}: ${canonical.key}`).toBe(true)
        }
      }
    }
    expect(shared).toBeGreaterThan(known.size / 2)
  })
})

/** How many modules a query compiles. */
async function compiledBy(plan: PhysicalPlan): Promise<number> {
  const before = moduleCacheStatistics()
  await runStage(env, stageOf(plan))
  return moduleCacheStatistics().misses - before.misses
}

describe('one module serves', () => {
  const table = tables[0]!
  const cases: readonly (readonly [string, (s: PhysicalPlan, round: number) => Expression])[] = [
    ['other integers', (s, n) => compare('>', column(s, INT4!), literal(int4, n))],
    [
      'integers far apart',
      (s, n) => compare('>', column(s, INT8!), literal(int8, 10n ** BigInt(n * 6))),
    ],
    ['other dates', (s, n) => compare('=', column(s, DATE!), literal(date, 10_000 + n))],
    [
      'other decimals',
      (s, n) => compare('<', column(s, DECIMAL!), literal(decimal(10, 2), BigInt(n * 10))),
    ],
    ['other texts', (s, n) => compare('=', column(s, TEXT!), literal(text, 'x'.repeat(n)))],
    ['other doubles', (s, n) => compare('<', column(s, FLOAT8!), literal(float8, n / 3))],
    [
      'other members of a list',
      (s, n) => ({
        kind: 'in-list',
        type: bool,
        arg: column(s, INT8!),
        list: [literal(int8, BigInt(n)), literal(int8, BigInt(n * 7))],
      }),
    ],
    [
      'literals that are computed with',
      (s, n) => {
        const type = decimal(10, 2)
        const cents = (value: number): Expression => literal(type, BigInt(value))
        const sum = call('+(decimal,decimal)', decimal(11, 2), column(s, DECIMAL!), cents(n))
        return compare('>', sum, cents(n * 2))
      },
    ],
  ]

  test.each(cases)('%s', async (_label, condition) => {
    const plan = (round: number): PhysicalPlan => {
      const s = scan(table)
      return project(filter(s, condition(s, round)), [column(s, INT4!)])
    }
    await compiledBy(plan(1))
    expect(await compiledBy(plan(2))).toBe(0)
    expect(await compiledBy(plan(3))).toBe(0)
  })

  test('small chunks of many shapes', async () => {
    const random = seededRandom(5)
    const chunks = Array.from({ length: 20 }, (_, at) =>
      randomTable(random, arena, `c${at}`, [int4, int8, date, decimal(10, 2)], 30, at % 3),
    ).flatMap(chunksHere)
    const many = tableOf('many', [int4, int8, date, decimal(10, 2)], chunks)
    const s = scan(many)
    const condition = compare('>', column(s, 0), literal(int4, -5))
    const values = [0, 1, 2, 3].map((at) => column(s, at))
    const stage = stageOf(project(filter(s, condition), values))
    const expected = referenceRows(env, stage).map(rowText)
    for (const pool of [undefined, inlinePool(env, 2)]) {
      const before = [moduleCacheStatistics().misses, env.heap.bytesInUse]
      const tuning = { poolRowsMin: 0, uniformRowsMax: 4_096 }
      const rows = (await runStage(env, stage, pool, new Map(), 0, tuning)).flat().map(rowText)
      expect(rows.sort()).toEqual(expected.toSorted())
      expect(moduleCacheStatistics().misses - before[0]!).toBeLessThanOrEqual(1)
      expect(env.heap.bytesInUse).toBe(before[1])
    }
  })

  test('other names, ids and spans, and errors blame their own query', async () => {
    const failing = (start: number): PhysicalPlan => {
      const s = scan(table)
      const zero = call('-(int4,int4)', int4, column(s, INT4!), column(s, INT4!))
      const quotient = call('/(int4,int4)', int4, literal(int4, start), zero)
      return project(s, [{ ...quotient, span: { start, end: start + 5 } }])
    }
    for (const start of [3, 40, 77]) {
      await expect(runStage(env, stageOf(failing(start)))).rejects.toMatchObject({
        code: 'DIVISION_BY_ZERO',
        details: { span: { start, end: start + 5 } },
      })
    }
    const before = moduleCacheStatistics().misses
    await expect(runStage(env, stageOf(failing(90)))).rejects.toThrow('division by zero')
    expect(moduleCacheStatistics().misses).toBe(before)
  })

  test('but not what code depends on', async () => {
    const plan = (value: Scalar): PhysicalPlan => {
      const s = scan(table)
      return project(s, [call('/(int4,int4)', int4, column(s, INT4!), literal(int4, value))])
    }
    await compiledBy(plan(3))
    expect(await compiledBy(plan(4))).toBeGreaterThan(0)
    expect(await compiledBy(plan(null))).toBeGreaterThan(0)
  })

  test('a bounded number of queries', async () => {
    for (let partitions = 1; partitions <= 600; partitions++) {
      const s = scan(tables[2]!)
      const stage = stageOf(project(s, [column(s, INT4!)]), {
        output: { kind: 'round-robin' },
        outputPartitions: partitions,
      })
      await runStage(env, stage, undefined, new Map(), 0, { batchRows: 1_024 })
    }
    expect(moduleCacheStatistics().modules).toBeLessThanOrEqual(512)
  })
})
