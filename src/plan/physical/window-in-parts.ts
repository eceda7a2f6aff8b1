import { present } from '../../base/assert.ts'
import { int8 } from '../../data/types/data-type.ts'
import { columnReference } from '../logical/build.ts'
import type { ColumnId, SortKey } from '../logical/expression.ts'
import { addsToLastRow, callId, counted, isInRangesOf, overAllRows } from './across-tasks.ts'
import { partialAndFinal } from './partial-and-final.ts'
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
import { countedApart, type CountedApart } from './partition-counts.ts'
import { readAgain } from './read-again.ts'
import { isInOwnRange, withPlaces } from './rows-in-sight.ts'
import { rankingCall } from './window-calls.ts'
import { reachOf, widest } from './window-reach.ts'
import { farthest, type CallInSight } from './window-sight.ts'
import { inOtherOrder, ofNearestFrame } from './window-turned.ts'
import { callsByWay, type CallsByWay } from './window-ways.ts'

/**
 * A window over more rows than one task has room for, also where they are of few partitions. Aggregates of all rows are computed
 * beside these, and joined with each. Others are computed range by range of the order: what the ranges before add
 * is added, and rows next to a range that its rows look at are read with it, or sent to it. Without an order the rows stay in the order
 * in which they come. Undefined where something can be computed in none of these ways.
 */
export function windowInParts(
  plan: PhysicalWindow,
  input: Distributed,
  placing: Pick<Placing, 'workers' | 'attempt'>,
): Distributed | undefined {
  const isPartitioned = plan.partitionBy.length > 0
  // How many rows there are of all, ranges tell.
  const { window, made: ofCounts } = isPartitioned ? countedApart(plan) : asIs(plan)
  const calls = callsByWay({ ...window, calls: window.calls.map(ofNearestFrame) }, placing)
  if (calls === undefined) return undefined
  const isInOneTask = input.distribution.kind === 'single' && keysOf(plan).length === 0
  if (isInOneTask && calls.ofAll.length < window.calls.length) return undefined
  const made = inEachWay(window, input, calls, placing.workers)
  return made && { ...made, plan: inColumnsOf(plan, made.plan, ofCounts) }
}

function asIs(window: PhysicalWindow): CountedApart {
  return { window, made: new Map() }
}

/** The window's calls, one way after another. */
function inEachWay(
  given: PhysicalWindow,
  input: Distributed,
  ways: CallsByWay,
  ranges: number,
): Distributed | undefined {
  const { plan, running, number, group } = withOrder(given, ways)
  let made: Distributed | undefined = input
  const add = (
    calls: readonly unknown[],
    orderBy: readonly SortKey[],
    next: (whole: PhysicalWindow, rows: PhysicalPlan) => Distributed,
  ): void => {
    if (calls.length > 0 && made !== undefined) made = next({ ...plan, orderBy }, made.plan)
  }
  const { reaching, turnedPeers, turnedRows, near, ofAll } = ways
  add(running, plan.orderBy, (whole, rows) => ranged(whole, running, rows))
  add(reaching, [], (whole, rows) => withRowsBeside(partOf(whole, reaching, rows), number))
  const otherOrder = inOtherOrder(plan.orderBy)
  add(turnedPeers, otherOrder, (whole, rows) => ranged(whole, turnedPeers, rows))
  const otherNumbers = inOtherOrder(byNumber(number))
  add(turnedRows, otherNumbers, (whole, rows) => ranged(whole, turnedRows, rows))
  const orders = { keys: plan.orderBy, rows: byNumber(number), groups: byNumber(group) } as const
  for (const by of ['keys', 'rows', 'groups'] as const) {
    add(near[by], orders[by], (whole, rows) => lookingAround(whole, near[by], rows, ranges))
  }
  return ofAll.length > 0 ? besideAll(partOf(plan, ofAll, made.plan), made) : made
}

interface Ordered {
  readonly plan: PhysicalWindow
  readonly running: readonly PhysicalWindowCall[]
  /** The columns that number rows, and groups of equal ones. */
  readonly number: ColumnId | undefined
  readonly group: ColumnId | undefined
}

