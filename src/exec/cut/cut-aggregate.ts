import type { Steps } from '../../base/steps.ts'
import type { HashAggregate } from '../../plan/physical/plan.ts'
import {
  closePipeline,
  groupLayout,
  groupTable,
  inOrder,
  nullableIn,
  openRows,
  type Cutter,
} from './cutting.ts'
import { columnIds, type Open } from './open-pipeline.ts'
import { callExpressions } from '../../plan/physical/plan.ts'

/** Groups rows into one table; the result is read from its rows. */
export function* cutAggregate(cutter: Cutter, plan: HashAggregate): Steps<Open[]> {
  const { input, keys, aggregates } = plan
  const inputs = aggregates.flatMap(callExpressions)
  const opens = yield* cutter.open(input, columnIds([...keys.map(({ expr }) => expr), ...inputs]))
  const nullable = nullableIn(input)
  const layout = groupLayout(keys, aggregates, nullable)
  const breaker = cutter.breakers++
  for (const open of opens) {
    const made = yield* groupTable(cutter, open, breaker, layout, keys, aggregates)
    const table = { ...made, mayRepeat: plan.phase === 'partial' && keys.length > 0 }
    closePipeline(cutter, inOrder(open, aggregates), { kind: 'aggregate', tables: [table] })
  }
  return [openRows(breaker, layout)]
}
