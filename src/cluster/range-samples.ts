import { present } from '../base/assert.ts'
import { seededRandom, type Random } from '../base/world.ts'
import type { Heap } from '../data/arenas/heap.ts'
import { scalarAt } from '../data/vectors/to-scalars.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { evaluate } from '../plan/logical/evaluate.ts'
import type { SortKey } from '../plan/logical/expression.ts'
import type { Stage, StagedPlan, StageInput } from '../plan/physical/plan.ts'
import { rangeBounds, rangeNumber, type SampledRow } from '../plan/physical/range-partition.ts'
import { rowsInSight } from '../plan/physical/rows-in-sight.ts'

/** Rows that are looked at of the output of a task. */
const SAMPLED_ROWS = 512

/**
 * Where the ranges of one query begin: outputs of stages that others read to divide their rows into ranges are
 * sampled as they are made, and when the first of those others runs, all of them are.
 */
export class RangeSamples {
  readonly #heap: Heap
  readonly #plan: StagedPlan
  /** By the stage that divides rows. */
  readonly #samples = new Map<Stage, SampledRow[]>()
  readonly #random = seededRandom(1)
  readonly #divided = new Map<Stage, Stage>()

  constructor(heap: Heap, plan: StagedPlan) {
    this.#heap = heap
    this.#plan = plan
  }

  /** Looks at an output of a stage while it is in memory. */
  add(stage: Stage, output: readonly (readonly Chunk[])[]): void {
    for (const reader of this.#plan.stages) {
      const { output: partitioning } = reader
      if (partitioning.kind !== 'range') continue
      const root = inputOf(reader)
      if (root?.stage !== stage.id) continue
      const samples = this.#samples.get(reader) ?? []
      this.#samples.set(reader, samples)
      // The reader's columns are the output's, one to one.
      const columns = root.columns.map(({ id }) => id)
      const valuesOf = (chunk: Chunk, row: number, { expr }: SortKey): SampledRow['values'][0] =>
        evaluate(expr, (id) =>
          scalarAt(this.#heap, present(chunk.columns[columns.indexOf(id)], 'column'), row),
        )
      for (const { chunk, row, weight } of someRows(output.flat(), this.#random)) {
        const values = partitioning.keys.map((key) => valuesOf(chunk, row, key))
        samples.push({ values, weight })
      }
    }
  }

  /** The stage as tasks run it: one that divides its rows into ranges knows where they begin. */
  stage(stage: Stage): Stage {
    if (stage.output.kind !== 'range') return stage
    const known = this.#divided.get(stage)
    if (known !== undefined) return known
    const { keys, sight } = stage.output
    const bounds = rangeBounds(this.#samples.get(stage) ?? [], keys, stage.outputPartitions)
    const { root, number } =
      sight === undefined
        ? { root: stage.root, number: rangeNumber(keys, bounds) }
        : rowsInSight(stage.root, stage.output, bounds)
    const divided: Stage = { ...stage, root, output: { kind: 'numbered', number } }
    this.#divided.set(stage, divided)
    return divided
  }
}

/** The rows that a stage divides into ranges, as they come to it. */
function inputOf({ root }: Stage): StageInput | undefined {
  const input = root.kind === 'project' ? root.input : root
  return input.kind === 'stage-input' ? input : undefined
}

/** One row of each run of so many, for all of them: any one, as rows may follow a pattern. */
function* someRows(
  chunks: readonly Chunk[],
  random: Random,
): Iterable<{ readonly chunk: Chunk; readonly row: number; readonly weight: number }> {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  const weight = Math.max(1, rows / SAMPLED_ROWS)
  let run = 0
  let next = random.next() * weight
  let before = 0
  for (const chunk of chunks) {
    for (; next < before + chunk.rows; next = (run + random.next()) * weight) {
      yield { chunk, row: Math.floor(next - before), weight }
      run++
    }
    before += chunk.rows
  }
}
