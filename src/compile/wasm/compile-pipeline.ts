import { assert, present, unreachable } from '../../base/assert.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import type { FunctionIndex } from '../../wasm/assembler/function-builder.ts'
import type { ModuleOutline } from '../../wasm/assembler/module-builder.ts'
import type { Canonical } from '../model/canonical-form.ts'
import { contextWords, type Binding } from '../model/context.ts'
import { defineMerge } from './sinks/emit-aggregate.ts'
import { emitCompute } from './steps/emit-compute.ts'
import { emitCallOut, emitFilter, emitLimit, emitNoted } from './steps/emit-filter.ts'
import { emitNestedLoop } from './steps/emit-nested-loop.ts'
import { emitPartition, emitRoundRobin, emitNumbered } from './sinks/emit-output.ts'
import { emitProbe } from './steps/emit-probe.ts'
import { emitSink } from './sinks/table.ts'
import { emitRepeat } from './steps/emit-repeat.ts'
import { emitVectorFilter } from './steps/emit-vector-filter.ts'
import { FunctionScope } from './scope/function-scope.ts'
import {
  beginModule,
  type CallHere,
  type PairDecision,
  type PipelineModule,
} from './scope/pipeline-module.ts'
import { areDriving, rowBuffers, type RowBuffers } from '../shape/row-buffers.ts'
import type { RowSource } from '../model/shapes.ts'
import type { ColumnPlace } from '../model/lane-test.ts'
import { emitCheckpoint, ROWS, type LegContext } from './scope/leg-loop.ts'
import { sourcesNeeded, legsOf, type PipelineLeg } from '../shape/legs.ts'
import { isSink } from '../shape/sinks.ts'

/** A module's bytes and what the thread needs to run it. */
export interface CompiledPipeline {
  readonly bytes: Uint8Array
  readonly outline: ModuleOutline
  readonly contextBytes: number
  readonly bindings: readonly { readonly offset: number; readonly binding: Binding }[]
  /** By the index that `raise` is called with: the expression's position in `origins` of the run's side. */
  readonly blamed: readonly number[]
  /** Conditions that are decided for each entry of a dictionary, by the same positions. */
  readonly decisions: readonly number[]
  /** Expressions whose values are kept for each entry of a dictionary, by the same positions. */
  readonly entryValues: readonly number[]
  /** Conditions that look a value up in a set of members, by the same positions. */
  readonly sets: readonly number[]
  /** Calls that the thread evaluates for some rows. */
  readonly calls: readonly CallHere[]
  /** Parts of joins' conditions that the thread decides, by their number. */
  readonly pairs: readonly PairDecision[]
  readonly legs: readonly PipelineLeg[]
  readonly sources: readonly RowSource[]
  readonly places: ReadonlyMap<ColumnId, ColumnPlace>
  /** For each leg, the offsets of the buffers that hold the ids of its rows, by source. */
  readonly given: readonly RowBuffers[]
  /** The source that a leg adds. */
  readonly added: readonly (number | undefined)[]
}

/**
 * Compiles a pipeline for one shape of its source to a module that exports
 * `run(ctx, rowStart, rowEnd)`.
 */
export function compilePipeline({ pipeline, nodes }: Canonical): CompiledPipeline {
  const module = beginModule(pipeline)
  const legs = legsOf(pipeline)
  const offset = pipeline.source.kind === 'noted' ? 1 : 0
  const added = legs.map((_, position) => module.sourceOfStep[position - offset])
  const needed = sourcesNeeded(pipeline, legs, module.places)
  const given = rowBuffers(module.context, legs, needed, added)
  const drives = areDriving(legs)
  const functions = legs.map(() => module.builder.defineFunction(['i32', 'i32', 'i32'], []))
  legs.forEach((leg, position) => {
    const { builder: f } = functions[position]!
    emitLeg(
      {
        module,
        position,
        leg,
        drives: drives[position] === true,
        f,
        scope: new FunctionScope(module, f),
        given: given[position]!,
        wanted: given[position + 1] ?? new Map(),
        next: functions[position + 1]?.index,
      },
      added[position],
    )
  })
  defineRun(module, present(functions[0], 'pipeline without legs').index)
  return finish(module, nodes, legs, given, added)
}

