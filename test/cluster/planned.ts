import { plainLocale } from '../../src/data/types/datetime/locale.ts'
import type { Catalog } from '../../src/plan/catalog/catalog.ts'
import { newColumnIds } from '../../src/plan/logical/build.ts'
import { bindQuery } from '../../src/plan/binder/bind.ts'
import { optimize } from '../../src/plan/optimizer/optimize.ts'
import { planPhysical } from '../../src/plan/physical/plan-query.ts'
import type { StagedPlan } from '../../src/plan/physical/plan.ts'
import { cutStages } from '../../src/plan/physical/stages.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

/** A query's whole way from text to stages for a number of workers. */
export function planText(sql: string, catalog: Catalog, workers: number): StagedPlan {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error(`not a query: ${sql}`)
  const { relation } = bindQuery(statement, {
    functions: builtInFunctions,
    catalog,
    searchPath: ['public'],
    columnIds: newColumnIds(),
    beganMicros: () => 1_600_000_000_000_000n,
    locale: plainLocale,
  })
  return cutStages(planPhysical(optimize(relation, { functions: builtInFunctions }), { workers }), {
    workers,
  })
}
