import { describe, expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4, int8, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import { explainPhysical } from '../../src/plan/physical/explain.ts'
import type { HashJoin, PhysicalPlan, Stage } from '../../src/plan/physical/plan.ts'
import { seededRandom } from '../../src/base/world.ts'
import { aggregate, column, hashJoin, project, scan, stageOf, unionAll } from './plans.ts'
import { createEnvironment, inlinePool, referenceRows, runStage } from './running.ts'
import { statisticsOf, tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

type Claims = readonly (readonly [claimed: readonly Scalar[], values: readonly Scalar[]])[]

/** Chunks of one column; what is claimed of a chunk may be a lie, which shows whether it is read. */
function claims(type: DataType, ...chunks: Claims): TableEntry {
  const table = tableOf(
    't',
    [type],
    chunks.map(([claimed, values]) => ({
      rows: values.length,
      columns: [vectorFromScalars(arena, type, values)],
      statistics: [statisticsOf(claimed)],
    })),
  )
  const columns = [statisticsOf(chunks.flatMap(([claimed]) => claimed))]
  return { ...table, statistics: { ...table.statistics, columns } }
}

const far = claims(
  int4,
  [
    [1, 9],
    [1, 9],
  ],
  [[20, 40], [7]],
  [[50, 60], [5]],
)

/** A stage whose keys have these bounds, so that a single one has a rank index; else they are hashed. */
function stageWith(root: PhysicalPlan, keys: HashJoin, ranked: boolean): Stage {
  const ids = [...keys.probe.columns, ...keys.build.columns].map(({ id }) => id)
  const bounds = new Map(ids.map((id) => [id, { min: -2n, max: 600n }]))
  return stageOf(root, ranked ? { bounds } : {})
}

async function rowsOf(root: PhysicalPlan, join: HashJoin): Promise<readonly Scalar[][]> {
  const answers = []
  for (const ranked of [true, false]) {
    for (const threads of [1, 2]) {
      const before = env.heap.bytesInUse
      const pool = inlinePool(env, threads)
      const rows = (await runStage(env, stageWith(root, join, ranked), pool)).flat()
      answers.push(rows.toSorted((a, b) => Number(a[0] ?? -99) - Number(b[0] ?? -99)))
      expect(env.heap.bytesInUse).toBe(before)
    }
  }
  for (const answer of answers) expect(answer).toEqual(answers[0])
  return answers[0] ?? []
}

type Kind = HashJoin['joinKind']

function joined(joinKind: Kind, keys: readonly Scalar[], nullSafe = false): HashJoin {
  const [probe, build] = [scan(far), scan(claims(int4, [keys, keys]))]
  const on = [[column(probe, 0), column(build, 0)]] as const
  return hashJoin(probe, build, { joinKind, keys: on, nullSafe })
}

describe('a chunk that holds no key of the join is not read', () => {
  test.each(['inner', 'semi', 'right'] as const)('%s join', async (joinKind) => {
    const join = joined(joinKind, [5, 7, null])
    const values = (await rowsOf(join, join)).map(([value]) => value)
    // The lies at 5 and 7 are found nowhere: only the first chunk may have them, and it has not.
    expect(values).toEqual(joinKind === 'right' ? [null, null, null] : [])
    const other = joined(joinKind, [7, 30])
    const found = (await rowsOf(other, other)).map(([value]) => value)
    expect(found).toEqual(joinKind === 'right' ? [null, 7] : [7])
  })

  test('below filters, projections, unions and other joins', async () => {
    const [one, other] = [scan(far), scan(far)]
    const all = unionAll(project(one, [column(one, 0)]), other)
    const left = scan(claims(int4, [[7], [7]]))
    const beside = hashJoin(all, left, {
      joinKind: 'left',
      keys: [[column(all, 0), column(left, 0)]],
    })
    const build = scan(
      claims(int4, [
        [5, 30],
        [5, 30, 7],
      ]),
    )
    const join = hashJoin(beside, build, {
      joinKind: 'inner',
      keys: [[column(beside, 0), column(build, 0)]],
    })
    expect((await rowsOf(join, join)).map(([value]) => value)).toEqual([7, 7])
    expect(explainPhysical(join)).toContain('narrows t by c0')
  })

  test('by keys of 64 bits at the end of their range', async () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]
    const table = claims(int8, [[least], [least]], [[0n], [most]], [[most], [most]])
    const [probe, build] = [scan(table), scan(claims(int8, [[most], [most]]))]
    const keys = [[column(probe, 0), column(build, 0)]] as const
    const join = hashJoin(probe, build, { joinKind: 'inner', keys })
    expect((await runStage(env, stageOf(join))).flat()).toEqual([[most, most]])
  })
})