/** The window with the calls that others want: rows that are equal in the order are in one for all calls by their numbers. */
function withOrder(plan: PhysicalWindow, ways: CallsByWay): Ordered {
  const { reaching, turnedRows, near } = ways
  const isReaching = reaching.length > 0 && keysOf(plan).length > 0
  const isNumbered = isReaching || turnedRows.length > 0 || near.rows.length > 0
  const isGrouped = near.groups.length > 0
  // A rank is made of the number of rows before in the partition, too.
  const isRanked = plan.partitionBy.length > 0 && ranksOf(ways.running, 'rank') !== undefined
  let ordered: Ordered = { plan, running: ways.running, number: undefined, group: undefined }
  const rankedBy = (name: string, idsBegin: number): ColumnId => {
    const found = ranksOf(ordered.running, name)
    if (found !== undefined) return found
    const id = (idsBegin - callId(present(plan.calls[0], 'a call'))) as ColumnId
    const call = rankingCall(name, id)
    const column = { id, name, type: int8, nullable: false }
    const { calls, columns } = ordered.plan
    ordered = {
      ...ordered,
      plan: { ...ordered.plan, calls: [...calls, call], columns: [...columns, column] },
      running: [...ordered.running, call],
    }
    return id
  }
  const number = isNumbered || isRanked ? rankedBy('row_number', NUMBER_IDS_BEGIN) : undefined
  const group = isGrouped ? rankedBy('dense_rank', GROUP_IDS_BEGIN) : undefined
  return { ...ordered, number: isNumbered ? number : undefined, group }
}

/** The column of a ranking function among the calls. */
function ranksOf(calls: readonly PhysicalWindowCall[], name: string): ColumnId | undefined {
  const found = calls.find((call) => call.kind === 'window' && call.fn.name === name)
  return found && callId(found)
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

/** Columns in the order of the window, without those that only making them took. `ofCounts`: what some are made of. */
function inColumnsOf(
  { columns, rows }: PhysicalWindow,
  made: PhysicalPlan,
  ofCounts: CountedApart['made'],
): PhysicalPlan {
  if (made.columns.map(({ id }) => id).join() === columns.map(({ id }) => id).join()) return made
  const exprs = columns.map((column) => {
    const expr = ofCounts.get(column.id) ?? columnReference(column)
    return { id: column.id, name: column.name, expr }
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

/** Running calls: each task adds what the rows before make. Rows come in the order of the window. */
function ranged(
  whole: PhysicalWindow,
  calls: readonly PhysicalWindowCall[],
  rows: PhysicalPlan,
): Distributed {
  const plan = partOf(whole, calls, rows)
  const input = counted(inRanges(plan))
  const window: PhysicalWindow = { ...plan, input, isAcross: true, inOrder: true }
  return {
    plan: addsToLastRow(window) ? exchange(window, { kind: 'stay' }) : window,
    distribution: spread,
  }
}

/** Calls that look at what is near in the order: each row goes to all ranges of which some row looks at it. */
function lookingAround(
  whole: PhysicalWindow,
  near: readonly CallInSight[],
  rows: PhysicalPlan,
  ranges: number,
): Distributed {
  const calls = near.map(({ call }) => call)
  const plan = partOf(whole, calls, rows)
  const { before, after } = farthest(near)
  const keys = keysOf(plan)
  if (before === 0 && after === 0) {
    return { plan: { ...plan, input: inRanges(plan) }, distribution: spread }
  }
  const [first] = calls
  const id = (PLACE_IDS_BEGIN - callId(present(first, 'a call'))) as ColumnId
  const dealt = exchange(rows, { kind: 'round-robin' })
  const placed = withPlaces(dealt, id, present(keys.at(-1), 'an order').expr, ranges)
  const sight = { before, after, place: id }
  const input = exchange(placed, { kind: 'range', keys, sight })
  const window = partOf(plan, calls, input)
  const own: PhysicalPlan = {
    kind: 'filter',
    input: window,
    predicate: isInOwnRange(id),
    columns: window.columns,
    rows: plan.rows,
  }
  return { plan: inColumnsOf(plan, own, new Map()), distribution: spread }
}

/** Calls that look at rows so far away at most: these rows are read with each range. `number`: what rows are in order by. */
function withRowsBeside(plan: PhysicalWindow, number: ColumnId | undefined): Distributed {
  const reach: Reach = widest(plan.calls.flatMap((call) => reachOf(call) ?? []))
  const { input: rows } = plan
  const isStaying =
    rows.kind === 'exchange' && rows.partitioning.kind === 'stay' && rows.cteId === undefined
  const staying = { kind: 'stay', reach } as const
  const input = isStaying ? { ...rows, partitioning: staying } : exchange(rows, staying)
  const orderBy = byNumber(number)
  return { plan: { ...plan, input, orderBy, isAcross: true, reach }, distribution: spread }
}

/** The order that numbers of rows tell; none where there are none. */
function byNumber(id: ColumnId | undefined): readonly SortKey[] {
  if (id === undefined) return []
  const expr = columnReference({ id, name: 'row_number', type: int8 })
  return [{ expr, descending: false, nullsFirst: false }]
}

/** Ids of what is read a second time, and of the exchange that both read. Those of the query are positive. */
const SECOND_IDS_BEGIN = -3_000_000_000
const NUMBER_IDS_BEGIN = -4_000_000_000
const GROUP_IDS_BEGIN = -210_000_000_000
const PLACE_IDS_BEGIN = -220_000_000_000

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
