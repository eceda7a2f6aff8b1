import { unreachable } from '../../base/assert.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import type { PairCallOut, Pipeline, Sink, Step } from '../model/pipeline.ts'
import type { ColumnPlace } from '../model/lane-test.ts'
import { sinkShapeOf } from './sinks.ts'

/** One generated function: a step, the sink, or the choice of unmatched rows before them. */
export type PipelineStage =
  | { readonly kind: 'unmatched' }
  | {
      readonly kind: 'partition'
      readonly keys: readonly Expression[]
      readonly partitions: number
    }
  | { readonly kind: 'round-robin'; readonly partitions: number }
  | Step
  | Sink

/** The functions of a pipeline in the order in which rows pass them; the sink is last. */
export function stagesOf(pipeline: Pipeline): readonly PipelineStage[] {
  const { source, steps, sink } = pipeline
  const stages: PipelineStage[] = source.kind === 'unmatched' ? [{ kind: 'unmatched' }] : []
  stages.push(...steps)
  if (sink.kind === 'output' && sink.partitions > 1) {
    const { partitioning, partitions } = sink
    if (partitioning.kind === 'hash') {
      stages.push({ kind: 'partition', keys: partitioning.keys, partitions })
    } else if (partitioning.kind === 'round-robin') stages.push({ kind: 'round-robin', partitions })
  }
  stages.push(sink)
  return stages
}

/** The expressions that a stage computes. */
export function stageExpressions(stage: PipelineStage): readonly Expression[] {
  switch (stage.kind) {
    case 'unmatched':
    case 'limit':
    case 'round-robin':
      return []
    case 'partition':
      return stage.keys
    case 'filter':
      return [stage.predicate]
    case 'lane-filter':
      return stage.rest
    case 'probe':
      return [...stage.keys, ...conditionParts(stage.residual, stage.pairs)]
    case 'nested-loop':
      return conditionParts(stage.condition, stage.pairs)
    case 'call-out':
      return [stage.expr]
    case 'compute':
      return stage.values.map(({ expr }) => expr)
    case 'aggregate':
    case 'join-build':
    case 'expand':
    case 'rows':
    case 'sort':
    case 'window':
    case 'output':
      return sinkShapeOf(stage).expressions(stage)
    default:
      return unreachable(stage)
  }
}

function conditionParts(
  condition: Expression | undefined,
  pairs: readonly PairCallOut[],
): readonly Expression[] {
  return [...(condition === undefined ? [] : [condition]), ...pairs.map(({ expr }) => expr)]
}

/** The columns that expressions read, projections resolved to what they are computed from. */
export function columnsRead(
  exprs: readonly Expression[],
  definitions: ReadonlyMap<ColumnId, Expression>,
): ReadonlySet<ColumnId> {
  const found = new Set<ColumnId>()
  const seen = new Set<ColumnId>()
  const visit = (expr: Expression): void => {
    if (expr.kind !== 'column') return expressionChildrenOf(expr).forEach(visit)
    if (seen.has(expr.id)) return
    seen.add(expr.id)
    const definition = definitions.get(expr.id)
    if (definition === undefined) found.add(expr.id)
    else visit(definition)
  }
  exprs.forEach(visit)
  return found
}

/** For each stage, the sources whose row ids it must be given: those that it or a later stage reads. */
export function sourcesNeeded(
  pipeline: Pipeline,
  stages: readonly PipelineStage[],
  places: ReadonlyMap<ColumnId, ColumnPlace>,
): readonly ReadonlySet<number>[] {
  const needed: ReadonlySet<number>[] = []
  let later: ReadonlySet<number> = new Set()
  for (const stage of [...stages].reverse()) {
    const now = new Set(later)
    for (const id of columnsRead(stageExpressions(stage), pipeline.definitions)) {
      const place = places.get(id)
      if (place !== undefined) now.add(place.source)
    }
    if (stage.kind === 'unmatched') now.add(0)
    needed.unshift(now)
    later = now
  }
  return needed
}
