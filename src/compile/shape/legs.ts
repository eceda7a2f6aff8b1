import { unreachable } from '../../base/assert.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import type {
  Expansion,
  NestedLoopStep,
  Noted,
  PairCallOut,
  Pipeline,
  Sink,
  Step,
} from '../model/pipeline.ts'
import type { ColumnPlace } from '../model/lane-test.ts'
import { isSink, sinkShapeOf } from './sinks.ts'

/**
 * A leg of the way that rows go through a pipeline, one generated function each: a step, the sink, or the
 * choice among noted rows before them. (Stages are what tasks belong to.)
 */
export type PipelineLeg =
  | { readonly kind: 'noted'; readonly are: Noted }
  | {
      readonly kind: 'partition'
      readonly keys: readonly Expression[]
      readonly partitions: number
    }
  | { readonly kind: 'round-robin'; readonly partitions: number }
  | { readonly kind: 'numbered'; readonly number: Expression; readonly partitions: number }
  | Step
  | Sink

/** The functions of a pipeline in the order in which rows pass them; the sink is last. */
export function legsOf(pipeline: Pipeline): readonly PipelineLeg[] {
  const { source, steps, sink } = pipeline
  const legs: PipelineLeg[] = source.kind === 'noted' ? [{ kind: 'noted', are: source.are }] : []
  legs.push(...steps)
  if (sink.kind === 'output' && sink.partitions > 1) {
    const { partitioning, partitions } = sink
    if (partitioning.kind === 'hash') {
      legs.push({ kind: 'partition', keys: partitioning.keys, partitions })
    } else if (partitioning.kind === 'round-robin') legs.push({ kind: 'round-robin', partitions })
    else if (partitioning.kind === 'numbered') {
      legs.push({ kind: 'numbered', number: partitioning.number, partitions })
    }
  }
  legs.push(sink)
  return legs
}

/** The expressions that a leg computes. */
export function legExpressions(leg: PipelineLeg): readonly Expression[] {
  if (isSink(leg)) return sinkShapeOf(leg).expressions(leg)
  switch (leg.kind) {
    case 'noted':
    case 'limit':
    case 'round-robin':
      return []
    case 'numbered':
      return [leg.number]
    case 'partition':
      return leg.keys
    case 'filter':
      return [leg.predicate]
    case 'lane-filter':
      return leg.rest
    case 'probe':
      return [...leg.keys, ...conditionParts(leg.residual, leg.pairs)]
    case 'nested-loop':
      return [...rangeParts(leg.range), ...conditionParts(leg.condition, leg.pairs)]
    case 'call-out':
      return [leg.expr]
    case 'compute':
      return leg.values.map(({ expr }) => expr)
    case 'repeat':
      return expansionParts(leg.expansion)
    default:
      return unreachable(leg)
  }
}

function rangeParts(range: NestedLoopStep['range']): readonly Expression[] {
  return [range?.low, range?.high].filter((expr) => expr !== undefined)
}

function expansionParts(expansion: Expansion): readonly Expression[] {
  if (expansion.kind === 'integers') return [expansion.first, expansion.last]
  return expansion.arrays.map(({ arg }) => arg)
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

/** For each leg, the sources whose row ids it must be given: those that it or a later leg reads. */
export function sourcesNeeded(
  pipeline: Pipeline,
  legs: readonly PipelineLeg[],
  places: ReadonlyMap<ColumnId, ColumnPlace>,
): readonly ReadonlySet<number>[] {
  const needed: ReadonlySet<number>[] = []
  let later: ReadonlySet<number> = new Set()
  for (const leg of [...legs].reverse()) {
    const now = new Set(later)
    for (const id of columnsRead(legExpressions(leg), pipeline.definitions)) {
      const place = places.get(id)
      if (place !== undefined) now.add(place.source)
    }
    if (leg.kind === 'noted') now.add(0)
    needed.unshift(now)
    later = now
  }
  return needed
}
