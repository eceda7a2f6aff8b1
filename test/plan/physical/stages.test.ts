import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import type { OutputColumn } from '../../../src/plan/logical/relation.ts'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import { explainStages } from '../../../src/plan/physical/explain.ts'
import type { Stage } from '../../../src/plan/physical/plan.ts'
import { planPhysical } from '../../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../../src/plan/physical/stages.ts'
import { outcomeOf, text } from '../optimizer/naive.ts'
import { newGenerator, randomRelation, randomTables } from '../optimizer/random-plan.ts'
import { runStages } from './naive-stages.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'

const PLANS = Number(process.env['PLANS'] ?? 1500)
const FIRST_SEED = Number(process.env['SEED'] ?? 1)

function againstPromise(
  stage: Stage,
  { id, nullable }: OutputColumn,
  value: Scalar,
): string | undefined {
  if (value === null && !nullable) return `#${id} is NULL`
  const bounds = [...stage.bounds].find(([column]) => column === id)?.[1]
  if (bounds === undefined || value === null) return undefined
  const number = BigInt(Number(value))
  const inside = number >= bounds.min && number <= bounds.max
  return inside ? undefined : `#${id} is ${number}, not ${bounds.min} to ${bounds.max}`
}

function complaint(seed: number, budget: number, workers: number): string | undefined {
  const random = seededRandom(seed)
  const tables = randomTables(random)
  const plan = randomRelation(newGenerator(random, [...tables.keys()], budget), [])
  const expected = outcomeOf({ tables, ctes: new Map() }, plan)
  let shown = ''
  try {
    const optimized = optimize(plan, { functions: builtInFunctions })
    const ctx = { workers, broadcastBytesMax: seed % 2 === 0 ? 0 : 1e9 }
    const staged = cutStages(planPhysical(optimized, ctx), ctx)
    shown = explainStages(staged)
    const outside: string[] = []
    const rows = runStages(staged, tables, (stage, column, value) => {
      const found = againstPromise(stage, column, value)
      if (found !== undefined) outside.push(found)
    })
    const actual = rows.map((row) => row.map(text).join(', ')).sort()
    const same = expected.join('\n') === actual.join('\n') && outside.length === 0
    if (same || expected[0]?.startsWith('error') === true) return undefined
    return `${explainRelation(plan)}\n-- stages\n${shown}\n-- expected\n${expected.join('\n')}\n-- got\n${actual.join('\n')}\n${outside.join('\n')}`
  } catch (error) {
    const open = ['FEATURE_NOT_SUPPORTED', 'CARDINALITY_VIOLATION']
    if (error instanceof QueryError && open.includes(error.code)) return undefined
    return `${explainRelation(plan)}\n-- failed\n${(error as Error).stack}\n${shown}`
  }
}

describe('stages give the rows of the plan as bound, within the bounds and without the NULLs that they promise', () => {
  test.each([1, 2, 3])('on %i workers', (workers) => {
    let smallest: string | undefined
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PLANS; seed++) {
      const budget = 2 + (seed % 9)
      const found = complaint(seed, budget, workers)
      if (found === undefined) continue
      const message = `seed ${seed} budget ${budget}\n${found}`
      if (smallest === undefined || message.length < smallest.length) smallest = message
    }
    expect(smallest).toBeUndefined()
  })
})
