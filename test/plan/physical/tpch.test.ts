import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import { explainPhysical, explainStages } from '../../../src/plan/physical/explain.ts'
import { planPhysical } from '../../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../../src/plan/physical/stages.ts'
import { bindText } from '../binder/binding.ts'
import { tpchQueries } from '../tpch-queries.ts'
import { tpchCatalogWithStatistics } from '../tpch-statistics.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'

mkdirSync(new URL('plans/', import.meta.url), { recursive: true })

/** Column numbers are the plan's own, so a plan that did not change reads the same. */
function renumbered(text: string): string {
  const numbers = new Map<string, number>()
  return text.replaceAll(/'[^']*'|#(\d+)\b/g, (match, id?: string) => {
    if (id === undefined) return match
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1)
    return match.replace(id, String(numbers.get(id)))
  })
}

describe('plans of TPC-H at scale factor 1', () => {
  test.each(Object.entries(tpchQueries))('query %s', async (number, sql) => {
    const { relation } = bindText(sql, { catalog: tpchCatalogWithStatistics })
    const optimized = optimize(relation, { functions: builtInFunctions })
    const local = planPhysical(optimized, { workers: 1 })
    const spread = cutStages(planPhysical(optimized, { workers: 4 }), { workers: 4 })
    expect(cutStages(local, { workers: 1 }).stages.at(-1)?.partitions).toBe(1)
    expect(spread.stages.at(-1)?.partitions).toBe(1)
    const text = `-- one worker\n${explainPhysical(local)}\n\n-- four workers\n${explainStages(spread)}\n`
    await expect(renumbered(text)).toMatchFileSnapshot(`plans/q${number}.txt`)
  })
})
