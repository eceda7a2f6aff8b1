import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { Expression, Literal } from '../../plan/logical/expression.ts'
import type { BreakerId, Pipeline } from './pipeline.ts'
import type { ChunkShape } from './shapes.ts'

/**
 * A pipeline over chunks of one shape, reduced to what its code depends on: the compiler sees nothing
 * else, so pipelines with equal {@link Canonical.key} have equal code. Literals are parameters, columns
 * and breakers are numbered in the order in which they are met, bounds are rough.
 */
export interface CanonicalPipeline extends Pipeline {
  readonly chunk: ChunkShape
  /** What is known of each parameter's value. */
  readonly parameters: readonly (ValueBounds | undefined)[]
  /** Size of the shared memory, which modules declare. */
  readonly memoryPages: number
}

export interface Canonical {
  readonly key: string
  readonly pipeline: CanonicalPipeline
  /** The expressions of the canonical pipeline; see {@link RunSide.origins}. */
  readonly nodes: readonly Expression[]
  readonly side: RunSide
}

/** What the canonical form of a pipeline leaves out; generated code gets it from the run. */
export interface RunSide {
  /** Values of the parameters. */
  readonly literals: readonly Literal[]
  /** What filters compare lanes with, as i32. */
  readonly laneConstants: readonly number[]
  /** The pipeline's own numbers of the breakers. */
  readonly breakers: readonly BreakerId[]
  /** The pipeline's own expressions, in the order of the canonical ones. */
  readonly origins: readonly Expression[]
}
