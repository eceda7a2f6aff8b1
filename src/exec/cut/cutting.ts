import { present } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { BreakerId, GroupTable, Pipeline, Sink, Step } from '../../compile/model/pipeline.ts'
import {
  groupHeader,
  layOutRow,
  type FieldRequest,
  type RowLayout,
  stateShape,
} from '../../compile/model/row-layout.ts'
import { nullability } from '../../plan/logical/columns-of.ts'
import type { ColumnId, Expression, NamedExpression } from '../../plan/logical/expression.ts'
import type {
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalScan,
  PhysicalValues,
  Stage,
} from '../../plan/physical/plan.ts'
import { type Open, flushComputed, openPipeline, type FreshIds } from './open-pipeline.ts'
import { hoistAll } from './hoist.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import type { RecursionStages } from '../../plan/physical/recursion.ts'
import type { SeriesRows } from '../../plan/physical/series.ts'
import { callExpressions } from '../../plan/physical/plan.ts'

/** Where chunks come from that a pipeline reads. */
export type ChunkInput =
  | { readonly kind: 'scan'; readonly scan: PhysicalScan }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'values'; readonly values: PhysicalValues }
  | { readonly kind: 'series'; readonly series: SeriesRows }
  | CutRecursion
  | { readonly kind: 'working-table'; readonly recursionId: number }

/** Rows that come round by round. */
export interface CutRecursion extends RecursionStages {
  readonly kind: 'recursion'
  readonly recursionId: number
  readonly name: string
  readonly columns: readonly OutputColumn[]
}

/** A stage cut at its breakers: pipelines in an order in which each finds its inputs done. */
export interface CutFragment {
  readonly pipelines: readonly Pipeline[]
  readonly inputs: readonly ChunkInput[]
  readonly limits: readonly {
    readonly offsetRows: number
    readonly limitRows: number | undefined
  }[]
}

/** What is collected while a fragment is cut. */
export interface Cutter extends FreshIds {
  readonly stage: Stage
  readonly batchRows: number
  readonly pipelines: Pipeline[]
  readonly inputs: ChunkInput[]
  readonly limits: { readonly offsetRows: number; readonly limitRows: number | undefined }[]
  breakers: number
  open(plan: PhysicalPlan, required: ReadonlySet<ColumnId>): Steps<Open[]>
}

/** Ends an open pipeline in a sink. */
export function closePipeline(cutter: Cutter, open: Open, sink: Sink): void {
  flushComputed(open)
  const { source, steps, definitions, ordered } = open
  const { bounds } = cutter.stage
  const batchRows = Math.min(cutter.batchRows, rowsComputed(steps))
  cutter.pipelines.push({ source, steps, sink, definitions, bounds, ordered, batchRows })
}

/** Bytes that a pipeline's steps compute for a batch and keep. */
const COMPUTED_BYTES_MAX = 4_194_304
/** Batches are not cut smaller: each costs calls of its own. */
const BATCH_ROWS_MIN = 16

/** Rows of a batch for which what is computed beside them takes no more memory than it may. */
function rowsComputed(steps: readonly Step[]): number {
  let rowBytes = 0
  for (const step of steps) {
    if (step.kind === 'compute' || step.kind === 'repeat') rowBytes += step.layout.rowBytes
  }
  if (rowBytes === 0) return Number.POSITIVE_INFINITY
  return Math.max(BATCH_ROWS_MIN, Math.floor(COMPUTED_BYTES_MAX / rowBytes))
}

/** Opens a pipeline over the input that was added last. */
export function openChunks(
  cutter: Cutter,
  columns: readonly { readonly id: ColumnId; readonly type: DataType }[],
  stable: boolean,
): Open {
  const source = {
    kind: 'chunks',
    input: cutter.inputs.length - 1,
    columns: columns.map(({ id, type }) => ({ id, type })),
    stable,
  } as const
  return openPipeline(source)
}

export function openRows(breaker: BreakerId, layout: RowLayout): Open {
  return openPipeline({ kind: 'rows', breaker, layout })
}

/** Aggregates that want rows in the order in which they come have one thread run the pipeline. */
export function inOrder(open: Open, aggregates: readonly PhysicalAggregateCall[]): Open {
  return aggregates.some(({ kept }) => kept?.inOrder === true) ? { ...open, ordered: true } : open
}

export function* groupTable(
  cutter: Cutter,
  open: Open,
  breaker: BreakerId,
  layout: RowLayout,
  keys: readonly NamedExpression[],
  aggregates: readonly PhysicalAggregateCall[],
): Steps<GroupTable> {
  const own = aggregates.flatMap(callExpressions)
  const wanted = [...keys.map(({ expr }) => expr), ...own]
  const hoisted = (yield* hoistAll(cutter, open, wanted)).values()
  const next = (): Expression => present(hoisted.next().value, 'expression of a group table')
  return {
    breaker,
    layout,
    keys: keys.map(next),
    aggregates: aggregates.map((call) => ({
      ...call,
      arg: call.arg === undefined ? undefined : next(),
      filter: call.filter === undefined ? undefined : next(),
      ...(call.kept && { kept: { ...call.kept, exprs: call.kept.exprs.map(next) } }),
    })),
  }
}

export function groupLayout(
  keys: readonly NamedExpression[],
  aggregates: readonly PhysicalAggregateCall[],
  nullable: (expr: Expression) => boolean,
): RowLayout {
  return layOutRow(groupHeader.bytes, [
    ...keys.map(({ id, expr }) => ({ id, type: expr.type, nullable: nullable(expr) })),
    ...aggregates.map((call): FieldRequest => {
      const { id, type, arg, filter } = call
      const alwaysFed =
        keys.length > 0 && filter === undefined && arg !== undefined && !nullable(arg)
      return { id, type, nullable: true, state: stateShape(call, alwaysFed) }
    }),
  ])
}

/** Whether an expression over a plan's columns may be NULL, as far as its columns tell. */
export function nullableIn(plan: PhysicalPlan): (expr: Expression) => boolean {
  return nullability(plan.columns)
}

export function union<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...left, ...right])
}
