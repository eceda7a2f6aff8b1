import { int8 } from '../../data/types/data-type.ts'
import { rankingFunctions } from '../../functions/windows/ranking.ts'
import { present } from '../../base/assert.ts'
import { columnReference } from '../logical/build.ts'
import { defaultFrame, type ColumnId, type SortKey } from '../logical/expression.ts'
import {
  addsToLastRow,
  callId,
  counted,
  isInRangesOf,
  isRunningCall,
  overAllRows,
  rowNumberOf,
} from './across-tasks.ts'
import { partialAndFinal } from './distribute-aggregate.ts'
import { exchange, single, spread, type Distributed } from './distribution.ts'
import { mapCall } from './map-call.ts'
import type { Placing } from './operators/operator.ts'
import type {
  Exchange,
  HashAggregate,
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalProject,
  PhysicalWindow,
  PhysicalWindowCall,
  Reach,
} from './plan.ts'
import { readAgain } from './read-again.ts'
import { reachOf, widest } from './window-reach.ts'

type WindowPlacing = Pick<Placing, 'workers' | 'attempt'>

/** Values of rows next to each task's own that are kept while a window is computed, in JavaScript's memory. */
const BESIDE_VALUES_MAX = 1_000_000

/**
 * A window over more rows than one task has room for, also where they are of few partitions. Aggregates of all rows are computed
 * beside these, and joined with each. Others are computed range by range of the order: what the ranges before add
 * is added, and rows next to a range that its rows look at are read with it. Without an order the rows stay in the order
 * in which they come. Undefined where something can be computed in none of these ways.
 */
export function windowInParts(
  plan: PhysicalWindow,
  input: Distributed,
  placing: WindowPlacing,
): Distributed | undefined {
  const calls = callsByWay(plan, placing)
  if (calls === undefined) return undefined
  const isInOneTask = input.distribution.kind === 'single' && keysOf(plan).length === 0
  if (isInOneTask && calls.running.length + calls.reaching.length > 0) return undefined
  const { running, reaching, ofAll } = calls
  let made: Distributed | undefined = input
  // Rows that are equal in the order are in one for all calls of a window: their numbers.
  const isNumbered = reaching.length > 0 && keysOf(plan).length > 0
  if (running.length > 0 || isNumbered) made = ranged(plan, running, made.plan, isNumbered)
  if (reaching.length > 0) {
    const number = isNumbered ? numberOf(plan, running) : undefined
    made = withRowsBeside(partOf(plan, reaching, made.plan), number)
  }
  if (ofAll.length > 0) made = besideAll(partOf(plan, ofAll, made.plan), made)
  return made && { ...made, plan: inColumnsOf(plan, made.plan) }
}

interface CallsByWay {
  readonly running: readonly PhysicalWindowCall[]
  readonly reaching: readonly PhysicalWindowCall[]
  readonly ofAll: readonly PhysicalWindowCall[]
}

/** Undefined where a call can be computed in no way, or where all are better divided by their partitions. */
function callsByWay(
  plan: PhysicalWindow,
  { workers, attempt }: WindowPlacing,
): CallsByWay | undefined {
  const isPartitioned = plan.partitionBy.length > 0
  if (isPartitioned && attempt < 2) return undefined
  const running: PhysicalWindowCall[] = []
  const reaching: PhysicalWindowCall[] = []
  const ofAll: PhysicalWindowCall[] = []
  const rowsMax = BESIDE_VALUES_MAX / (2 * workers * plan.columns.length)
  for (const call of plan.calls) {
    const reach = reachOf(call)
    if (overAllRows(call, plan) !== undefined) ofAll.push(call)
    else if (isRunningCall(call, plan)) running.push(call)
    else if (reach !== undefined && reach.before + reach.after <= rowsMax) reaching.push(call)
    else return undefined
  }
  // Sums of each partition are sent to all tasks, which partitions that are many have no room for.
  if (isPartitioned && ofAll.length > 0 && attempt > 2) return undefined
  return { running, reaching, ofAll }
}

/** The window with some of its calls, over the rows that another made. */
function partOf(
  plan: PhysicalWindow,
  calls: readonly PhysicalWindowCall[],
  input: PhysicalPlan,
): PhysicalWindow {
  const ids = new Set(calls.map(callId))
  const own = plan.columns.filter(({ id }) => ids.has(id))
  return { ...plan, input, calls, columns: [...input.columns, ...own] }
}

/** Columns in the order of the window, without those that only making them took. */
function inColumnsOf({ columns, rows }: PhysicalWindow, made: PhysicalPlan): PhysicalPlan {
  if (made.columns.map(({ id }) => id).join() === columns.map(({ id }) => id).join()) return made
  const exprs = columns.map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
  const project: PhysicalProject = { kind: 'project', input: made, exprs, columns, rows }
  return project
}

/** What rows are divided by into ranges: their partitions, then their order. */
function keysOf({ partitionBy, orderBy }: PhysicalWindow): readonly SortKey[] {
  const partitions = partitionBy.map((expr) => ({ expr, descending: false, nullsFirst: false }))
  return [...partitions, ...orderBy]
}

/** The rows, so that each task has those of a range, or some that follow one another. */
function inRanges(plan: PhysicalWindow): PhysicalPlan {
  const { input } = plan
  const keys = keysOf(plan)
  if (keys.length === 0 || isInRangesOf(input, keys)) return input
  return exchange(exchange(input, { kind: 'round-robin' }), { kind: 'range', keys })
}