describe('every chunk is read', () => {
  test.each([
    ['left', [5, 7]],
    ['anti', []],
    ['full', [5, 7]],
  ] as const)('of a %s join: rows without a partner are given, too', async (joinKind, expected) => {
    const join = joined(joinKind, [5, 7, 1, 9])
    const values = (await rowsOf(join, join)).map(([value]) => value)
    expect(values.filter((value) => value === 5 || value === 7)).toEqual(expected)
    expect(explainPhysical(join)).not.toContain('narrows')
  })

  test('where NULL is equal to NULL', async () => {
    const join = joined('inner', [5, 7], true)
    expect((await runStage(env, stageOf(join))).flat()).toEqual([
      [7, 7],
      [5, 5],
    ])
  })

  test('below a join that gives what its rows do not match', async () => {
    const inner = joined('full', [5])
    const build = scan(claims(int4, [[1], [1]]))
    const join = hashJoin(inner, build, {
      joinKind: 'inner',
      keys: [[column(inner, 0), column(build, 0)]],
    })
    expect(explainPhysical(join)).not.toContain('narrows')
    expect((await runStage(env, stageOf(join))).flat()).toEqual([[1, null, 1]])
  })

  test('below groups, as they are made before', async () => {
    const source = scan(far)
    const groups = aggregate(source, [column(source, 0)], [])
    const build = scan(claims(int4, [[5], [5]]))
    const join = hashJoin(groups, build, {
      joinKind: 'inner',
      keys: [[column(groups, 0), column(build, 0)]],
    })
    expect((await runStage(env, stageOf(join))).flat()).toEqual([[5, 5]])
  })

  test('where pieces are too wide for keys to fall between, or keys too many', () => {
    const wide = claims(int4, [[1, 9], [1]], [[2, 9], [2]])
    const plans = [
      [scan(wide), scan(claims(int4, [[5], [5]]))],
      [scan(far), scan(claims(int4, [[5], Array.from({ length: 40 }, (_, i) => i)]))],
    ] as const
    for (const [probe, build] of plans) {
      const keys = [[column(probe, 0), column(build, 0)]] as const
      expect(explainPhysical(hashJoin(probe, build, { joinKind: 'inner', keys }))).not.toContain(
        'narrows',
      )
    }
  })
})

test('chunks of random rows give what the reference gives', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const pick = (n: number): number => Math.floor(random.next() * n)
    const chunks = Array.from({ length: 1 + pick(8) }, () => {
      const [start, width] = [pick(500), 1 + pick(130)]
      const values = Array.from({ length: 1 + pick(6) }, () =>
        pick(9) === 0 ? null : start + pick(width),
      )
      return [values, values] as const
    })
    const keys = Array.from({ length: 1 + pick(12) }, () => (pick(9) === 0 ? null : pick(600)))
    const [probe, build] = [scan(claims(int4, ...chunks)), scan(claims(int4, [keys, keys]))]
    const on = [[column(probe, 0), column(build, 0)]] as const
    for (const joinKind of ['inner', 'semi', 'right'] as const) {
      const join = hashJoin(probe, build, { joinKind, keys: on })
      for (const ranked of [true, false]) {
        const stage = stageWith(join, join, ranked)
        const rows = (await runStage(env, stage)).flat().map(String).toSorted()
        expect(rows, `seed ${seed}`).toEqual(referenceRows(env, stage).map(String).toSorted())
      }
    }
  }
})