/** Compiles the functions `merge0`, `merge1`, ... that add other threads' groups to the sink's tables. */
export function compileMerge({ pipeline, nodes }: Canonical): CompiledPipeline {
  const module = beginModule(pipeline)
  assert(pipeline.sink.kind === 'aggregate', 'merge of no groups')
  pipeline.sink.tables.forEach((table, index) => defineMerge(module, table, index))
  return finish(module, nodes, [], [], [])
}

function finish(
  module: PipelineModule,
  nodes: readonly Expression[],
  legs: readonly PipelineLeg[],
  given: readonly RowBuffers[],
  added: readonly (number | undefined)[],
): CompiledPipeline {
  const positions = new Map(nodes.map((expr, position) => [expr, position]))
  const positionOf = (expr: Expression): number =>
    present(positions.get(expr), 'expression of another pipeline')
  return {
    bytes: module.builder.finish(),
    outline: module.builder.outline(),
    contextBytes: module.context.bytes,
    bindings: module.context.bindings,
    blamed: module.blamed.map(positionOf),
    decisions: module.decisions.map(positionOf),
    entryValues: module.entryValues.map(positionOf),
    sets: module.sets.map(positionOf),
    calls: module.calls,
    pairs: [...module.pairs.values()],
    legs,
    sources: module.sources,
    places: module.places,
    given,
    added,
  }
}

function emitLeg(ctx: LegContext, added: number | undefined): void {
  const { leg } = ctx
  emitCheckpoint(ctx, ctx.f.param(ROWS))
  if (isSink(leg)) return emitSink(ctx, leg)
  switch (leg.kind) {
    case 'noted':
      return emitNoted(ctx, leg.are)
    case 'filter':
      return emitFilter(ctx, leg.predicate)
    case 'lane-filter':
      return emitVectorFilter(ctx, leg.tests, leg.rest)
    case 'limit':
      return emitLimit(ctx)
    case 'call-out':
      return emitCallOut(ctx, present(added, 'call-out without a source'))
    case 'compute':
      return emitCompute(ctx, leg, present(added, 'compute step without a source'))
    case 'repeat':
      return emitRepeat(ctx, leg, present(added, 'repeat step without a source'))
    case 'probe':
      return emitProbe(ctx, leg, added)
    case 'nested-loop':
      return emitNestedLoop(ctx, leg, added)
    case 'partition':
      return emitPartition(ctx, leg.keys, leg.partitions)
    case 'round-robin':
      return emitRoundRobin(ctx, leg.partitions)
    case 'numbered':
      return emitNumbered(ctx, leg.number, leg.partitions)
    default:
      return unreachable(leg)
  }
}

/** `run` cuts its rows into batches; text made for one batch is dropped with it. */
function defineRun(module: PipelineModule, first: FunctionIndex): void {
  const { builder: f } = module.builder.defineFunction(['i32', 'i32', 'i32'], [], 'run')
  const [ctx, start, end] = [f.param(0), f.param(1), f.param(2)]
  const rows = f.local('i32')
  const done = f.block()
  const again = f.loop()
  f.get(end).get(start).op('i32.sub').tee(rows).i32(0).op('i32.le_s').branchIf(done)
  const { batchRows } = module.pipeline
  f.get(rows).i32(batchRows).get(rows).i32(batchRows).op('i32.lt_s').op('select').set(rows)
  f.get(ctx).get(ctx).memory('i32.load', contextWords.textBase)
  f.memory('i32.store', contextWords.textCursor)
  f.get(ctx).i32(0).memory('i32.store', contextWords.textGrown)
  f.get(ctx).get(start).get(rows).call(first)
  f.get(start).get(rows).op('i32.add').set(start)
  f.branch(again)
  f.end()
  f.end()
}
