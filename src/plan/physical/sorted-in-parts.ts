import { assert, present } from '../../base/assert.ts'
import { float8, int8, type DataType } from '../../data/types/data-type.ts'
import { and, caseOf, castTo, columnReference, literal, or } from '../logical/build.ts'
import type { ColumnId, Expression, SortKey } from '../logical/expression.ts'
import { compared } from '../logical/predicates.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { partialAndFinal } from './partial-and-final.ts'
import { spread, type Distributed } from './distribution.ts'
import type {
  HashAggregate,
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalWindow,
  PhysicalWindowCall,
} from './plan.ts'
import { cardinal, operation, plus } from './row-arithmetic.ts'
import { rankingCall, wholePartition } from './window-calls.ts'
import { windowInParts } from './window-in-parts.ts'

/** Ids of what an aggregate over sorted rows is made of. Those of the query are positive. */
const NUMBER_IDS_BEGIN = -240_000_000_000
const COUNT_IDS_BEGIN = -250_000_000_000
const VALUE_IDS_BEGIN = -260_000_000_000
const LOW_IDS_BEGIN = -270_000_000_000
const HIGH_IDS_BEGIN = -280_000_000_000
const PART_IDS_BEGIN = -290_000_000_000

/** What an aggregate wants of the sorted rows of a group. */
type Wanted =
  | { readonly what: 'mode' }
  | { readonly what: 'at' | 'between'; readonly fraction: number }

/**
 * What of the sorted rows a call wants, where that is told by their numbers: percentiles at a constant fraction, and mode. Undefined
 * for all other aggregates.
 */
export function wantedOfSorted({ kept, type }: PhysicalAggregateCall): Wanted | undefined {
  if (kept === undefined || kept.order.length !== 1) return undefined
  const { fn, order, constants } = kept
  if (fn.name === 'mode') return order[0]?.field === 0 ? { what: 'mode' } : undefined
  const [fraction] = constants
  // What is wrong with a fraction is told by the function itself.
  const isFraction = typeof fraction === 'number' && fraction >= 0 && fraction <= 1
  if (!isFraction || order[0]?.field !== 1) return undefined
  if (fn.name === 'percentile_disc') return { what: 'at', fraction }
  return fn.name === 'percentile_cont' && type.kind === 'float8'
    ? { what: 'between', fraction }
    : undefined
}

/** Rows with the columns that a call is made of. */
interface SortedRows {
  readonly input: PhysicalPlan
  readonly keys: readonly OutputColumn[]
  /** The value that is sorted, NULL in rows that do not count. */
  readonly value: OutputColumn
  readonly order: SortKey
  readonly id: ColumnId
}

/**
 * An aggregate of one call over sorted rows, of which each group may have more than the memory holds: the rows are numbered in order as windows do it, and
 * the few that are wanted are picked by their numbers. The plan's rows may lie anywhere.
 */
export function sortedInParts(plan: HashAggregate, workers: number): Distributed {
  const [call] = plan.aggregates
  const wanted = call && wantedOfSorted(call)
  assert(call !== undefined && wanted !== undefined, 'an aggregate that wants other rows')
  const rows = sortedRows(plan, call)
  const made = wanted.what === 'mode' ? mostFrequent(rows, workers) : placed(rows, workers)
  const picked = pick(rows, wanted)
  const grouped: HashAggregate = {
    ...plan,
    input: made.plan,
    keys: plan.keys.map((key, at) => ({
      ...key,
      expr: columnReference(present(rows.keys[at], 'key')),
    })),
    aggregates: picked.calls,
    columns: [
      ...rows.keys,
      ...picked.calls.map(({ id, name, type }) => ({ id, name, type, nullable: true })),
    ],
  }
  const { plan: groups, distribution } = partialAndFinal(grouped, made.plan, 0)
  const exprs = plan.columns.map((column) => {
    const expr = column.id === call.id ? picked.expr : columnReference(column)
    return { id: column.id, name: column.name, expr }
  })
  return {
    plan: { kind: 'project', input: groups, exprs, columns: plan.columns, rows: plan.rows },
    distribution,
  }
}

function sortedRows({ input, keys }: HashAggregate, call: PhysicalAggregateCall): SortedRows {
  const { exprs, order } = present(call.kept, 'rows that are kept')
  const { field, descending } = present(order[0], 'an order')
  const given = present(exprs[field], 'a value')
  const { filter } = call
  const expr =
    filter === undefined
      ? given
      : caseOf([{ when: filter, then: given }], literal(null, given.type))
  const value = newColumn(VALUE_IDS_BEGIN, call, given.type)
  const keyColumns = keys.map(({ id, name, expr: { type } }) => ({
    id,
    name,
    type,
    nullable: true,
  }))
  const rows: PhysicalPlan = {
    kind: 'project',
    input,
    exprs: [...keys, { id: value.id, name: value.name, expr }],
    columns: [...keyColumns, value],
    rows: input.rows,
  }
  const key = { expr: columnReference(value), descending, nullsFirst: false }
  return { input: rows, keys: keyColumns, value, order: key, id: call.id }
}

function newColumn(
  idsBegin: number,
  { id }: { readonly id: ColumnId },
  type: DataType,
): OutputColumn {
  return { id: (idsBegin - id) as ColumnId, name: 'sorted', type, nullable: true }
}

