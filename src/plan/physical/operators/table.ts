import type { PhysicalKind, PhysicalPlan } from '../plan.ts'
import { hashAggregate } from './aggregate.ts'
import { expand } from './expand.ts'
import { hashJoin, nestedLoopJoin } from './joins.ts'
import { scan, stageInput, values } from './leaves.ts'
import { exchange, unionAll } from './moves.ts'
import type { PhysicalOperator } from './operator.ts'
import { recursion, workingTable } from './recursion.ts'
import { filter, limit, project, sort } from './rows.ts'
import { window } from './window.ts'

/** Every physical operator: a kind without an entry does not compile. */
const operators: { readonly [K in PhysicalKind]: PhysicalOperator<K> } = {
  scan,
  values,
  filter,
  expand,
  project,
  'hash-join': hashJoin,
  'nested-loop-join': nestedLoopJoin,
  'hash-aggregate': hashAggregate,
  window,
  sort,
  limit,
  'union-all': unionAll,
  exchange,
  'stage-input': stageInput,
  recursion,
  'working-table': workingTable,
}

/** The entry of a plan's kind, for a plan of that kind. */
export function operatorOf(plan: PhysicalPlan): PhysicalOperator<PhysicalKind> {
  return operators[plan.kind] as PhysicalOperator<PhysicalKind>
}
