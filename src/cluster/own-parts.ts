import { present } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { scalarAt } from '../data/vectors/to-scalars.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { ColumnId } from '../plan/logical/expression.ts'
import { isOfAllTasks, ownPart, type OwnRows } from '../plan/physical/own-part.ts'
import type { Reach, Stage } from '../plan/physical/plan.ts'
import type { RowsBeside, RowValues } from '../plan/physical/rows-beside.ts'
import { isInVain, partialStep, rowsAsGroups } from '../plan/physical/row-groups.ts'

/** A stage as one of its tasks runs it. */
export interface OwnStage {
  readonly stage: Stage
  /** Stages of which the task needs no rows. */
  readonly unread: ReadonlySet<number>
}

const nothing: ReadonlySet<number> = new Set()

/** The first and the last rows that a task gave, as many of each as others may read. */
interface Ends {
  readonly first: readonly RowValues[]
  readonly last: readonly RowValues[]
}

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
  /** By the stage that gives rows, of which tasks read some of others: those, by the task that made them. */
  readonly #ends = new Map<number, Map<number, Ends>>()
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
    else if (kind === 'stay') {
      this.#count(stage, partition, output.flat())
      this.#keepEnds(stage, partition, output.flat())
    }
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
        beside: (reach) => rowsBeside(this.#ends.get(input) ?? new Map(), partition, reach),
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

  #keepEnds({ id, output }: Stage, partition: number, chunks: readonly Chunk[]): void {
    if (output.kind !== 'stay' || output.reach === undefined) return
    const { before, after } = output.reach
    const rows = chunks.reduce((all, chunk) => all + chunk.rows, 0)
    const read = (from: number, to: number): readonly RowValues[] => [
      ...rowsOf(this.#heap, chunks, Math.max(0, from), Math.min(rows, to)),
    ]
    const ends = this.#ends.get(id) ?? new Map<number, Ends>()
    this.#ends.set(id, ends)
    ends.set(partition, { first: read(0, after), last: read(rows - before, rows) })
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

/** The rows next to those of a task, of as many other tasks as it takes. */
function rowsBeside(
  ends: ReadonlyMap<number, Ends>,
  partition: number,
  { before, after }: Reach,
): RowsBeside {
  const own: RowsBeside = { before: [], after: [] }
  let found = own.before
  for (let at = partition - 1; at >= 0 && found.length < before; at--) {
    found = [...(ends.get(at)?.last ?? []), ...found]
  }
  let next = own.after
  for (let at = partition + 1; at < ends.size && next.length < after; at++) {
    next = [...next, ...(ends.get(at)?.first ?? [])]
  }
  return { before: found.slice(Math.max(0, found.length - before)), after: next.slice(0, after) }
}

/** Rows from one number up to another, in order. */
function* rowsOf(
  heap: Heap,
  chunks: readonly Chunk[],
  from: number,
  to: number,
): Iterable<RowValues> {
  let before = 0
  for (const { rows, columns } of chunks) {
    const end = Math.min(rows, to - before)
    for (let row = Math.max(0, from - before); row < end; row++) {
      yield columns.map((column) => scalarAt(heap, column, row))
    }
    before += rows
  }
}
