import { assert, present } from '../../base/assert.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { KeptRows, Partitioning, PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type {
  BreakerId,
  GroupTable,
  JoinTable,
  Sink,
  SinkKind,
  SinkOf,
  SortShape,
} from '../model/pipeline.ts'
import type { RowLayout } from '../model/row-layout.ts'
import { sharedType } from './canonical-expressions.ts'
import { callExpressions } from '../../plan/physical/plan.ts'

/** What a sink is but for what it emits. */
export interface SinkShape<K extends SinkKind> {
  /** The sink reduced to what its code depends on. */
  reduce(sink: SinkOf<K>, to: Reducing): SinkOf<K>
  /** The expressions that the sink computes. */
  expressions(sink: SinkOf<K>): readonly Expression[]
}

/** Numbers what a pipeline names, in the order in which it is met. */
export interface Reducing {
  number(id: ColumnId): ColumnId
  breaker(id: BreakerId): BreakerId
  layout(layout: RowLayout): RowLayout
  joinTable(table: JoinTable): JoinTable
  optional(expr: Expression | undefined): Expression | undefined
  expressions(exprs: readonly Expression[]): readonly Expression[]
}

const aggregate: SinkShape<'aggregate'> = {
  reduce: (sink, to) => ({
    kind: 'aggregate',
    tables: sink.tables.map((table) => reducedTable(table, to)),
  }),
  expressions: (sink) =>
    sink.tables.flatMap(({ keys, aggregates }) => [
      ...keys,
      ...aggregates.flatMap(callExpressions),
    ]),
}

const joinBuild: SinkShape<'join-build'> = {
  reduce: (sink, to) => ({
    kind: 'join-build',
    breaker: to.breaker(sink.breaker),
    table: to.joinTable(sink.table),
    values: to.expressions(sink.values),
    keepNullKeys: sink.keepNullKeys,
  }),
  expressions: (sink) => sink.values,
}

const sort: SinkShape<'sort'> = {
  reduce: (sink, to) => ({
    kind: 'sort',
    breaker: to.breaker(sink.breaker),
    sort: reducedSort(sink.sort, to),
  }),
  expressions: (sink) => sink.sort.values,
}

const window: SinkShape<'window'> = {
  // What is hashed is all that code knows of the windows.
  reduce: (sink, to) => ({
    kind: 'window',
    breaker: to.breaker(sink.breaker),
    layout: to.layout(sink.layout),
    values: to.expressions(sink.values),
    hashed: sink.hashed,
    windows: [],
  }),
  expressions: (sink) => sink.values,
}

const rows: SinkShape<'rows'> = {
  reduce: (sink, to) => ({
    kind: 'rows',
    breaker: to.breaker(sink.breaker),
    layout: to.layout(sink.layout),
    values: to.expressions(sink.values),
    range: undefined,
  }),
  expressions: (sink) => sink.values,
}

const expand: SinkShape<'expand'> = {
  reduce: (sink, to) => ({
    kind: 'expand',
    breaker: to.breaker(sink.breaker),
    layout: to.layout(sink.layout),
    values: to.expressions(sink.values),
    calls: [],
    ordinality: undefined,
  }),
  expressions: (sink) => sink.values,
}

const nothing: SinkShape<'nothing'> = { reduce: (sink) => sink, expressions: () => [] }

const output: SinkShape<'output'> = {
  reduce: (sink, to) => {
    const exprs = to.expressions(sink.columns.map(({ expr }) => expr))
    return {
      kind: 'output',
      columns: sink.columns.map(({ type, nullable }, at) => {
        return { expr: exprs[at]!, type: sharedType(type), nullable }
      }),
      partitioning: reducedPartitioning(sink.partitioning, to),
      partitions: sink.partitions,
    }
  },
  expressions: (sink) => sink.columns.map(({ expr }) => expr),
}

/** Every sink: a kind without an entry does not compile. */
const shapes: { readonly [K in SinkKind]: SinkShape<K> } = {
  aggregate,
  'join-build': joinBuild,
  sort,
  window,
  rows,
  expand,
  nothing,
  output,
}

/** Whether what rows pass is the sink that they end in. */
export function isSink(leg: { readonly kind: string }): leg is Sink {
  return Object.hasOwn(shapes, leg.kind)
}

/** The entry of a sink's kind, for a sink of that kind. */
export function sinkShapeOf(sink: Sink): SinkShape<SinkKind> {
  return shapes[sink.kind] as SinkShape<SinkKind>
}

function reducedTable({ breaker, layout, keys, aggregates }: GroupTable, to: Reducing): GroupTable {
  return {
    breaker: to.breaker(breaker),
    layout: to.layout(layout),
    keys: to.expressions(keys),
    aggregates: aggregates.map((call) => reducedCall(call, to)),
  }
}

function reducedCall(
  { id, type, accumulator, arg, filter, kept }: PhysicalAggregateCall,
  to: Reducing,
): PhysicalAggregateCall {
  return {
    id: to.number(id),
    name: '',
    type: sharedType(type),
    accumulator,
    arg: to.optional(arg),
    distinct: false,
    filter: to.optional(filter),
    fitsInt64: false,
    ...(kept && { kept: reducedRows(kept, to) }),
  }
}

/** What becomes of the rows is for the thread; code stores them. */
function reducedRows({ fn, exprs, args, required }: KeptRows, to: Reducing): KeptRows {
  const how = { fn, constants: [], order: [], distinct: false, inOrder: false }
  return { ...how, exprs: to.expressions(exprs), args, required }
}

/** Keys by which a row is held against the worst one that a top-k keeps: code grows with each. */
export const KEYS_COMPARED_MAX = 4

/** Rows are compared later; the code looks at the first keys, and whether there are more, to leave out rows of a top-k. */
function reducedSort({ layout, values, keys, limitRows }: SortShape, to: Reducing): SortShape {
  const compared = limitRows === undefined ? [] : keys.slice(0, KEYS_COMPARED_MAX + 1)
  return {
    layout: to.layout(layout),
    values: to.expressions(values),
    keys: compared.map((key) => {
      const mayBeNull = layout.fields[key.field]?.validOffset !== undefined
      return { ...key, nullsFirst: key.nullsFirst && mayBeNull }
    }),
    limitRows: limitRows === undefined ? undefined : 0,
  }
}

function reducedPartitioning(partitioning: Partitioning, to: Reducing): Partitioning {
  const { kind } = partitioning
  if (kind === 'hash') return { kind, keys: to.expressions(partitioning.keys) }
  if (kind === 'numbered') {
    const [number] = to.expressions([partitioning.number])
    return { kind, number: present(number, 'number of a partition') }
  }
  assert(kind !== 'range', 'where ranges begin is not known yet')
  return { kind }
}
