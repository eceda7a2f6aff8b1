import { present } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { scalarAt } from '../data/vectors/to-scalars.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { ColumnId } from '../plan/logical/expression.ts'
import { isOfAllTasks, ownPart, type OwnRows } from '../plan/physical/own-part.ts'
import type { Stage } from '../plan/physical/plan.ts'
import { isInVain, partialStep, rowsAsGroups } from '../plan/physical/row-groups.ts'

/** A stage as one of its tasks runs it. */
export interface OwnStage {
  readonly stage: Stage
  /** Stages of which the task needs no rows. */
  readonly unread: ReadonlySet<number>
}

const nothing: ReadonlySet<number> = new Set()

/**
 * How many rows each task of one query has, and what the last of them is: rows are counted as they are divided into ranges
 * and where they stay, so that tasks of what counts the rows of all of them know how many come before their own.
 */
export class OwnParts {
  readonly #heap: Heap
  /** By the stage that gives rows: how many each task has that reads them. */
  readonly #counts = new Map<number, number[]>()
  /** By stage of which each task adds to the last row of the one before: that row. */
  readonly #last = new Map<number, ReadonlyMap<ColumnId, Scalar>>()
  readonly #isOfAll = new Map<Stage, boolean>()
  /** By stage that groups rows in vain: what its tasks do from then on. */
  readonly #inPlaceOfVain = new Map<number, Stage>()

  constructor(heap: Heap) {
    this.#heap = heap
  }

  /** Looks at the output of a task while it is in memory. */
  add(stage: Stage, partition: number, output: readonly (readonly Chunk[])[]): void {
    const { kind } = stage.output
    if (kind === 'range') output.forEach((piece, reader) => this.#count(stage, reader, piece))
    else if (kind === 'stay') this.#count(stage, partition, output.flat())
    if (stage.isSequential === true) this.#keepLast(stage, output.flat())
    this.#lookForVain(stage, output)
  }

  /** The stage for one of its tasks. */
  stage(stage: Stage, partition: number): OwnStage {
    let isOfAll = this.#isOfAll.get(stage)
    if (isOfAll === undefined) this.#isOfAll.set(stage, (isOfAll = isOfAllTasks(stage.root)))
    if (!isOfAll) return { stage: this.#inPlaceOfVain.get(stage.id) ?? stage, unread: nothing }
    const last = this.#last.get(stage.id)
    const { root, unread } = ownPart(stage.root, (input): OwnRows => {
      const counts = this.#counts.get(input) ?? []
      const sum = (rows: readonly (number | undefined)[]): number =>
        rows.reduce<number>((all, some) => all + (some ?? 0), 0)
      return {
        before: sum(counts.slice(0, partition)),
        own: counts[partition] ?? 0,
        all: sum(counts),
        last: last && ((id) => last.get(id) ?? null),
      }
    })
    return { stage: { ...stage, root }, unread }
  }

  #count({ id }: Stage, reader: number, chunks: readonly Chunk[]): void {
    const counts = this.#counts.get(id) ?? []
    this.#counts.set(id, counts)
    const rows = chunks.reduce((all, chunk) => all + chunk.rows, 0)
    counts[reader] = (counts[reader] ?? 0) + rows
  }

  /** What groups rows before they move goes on without, where the first task shows that it makes them hardly fewer. */
  #lookForVain(stage: Stage, output: readonly (readonly Chunk[])[]): void {
    const step = partialStep(stage.root)
    if (step === undefined || this.#inPlaceOfVain.has(stage.id)) return
    const groups = output.flat().reduce((all, { rows }) => all + rows, 0)
    if (!isInVain(step, stage.partitions, groups)) return
    const root = rowsAsGroups(step)
    if (root !== undefined) this.#inPlaceOfVain.set(stage.id, { ...stage, root })
  }

  #keepLast({ id, root }: Stage, chunks: readonly Chunk[]): void {
    const chunk = chunks.findLast(({ rows }) => rows > 0)
    if (chunk === undefined) return
    const values = root.columns.map((column, at) => {
      const vector = present(chunk.columns[at], 'a column of an output')
      return [column.id, scalarAt(this.#heap, vector, chunk.rows - 1)] as const
    })
    this.#last.set(id, new Map(values))
  }
}
