import { bool } from '../../data/types/data-type.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { AssertionError, unreachable } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { intersect } from '../../functions/emit.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { ExpressionCanonicalizer, sharedType } from './canonical-expressions.ts'
import type {
  BreakerId,
  Expansion,
  GroupTable,
  JoinTable,
  PairCallOut,
  Pipeline,
  PipelineSource,
  Sink,
  SourceColumn,
  Step,
} from '../model/pipeline.ts'
import { layOutRow } from '../model/row-layout.ts'
import type { RowField, RowLayout, StateShape } from '../model/row-layout.ts'
import type { ChunkShape, PipelineView } from '../model/shapes.ts'
import { byEntry } from './by-entry.ts'
import { shapeKey } from './shape-key.ts'
import { sinkShapeOf, type Reducing } from './sinks.ts'
import { roughBounds } from './value-ranges.ts'
import { laneTest, splitFilter } from './vector-tests.ts'
import type { Canonical, CanonicalPipeline } from '../model/canonical-form.ts'

/** Reduces a pipeline; `view` names its row sources for chunks of this shape. */
export function canonicalize(
  view: PipelineView,
  chunk: ChunkShape,
  memoryPages: number,
): Canonical {
  const { pipeline } = view
  const reduction = new Reduction(pipeline)
  const source = reduction.source(pipeline.source)
  const steps = pipeline.steps.map((step, at) =>
    at === 0 && step.kind === 'filter'
      ? reduction.firstFilter(view, step.predicate)
      : reduction.step(calledByEntry(view, step)),
  )
  return reduction.finish(source, steps, reduction.sink(pipeline.sink), chunk, memoryPages)
}

/** A call-out that hangs on the entry of a dictionary alone is computed, entry by entry. */
function calledByEntry(view: PipelineView, step: Step): Step {
  if (step.kind !== 'call-out' || byEntry(view, step.expr) === undefined) return step
  const { output, expr } = step
  const layout = layOutRow(0, [{ ...output, nullable: true }])
  return { kind: 'compute', values: [{ id: output.id, expr }], layout }
}

/** What adding up a table's groups depends on: their layout. */
export function canonicalMerge(
  pipeline: Pipeline,
  table: GroupTable,
  memoryPages: number,
): Canonical {
  const reduction = new Reduction({ ...pipeline, definitions: new Map() })
  const keys = table.keys.map(({ type }): Expression => ({ kind: 'literal', type, value: null }))
  const sink = reduction.sink({
    kind: 'aggregate',
    tables: [{ ...table, keys, aggregates: [] }],
  })
  const source = { kind: 'chunks', input: 0, columns: [], stable: true } as const
  return reduction.finish(source, [], sink, { columns: [], dense: undefined }, memoryPages)
}

