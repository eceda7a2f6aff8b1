import { kernelContract } from '../../../wasm/kernels/contract.ts'
import type { KernelName } from '../../../wasm/kernels/signatures.ts'
import { present } from '../../../base/assert.ts'
import type { Call, Cast, ColumnId, Expression, InSet } from '../../../plan/logical/expression.ts'
import type { FunctionBuilder, FunctionIndex } from '../../../wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../wasm/assembler/module-builder.ts'
import type { CanonicalPipeline } from '../../model/canonical-form.ts'
import { ContextLayout } from '../../model/context.ts'
import type { RowLayout } from '../../model/row-layout.ts'
import { emitHostCall, type HostCall } from './host-calls.ts'
import { viewPipeline } from '../../shape/row-sources.ts'
import type { PipelineView } from '../../model/shapes.ts'
import { legsOf } from '../../shape/legs.ts'
import { isPassedAgain } from '../../shape/row-buffers.ts'

/** A module under construction and what its functions share. */
export interface PipelineModule extends PipelineView {
  readonly pipeline: CanonicalPipeline
  readonly builder: ModuleBuilder
  readonly context: ContextLayout
  /** Expressions that may be blamed for an error, by the index given to `raise`. */
  readonly blamed: Expression[]
  /** Conditions that are decided for each entry of a dictionary. */
  readonly decisions: Expression[]
  /** Expressions whose values are kept for each entry of a dictionary. */
  readonly entryValues: Expression[]
  /** Conditions that look a value up in a set of members. */
  readonly sets: InSet[]
  /** Calls that are evaluated in TypeScript for some rows, by the index that the thread is asked with. */
  readonly calls: CallHere[]
  /** Parts of joins' conditions that the thread decides for a pair of rows, by their columns. */
  readonly pairs: ReadonlyMap<ColumnId, PairDecision>
  /** Where the context holds the row of a source that all rows of a batch have in common, by source. */
  readonly common: ReadonlyMap<number, number>
  kernel(name: KernelName): FunctionIndex
  /** Emits a call of a function of the running thread with the arguments on the stack. */
  callHost(f: FunctionBuilder, name: HostCall): void
}

/** A call or cast that the thread evaluates for a row: its arguments are put into the context, and its result comes there. */
export interface CallHere {
  readonly call: Call | Cast
  /** Where the context holds the fields. */
  readonly offset: number
  /** The arguments, then the result. */
  readonly layout: RowLayout
}

/** What the thread has to know to decide a part of a join's condition for the pair at hand. */
export interface PairDecision {
  /** Counts the module's pair decisions: what the thread is asked for. */
  readonly number: number
  /** The join, and which of its parts. */
  readonly leg: number
  readonly index: number
  /** Where the context holds the row ids of the sources that the part reads, of those that have any. */
  readonly ids: ReadonlyMap<number, number>
}

export function beginModule(pipeline: CanonicalPipeline): PipelineModule {
  const builder = new ModuleBuilder(pipeline.memoryPages)
  const view = viewPipeline(pipeline, pipeline.chunk.columns)
  const context = new ContextLayout()
  return {
    ...view,
    pipeline,
    builder,
    context,
    blamed: [],
    decisions: [],
    entryValues: [],
    sets: [],
    calls: [],
    pairs: pairsOf(view, context),
    common: commonRows(view, context),
    kernel: (name) => {
      const { params, results } = kernelContract[name]
      return builder.importFunction('kernel', name, params, results)
    },
    callHost: (f, name) => emitHostCall(f, builder, name),
  }
}

/** Sources of which loops over few build rows hand one row on with the batch. */
function commonRows(
  { pipeline, sourceOfStep }: PipelineView,
  context: ContextLayout,
): ReadonlyMap<number, number> {
  const common = new Map<number, number>()
  pipeline.steps.forEach((step, at) => {
    if (!isPassedAgain(step)) return
    common.set(present(sourceOfStep[at], 'loop without a source'), context.scratch(4))
  })
  return common
}

function pairsOf(
  { pipeline, places, sources }: PipelineView,
  context: ContextLayout,
): ReadonlyMap<ColumnId, PairDecision> {
  const pairs = new Map<ColumnId, PairDecision>()
  legsOf(pipeline).forEach((step, leg) => {
    if (step.kind !== 'probe' && step.kind !== 'nested-loop') return
    step.pairs.forEach(({ output, inputs }, index) => {
      const read = inputs.map(({ id }) => present(places.get(id), 'input of a pair').source)
      // What an outer join is missing has no rows that could be told apart.
      const withRows = read.filter((source) => sources[source]?.kind !== 'nulls')
      const ids = new Map([...new Set(withRows)].map((source) => [source, context.scratch(4)]))
      pairs.set(output.id, { number: pairs.size, leg, index, ids })
    })
  })
  return pairs
}
