import type { Stage, StagedPlan } from '../../src/plan/physical/plan.ts'
import type { Partitioning } from '../../src/plan/physical/plan.ts'

/** How a stage of a made-up plan is laid out; its fragment is the test's own. */
export interface StageShape {
  readonly partitions: number
  readonly output?: Partitioning
  readonly outputPartitions?: number
  readonly inputs?: readonly number[]
}

/** A plan of which only the stages' shapes matter. */
export function shapedPlan(shapes: readonly StageShape[]): StagedPlan {
  const stages = shapes.map(
    (
      { partitions, output = { kind: 'gather' }, outputPartitions = 1, inputs = [] },
      id,
    ): Stage => ({
      id,
      root: { kind: 'values', columns: [], rows: 1, rowExprs: [] },
      partitions,
      output,
      outputPartitions,
      inputs,
      bounds: new Map(),
    }),
  )
  return { stages, columns: [] }
}