/** Running calls: each task adds what the rows before make. Rows come in the order of the window, and numbered where that is wanted. */
function ranged(
  whole: PhysicalWindow,
  calls: readonly PhysicalWindowCall[],
  rows: PhysicalPlan,
  isNumbered: boolean,
): Distributed {
  const plan = partOf(whole, calls, rows)
  // A rank is made of the number of rows before in the partition, too.
  const isRanked =
    plan.partitionBy.length > 0 &&
    calls.some((call) => call.kind === 'window' && call.fn.name === 'rank')
  const id = numberOf(whole, calls)
  const isMissing = (isRanked || isNumbered) && rowNumberOf(calls) === undefined
  const numbered = isMissing ? withNumbers(plan, id) : plan
  const input = counted(inRanges(plan))
  const window: PhysicalWindow = { ...numbered, input, isAcross: true, inOrder: true }
  return {
    plan: addsToLastRow(window) ? exchange(window, { kind: 'stay' }) : window,
    distribution: spread,
  }
}

/** The column that numbers the rows of each partition: a call's, or one of its own. */
function numberOf(plan: PhysicalWindow, running: readonly PhysicalWindowCall[]): ColumnId {
  const [first] = plan.calls
  const own = NUMBER_IDS_BEGIN - (first === undefined ? 0 : callId(first))
  return rowNumberOf(running) ?? (own as ColumnId)
}

function withNumbers(plan: PhysicalWindow, id: ColumnId): PhysicalWindow {
  const fn = present(
    rankingFunctions.find(({ name }) => name === 'row_number'),
    'row_number',
  )
  const column = { id, name: 'row_number', type: int8, nullable: false }
  const call: PhysicalWindowCall = { ...column, kind: 'window', fn, args: [], frame: defaultFrame }
  return { ...plan, calls: [...plan.calls, call], columns: [...plan.columns, column] }
}

/** Calls that look at rows so far away at most: these rows are read with each range. `number`: what rows are in order by. */
function withRowsBeside(plan: PhysicalWindow, number: ColumnId | undefined): Distributed {
  const reach: Reach = widest(plan.calls.flatMap((call) => reachOf(call) ?? []))
  const { input: rows } = plan
  const isStaying =
    rows.kind === 'exchange' && rows.partitioning.kind === 'stay' && rows.cteId === undefined
  const staying = { kind: 'stay', reach } as const
  const input = isStaying ? { ...rows, partitioning: staying } : exchange(rows, staying)
  const numbers = number && columnReference({ id: number, name: 'row_number', type: int8 })
  const orderBy = numbers ? [{ expr: numbers, descending: false, nullsFirst: false }] : []
  return { plan: { ...plan, input, orderBy, isAcross: true, reach }, distribution: spread }
}

/** Ids of what is read a second time, and of the exchange that both read. Those of the query are positive. */
const SECOND_IDS_BEGIN = -3_000_000_000
const NUMBER_IDS_BEGIN = -4_000_000_000

/** Each row with the aggregates of all of its partition: the rows are kept as they are made, and read twice. */
function besideAll(plan: PhysicalWindow, input: Distributed): Distributed | undefined {
  const aggregates = plan.calls.flatMap((call) => overAllRows(call, plan) ?? [])
  const [first] = aggregates
  if (first === undefined) return undefined
  const cteId = SECOND_IDS_BEGIN - first.id
  const rows: Exchange = { ...exchange(input.plan, { kind: 'stay' }), cteId }
  const distribution = input.distribution.kind === 'single' ? single : spread
  const all = aggregatesOf(plan, aggregates, rows)
  const build = exchange(partialAndFinal(all, all.input, Number.POSITIVE_INFINITY).plan, {
    kind: 'broadcast',
  })
  const { rows: estimate } = plan
  const columns = [...rows.columns, ...all.columns]
  const common = { joinKind: 'inner', probe: rows, build, nullAware: false, columns } as const
  const joined = { ...common, markColumn: undefined, rows: estimate }
  if (all.keys.length === 0) {
    const plain = { kind: 'nested-loop-join', ...joined, condition: undefined } as const
    return { plan: plain, distribution }
  }
  return {
    plan: {
      kind: 'hash-join',
      ...joined,
      probeKeys: plan.partitionBy,
      buildKeys: all.keys.map(({ id, name, expr: { type } }) =>
        columnReference({ id, name, type }),
      ),
      nullSafe: all.keys.map(() => true),
      residual: undefined,
      distribution: 'broadcast',
    },
    distribution,
  }
}

/** The aggregates of the rows, which are read a second time, by their partitions. */
function aggregatesOf(
  { partitionBy, columns }: PhysicalWindow,
  aggregates: readonly PhysicalAggregateCall[],
  rows: Exchange,
): HashAggregate {
  const [first] = aggregates
  const { input, again } = readAgain(rows, SECOND_IDS_BEGIN)
  const keys = partitionBy.map((expr, at) => {
    const id = (NUMBER_IDS_BEGIN * 2 - (first?.id ?? 0) - at * KEY_IDS_STEP) as ColumnId
    return { id, name: 'partition', expr: again(expr) }
  })
  const made = columns.filter(({ id }) => aggregates.some((call) => call.id === id))
  const keyColumns = keys.map(({ id, name, expr: { type } }) => ({
    id,
    name,
    type,
    nullable: true,
  }))
  return {
    kind: 'hash-aggregate',
    input,
    keys,
    aggregates: aggregates.map((call) => mapCall(call, again)),
    phase: 'single',
    columns: [...keyColumns, ...made],
    rows: partitionBy.length === 0 ? 1 : rows.rows,
  }
}

/** Keys of a partition have ids of their own, however many windows a query has. */
const KEY_IDS_STEP = 1_000_000_000
