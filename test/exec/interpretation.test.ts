import { describe, expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4 } from '../../src/data/types/data-type.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { moduleCacheStatistics } from '../../src/exec/thread/module-cache.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { PhysicalPlan } from '../../src/plan/physical/plan.ts'
import { call, column, hashJoin, nestedLoop, project, scan, stageOf } from './plans.ts'
import { createEnvironment, runStage } from './running.ts'
import { tableOf } from './tables.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

function numbers(rows: number): TableEntry {
  const values = Array.from({ length: rows }, (_, at) => at)
  const columns = [vectorFromScalars(arena, int4, values)]
  return tableOf(`n${rows}`, [int4], [{ rows, columns, statistics: undefined }])
}

/** A plan that is told apart from those of other tests by how many terms it adds. */
function sums(table: TableEntry, terms: number): PhysicalPlan {
  const input = scan(table)
  const n = column(input, 0)
  let sum = n
  for (let at = 1; at < terms; at++) sum = call('+(int4,int4)', int4, sum, n)
  return project(input, [sum])
}

/** How a plan's pipelines were run. */
async function run(plan: PhysicalPlan): Promise<{
  readonly rows: number
  readonly interpreted: number
  readonly loaded: number
  readonly loadings: number
}> {
  const before = moduleCacheStatistics()
  const tuning = { interpretation: 'few' as const }
  const output = await runStage(env, stageOf(plan), undefined, new Map(), 0, tuning)
  const after = moduleCacheStatistics()
  return {
    rows: output.flat().length,
    interpreted: after.interpretedRuns - before.interpretedRuns,
    loaded: after.loadedRuns - before.loadedRuns,
    loadings: after.loadings - before.loadings,
  }
}

describe('code', () => {
  test('is loaded by a thread that has hardly run any', async () => {
    const table = numbers(10)
    for (let terms = 10; moduleCacheStatistics().loadings < 64; terms++) {
      expect(await run(sums(table, terms))).toMatchObject({ interpreted: 0, loadings: 1 })
    }
  })

  test('of few rows is interpreted until it has cost as much as loading it', async () => {
    const plan = sums(numbers(100), 3)
    let runs = 0
    let last = await run(plan)
    for (; last.interpreted === 1 && runs < 100; runs++) {
      expect(last).toEqual({ rows: 100, interpreted: 1, loaded: 0, loadings: 0 })
      last = await run(plan)
    }
    expect(runs).toBeGreaterThan(1)
    expect(last).toEqual({ rows: 100, interpreted: 0, loaded: 1, loadings: 1 })
    // From there on it stays loaded, however few the rows.
    expect(await run(sums(numbers(2), 3))).toEqual({
      rows: 2,
      interpreted: 0,
      loaded: 1,
      loadings: 0,
    })
  })

  test('of many rows is loaded at once', async () => {
    expect(await run(sums(numbers(20_000), 4))).toEqual({
      rows: 20_000,
      interpreted: 0,
      loaded: 1,
      loadings: 1,
    })
  })

  test('of few rows that meet many is loaded, as they may become many', async () => {
    const pairs = nestedLoop(scan(numbers(50)), scan(numbers(60)), 'inner', undefined)
    const all = await run(project(pairs, [column(pairs, 0), column(pairs, 1)]))
    expect(all).toMatchObject({ rows: 3_000, interpreted: 1, loaded: 1 })
    const [probe, build] = [scan(numbers(50)), scan(numbers(60))]
    const keys = [[column(probe, 0), column(build, 0)]] as const
    const joined = await run(hashJoin(probe, build, { joinKind: 'inner', keys }))
    expect(joined).toMatchObject({ rows: 50, interpreted: 1, loaded: 1 })
  })
})