/** One pipeline while it is reduced. */
class Reduction implements Reducing {
  readonly #pipeline: Pipeline
  readonly #exprs: ExpressionCanonicalizer
  readonly #breakers: BreakerId[] = []
  readonly #laneConstants: number[] = []
  readonly #bounds = new Map<ColumnId, ValueBounds>()

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
    this.#exprs = new ExpressionCanonicalizer(pipeline.definitions)
  }

  finish(
    source: PipelineSource,
    steps: readonly Step[],
    sink: Sink,
    chunk: ChunkShape,
    memoryPages: number,
  ): Canonical {
    const { definitions, ranges, literals, nodes, origins, computed } = this.#exprs
    const { batchRows } = this.#pipeline
    const pipeline: CanonicalPipeline = {
      source,
      steps,
      sink,
      definitions,
      bounds: new Map([...this.#bounds].filter(([number]) => computed.has(number))),
      ordered: false,
      batchRows,
      chunk,
      parameters: ranges,
      memoryPages,
    }
    const side = {
      literals,
      laneConstants: this.#laneConstants,
      breakers: this.#breakers,
      origins,
    }
    return { key: shapeKey(pipeline), pipeline, nodes, side }
  }

  source(source: PipelineSource): PipelineSource {
    switch (source.kind) {
      case 'chunks': {
        const { kind, stable } = source
        return { kind, input: 0, columns: this.#columns(source.columns), stable }
      }
      case 'rows':
      case 'sorted': {
        const { kind } = source
        return { kind, breaker: this.breaker(source.breaker), layout: this.layout(source.layout) }
      }
      case 'noted':
        return {
          kind: 'noted',
          are: source.are,
          breaker: this.breaker(source.breaker),
          layout: this.layout(source.layout),
          nulls: this.#columns(source.nulls),
        }
      default:
        return unreachable(source)
    }
  }

  number(id: ColumnId): ColumnId {
    return this.#exprs.number(id)
  }

  optional(expr: Expression | undefined): Expression | undefined {
    return this.#exprs.optional(expr)
  }

  expressions(exprs: readonly Expression[]): readonly Expression[] {
    return this.#exprs.expressions(exprs)
  }

  /** A filter at the start, where chunks allow to test many rows at once. */
  firstFilter(view: PipelineView, predicate: Expression): Step {
    const { tests, rest } = splitFilter(view, predicate)
    if (tests.length === 0) {
      return { kind: 'filter', predicate: this.#exprs.expression(predicate) }
    }
    return {
      kind: 'lane-filter',
      tests: tests.map((test) =>
        laneTest(test, {
          constant: (value) => this.#laneConstants.push(value) - 1,
          expression: (expr) => this.#exprs.expression(expr),
        }),
      ),
      rest: this.#exprs.expressions(rest),
    }
  }

  step(step: Step): Step {
    const exprs = this.#exprs
    switch (step.kind) {
      case 'filter':
        return { kind: 'filter', predicate: exprs.expression(step.predicate) }
      case 'lane-filter':
        throw new AssertionError('internal error: a pipeline is reduced twice')
      case 'limit':
        return { kind: 'limit', limitId: 0 }
      case 'call-out':
        return { kind: 'call-out', ...this.#calledOut(step) }
      case 'compute':
        return {
          kind: 'compute',
          values: step.values.map(({ id, expr }) => ({
            id: exprs.number(id),
            expr: exprs.expression(expr),
          })),
          layout: this.layout(step.layout),
        }
      case 'repeat':
        return {
          kind: 'repeat',
          expansion: this.#expansion(step.expansion),
          layout: this.layout(step.layout),
          ordinality: step.ordinality,
        }
      case 'probe':
        return {
          kind: 'probe',
          breaker: this.breaker(step.breaker),
          joinKind: step.joinKind,
          keys: exprs.expressions(step.keys),
          table: this.joinTable(step.table),
          placing: step.placing,
          residual: exprs.optional(step.residual),
          pairs: step.pairs.map((pair) => this.#calledOut(pair)),
          nullAware: step.nullAware,
          mark: step.mark === undefined ? undefined : this.#column(step.mark),
          // What is read decides before code runs.
          narrows: [],
        }
      case 'nested-loop':
        return {
          kind: 'nested-loop',
          breaker: this.breaker(step.breaker),
          joinKind: step.joinKind,
          layout: this.layout(step.layout),
          condition: exprs.optional(step.condition),
          outer: step.outer,
          range: step.range && {
            low: exprs.optional(step.range.low),
            high: exprs.optional(step.range.high),
          },
          pairs: step.pairs.map((pair) => this.#calledOut(pair)),
          nullAware: step.nullAware,
          mark: step.mark === undefined ? undefined : this.#column(step.mark),
        }
      default:
        return unreachable(step)
    }
  }

  #expansion(expansion: Expansion): Expansion {
    const exprs = this.#exprs
    if (expansion.kind === 'arrays') {
      const arrays = expansion.arrays.map(({ arg, ...fields }) => {
        return { arg: exprs.expression(arg), ...fields }
      })
      return { kind: 'arrays', arrays }
    }
    const { first, last, step, value } = expansion
    const ends = { first: exprs.expression(first), last: exprs.expression(last) }
    return { kind: 'integers', ...ends, step, value }
  }

  sink(sink: Sink): Sink {
    return sinkShapeOf(sink).reduce(sink, this)
  }

  /** What is evaluated elsewhere: code only hands over the columns. */
  #calledOut({ inputs: columns, output }: PairCallOut): PairCallOut {
    const inputs = columns.map((column) => this.#column(column))
    const args = inputs.map(({ id, type }): Expression => ({ kind: 'column', type, id, name: '' }))
    const expr: Expression = { kind: 'and', type: bool, args }
    return { output: this.#column(output), expr, inputs }
  }

  breaker(id: BreakerId): BreakerId {
    const known = this.#breakers.indexOf(id)
    return known >= 0 ? known : this.#breakers.push(id) - 1
  }

  #columns(columns: readonly SourceColumn[]): readonly SourceColumn[] {
    return columns.map((column) => this.#column(column))
  }

  #column({ id, type }: SourceColumn): SourceColumn {
    const number = this.#exprs.number(id)
    this.#bound(number, type, this.#pipeline.bounds.get(id))
    return { id: number, type: sharedType(type) }
  }

  layout({ rowBytes, fields }: RowLayout): RowLayout {
    return { rowBytes, fields: fields.map((field) => this.#field(field)) }
  }

  #field(field: RowField): RowField {
    const { lanes, validOffset, state } = field
    const column = this.#column(field)
    this.#bound(column.id, field.type, field.bounds)
    return {
      id: column.id,
      type: column.type,
      lanes,
      validOffset,
      state: state === undefined ? undefined : stateOf(state),
      bounds: undefined,
    }
  }

  /** Remembers bounds, of which those count that are computed with. */
  #bound(number: ColumnId, type: DataType, bounds: ValueBounds | undefined): void {
    if (bounds === undefined) return
    const known = this.#bounds.get(number)
    const both = known === undefined ? bounds : intersect(known, bounds)
    this.#bounds.set(number, roughBounds(both, type))
  }

  /** A rank index has its bounds in the context. */
  joinTable({ layout, keyFields, nullSafe, rank, carried }: JoinTable): JoinTable {
    return {
      layout: this.layout(layout),
      keyFields,
      nullSafe,
      rank: rank === undefined ? undefined : { min: 0n, max: 0n },
      carried,
    }
  }
}

function stateOf({ argType, kept, ...state }: StateShape): StateShape {
  const type = argType === undefined ? undefined : sharedType(argType)
  const rows = kept && {
    ...kept,
    fields: kept.fields.map((field) => ({ ...field, type: sharedType(field.type) })),
  }
  return { ...state, argType: type, ...(rows && { kept: rows }) }
}
