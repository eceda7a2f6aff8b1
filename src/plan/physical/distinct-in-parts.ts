import { columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { ColumnId } from '../logical/expression.ts'
import { distributeJoin } from './distribute-join.ts'
import { exchange, single, spread, type Distributed } from './distribution.ts'
import { mapCall } from './map-call.ts'
import type { Placing } from './operators/operator.ts'
import type {
  Exchange,
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalAggregateCall,
  PhysicalPlan,
} from './plan.ts'
import { readAgain } from './read-again.ts'
import { sortedInParts, wantedOfSorted } from './sorted-in-parts.ts'

type DistinctContext = Pick<
  Placing,
  'isInParts' | 'workers' | 'broadcastBytesMax' | 'attempt' | 'fresh'
>

/** Rows are kept, and read once for each value; more are not worth it. */
const VALUES_MAX = 16

/** Ids of the exchange that is read again, of its columns and of the keys of groups. Those of the query are positive. */
const CTE_IDS_BEGIN = -5_000_000_000
const READ_IDS_BEGIN = -20_000_000_000
const READ_IDS_STEP = 1_000_000_000
const KEY_IDS_BEGIN = -60_000_000_000

/**
 * Aggregates that want each of several values once, or some of their sorted rows, as a join of groups by the same keys: each of these wants one value,
 * by which rows can be divided. The rows are kept as they are made, and read for each. Undefined where there is one
 * such value or none. `distribute` places an aggregate over rows that lie in some way.
 */
export function distinctInParts(
  plan: HashAggregate,
  input: PhysicalPlan,
  ctx: DistinctContext,
  distribute: (plan: HashAggregate, input: Distributed) => Distributed,
): Distributed | undefined {
  // Counts of the rows of each group are sent to all tasks, which groups that are many have no room for.
  const areSortedApart = plan.keys.length === 0 || ctx.attempt === 2
  const lists = byValue(plan.aggregates, areSortedApart)
  const [first] = plan.aggregates
  const values = lists.filter(([call]) => call?.distinct === true).length
  const sorted = lists.filter((calls) => areSortedApart && isSorted(calls)).length
  if (first === undefined || values + sorted > VALUES_MAX) return undefined
  if (values < 2 && sorted === 0) return undefined
  const cteId = CTE_IDS_BEGIN - first.id
  const rows: Exchange = { ...exchange(input, { kind: 'stay' }), cteId }
  const groups = lists.map((calls, at) => {
    const branch = branchOf(plan, calls, rows, at)
    if (areSortedApart && isSorted(calls)) return sortedInParts(branch, ctx.workers)
    return distribute(branch, { plan: branch.input, distribution: spread })
  })
  const joined = groups.reduce((left, right, at) => joinedWith(plan, [left, right], at, ctx))
  const project: PhysicalPlan = {
    kind: 'project',
    input: joined.plan,
    exprs: plan.columns.map((column) => {
      return { id: column.id, name: column.name, expr: columnReference(column) }
    }),
    columns: plan.columns,
    rows: plan.rows,
  }
  return { plan: project, distribution: plan.keys.length === 0 ? single : spread }
}

/** Whether a list is one call that picks some of its sorted rows. */
function isSorted([call]: readonly PhysicalAggregateCall[]): boolean {
  return call !== undefined && wantedOfSorted(call) !== undefined
}

/** The calls that want one value once, for each value; those that pick some of their sorted rows, each alone; all others together. */
function byValue(
  calls: readonly PhysicalAggregateCall[],
  areSortedApart: boolean,
): readonly (readonly PhysicalAggregateCall[])[] {
  const lists = new Map<string, PhysicalAggregateCall[]>()
  for (const call of calls) {
    if (areSortedApart && isSorted([call])) {
      lists.set(`sorted ${call.id}`, [call])
      continue
    }
    const isApart = call.distinct && call.arg !== undefined
    const key = isApart && call.arg !== undefined ? expressionKey(call.arg) : ''
    const known = lists.get(key)
    if (known === undefined) lists.set(key, [call])
    else known.push(call)
  }
  return [...lists.values()]
}

/** Groups of all rows with some of the calls. Their keys are the plan's in the first only. */
function branchOf(
  plan: HashAggregate,
  calls: readonly PhysicalAggregateCall[],
  rows: Exchange,
  at: number,
): HashAggregate {
  const { input, again } = readAgain(rows, READ_IDS_BEGIN - at * READ_IDS_STEP)
  const keys = plan.keys.map(({ id, name, expr }) => {
    return { id: keyId(id, at), name, expr: again(expr) }
  })
  const own = new Set(calls.map(({ id }) => id))
  const columns = plan.columns.flatMap((column) => {
    if (own.has(column.id)) return [column]
    const isKey = plan.keys.some(({ id }) => id === column.id)
    return isKey ? [{ ...column, id: keyId(column.id, at) }] : []
  })
  const aggregates = calls.map((call) => mapCall(call, again))
  return { ...plan, input, keys, aggregates, columns }
}

function keyId(id: ColumnId, at: number): ColumnId {
  return at === 0 ? id : ((KEY_IDS_BEGIN - at * READ_IDS_STEP - id) as ColumnId)
}

/** Groups with those of some further value: each has all keys. */
function joinedWith(
  plan: HashAggregate,
  [probe, build]: readonly [Distributed, Distributed],
  at: number,
  ctx: DistinctContext,
): Distributed {
  const base = {
    joinKind: 'inner',
    probe: probe.plan,
    build: build.plan,
    nullAware: false,
    markColumn: undefined,
    columns: [...probe.plan.columns, ...build.plan.columns],
    rows: plan.rows,
  } as const
  if (plan.keys.length === 0) {
    const product: NestedLoopJoin = { kind: 'nested-loop-join', ...base, condition: undefined }
    return distributeJoin(product, probe, build, ctx)
  }
  const keysAs = (which: number): HashJoin['probeKeys'] =>
    plan.keys.map(({ id, name, expr: { type } }) => {
      return columnReference({ id: keyId(id, which), name, type })
    })
  const join: HashJoin = {
    kind: 'hash-join',
    ...base,
    probeKeys: keysAs(0),
    buildKeys: keysAs(at),
    nullSafe: plan.keys.map(() => true),
    residual: undefined,
    distribution: 'hash',
  }
  return distributeJoin(join, probe, build, ctx)
}