/** The rows of each group with their numbers, and how many values there are. */
function placed({ input, keys, value, order, id }: SortedRows, workers: number): Distributed {
  const count = newColumn(COUNT_IDS_BEGIN, { id }, int8)
  const counted: PhysicalWindowCall = {
    kind: 'aggregate',
    frame: wholePartition,
    aggregate: {
      ...count,
      accumulator: 'count',
      arg: columnReference(value),
      distinct: false,
      filter: undefined,
      fitsInt64: true,
    },
  }
  const number = newColumn(NUMBER_IDS_BEGIN, { id }, int8)
  const calls = [rankingCall('row_number', number.id), counted]
  const columns = [...input.columns, number, count]
  return divided(input, { partitionBy: keys, orderBy: [order], calls, columns }, workers)
}

/** The values of each group once, those of most rows first. */
function mostFrequent({ input, keys, value, order, id }: SortedRows, workers: number): Distributed {
  const count = newColumn(COUNT_IDS_BEGIN, { id }, int8)
  const named = [...keys, value].map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
  const groups: HashAggregate = {
    kind: 'hash-aggregate',
    input,
    keys: named,
    aggregates: [
      {
        ...count,
        accumulator: 'count',
        arg: columnReference(value),
        distinct: false,
        filter: undefined,
        fitsInt64: true,
      },
    ],
    columns: [...keys, value, count],
    rows: input.rows,
    phase: 'single',
  }
  const values = partialAndFinal(groups, input, 0).plan
  const number = newColumn(NUMBER_IDS_BEGIN, { id }, int8)
  const orderBy = [{ expr: columnReference(count), descending: true, nullsFirst: false }, order]
  const calls = [rankingCall('row_number', number.id)]
  const columns = [...values.columns, number]
  return divided(values, { partitionBy: keys, orderBy, calls, columns }, workers)
}

function divided(
  input: PhysicalPlan,
  window: Pick<PhysicalWindow, 'orderBy' | 'calls' | 'columns'> & {
    readonly partitionBy: readonly OutputColumn[]
  },
  workers: number,
): Distributed {
  const partitionBy = window.partitionBy.map((column) => columnReference(column))
  const plan: PhysicalWindow = { kind: 'window', ...window, input, partitionBy, rows: input.rows }
  const made = windowInParts(plan, { plan: input, distribution: spread }, { workers, attempt: 2 })
  return present(made, 'numbers of rows that are divided')
}

interface Picked {
  readonly calls: readonly PhysicalAggregateCall[]
  /** The aggregate, over what the calls give. */
  readonly expr: Expression
}

/** The values at the numbers that are wanted, and what is made of them. */
function pick({ value, id }: SortedRows, wanted: Wanted): Picked {
  const number = columnReference(newColumn(NUMBER_IDS_BEGIN, { id }, int8))
  const sorted = columnReference(value)
  const low = newColumn(LOW_IDS_BEGIN, { id }, value.type)
  const picked = columnReference(low)
  if (wanted.what === 'mode') {
    return { calls: [only(low, sorted, compared('=', number, cardinal(1)))], expr: picked }
  }
  const count = columnReference(newColumn(COUNT_IDS_BEGIN, { id }, int8))
  const fraction = literal(wanted.fraction, float8)
  const [row, before] = [castTo(number, float8), castTo(plus(number, -1), float8)]
  const isValue = compared('<=', number, count)
  if (wanted.what === 'at') {
    // The first whose number is no less than the fraction of all: the first of all for the fraction 0.
    const place = operation('*', fraction, castTo(count, float8))
    const isFirst = or([compared('<', before, place), compared('=', number, cardinal(1))])
    const isAt = and([isValue, compared('>=', row, place), isFirst])
    return { calls: [only(low, sorted, isAt)], expr: picked }
  }
  // The last at or before the place and the first at or behind it; how far the place is between them.
  const place = operation('*', fraction, castTo(plus(count, -1), float8))
  const isLow = and([isValue, compared('<=', before, place), compared('>', row, place)])
  const isNotBehind = compared('<', castTo(plus(number, -2), float8), place)
  const isFirst = or([isNotBehind, compared('=', number, cardinal(1))])
  const isHigh = and([isValue, compared('>=', before, place), isFirst])
  const high = newColumn(HIGH_IDS_BEGIN, { id }, float8)
  const part = newColumn(PART_IDS_BEGIN, { id }, float8)
  const span = operation('-', columnReference(high), picked)
  const further = operation('+', picked, operation('*', columnReference(part), span))
  const isThere = compared('=', columnReference(part), literal(0, float8))
  return {
    calls: [
      only(low, sorted, isLow),
      only(high, sorted, isHigh),
      only(part, operation('-', place, before), isLow),
    ],
    expr: caseOf([{ when: isThere, then: picked }], further),
  }
}

/** The value of the one row of a group of which something is true. */
function only(
  { id, name, type }: OutputColumn,
  arg: Expression,
  filter: Expression,
): PhysicalAggregateCall {
  const common = { id, name, type, arg, filter, distinct: false, fitsInt64: false } as const
  return { ...common, accumulator: 'any-value' }
}
